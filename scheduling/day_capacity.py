"""What is free on a clinic day, counted in 5-minute bits: bit i of a plane is the i-th step after local midnight.

A *direct* start has one whole chair and one nurse throughout. Steps are elapsed time, so a day has 276, 288 or 300.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache

from scheduling.capacity import (
    LONGEST_TURNOVER_MINUTES,
    STEP_MINUTES,
    Busy,
    Chair,
    ClinicSnapshot,
    Nurse,
    Phase,
    Role,
    check_phases,
)
from scheduling.clinic_time import MINUTES_A_DAY, AmbiguousTime, ClinicTime, NonexistentTime
from scheduling.intervals import Interval

STEP_SECONDS = STEP_MINUTES * 60
LATE_STEPS = LONGEST_TURNOVER_MINUTES // STEP_MINUTES
Span = tuple[int, int]
Taken = tuple[str, str, int, int]
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


@dataclass(frozen=True, slots=True)
class VisitShape:
    """A visit's phases as steps after its start: how long, and the merged spans in which each thing is needed."""

    presence: int
    whole: int
    seat: Span | None
    features: frozenset[str]
    watch: tuple[Span, ...]
    attention: tuple[Span, ...]
    present: tuple[Span, ...]
    with_patient: tuple[Span, ...]
    staffed: tuple[Span, ...]


@lru_cache(maxsize=512)
def shape_of(phases: tuple[Phase, ...]) -> VisitShape:
    """Refuses with InvalidFields phases that make no visit (see check_phases)."""
    check_phases(phases)
    spans: dict[str, list[Span]] = {name: [] for name in ("watch", "attention", "present", "with-patient", "staffed")}
    seats: list[Span] = []
    at = presence = 0
    for phase in phases:
        span = (at, at + phase.minutes // STEP_MINUTES)
        at = span[1]
        if phase.chair:
            seats.append(span)
        if phase.is_turnover:
            continue
        presence = at
        if phase.nurse != "none":
            _extend(spans[phase.nurse], span)
        if phase.prescriber != "none":
            _extend(spans[phase.prescriber], span)
        if phase.chair:
            _extend(spans["staffed"], span)
    features = frozenset(feature for phase in phases if phase.chair for feature in phase.features)
    return VisitShape(presence, at, (seats[0][0], seats[-1][1]) if seats else None, features, tuple(spans["watch"]),
                      tuple(spans["attention"]), tuple(spans["present"]), tuple(spans["with-patient"]),
                      tuple(spans["staffed"]))


def _extend(spans: list[Span], span: Span) -> None:
    if spans and spans[-1][1] == span[0]:
        spans[-1] = (spans[-1][0], span[1])
    else:
        spans.append(span)


def bits(start: int, end: int) -> int:
    """The plane of steps [start, end)."""
    return ((1 << (end - start)) - 1) << start if end > start else 0


def room_for(plane: int, steps: int) -> int:
    """The starts from which that many steps of the plane are set."""
    have = 1
    while have < steps and plane:
        more = min(have, steps - have)
        plane &= plane >> more
        have += more
    return plane


def room_for_spans(plane: int, spans: Iterable[Span]) -> int:
    """The starts from which each span, counted from the start, is set in the plane; -1 when nothing is asked."""
    found = -1
    for start, end in spans:
        found &= room_for(plane, end - start) >> start
    return found


def steps_set(plane: int) -> list[int]:
    found = []
    while plane:
        low = plane & -plane
        found.append(low.bit_length() - 1)
        plane ^= low
    return found


class DayCapacity:
    """One clinic day. `taken` are (role, resource id, first step, step after), "out" being a chair's outage."""

    def __init__(self, snapshot: ClinicSnapshot, day: date, first_step: int, length: int, taken: Sequence[Taken]) -> None:
        self.snapshot, self.day, self.first_step, self.length = snapshot, day, first_step, length
        self._seats = dict.fromkeys((chair.id for chair in snapshot.chairs), 0)
        self._out: dict[str, int] = dict.fromkeys(self._seats, 0)
        self._on_duty = dict.fromkeys((nurse.id for nurse in snapshot.nurses), 0)
        # _watching[nurse][k] has the steps in which the nurse watches at least k patients.
        self._watching = {nurse.id: [-1] + [0] * (nurse.watch + 1) for nurse in snapshot.nurses}
        self._attending = dict.fromkeys(self._on_duty, 0)
        self._on_site = dict.fromkeys((prescriber.id for prescriber in snapshot.prescribers), 0)
        self._with_patient = dict.fromkeys(self._on_site, 0)
        self._starts: dict[tuple[tuple[Phase, ...], str | None], int] = {}
        absent: list[tuple[str, int]] = []
        for role, resource_id, start, end in taken:
            plane = bits(start, end)
            if role == "watch":
                levels = self._watching[resource_id]
                for level in range(len(levels) - 1, 0, -1):
                    levels[level] |= levels[level - 1] & plane
            elif role == "absent":
                absent.append((resource_id, plane))
            else:
                self._planes_of[role][resource_id] |= plane
        for resource_id, plane in absent:
            self._on_duty[resource_id] &= ~plane

    @property
    def _planes_of(self) -> Mapping[str, dict[str, int]]:
        return {"seat": self._seats, "out": self._out, "attention": self._attending, "shift": self._on_duty,
                "on-site": self._on_site, "with-patient": self._with_patient}

    def instant(self, step: int) -> datetime:
        return datetime.fromtimestamp((self.first_step + step) * STEP_SECONDS, UTC)

    def step(self, instant: datetime) -> int:
        """The step an instant lies in; negative before the day."""
        return int(instant.timestamp() // STEP_SECONDS) - self.first_step

    def outer(self, periods: Iterable[Interval]) -> int:
        """The steps that the periods touch."""
        return self._plane(periods, inward=0)

    def inner(self, periods: Iterable[Interval]) -> int:
        """The steps that lie wholly inside the periods."""
        return self._plane(periods, inward=STEP_SECONDS - 1)

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
        return next((step for step in range(self.length) if clock.minute_of_day(self.instant(step)) >= minute),
                    self.length) if self.length * STEP_MINUTES != MINUTES_A_DAY else minute // STEP_MINUTES

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
        levels = [-1] + [0] * self.snapshot.min_staff
        for plane in (*self._on_duty.values(), *self._on_site.values()):
            for level in range(len(levels) - 1, 0, -1):
                levels[level] |= levels[level - 1] & plane
        return levels[-1]

    def _chair_room(self, chair: Chair, shape: VisitShape) -> int:
        if shape.seat is None or not shape.features <= chair.features:
            return 0
        return room_for_spans(~(self._seats[chair.id] | self._out[chair.id]) & bits(0, self.length + LATE_STEPS),
                              (shape.seat,))

    def _nurse_room(self, nurse: Nurse, shape: VisitShape) -> int:
        on_duty, watching, attending = self._on_duty[nurse.id], self._watching[nurse.id], self._attending[nurse.id]
        if not on_duty:
            return 0
        others = nurse.watch_while_attending
        may_watch = on_duty & ~watching[nurse.watch] & ~(attending & watching[others])
        may_attend = on_duty & ~attending & ~watching[others + 1]
        return room_for_spans(may_watch, shape.watch) & room_for_spans(may_attend, shape.attention)

    def _with_patient_room(self, prescriber_id: str, shape: VisitShape) -> int:
        free = self._on_site[prescriber_id] & ~self._with_patient[prescriber_id]
        return room_for_spans(free, shape.with_patient)

    def _presence(self, prescriber_id: str) -> int:
        if self.snapshot.prescriber_presence_rule == "on-site":
            return self._on_site[prescriber_id]
        return self._on_site[prescriber_id] & ~self._with_patient[prescriber_id]

    def allowed(self, reason: str, phases: tuple[Phase, ...]) -> int:
        """The plane of starts that one of REASONS allows, taken alone."""
        shape = shape_of(phases)
        if reason == "hours":
            return room_for(self._open, shape.presence)
        if reason == "grid":
            return self._grid
        if reason == "staff":
            return room_for_spans(self._staffed, shape.staffed) if self.snapshot.min_staff else -1
        if reason == "chairs":
            return -1 if shape.seat is None else _any(
                self._chair_room(chair, shape) for chair in self.snapshot.chairs)
        if reason == "nurses":
            return -1 if not (shape.watch or shape.attention) else _any(
                self._nurse_room(nurse, shape) for nurse in self.snapshot.nurses)
        present = room_for_spans(_any(map(self._presence, self._on_site)), shape.present)
        with_patient = _any(self._with_patient_room(one, shape) for one in self._on_site) if shape.with_patient else -1
        return present & with_patient

    def start_bits(self, phases: tuple[Phase, ...], *, without: str | None = None) -> int:
        """The plane of direct starts; `without` leaves one of REASONS out, to learn whether it is what binds."""
        key = (phases, without)
        if key not in self._starts:
            plane = bits(0, self.length)
            for reason in REASONS:
                if reason != without and plane:
                    plane &= self.allowed(reason, phases)
            self._starts[key] = plane
        return self._starts[key]

    def direct_starts(self, phases: tuple[Phase, ...]) -> list[datetime]:
        """The instants at which a visit can start, in time order."""
        return [self.instant(step) for step in steps_set(self.start_bits(phases))]

    def refusals(self, start: datetime, phases: tuple[Phase, ...]) -> tuple[str, ...]:
        """Which of REASONS refuse a start at this instant; empty when it is a direct start."""
        step = self.step(start)
        if not 0 <= step < self.length or self.instant(step) != start:
            return ("grid",)
        return tuple(reason for reason in REASONS if not self.allowed(reason, phases) >> step & 1)

    def assign(self, start: datetime, phases: tuple[Phase, ...]) -> Assignment | None:
        """Chair, nurse and prescriber for a visit, each the one with the fewest minutes that day, then by id; None when
        one of them is missing. Hours, grid and minimum staff are not asked here."""
        step, shape = self.step(start), shape_of(phases)
        if not 0 <= step < self.length or self.instant(step) != start:
            return None

        def least_busy(free: Iterable[tuple[int, str]]) -> str | None:
            return min(free, default=(0, None))[1]

        chair = least_busy((self._seats[one.id].bit_count(), one.id) for one in self.snapshot.chairs
                           if self._chair_room(one, shape) >> step & 1)
        nurse = least_busy((self._nurse_load(one.id), one.id) for one in self.snapshot.nurses
                           if self._nurse_room(one, shape) >> step & 1)
        prescriber = least_busy((self._with_patient[one].bit_count(), one) for one in self._on_site
                                if self._with_patient_room(one, shape) >> step & 1)
        chair = chair if shape.seat else None
        nurse = nurse if shape.watch or shape.attention else None
        prescriber = prescriber if shape.with_patient else None
        present = self._cover(step, shape)
        missing = ((shape.seat and chair is None) or ((shape.watch or shape.attention) and nurse is None)
                   or (shape.with_patient and prescriber is None) or present is None)
        if missing or present is None:
            return None
        needs: list[tuple[str | None, Role, tuple[Span, ...]]] = [
            (chair, "seat", (shape.seat,) if shape.seat else ()), (nurse, "watch", shape.watch),
            (nurse, "attention", shape.attention), (prescriber, "with-patient", shape.with_patient)]
        claims = tuple(Busy(resource_id, role, Interval(self.instant(step + first), self.instant(step + after)))
                       for resource_id, role, spans in needs if resource_id is not None for first, after in spans)
        names = tuple(dict.fromkeys(([prescriber] if prescriber else []) + present))
        return Assignment(chair, nurse, prescriber, names, claims)

    def _nurse_load(self, nurse_id: str) -> int:
        return self._attending[nurse_id].bit_count() + sum(level.bit_count() for level in self._watching[nurse_id][1:])

    def _cover(self, step: int, shape: VisitShape) -> list[str] | None:
        """Prescribers whose presence together covers the phases that ask for it: one when one can, else in turns."""
        needed = sum(bits(first + step, after + step) for first, after in shape.present)
        chosen: list[str] = []
        while needed:
            covered, one = max(((self._presence(one) & needed).bit_count(), one) for one in sorted(self._on_site))
            if not covered:
                return None
            needed &= ~self._presence(one)
            chosen.append(one)
        return sorted(chosen)


def _any(planes: Iterable[int]) -> int:
    found = 0
    for plane in planes:
        found |= plane
    return found


@lru_cache(maxsize=64)
def _plain_grid(grid_minutes: int) -> int:
    return sum(1 << minute // STEP_MINUTES for minute in range(0, MINUTES_A_DAY, grid_minutes))


class ClinicCapacity:
    """All days of a snapshot, each counted when first asked for. One object may serve many searches."""

    def __init__(self, snapshot: ClinicSnapshot) -> None:
        self.snapshot = snapshot
        self.clock: ClinicTime = snapshot.clock
        known = snapshot.open_days
        count = (known.last - known.first).days + 1
        self.days = [known.first + timedelta(days=index) for index in range(count)]
        self._index = {day: index for index, day in enumerate(self.days)}
        edges = [self.clock.day_start(day) for day in (*self.days, known.last + timedelta(days=1))]
        self._edges = [int(edge.timestamp()) // STEP_SECONDS for edge in edges]
        self._taken: list[list[Taken]] = [[] for _ in self.days]
        # A turnover may run past midnight, so a day that closes late also sees what the next morning has taken.
        self._late = [any(int(hours.end.timestamp()) // STEP_SECONDS > self._edges[index + 1] - LATE_STEPS
                          for hours in snapshot.open.get(day, ())) for index, day in enumerate(self.days)]
        self._cache: dict[date, DayCapacity] = {}
        self._sort_in()

    def _sort_in(self) -> None:
        snapshot = self.snapshot
        for busy in snapshot.busy:
            self._add(busy.role, busy.resource_id, busy.period, 0)
        for chair in snapshot.chairs:
            for period in chair.out:
                self._add("out", chair.id, period, 0)
        for nurse in snapshot.nurses:
            for period in nurse.shifts:
                self._add("shift", nurse.id, period, STEP_SECONDS - 1)
            for period in nurse.absent:
                self._add("absent", nurse.id, period, 0)
        for prescriber in snapshot.prescribers:
            for period in prescriber.on_site:
                self._add("on-site", prescriber.id, period, STEP_SECONDS - 1)

    def _add(self, role: str, resource_id: str, period: Interval, inward: int) -> None:
        """What is taken fills the steps it touches (`inward` 0); presence counts only in steps it fills whole."""
        start = int((period.start.timestamp() + inward) // STEP_SECONDS)
        end = int((period.end.timestamp() + STEP_SECONDS - 1 - inward) // STEP_SECONDS)
        edges = self._edges
        index = bisect_right(edges, start) - 1
        if index > 0 and self._late[index - 1] and index <= len(self.days) and start < edges[index] + LATE_STEPS:
            index -= 1
        index = max(index, 0)
        while index < len(self.days) and edges[index] < end:
            first, limit = edges[index], edges[index + 1] + LATE_STEPS
            if start < limit:
                self._taken[index].append((role, resource_id, max(start - first, 0), min(end, limit) - first))
            index += 1

    def day(self, day: date) -> DayCapacity | None:
        """The day's capacity; None for a day the snapshot does not know."""
        index = self._index.get(day)
        if index is None:
            return None
        if day not in self._cache:
            first = self._edges[index]
            self._cache[day] = DayCapacity(self.snapshot, day, first, self._edges[index + 1] - first,
                                           self._taken[index])
        return self._cache[day]

    def direct_starts(self, day: date, phases: tuple[Phase, ...]) -> list[datetime]:
        found = self.day(day)
        return found.direct_starts(phases) if found else []

    def assign(self, start: datetime, phases: tuple[Phase, ...]) -> Assignment | None:
        """As DayCapacity.assign, on the start's local day."""
        found = self.day(self.clock.local_day(start))
        return found.assign(start, phases) if found else None
