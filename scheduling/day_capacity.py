"""What is free on one clinic day, counted in 5-minute bits: bit i of a plane is the i-th step after local midnight.

A *direct* start has one whole chair and one nurse throughout. Steps are elapsed time, so a day has 276, 288 or 300.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache

from scheduling.bit_planes import Needs, Span, any_of, at_least, bits, met_at, room_for, room_for_needs, steps_set
from scheduling.capacity import (
    LONGEST_TURNOVER_MINUTES,
    STEP_MINUTES,
    STEP_SECONDS,
    Busy,
    Chair,
    ClaimRow,
    ClinicSnapshot,
    Nurse,
    Phase,
    Role,
)
from scheduling.clinic_time import MINUTES_A_DAY, AmbiguousTime, NonexistentTime
from scheduling.intervals import Interval, merge
from scheduling.visit_shape import VisitShape, shape_of

LATE_STEPS = LONGEST_TURNOVER_MINUTES // STEP_MINUTES
# What can refuse a start, in the order in which it is asked for.
REASONS = ("hours", "grid", "staff", "prescriber", "nurses", "chairs")


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who and what a visit gets: chair, nurse and with-patient prescriber where its phases ask for them, the
    prescribers who cover it (with-patient first), and its claims, merged per resource and role."""

    chair: str | None
    nurse: str | None
    prescriber: str | None
    prescribers: tuple[str, ...]
    claims: tuple[Busy, ...]


class _Planes:
    """What is taken and who is there, by resource id."""

    def __init__(self, snapshot: ClinicSnapshot, opens: int, rows: Iterable[ClaimRow]) -> None:
        self.seats = dict.fromkeys((chair.id for chair in snapshot.chairs), 0)
        self.out = dict.fromkeys(self.seats, 0)
        self.on_duty = dict.fromkeys((nurse.id for nurse in snapshot.nurses), 0)
        self.attending = dict.fromkeys(self.on_duty, 0)
        # watching[nurse][k] has the steps in which the nurse watches at least k patients.
        self.watching = {nurse.id: [-1] + [0] * (nurse.watch + 1) for nurse in snapshot.nurses}
        self.on_site = dict.fromkeys((prescriber.id for prescriber in snapshot.prescribers), 0)
        self.with_patient = dict.fromkeys(self.on_site, 0)
        absent = dict.fromkeys(self.on_duty, 0)
        planes_of = {
            "seat": self.seats,
            "out": self.out,
            "attention": self.attending,
            "shift": self.on_duty,
            "absent": absent,
            "on-site": self.on_site,
            "with-patient": self.with_patient,
        }
        for resource_id, role, start, end in rows:
            first, after = (start - opens) // STEP_SECONDS, -((opens - end) // STEP_SECONDS)
            plane = ((1 << (after - first)) - 1) << first
            if role == "watch":
                levels = self.watching.get(resource_id, [])
                for level in range(len(levels) - 1, 0, -1):
                    levels[level] |= levels[level - 1] & plane
            elif resource_id in planes_of[role]:  # a claim on a resource that is no longer there binds nobody
                planes_of[role][resource_id] |= plane
        for nurse_id, plane in absent.items():
            self.on_duty[nurse_id] &= ~plane


class DayCapacity:
    """One clinic day of `length` steps from the absolute step `first_step`.

    `rows` begin on the day or later; beside the roles of claims they say "out" (a chair's outage), "shift", "absent"
    and "on-site". They are read when first needed, since a search needs few of a clinic's days.
    """

    def __init__(
        self, snapshot: ClinicSnapshot, day: date, first_step: int, length: int, rows: Iterable[ClaimRow]
    ) -> None:
        self.snapshot, self.day, self.first_step, self.length = snapshot, day, first_step, length
        self._rows = rows
        self._whole = bits(0, length + LATE_STEPS)
        self._starts: dict[tuple[Phase, ...], int] = {}

    @cached_property
    def _planes(self) -> _Planes:
        return _Planes(self.snapshot, self.first_step * STEP_SECONDS, self._rows)

    def instant(self, step: int) -> datetime:
        return datetime.fromtimestamp((self.first_step + step) * STEP_SECONDS, UTC)

    def step(self, instant: datetime) -> int:
        """The step an instant lies in; negative before the day."""
        return int(instant.timestamp() // STEP_SECONDS) - self.first_step

    def wall_minute(self, step: int) -> int:
        """What the clinic's clock shows at a step, in minutes after midnight."""
        if self.length * STEP_MINUTES == MINUTES_A_DAY:
            return step * STEP_MINUTES
        return self.snapshot.clock.minute_of_day(self.instant(step))

    def outer(self, periods: Iterable[Interval]) -> int:
        """The steps that the periods touch."""
        return self._plane(periods, inward=0)

    def inner(self, periods: Iterable[Interval]) -> int:
        """The steps that lie wholly inside the periods; periods that touch count as one."""
        return self._plane(merge(periods), inward=STEP_SECONDS - 1)

    def _plane(self, periods: Iterable[Interval], *, inward: int) -> int:
        plane = 0
        for period in periods:
            start = int((period.start.timestamp() + inward) // STEP_SECONDS) - self.first_step
            end = int((period.end.timestamp() + STEP_SECONDS - 1 - inward) // STEP_SECONDS) - self.first_step
            plane |= bits(max(start, 0), min(end, self.length + LATE_STEPS))
        return plane

    @cached_property
    def _open(self) -> int:
        plane = self.inner(self.snapshot.open.get(self.day, ())) & bits(0, self.length)
        if self.snapshot.last_end is not None:
            plane &= bits(0, self._wall_step(self.snapshot.last_end.hour * 60 + self.snapshot.last_end.minute))
        return plane

    def _wall_step(self, minute: int) -> int:
        """The step at which the clock shows the minute; in an hour that is skipped or doubled, the earliest at which it
        shows that or later."""
        clock = self.snapshot.clock
        return (
            next(
                (step for step in range(self.length) if clock.minute_of_day(self.instant(step)) >= minute), self.length
            )
            if self.length * STEP_MINUTES != MINUTES_A_DAY
            else minute // STEP_MINUTES
        )

    @cached_property
    def _grid(self) -> int:
        """Starts whose wall time lies on the grid; a time that the clock shows twice is not offered, since a patient
        could come at either."""
        minutes = range(0, MINUTES_A_DAY, self.snapshot.grid_minutes)
        if self.length * STEP_MINUTES == MINUTES_A_DAY:
            return _plain_grid(self.snapshot.grid_minutes)
        plane = 0
        for minute in minutes:
            try:
                plane |= 1 << self.step(self.snapshot.clock.at_minute(self.day, minute))
            except (NonexistentTime, AmbiguousTime):
                continue
        return plane

    @cached_property
    def _staffed(self) -> int:
        planes = self._planes
        return at_least((*planes.on_duty.values(), *planes.on_site.values()), self.snapshot.min_staff)

    def _chair_needs(self, chair: Chair, shape: VisitShape) -> Needs:
        if shape.seat is None or not shape.features <= chair.features:
            return ((0, ((0, 1),)),)
        free = self._whole & ~(self._planes.seats[chair.id] | self._planes.out[chair.id])
        return ((free, (shape.seat,)),)

    def _nurse_needs(self, nurse: Nurse, shape: VisitShape) -> Needs:
        planes, others = self._planes, nurse.watch_while_attending
        on_duty, watching, attending = planes.on_duty[nurse.id], planes.watching[nurse.id], planes.attending[nurse.id]
        may_watch = on_duty & ~watching[nurse.watch] & ~(attending & watching[others])
        may_attend = on_duty & ~attending & ~watching[others + 1]
        return ((may_watch, shape.watch), (may_attend, shape.attention))

    def _with_patient_needs(self, prescriber_id: str, shape: VisitShape) -> Needs:
        return ((self._planes.on_site[prescriber_id] & ~self._planes.with_patient[prescriber_id], shape.with_patient),)

    def _presence(self, prescriber_id: str) -> int:
        if self.snapshot.prescriber_presence_rule == "on-site":
            return self._planes.on_site[prescriber_id]
        return self._planes.on_site[prescriber_id] & ~self._planes.with_patient[prescriber_id]

    def allowed(self, reason: str, shape: VisitShape) -> int:
        """The plane of starts that one of REASONS allows, taken alone."""
        if reason == "hours":
            return room_for(self._open, shape.presence)
        if reason == "grid":
            return self._grid
        if reason == "staff":
            return room_for_needs(((self._staffed, shape.staffed),)) if self.snapshot.min_staff else -1
        if reason == "chairs":
            return (
                -1
                if shape.seat is None
                else any_of(room_for_needs(self._chair_needs(chair, shape)) for chair in self.snapshot.chairs)
            )
        if reason == "nurses":
            return (
                -1
                if not shape.needs_nurse
                else any_of(room_for_needs(self._nurse_needs(nurse, shape)) for nurse in self.snapshot.nurses)
            )
        present = room_for_needs(((any_of(map(self._presence, self._planes.on_site)), shape.present),))
        with_patient = (
            -1
            if not shape.with_patient
            else any_of(room_for_needs(self._with_patient_needs(one, shape)) for one in self._planes.on_site)
        )
        return present & with_patient

    def start_bits(self, phases: tuple[Phase, ...]) -> int:
        """The plane of direct starts."""
        if phases not in self._starts:
            plane, shape = bits(0, self.length), shape_of(phases)
            for reason in REASONS:
                if plane:
                    plane &= self.allowed(reason, shape)
            self._starts[phases] = plane
        return self._starts[phases]

    def direct_starts(self, phases: tuple[Phase, ...]) -> list[datetime]:
        """The instants at which a visit can start, in time order."""
        return [self.instant(step) for step in steps_set(self.start_bits(phases))]

    def refusals(self, start: datetime, phases: tuple[Phase, ...]) -> tuple[str, ...]:
        """Which of REASONS refuse a start at this instant; empty when it is a direct start."""
        step = self.step(start)
        if not 0 <= step < self.length or self.instant(step) != start:
            return ("grid",)
        return tuple(reason for reason in REASONS if not self.allowed(reason, shape_of(phases)) >> step & 1)

    def assign(self, start: datetime, phases: tuple[Phase, ...]) -> Assignment | None:
        """Chair, nurse and prescriber for a visit, each the one with the fewest minutes that day, then by id; None when
        one of them is missing. Hours, grid and minimum staff are not asked here."""
        step, shape = self.step(start), shape_of(phases)
        if not 0 <= step < self.length or self.instant(step) != start:
            return None

        chair = _least_busy(
            (self._planes.seats[one.id].bit_count(), one.id)
            for one in self.snapshot.chairs
            if shape.seat and met_at(step, self._chair_needs(one, shape))
        )
        nurse = _least_busy(
            (self._nurse_load(one.id), one.id)
            for one in self.snapshot.nurses
            if shape.needs_nurse and met_at(step, self._nurse_needs(one, shape))
        )
        prescriber = _least_busy(
            (self._planes.with_patient[one].bit_count(), one)
            for one in self._planes.on_site
            if shape.with_patient and met_at(step, self._with_patient_needs(one, shape))
        )
        present = self._cover(step, shape)
        if (
            present is None
            or (shape.seat and chair is None)
            or (shape.needs_nurse and nurse is None)
            or (shape.with_patient and prescriber is None)
        ):
            return None
        needs: list[tuple[str | None, Role, tuple[Span, ...]]] = [
            (chair, "seat", (shape.seat,) if shape.seat else ()),
            (nurse, "watch", shape.watch),
            (nurse, "attention", shape.attention),
            (prescriber, "with-patient", shape.with_patient),
        ]
        claims = tuple(
            Busy(resource_id, role, Interval(self.instant(step + first), self.instant(step + after)))
            for resource_id, role, spans in needs
            if resource_id is not None
            for first, after in spans
        )
        names = tuple(dict.fromkeys(([prescriber] if prescriber else []) + present))
        return Assignment(chair, nurse, prescriber, names, claims)

    def _nurse_load(self, nurse_id: str) -> int:
        planes = (self._planes.attending[nurse_id], *self._planes.watching[nurse_id][1:])
        return sum(plane.bit_count() for plane in planes)

    def _cover(self, step: int, shape: VisitShape) -> list[str] | None:
        """Prescribers whose presence together covers the phases that ask for it: one when one can, else in turns."""
        needed = sum(bits(first + step, after + step) for first, after in shape.present)
        there = {one: self._presence(one) for one in sorted(self._planes.on_site)}
        chosen: list[str] = []
        while needed:
            best = max(there, key=lambda one: (there[one] & needed).bit_count(), default=None)
            if best is None or not there[best] & needed:
                return None
            needed &= ~there[best]
            chosen.append(best)
        return chosen


def _least_busy(free: Iterable[tuple[int, str]]) -> str | None:
    """The resource with the smallest load, then the first id."""
    return min(free, default=(0, None))[1]


@lru_cache(maxsize=64)
def _plain_grid(grid_minutes: int) -> int:
    return sum(1 << minute // STEP_MINUTES for minute in range(0, MINUTES_A_DAY, grid_minutes))
