"""An order changes by a prescriber's word, their own or heard by a nurse; what it does was shown before."""

from __future__ import annotations

from datetime import datetime

from scheduling import permissions
from scheduling.events import Actor, record
from scheduling.locking import lock_patients
from scheduling.models import ChangeKind, Order, OrderChange
from scheduling.order_effects import EffectChanged, effect_of, lock_visits, settle_visits
from scheduling.order_states import change_state
from scheduling.word_of_mouth import ReasonMissing, Word, check_said


def check_word(word: Word, kind: ChangeKind, order: Order, *, by: Actor, now: datetime) -> None:
    """Refuses with NotAllowed unless `by` is the prescriber, or a nurse who heard them; NotReadBack; NotThen for a time
    ahead or longer ago than a day; ReasonMissing for a pause or a stop without one."""
    verb = "order.write_down" if word.is_heard else "order.change"
    permissions.check_of_order(by, verb, order)
    check_said(word, verb, by=by, now=now)
    if kind in (ChangeKind.PAUSE, ChangeKind.STOP) and not word.reason.strip():
        raise ReasonMissing


def enter_change(order: Order) -> Order:
    """Waits for the patient's lock, the order's row and its visits' rows, in this order, and gives the order as it is.

    The order's key stays free for others till the change itself, which shuts its row.
    """
    lock_patients(order.patient_id)
    locked = Order.objects.select_for_update(no_key=True, of=("self",)).select_related("patient", "current_version")
    order = locked.get(pk=order.pk)
    lock_visits(order)
    return order


def carry_out(
    order: Order,
    kind: ChangeKind,
    word: Word,
    *,
    shown: str,
    keep_places_until: datetime | None = None,
    by: Actor,
    now: datetime,
) -> OrderChange:
    """Changes the state of an entered order and settles its visits. `shown` is `OrderEffect.shown` of what the page
    said would happen; empty where nobody was shown anything.

    Refuses with OrderIsNot and EffectChanged. Records `order.<kind>`, `appointment.cancelled`, `appointment.released`
    and `question.withdrawn`.
    """
    effect = effect_of(order, kind, now=now)
    change, entry = change_state(
        order,
        kind,
        decided_by=word.decided_by,
        decided_at=word.heard_at or now,
        reason=word.reason.strip(),
        heard_by_id=by.user_id if word.heard_at else None,
        keep_places_until=keep_places_until,
        clinic_id=by.clinic_id,
        now=now,
    )
    # Only now: that the order stands otherwise says more than that its effect does.
    if shown and shown != effect.shown:
        raise EffectChanged(effect)
    entries = settle_visits(order, kind, by=by, now=now)
    record(organisation_id=order.organisation_id, entries=[entry, *entries], by=by, now=now)
    return change
