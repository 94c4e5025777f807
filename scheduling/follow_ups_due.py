"""Which calls and reviews that were ordered for after an infusion are due at a clinic. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from scheduling.follow_up_work import WORKED_ON, given_at
from scheduling.models import Appointment, Clinic, FollowUp, FollowUpKind, FollowUpState, FollowUpTry, Patient, Status


@dataclass(frozen=True, slots=True)
class DueFollowUp:
    """One of them. `since`: when its infusion was given; `due_at`: when it is due, or until when it was put off."""

    follow_up: FollowUp
    since: datetime | None
    due_at: datetime
    tries: tuple[FollowUpTry, ...]


def follow_ups_due(*, clinic: Clinic, until: datetime) -> list[DueFollowUp]:
    """Calls and reviews due at the clinic by then, the longest overdue first; four queries, however many they are. One
    whose review has a visit ahead waits for that."""
    booked = Q(appointment__isnull=False, appointment__live=True)
    given = Appointment.objects.given().filter(order=OuterRef("order"), dose_number=OuterRef("after_number"))
    given = given.order_by("-given_at")
    rows = (
        _open(clinic)
        .filter(kind__in=WORKED_ON)
        .exclude(booked)
        .annotate(
            when=Greatest("due_at", Coalesce("snoozed_until", "due_at")), since=Subquery(given.values("given_at")[:1])
        )
        .filter(when__lte=until)
    )
    rows = rows.select_related("order__patient", "order__current_version", "taken_by").order_by("due_at", "pk")
    found = list(rows.prefetch_related("tries__tried_by"))
    return [
        DueFollowUp(row, row.since, row.when, tuple(sorted(row.tries.all(), key=lambda one: one.pk))) for row in found
    ]


def reviews_to_book(*, clinic: Clinic) -> list[FollowUp]:
    """Reviews after an infusion that have no visit yet, the next one first: for the desk a visit to book."""
    return list(reviews_without_visit(clinic).select_related("order__patient").order_by("due_at", "pk"))


def reviews_without_visit(clinic: Clinic) -> QuerySet[FollowUp]:
    """The same as a query."""
    rows = _open(clinic).filter(kind=FollowUpKind.REVIEW, order__patient__in=Patient.objects.current())
    without = Q(appointment=None) | Q(appointment__live=False) & ~Q(appointment__status=Status.COMPLETED)
    return rows.filter(without)


def _open(clinic: Clinic) -> QuerySet[FollowUp]:
    rows = FollowUp.objects.filter(given_at(clinic), state=FollowUpState.OPEN)
    # Whoever lives has their call, also under a record that was merged into another since.
    return rows.filter(order__patient__deceased_at=None, order__patient__merged_into__deceased_at=None)
