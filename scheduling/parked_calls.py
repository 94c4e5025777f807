"""Calls put aside half-way, each person's own: kept as one goes, so that a locked page loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Min, OuterRef, Subquery

from scheduling import permissions
from scheduling.events import Actor
from scheduling.locking import writing
from scheduling.models import Appointment, Clinic, Order, ParkedCall, Patient, Status, User

# Nobody comes back to it after that.
GOES_AFTER = timedelta(days=7)
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Wished:
    """What was typed and ticked of when the patient can come, and how many infusions to book (None: not said)."""

    words: str = ""
    weekdays: tuple[str, ...] = ()
    time: time | None = None
    how_many: int | None = None


def park_call(
    *,
    patient: Patient,
    clinic: Clinic,
    order: Order | None = None,
    wished: Wished | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Keeps what a person has of a call so far, one call a patient; of an order or wishes that are not said, those from
    before stay. Calls of theirs that nobody came back to for a week go.

    Records nothing: it is a note to oneself, of which nobody else is told and nothing follows.
    """
    permissions.check(by, "appointment.hold", organisation_id=patient.organisation_id, clinic_id=clinic.pk)
    said: dict[str, object] = {"touched_at": now}
    if order is not None:
        said["order"] = order
    if wished is not None:
        words = wished.words[:LONGEST_WORDS]
        said |= {"words": words, "weekdays": list(wished.weekdays), "time": wished.time, "how_many": wished.how_many}
    with writing():
        mine = ParkedCall.objects.filter(user=by.staff_id)
        mine.filter(touched_at__lt=now - GOES_AFTER).delete()
        ParkedCall.objects.update_or_create(user_id=by.staff_id, clinic=clinic, patient=patient, defaults=said)


def drop_call(*, patient: Patient, clinic: Clinic, by: Actor) -> None:
    """Forgets a call: its series is booked, or nothing came of it. Forgetting it twice changes nothing."""
    permissions.check(by, "appointment.hold", organisation_id=patient.organisation_id, clinic_id=clinic.pk)
    with writing():
        ParkedCall.objects.filter(user=by.staff_id, clinic=clinic, patient=patient).delete()


def parked_calls(*, user: User, clinic: Clinic, now: datetime) -> Sequence[ParkedCall]:
    """A person's calls at a clinic, the last one touched first, each with its order and `kept_until`: till when times
    are kept for the order. One query."""
    held = Appointment.objects.filter(order=OuterRef("order"), status=Status.HELD, held_until__gt=now, asked_for=None)
    until = held.order_by().values("order").annotate(ends=Min("held_until")).values("ends")
    calls = ParkedCall.objects.filter(user=user, clinic=clinic, touched_at__gt=now - GOES_AFTER)
    gone = {"patient__deceased_at": None, "patient__merged_into": None}
    found = calls.filter(**gone).select_related("patient", "order__current_version")
    return list(found.annotate(kept_until=Subquery(until)).order_by("-touched_at"))


def wished_of(*, user: User, clinic: Clinic, order: Order) -> Wished | None:
    """What was said of an order in a call that was put aside; None where there is none."""
    call = ParkedCall.objects.filter(user=user, clinic=clinic, order=order).first()
    return Wished(call.words, tuple(call.weekdays), call.time, call.how_many) if call else None
