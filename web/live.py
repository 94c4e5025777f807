"""Pages that stay up to date by asking: the version of a clinic's day, and the answer when nothing has changed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse

from scheduling.clinic_time import minutes_between
from scheduling.intervals import Interval
from scheduling.models import AFTER_GIVEN, HOLDS_PLACE, Appointment, Clinic, PrerequisiteRecord, Status

# What a day shows: everything that takes, or took, its time. Who did not come stays visible, to be called.
SHOWN = (*HOLDS_PLACE, *AFTER_GIVEN, Status.NO_SHOW, Status.TURNED_AWAY)
# Of the rows of `shown_visits`, in the order of `version_of_rows`. Written out, for every open board asks it every 1.5
# seconds, and putting it together anew each time costs eight times as much as answering it.
SUMS = """
SELECT count(*), sum(v.id), sum(v.row_version), sum(p.row_version), sum(o.row_version), sum(o.current_version_id),
  sum((SELECT count(*) FROM scheduling_prerequisiterecord r WHERE r.order_id = v.order_id)),
  sum((SELECT count(*) FROM scheduling_appointment w
       WHERE w.order_id = v.order_id AND (w.is_repeated OR (w.needs_ruling AND NOT EXISTS (
         SELECT FROM scheduling_exitruling x WHERE x.appointment_id = w.id)))))
FROM scheduling_appointment v
JOIN scheduling_patient p ON p.id = v.patient_id
LEFT JOIN scheduling_order o ON o.id = v.order_id
WHERE v.clinic_id = %(clinic)s AND v.given_where = '' AND v.period && tstzrange(%(start)s, %(end)s)
  AND v.status = ANY(%(shown)s) AND (v.status <> %(held)s OR coalesce(v.held_until > %(now)s, true))
"""


def shown_visits(clinic: Clinic, day: Interval, now: datetime) -> QuerySet[Appointment]:
    """The visits that the clinic's board shows on a day, each with how much was `said` of what it needs beforehand, and
    how many infusions of its order are `unsettled`; kept times past their end are no longer there."""
    visits = Appointment.objects.at_clinic(clinic).filter(period__overlap=(day.start, day.end), status__in=SHOWN)
    records = PrerequisiteRecord.objects.filter(order=OuterRef("order")).order_by().values("order")
    said = Subquery(records.annotate(count=Count("pk")).values("count"))
    # Broken off and not ruled on, or given again: their days are others, and what may start on this one hangs on them.
    others = Appointment.objects.filter(
        Q(needs_ruling=True, rulings=None) | Q(is_repeated=True), order=OuterRef("order")
    )
    unsettled = Subquery(others.order_by().values("order").annotate(count=Count("pk")).values("count"))
    return visits.exclude(Q(status=Status.HELD) & Q(held_until__lte=now)).annotate(said=said, unsettled=unsettled)


def day_version(clinic: Clinic, day: Interval, now: datetime) -> str:
    """A word that changes when a visit of the day, its patient's record, its order or what was said of what it needs
    does, and every five minutes of today.

    Counted from the rows themselves: events get their numbers before they commit, so the highest may hide a late one.
    One query.
    """
    asked: dict[str, Any] = {
        "clinic": clinic.pk, "start": day.start, "end": day.end, "now": now, "shown": [str(one) for one in SHOWN],
        "held": Status.HELD,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SUMS, asked)
        return _word(*cursor.fetchone(), step_of(day, now))


def version_of_rows(visits: Collection[Appointment], day: Interval, now: datetime) -> str:
    """The same word, of `shown_visits` that a page has read with their patients: what it shows is what it says it
    shows."""
    return _word(
        len(visits),
        sum(visit.pk for visit in visits),
        sum(visit.row_version for visit in visits),
        sum(visit.patient.row_version for visit in visits),
        sum(visit.order.row_version for visit in visits if visit.order),
        sum(visit.order.current_version_id or 0 for visit in visits if visit.order),
        sum(noted(visit, "said") for visit in visits),
        sum(noted(visit, "unsettled") for visit in visits),
        step_of(day, now),
    )


def noted(visit: Appointment, what: str) -> int:
    """How much of `what` was counted with one of `shown_visits`."""
    number: int | None = getattr(visit, what)
    return number or 0


def _word(*values: int | None) -> str:
    return "-".join(str(value or 0) for value in values)


def step_of(day: Interval, now: datetime) -> int:
    """Which five minutes of the day it is; 0 before and after, when no line moves."""
    return minutes_between(day.start, now) // 5 if day.start <= now < day.end else 0


def nothing_new() -> HttpResponse:
    """204: HTMX leaves the page as it is."""
    return HttpResponse(status=204)
