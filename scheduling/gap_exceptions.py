"""A prescriber's word that one infusion may come sooner than signed: the guard of the one before it is lowered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import F, Q

from scheduling.clinic_time import ClinicTime, minutes_between
from scheduling.events import Actor, Entry
from scheduling.models import Appointment, DoseGap, Status
from scheduling.overrides import Allowed
from scheduling.spacing import Gap
from scheduling.visit_rows import NewVisit


@dataclass(frozen=True, slots=True)
class Guarded:
    """An infusion with the least time after it: a visit about to be written, or a row that stands."""

    number: int
    start: datetime
    zone: str
    days: int
    minutes: int
    visit: int | None = None
    row: Appointment | None = None

    @property
    def until(self) -> datetime:
        """The earliest start that the guard leaves to the next infusion, as the database counts it."""
        clock = ClinicTime(self.zone)
        night = clock.day_start(clock.local_day(self.start) + timedelta(days=self.days))
        return max(self.start + timedelta(minutes=max(self.minutes, 1)), night)


def lower_gaps(
    visits: Sequence[NewVisit],
    *,
    zone: str,
    allow: Sequence[Allowed],
    by: Actor,
    now: datetime,
    moving: Collection[int] = (),
) -> tuple[list[NewVisit], list[Entry]]:
    """The visits, each with the gap that was signed for it. Where "spacing" is allowed and an infusion starts before
    the guard of the one before it ends, that guard is lowered to the time between the two, for this once.

    `moving` are the rows that the visits take the place of. Gives the events to record, `appointment.gap_lowered`.
    """
    reason = next((one.reason for one in allow if one.rule == "spacing"), "")
    numbered = [(index, visit) for index, visit in enumerate(visits) if "dose_number" in visit.of_order]
    found, entries = list(visits), []
    if not reason or not numbered:
        return found, []
    series = [_about_to_be(index, visit, zone) for index, visit in numbered]
    series += _standing(numbered[0][1].of_order["order_id"], moving)
    for earlier, later in pairwise(sorted(series, key=lambda one: one.number)):
        if later.start >= earlier.until:
            continue
        gap = _sign(earlier, later, found, reason, by=by, now=now)
        if earlier.row is not None:
            Appointment.objects.filter(pk=earlier.row.pk).update(
                gap=gap, gap_days=gap.days, gap_minutes=gap.minutes, row_version=F("row_version") + 1
            )
            data = {"gap": gap.pk, "days": gap.days, "minutes": gap.minutes}
            entries.append(Entry.of_visit("appointment.gap_lowered", earlier.row, reason=reason, data=data))
        elif earlier.visit is not None:
            visit = found[earlier.visit]
            lowered = {"gap_id": gap.pk, "gap_days": gap.days, "gap_minutes": gap.minutes}
            found[earlier.visit] = replace(visit, of_order={**visit.of_order, **lowered})
    return found, entries


def smaller_gap(earlier: Guarded, start: datetime) -> Gap:
    """The largest gap, not above the signed one, that lets the next infusion start then."""
    clock = ClinicTime(earlier.zone)
    days = (clock.local_day(start) - clock.local_day(earlier.start)).days
    return Gap(min(earlier.days, days), min(earlier.minutes, minutes_between(earlier.start, start)))


def _about_to_be(index: int, visit: NewVisit, zone: str) -> Guarded:
    terms = visit.of_order
    return Guarded(terms["dose_number"], visit.period.start, zone, terms["gap_days"], terms["gap_minutes"], visit=index)


def _standing(order_id: int, moving: Collection[int]) -> list[Guarded]:
    stands = Q(live=True) | Q(given_at__isnull=False)
    rows = Appointment.objects.filter(stands, order_id=order_id, dose__isnull=False).exclude(pk__in=list(moving))
    return [
        Guarded(row.dose_number, row.period.lower, row.time_zone, row.gap_days or 0, row.gap_minutes or 0, row=row)
        for row in rows.exclude(status=Status.ENTERED_IN_ERROR)
        if row.dose_number is not None
    ]


def _sign(
    earlier: Guarded, later: Guarded, visits: Sequence[NewVisit], reason: str, *, by: Actor, now: datetime
) -> DoseGap:
    gap = smaller_gap(earlier, later.start)
    whose = (
        {"terms_id": earlier.row.terms_id, "patient_id": earlier.row.patient_id, "therapy": earlier.row.therapy}
        if earlier.row is not None
        else _terms_of(visits[earlier.visit or 0])
    )
    return DoseGap.objects.create(
        **whose,
        days=gap.days,
        minutes=gap.minutes,
        signed_exception_by_id=by.staff_id,
        signed_exception_at=now,
        reason=reason,
    )


def _terms_of(visit: NewVisit) -> dict[str, object]:
    return {
        "terms_id": visit.of_order["terms_id"],
        "patient_id": visit.patient.pk,
        "therapy": visit.of_order["therapy"],
    }
