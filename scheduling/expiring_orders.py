"""The calendar ends an order: its last signed day is over."""

from __future__ import annotations

import logging
from datetime import datetime

from scheduling.changing_orders import enter_change
from scheduling.clinic_time import ClinicTime
from scheduling.clinician_tasks import open_task
from scheduling.events import Actor, Entry, record
from scheduling.locking import BusyNow, writing
from scheduling.models import (
    PATIENT_IS_THERE,
    UNDER_WAY,
    Appointment,
    ChangeKind,
    DoseTerms,
    Order,
    Status,
    TaskKind,
)
from scheduling.order_effects import settle_visits
from scheduling.order_states import change_state

log = logging.getLogger(__name__)
BY = Actor.system("calendar of orders")


def expire_orders(*, now: datetime, limit: int = 200) -> int:
    """Ends orders whose last signed day is over at every clinic they are for, each in a transaction of its own; gives
    how many.

    Waits while the patient is there. Nothing can be booked past that day; what was never said to have happened stays
    for somebody to say. Of a series with infusions that were not given a clinician is asked what becomes of them, for
    nothing says it: `not_after` ends an order, it decides nothing. Records `order.expire` and `task.opened`.
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
        entries += _ask_about_the_rest(entered, now=now)
        record(organisation_id=order.organisation_id, entries=[entry, *entries], by=BY, now=now)
    return 1


def _ask_about_the_rest(order: Order, *, now: datetime) -> list[Entry]:
    """As needed means that some may never be given."""
    if order.follows_id is not None or order.current_version is None:
        return []
    ordered = set(DoseTerms.objects.filter(version=order.current_version).values_list("dose__number", flat=True))
    given = Appointment.objects.filter(order=order, given_at__isnull=False, is_repeated=False)
    left = sorted(ordered - set(given.exclude(status=Status.ENTERED_IN_ERROR).values_list("dose_number", flat=True)))
    last = Appointment.objects.filter(order=order).select_related("clinic").order_by("-period").first()
    clinic = last.clinic if last else order.sites.order_by("pk").first()
    if not left or clinic is None:
        return []
    words = f"The order's last day is over. Not given: {', '.join(map(str, left))} of {len(ordered)}."
    return open_task(
        TaskKind.OUTSIDE_ORDER,
        f"{TaskKind.OUTSIDE_ORDER}/o{order.pk}/expired",
        clinic=clinic,
        patient=order.patient,
        order=order,
        words=words,
        by=BY,
        now=now,
    )
