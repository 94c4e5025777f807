"""Making room for what happened: whatever has not started and stands in the way gets another place, or waits for one.

`effect_on_others` reads, `write_effect` writes; the second is given what the first found, under the same lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from scheduling.availability import snapshot
from scheduling.capacity import Busy, ClinicSnapshot
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_time import ClinicTime
from scheduling.course_rows import USE, read_courses, touch, use_of, write_parts, write_uses
from scheduling.crowding import NurseLimit, clash, fits, grown
from scheduling.events import Entry
from scheduling.models import Appointment, Claim, Clinic, Resource, ResourceKind, Status, VisitKind
from scheduling.visit_course import Course, step_before

NOT_STARTED: Final = (Status.HELD, Status.BOOKED, Status.ARRIVED)
# Who keeps a place first: whoever is here, then whoever is booked, then what is only kept.
FIRST: Final = {Status.ARRIVED: 0, Status.BOOKED: 1, Status.HELD: 2}


@dataclass(frozen=True, slots=True)
class Changed:
    """A visit whose course is written anew, and why."""

    visit: Appointment
    before: Course
    after: Course

    @property
    def resources(self) -> dict[str, str | None]:
        """For the event: chair and nurse before and after, by id."""
        return {
            "from": self.before.resource("seat"),
            "to": self.after.resource("seat"),
            "nurse_from": self.before.nurse(),
            "nurse_to": self.after.nurse(),
        }


@dataclass(frozen=True)
class Effect:
    """What changes do: `changes` as they can be written, and other visits. `moved` get another chair or nurse at their
    own time, `waiting` lose their place, `placed` waited and get one, `unseated` are under way in a chair that someone
    else has now."""

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


def who_is_in(*, clinic: Clinic, uses: Iterable[Busy], without: Iterable[int], now: datetime) -> Appointment | None:
    """The visit under way that has one of these chairs then, by the records."""
    seats = [use for use in uses if use.role == "seat"]
    for visit, course in _met(clinic, seats, set(without), now, lock=False):
        if has_started(visit) and any(clash(use, seat) for use in course.uses for seat in seats):
            return visit
    return None


def effect_on_others(*, clinic: Clinic, changes: Sequence[Changed], now: datetime, lock: bool = False) -> Effect:
    """Which other visits these changes displace, and where those go. Writes nothing; `lock` holds their rows."""
    more = [use for change in changes for use in grown(change.before.uses, change.after.uses)]
    changed = {change.visit.pk for change in changes}
    met = _met(clinic, more, changed, now, lock=lock)
    running = [(visit, course) for visit, course in met if has_started(visit)]
    changes, unseated = _unseat(changes, running)
    settled = [*changes, *unseated]
    candidates = sorted((one for one in met if not has_started(one[0]) and one[0].is_placed), key=_rank)
    lost = _crowded_out(clinic, candidates, settled, now)
    waiting = sorted(_waiting(clinic, changes, now, lock=lock), key=_rank)
    moved, displaced, placed = _find_places(clinic, [*lost, *waiting], settled, now)
    return Effect(tuple(changes), tuple(moved), tuple(displaced), tuple(placed), tuple(unseated))


def _met(
    clinic: Clinic, uses: Sequence[Busy], without: set[int], now: datetime, *, lock: bool
) -> list[tuple[Appointment, Course]]:
    """Live visits of others that use the same things at the same time."""
    if not uses:
        return []
    around = (min(use.period.start for use in uses), max(use.period.end for use in uses))
    claims = Claim.objects.filter(
        live=True, resource__in={int(use.resource_id) for use in uses}, period__overlap=around
    ).exclude(appointment__in=without)
    ids = set()
    for appointment_id, *columns in claims.values_list("appointment_id", *USE):
        other = use_of(*columns)
        if any(use.resource_id == other.resource_id and use.period.overlaps(other.period) for use in uses):
            ids.add(appointment_id)
    return _rows(Appointment.objects.filter(pk__in=ids), now, lock=lock) if ids else []


def _waiting(
    clinic: Clinic, changes: Sequence[Changed], now: datetime, *, lock: bool
) -> list[tuple[Appointment, Course]]:
    """Visits of the same days that have no place and have not started."""
    span = (min(one.after.span.start for one in changes), max(one.after.span.end for one in changes))
    rows = Appointment.objects.filter(clinic=clinic, is_placed=False, live=True, period__overlap=span)
    rows = rows.exclude(pk__in=[change.visit.pk for change in changes])
    return [one for one in _rows(rows, now, lock=lock) if not has_started(one[0])]


def _rows(rows: QuerySet[Appointment], now: datetime, *, lock: bool) -> list[tuple[Appointment, Course]]:
    rows = rows.filter(live=True).exclude(held_until__lte=now).select_related("patient").order_by("pk")
    visits = list(rows.select_for_update(of=("self",)) if lock else rows)
    courses = read_courses([visit.pk for visit in visits]) if visits else {}
    return [(visit, courses[visit.pk]) for visit in visits]


def _rank(one: tuple[Appointment, Course]) -> tuple[int, datetime, int]:
    visit = one[0]
    return (FIRST[Status(visit.status)], visit.period.lower, visit.pk)


def _unseat(
    changes: Sequence[Changed], running: Sequence[tuple[Appointment, Course]]
) -> tuple[list[Changed], list[Changed]]:
    """Of two visits under way that the records put in one chair, the one seated later is taken to be there."""
    kept, unseated = [], []
    for change in changes:
        after = change.after
        for visit, course in running:
            clashes = [
                max(use.period.start, seat.period.start)
                for use in course.uses
                for seat in after.uses
                if seat.role == "seat" and clash(use, seat)
            ]
            if not clashes:
                continue
            if _seated(visit) > _seated(change.visit):
                after = after.without(("seat",), min(clashes))
            else:
                unseated.append(Changed(visit, course, course.without(("seat",), min(clashes))))
        kept.append(replace(change, after=after))
    return kept, unseated


def _seated(visit: Appointment) -> datetime:
    return visit.seated_at or visit.arrived_at or visit.period.lower


def _crowded_out(
    clinic: Clinic, candidates: Sequence[tuple[Appointment, Course]], settled: Sequence[Changed], now: datetime
) -> list[tuple[Appointment, Course]]:
    """Visits that have not started and have no room left where they are."""
    if not candidates:
        return []
    known = [visit.pk for visit, _ in candidates] + [change.visit.pk for change in settled]
    taken = uses_around(clinic, [course for _, course in candidates], without=known, now=now)
    taken += [use for change in settled for use in change.after.uses]
    limits = nurse_limits(clinic)
    lost = []
    for visit, course in candidates:
        if fits(course.uses, taken, limits):
            taken += course.uses
        else:
            lost.append((visit, course))
    return lost


def uses_around(clinic: Clinic, courses: Sequence[Course], *, without: Iterable[int], now: datetime) -> list[Busy]:
    """What other visits use of the clinic while these last."""
    spans = [course.span for course in courses]
    around = (min(span.start for span in spans), max(span.end for span in spans))
    claims = Claim.objects.filter(live=True, resource__clinic=clinic, period__overlap=around)
    claims = claims.exclude(appointment__in=list(without)).exclude(appointment__held_until__lte=now)
    return [use_of(*columns) for columns in claims.values_list(*USE)]


def _find_places(
    clinic: Clinic, homeless: Sequence[tuple[Appointment, Course]], settled: Sequence[Changed], now: datetime
) -> tuple[list[Changed], list[Changed], list[Changed]]:
    """Moved, left waiting and placed again."""
    moved: list[Changed] = []
    waiting: list[Changed] = []
    placed: list[Changed] = []
    if not homeless:
        return moved, waiting, placed
    known = [visit.pk for visit, _ in homeless] + [change.visit.pk for change in settled]
    free = snapshot_around(clinic, [course for _, course in homeless], now=now, without=known)
    taken = tuple(use for change in settled for use in change.after.uses)
    for visit, before in homeless:
        after = find_place(visit, before, replace(free, busy=(*free.busy, *taken)), now=now)
        if after is not None:
            taken += after.uses
            (moved if visit.is_placed else placed).append(Changed(visit, before, after))
        elif visit.is_placed:
            waiting.append(Changed(visit, before, replace(before, uses=())))
    return moved, waiting, placed


def find_place(visit: Appointment, course: Course, free: ClinicSnapshot, *, now: datetime) -> Course | None:
    """Chair and nurse for a visit that has not started: its own where they are free, then its own nurse, then any.

    At its own time; whoever is here already and late starts now. A pinned visit keeps its chair.
    """
    start = course.parts[0].period.start
    if visit.status == Status.ARRIVED:
        start = max(start, step_before(now))
    phases = tuple(part.phase for part in course.parts)
    chair, nurse = course.resource("seat"), course.nurse()
    own_chair = tuple(one for one in free.chairs if one.id == chair) or free.chairs
    own_nurse = tuple(one for one in free.nurses if one.id == nurse) or free.nurses
    tries = [(own_chair, own_nurse), (own_chair, free.nurses)]
    if not visit.is_pinned:
        tries += [(free.chairs, own_nurse), (free.chairs, free.nurses)]
    for chairs, nurses in tries:
        assigned = ClinicCapacity(replace(free, chairs=chairs, nurses=nurses)).assign(start, phases)
        if assigned is not None:
            return replace(course.starting(start), uses=assigned.claims)
    return None


def snapshot_around(
    clinic: Clinic, courses: Sequence[Course], *, now: datetime, without: Iterable[int]
) -> ClinicSnapshot:
    """The clinic on the days of these visits and today, without some visits."""
    clock = ClinicTime(clinic.time_zone)
    days = [clock.local_day(course.parts[0].period.start) for course in courses] + [clock.local_day(now)]
    return snapshot(clinic=clinic, first_day=min(days), last_day=max(days), now=now, without=list(without))


def nurse_limits(clinic: Clinic) -> dict[str, NurseLimit]:
    nurses = Resource.objects.filter(clinic=clinic, kind=ResourceKind.NURSE)
    rows = nurses.values_list("pk", "watch_places", "watch_while_attending")
    return {str(pk): NurseLimit(watch, attending) for pk, watch, attending in rows}


def _ids(changes: Iterable[Changed]) -> set[int]:
    return {change.visit.pk for change in changes}


def write_effect(effect: Effect, *, now: datetime) -> list[Entry]:
    """Writes the changed visits' phases and claims and what they do to others; returns the others' events.

    Call it under `lock_for`, in the transaction that records them. The rows of the changed visits are the verb's.
    """
    everyone = (*effect.changes, *effect.others)
    visits = {change.visit.pk: change.visit for change in everyone}
    for change in everyone:
        write_parts(change.visit, change.before, change.after)
    uses = {c.visit.pk: c.after.uses for c in everyone if set(c.after.uses) != set(c.before.uses)}
    touch(_ids(effect.waiting) | _ids(effect.unseated), is_placed=False)
    touch(_ids(effect.placed), is_placed=True)
    for change in (*effect.moved, *effect.waiting):
        _remember_chair(change, now)
    write_uses(uses, visits)
    because = [change.visit.pk for change in effect.changes]
    return [
        *(_entry(_verb_of_move(change), change, because) for change in effect.moved),
        *(_entry("appointment.displaced", change, because) for change in (*effect.waiting, *effect.unseated)),
        *(_entry("appointment.placed_again", change, because) for change in effect.placed),
    ]


def _remember_chair(change: Changed, now: datetime) -> None:
    """For the board: which chair it had."""
    before, after = change.before.resource("seat"), change.after.resource("seat")
    moved = {"moved_from_id": int(before), "moved_at": now} if before and before != after else {}
    if moved or change.after.uses:
        touch([change.visit.pk], **moved)


def _verb_of_move(change: Changed) -> str:
    same = change.before.resource("seat") == change.after.resource("seat")
    return "appointment.nurse_changed" if same else "appointment.chair_changed"


def _entry(verb: str, change: Changed, because: Sequence[int]) -> Entry:
    return Entry.of_visit(verb, change.visit, data={**change.resources, "for": list(because)})
