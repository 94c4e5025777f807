"""Ending an order: stopped or completed by a prescriber's word, expired by the last day that was signed."""

from __future__ import annotations

import logging
from datetime import datetime

from scheduling import clinician_tasks
from scheduling.changing_orders import Word, carry_out, check_word, enter_change
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, record
from scheduling.locking import BusyNow, writing
from scheduling.models import PATIENT_IS_THERE, UNDER_WAY, Appointment, ChangeKind, Order, OrderChange
from scheduling.order_effects import settle_visits
from scheduling.order_states import change_state
from scheduling.withdrawing import open_withdrawals

log = logging.getLogger(__name__)
BY = Actor.system("calendar of orders")


def stop_order(*, order: Order, word: Word, shown: str = "", by: Actor, now: datetime) -> OrderChange:
    """Stops an order for good: its booked visits are cancelled on the clinician's side, kept times let go, and the
    patient hears it once somebody has told them, or a while later.

    Refuses as `changing_orders.check_word` and `carry_out` do. Records `order.stop` and what `settle_visits` does.
    """
    return _end(order, ChangeKind.STOP, word, shown, by=by, now=now)


def complete_order(*, order: Order, word: Word, shown: str = "", by: Actor, now: datetime) -> OrderChange:
    """Says that an order is done; otherwise as `stop_order`. Records `order.complete`."""
    return _end(order, ChangeKind.COMPLETE, word, shown, by=by, now=now)


def expire_orders(*, now: datetime, limit: int = 200) -> int:
    """Ends orders whose last signed day is over at every clinic they are for, each in a transaction of its own; gives
    how many.

    Waits while the patient is there. Nothing can be booked past that day; what was never said to have happened stays
    for somebody to say. Records `order.expire`.
    """
    over = Order.objects.filter(state__in=UNDER_WAY, current_version__not_after__lt=now.date())
    there = Appointment.objects.filter(status__in=PATIENT_IS_THERE)
    over = over.exclude(pk__in=there.filter(order__isnull=False).values("order"))
    done = 0
    for order in over.select_related("current_version").prefetch_related("sites").order_by("pk")[:limit]:
        if _is_over(order, now):
            try:
                done += _expire(order, now)
            except BusyNow:
                log.info("an order to expire is being written, left to the next look", extra={"order": order.pk})
    return done


def _end(order: Order, kind: ChangeKind, word: Word, shown: str, *, by: Actor, now: datetime) -> OrderChange:
    check_word(word, kind, order, by=by, now=now)
    with writing():
        change = carry_out(enter_change(order), kind, word, shown=shown, by=by, now=now)
        # What a patient's withdrawal asked for is done with it.
        for task in open_withdrawals(order, clinic_id=by.clinic_id):
            clinician_tasks.close(task=task, outcome="", by=by, now=now)
    order.refresh_from_db()
    return change


def _is_over(order: Order, now: datetime) -> bool:
    last = order.current_version.not_after if order.current_version else None
    zones = {clinic.time_zone for clinic in order.sites.all()}
    return last is not None and all(ClinicTime(zone).local_day(now) > last for zone in zones)


def _expire(order: Order, now: datetime) -> int:
    with writing():
        entered = enter_change(order)
        # An amendment may have given it longer since.
        if entered.state not in UNDER_WAY or not _is_over(entered, now):
            return 0
        _change, entry = change_state(
            entered, ChangeKind.EXPIRE, decided_by=None, decided_at=now, clinic_id=None, now=now
        )  # fmt: skip
        entries = settle_visits(entered, ChangeKind.EXPIRE, by=BY, now=now)
        record(organisation_id=order.organisation_id, entries=[entry, *entries], by=BY, now=now)
    return 1
