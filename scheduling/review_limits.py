"""When nobody decided a review in time: said once, neutrally, and the waiting visits are kept or freed as ordered."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import DurationField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value

from scheduling.events import Actor, Entry, record
from scheduling.freeing import cancel_rows, release_rows
from scheduling.locking import BusyNow, lock_patients, writing
from scheduling.models import Appointment, AtLimit, CancelledBy, Clinic, Decision, Event, Gate, Order, Status
from scheduling.order_effects import REASON, lock_visits
from scheduling.reviews import ReviewDue, due_among, gates_under_way

log = logging.getLogger(__name__)
BY: Final = Actor.system("review limits")
PASSED: Final = "review.limit_passed"


def reviews_at_their_limit(*, now: datetime, ahead: timedelta = timedelta(0)) -> list[ReviewDue]:
    """Reviews of all clinics whose last day is over, or will be `ahead` from now, and that nobody decided. None has a
    last day while an infusion of its order waits for a ruling."""
    gates = _may_be_past(now + ahead)
    return [one for one in due_among(gates, _sites(gates)) if one.is_overdue(now + ahead) and not is_decided(one)]


def is_decided(review: ReviewDue) -> bool:
    """Whether somebody decided it, and only the signature under the changed order is still to come."""
    return review.latest is not None and review.latest.decision == Decision.CONTINUE_CHANGED


def reach_limits(*, now: datetime) -> int:
    """Does once for each review whose last day is over what its order says: visits that wait keep their times, or are
    cancelled on the clinician's side (kept ones let go). Gives how many were reached.

    Each in a transaction of its own. Records `review.limit_passed`, `appointment.cancelled`, `appointment.released`.
    """
    due = reviews_at_their_limit(now=now)
    known = _passed(one.order.pk for one in due)
    reached = 0
    for review in due:
        if _mark(review) not in known:
            try:
                reached += reach_limit(review, now=now)
            except BusyNow:
                log.info(
                    "a review past its limit is being written, left to the next look", extra={"gate": review.gate.pk}
                )
    return reached


def reach_limit(review: ReviewDue, *, now: datetime) -> bool:
    """As `reach_limits`, for one that was found; False where it is decided or reached by now. It looks again."""
    with writing():
        lock_patients(review.order.patient_id)
        order = Order.objects.select_for_update(no_key=True).get(pk=review.order.pk)
        lock_visits(order)
        # Somebody may have decided it, or another worker been here, since it was found.
        still = gates_under_way().filter(pk=review.gate.pk)
        fresh = next(iter(due_among(still, _sites(still))), None)
        if fresh is None or not fresh.is_overdue(now) or is_decided(fresh) or _mark(fresh) in _passed([order.pk]):
            return False
        freed = list(_waiting(fresh, now)) if fresh.gate.at_limit == AtLimit.FREE else []
        entry = Entry(
            PASSED,
            clinic_id=fresh.clinic_id,
            order_id=order.pk,
            patient_id=order.patient_id,
            data={"after": fresh.gate.after_number, "last_day": str(fresh.decide_by), "freed": len(freed)},
        )
        booked = [visit for visit in freed if visit.status == Status.BOOKED]
        kept = [visit for visit in freed if visit.status == Status.HELD]
        ended = cancel_rows(booked, CancelledBy.CLINICIAN, REASON, now=now)
        entries = [entry, *ended, *(release_rows(kept) if kept else ())]
        record(organisation_id=order.organisation_id, entries=entries, by=BY, now=now)
    return True


def _waiting(review: ReviewDue, now: datetime) -> Iterator[Appointment]:
    """Infusions behind the review that nobody has come for: what has begun to happen is for people to settle."""
    ahead = Appointment.objects.filter(order=review.order, dose_number__gt=review.gate.after_number)
    ahead = ahead.filter(status__in=(Status.BOOKED, Status.HELD), period__startswith__gt=now)
    yield from ahead.order_by("pk")


def _may_be_past(now: datetime) -> QuerySet[Gate]:
    """Reviews with a last day that may be over by `now`: so many times 24 hours, less a day for zones and clocks."""
    given = Appointment.objects.filter(order=OuterRef("order"), dose_number=OuterRef("after_number"))
    given = given.filter(given_at__isnull=False).order_by("given_at")
    days = ExpressionWrapper(F("decide_within_days") * Value(timedelta(days=1)), output_field=DurationField())
    gates = gates_under_way().filter(decide_within_days__isnull=False).annotate(days=days)
    gates = gates.annotate(first_given=Subquery(given.values("given_at")[:1]))
    reach = now + timedelta(days=1) - F("days")
    return gates.filter(Q(first_given__lte=reach) | Q(after_number=0, version__signed_at__lte=reach))


def _sites(gates: QuerySet[Gate]) -> dict[int, Clinic]:
    """Of each order the first clinic it is for, whose days count where nothing was given yet."""
    orders = Order.objects.filter(pk__in=gates.values("order")).prefetch_related("sites")
    return {order.pk: min(order.sites.all(), key=lambda clinic: clinic.pk) for order in orders}


def _mark(review: ReviewDue) -> tuple[int, int, str]:
    """Another last day, by a change of the order, is another limit."""
    return review.order.pk, review.gate.after_number, str(review.decide_by)


def _passed(order_ids: Iterable[int]) -> set[tuple[int | None, int, str]]:
    events = Event.objects.filter(order_id__in=list(order_ids), verb=PASSED)
    return {(event.order_id, event.data["after"], event.data["last_day"]) for event in events}
