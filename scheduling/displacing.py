"""What a change of one visit does to others: whatever has not started and stands in the way gets another place at its
own time, or loses its place and waits for one. Reads only; `making_room` writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from scheduling.capacity import Busy
from scheduling.course_rows import USE, read_courses, use_of
from scheduling.crowding import clash, fits, grown
from scheduling.finding_places import find_place, nurse_limits, snapshot_around, uses_around
from scheduling.intervals import Interval
from scheduling.models import Appointment, Claim, Clinic, Status, VisitKind
from scheduling.visit_course import NURSE, SEAT, Course
from scheduling.visit_parts import STEP

NOT_STARTED: Final = (Status.HELD, Status.BOOKED, Status.ARRIVED)
# Who keeps a place first: whoever is here, then whoever is booked, then what is only kept.
FIRST: Final = {Status.ARRIVED: 0, Status.BOOKED: 1, Status.HELD: 2}
Other = tuple[Appointment, Course]


@dataclass(frozen=True, slots=True)
class Changed:
    """A visit with its course before and after."""

    visit: Appointment
    before: Course
    after: Course

    @property
    def resources(self) -> dict[str, str | None]:
        """For the event: chair and nurse before and after, by id."""
        return {
            "from": self.before.last(SEAT),
            "to": self.after.last(SEAT),
            "nurse_from": self.before.last(NURSE),
            "nurse_to": self.after.last(NURSE),
        }


@dataclass(frozen=True)
class Effect:
    """What changes do: `changes` as they can be written, and other visits. `moved` get another chair or nurse at their
    own time, `waiting` lose their place, `placed` waited and get one, `unseated` are under way in a chair that someone
    else has now, or its turnover was theirs and is shorter."""

    changes: tuple[Changed, ...] = ()
    moved: tuple[Changed, ...] = ()
    waiting: tuple[Changed, ...] = ()
    placed: tuple[Changed, ...] = ()
    unseated: tuple[Changed, ...] = ()

    @property
    def others(self) -> tuple[Changed, ...]:
        return (*self.moved, *self.waiting, *self.placed, *self.unseated)


def has_started(visit: Appointment) -> bool:
    """Whether it is under way: an infusion once the patient is seated, another visit once the patient is here."""
    if visit.kind == VisitKind.INFUSION:
        return visit.status not in NOT_STARTED
    return visit.status not in (Status.HELD, Status.BOOKED)


def effect_on_others(*, clinic: Clinic, changes: Sequence[Changed], now: datetime, lock: bool = False) -> Effect:
    """Which other visits these changes displace, and where those go; who waited and has room now. `lock` holds the rows
    of those visits."""
    going_on = [change for change in changes if not change.after.is_over]
    over = [change for change in changes if change.after.is_over]
    more = [use for change in going_on for use in grown(change.before.uses, change.after.uses)]
    met = _met(more, {change.visit.pk for change in changes}, now, lock=lock)
    going_on, unseated = _unseat(going_on, [one for one in met if has_started(one[0])])
    beside = _Beside(
        clinic,
        tuple(use for change in (*going_on, *unseated) for use in change.after.uses),
        frozenset(change.visit.pk for change in (*changes, *unseated)),
        now,
    )
    candidates = [one for one in met if one[0].is_placed and not has_started(one[0])]
    lost = _crowded_out(sorted(candidates, key=_rank), beside)
    waiting = sorted(_waiting(clinic, changes, now, lock=lock), key=_rank)
    found = _find_places([*lost, *waiting], beside)
    return Effect(
        changes=(*going_on, *over),
        moved=tuple(one for one in found if one.visit.is_placed and one.after.uses),
        waiting=tuple(one for one in found if one.visit.is_placed and not one.after.uses),
        placed=tuple(one for one in found if not one.visit.is_placed and one.after.uses),
        unseated=tuple(unseated),
    )


def who_is_in(*, uses: Iterable[Busy], without: Iterable[int], now: datetime) -> Appointment | None:
    """The visit under way that has one of these chairs then, by the records."""
    seats = [use for use in uses if use.role == "seat"]
    for visit, course in _met(seats, set(without), now, lock=False):
        sat = [replace(use, period=_sat(course, use)) for use in course.uses if use.role == "seat"]
        if has_started(visit) and any(clash(use, seat) for use in sat for seat in seats):
            return visit
    return None


def _sat(course: Course, seat: Busy) -> Interval:
    """Without the turnover."""
    return Interval(seat.period.start, max(course.leaves(seat), seat.period.start + STEP))


def _met(uses: Sequence[Busy], without: set[int], now: datetime, *, lock: bool) -> list[Other]:
    """Live visits of others that use the same things at the same time."""
    if not uses:
        return []
    around = (min(use.period.start for use in uses), max(use.period.end for use in uses))
    things = {int(use.resource_id) for use in uses}
    claims = Claim.objects.filter(live=True, resource__in=things, period__overlap=around)
    ids = set()
    for appointment_id, *columns in claims.exclude(appointment__in=without).values_list("appointment_id", *USE):
        other = use_of(*columns)
        if any(use.resource_id == other.resource_id and use.period.overlaps(other.period) for use in uses):
            ids.add(appointment_id)
    return _rows(Appointment.objects.filter(pk__in=ids), now, lock=lock) if ids else []


def _waiting(clinic: Clinic, changes: Sequence[Changed], now: datetime, *, lock: bool) -> list[Other]:
    """Visits around the changed ones that have no place and have not started."""
    spans = [course.span for change in changes for course in (change.before, change.after)]
    around = (min(span.start for span in spans), max(span.end for span in spans))
    rows = Appointment.objects.filter(clinic=clinic, is_placed=False, period__overlap=around)
    rows = rows.exclude(pk__in=[change.visit.pk for change in changes])
    return [one for one in _rows(rows, now, lock=lock) if not has_started(one[0])]


def _rows(rows: QuerySet[Appointment], now: datetime, *, lock: bool) -> list[Other]:
    rows = rows.filter(live=True).exclude(held_until__lte=now).select_related("clinic").order_by("pk")
    # The patient is not joined, as in `lock_visit`.
    rows = rows.prefetch_related("patient")
    visits = list(rows.select_for_update(of=("self",)) if lock else rows)
    courses = read_courses([visit.pk for visit in visits]) if visits else {}
    return [(visit, courses[visit.pk]) for visit in visits]


def _rank(one: Other) -> tuple[int, datetime, int]:
    visit = one[0]
    return (FIRST[Status(visit.status)], visit.period.lower, visit.pk)


def _unseat(changes: Sequence[Changed], running: Sequence[Other]) -> tuple[list[Changed], list[Changed]]:
    """Of two visits under way that the records put in one chair, the one seated later is taken to be there; the
    turnover after a patient has left gives way to whoever sits down in it."""
    unseated = {visit.pk: Changed(visit, course, course) for visit, course in running}
    kept = []
    for change in changes:
        for pk, other in unseated.items():
            mine, theirs = _apart(change.after, other.after, mine_stays=_seated(change.visit) >= _seated(other.visit))
            change, unseated[pk] = replace(change, after=mine), replace(other, after=theirs)  # noqa: PLW2901
        kept.append(change)
    return kept, [one for one in unseated.values() if one.before != one.after]


def _apart(mine: Course, theirs: Course, *, mine_stays: bool) -> tuple[Course, Course]:
    """Two courses as they can be written, without a chair in common at any time."""
    while (both := _in_one_chair(mine, theirs)) is not None:
        seat, other = both
        since = max(seat.period.start, other.period.start)
        if (left := theirs.giving_way(other, since)) is not None:
            theirs = left
        elif (left := mine.giving_way(seat, since)) is not None:
            mine = left
        elif mine_stays:
            theirs = theirs.without_seat(since)
        else:
            mine = mine.without_seat(since)
    return mine, theirs


def _in_one_chair(one: Course, other: Course) -> tuple[Busy, Busy] | None:
    seats = (use for use in one.uses if use.role == "seat")
    return next(((seat, use) for seat in seats for use in other.uses if clash(use, seat)), None)


def _seated(visit: Appointment) -> datetime:
    return visit.seated_at or visit.arrived_at or visit.period.lower


@dataclass(frozen=True)
class _Beside:
    """What the changed visits use now; what the database has of them counts no more."""

    clinic: Clinic
    uses: tuple[Busy, ...]
    ids: frozenset[int]
    now: datetime


def _crowded_out(candidates: Sequence[Other], beside: _Beside) -> list[Other]:
    """Visits that have not started and have no room left where they are."""
    if not candidates:
        return []
    known = {visit.pk for visit, _ in candidates} | beside.ids
    courses = [course for _, course in candidates]
    taken = [*beside.uses, *uses_around(beside.clinic, courses, without=known, now=beside.now)]
    limits = nurse_limits(beside.clinic)
    lost = []
    for visit, course in candidates:
        if fits(course.uses, taken, limits):
            taken += course.uses
        else:
            lost.append((visit, course))
    return lost


def _find_places(homeless: Sequence[Other], beside: _Beside) -> list[Changed]:
    """Where these visits go, one after the other; without uses where there is nothing for them."""
    if not homeless:
        return []
    known = {visit.pk for visit, _ in homeless} | beside.ids
    free = snapshot_around(beside.clinic, [course for _, course in homeless], now=beside.now, without=known)
    taken = beside.uses
    found = []
    for visit, before in homeless:
        after = find_place(visit, before, replace(free, busy=(*free.busy, *taken)), now=beside.now)
        found.append(Changed(visit, before, after or replace(before, uses=())))
        taken += found[-1].after.uses
    return found
