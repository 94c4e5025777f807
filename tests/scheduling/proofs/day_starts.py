"""The direct starts of a day, said the slow way: every start of the grid is tried, five minutes after five minutes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from scheduling.capacity import Chair, ClinicSnapshot, Equipment, Nurse, Phase
from scheduling.clinic_time import AmbiguousTime, NonexistentTime
from scheduling.intervals import Interval, covers, merge

STEP = 300
# Start and end in epoch seconds.
Span = tuple[float, float]


def span(period: Interval) -> Span:
    return period.start.timestamp(), period.end.timestamp()


def steps(start: float, end: float) -> Iterator[Span]:
    while start < end:
        yield start, start + STEP
        start += STEP


def touch(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


class Times:
    """Periods as merged spans; those that touch count as one."""

    def __init__(self, periods: Iterable[Interval]) -> None:
        spans = [span(one) for one in merge(periods)]
        self.starts, self.ends = [one[0] for one in spans], [one[1] for one in spans]

    def cover(self, step: Span) -> bool:
        index = bisect_right(self.starts, step[0]) - 1
        return index >= 0 and step[1] <= self.ends[index]

    def meet(self, step: Span) -> bool:
        index = bisect_left(self.starts, step[1]) - 1
        return index >= 0 and step[0] < self.ends[index]


@dataclass(frozen=True)
class Stay:
    """A part of a visit in one seat, in seconds after its start, with the features that its phases ask for."""

    in_bay: bool
    first: int
    after: int
    features: frozenset[str]


def parts_of(phases: Sequence[Phase]) -> list[tuple[Phase, int, int]]:
    found, at = [], 0
    for phase in phases:
        found.append((phase, at, at + phase.minutes * 60))
        at += phase.minutes * 60
    return found


def presence_seconds(phases: Sequence[Phase]) -> int:
    return sum(phase.minutes * 60 for phase in phases if not phase.is_turnover)


@lru_cache(maxsize=512)
def ways_to_sit(phases: tuple[Phase, ...]) -> tuple[tuple[Stay, ...], ...]:
    """In one chair throughout; or in a chair up to the first bay phase and in a bay from there on.

    Turnover follows each: the chair is held for as long after the patient has left it as the last seat is.
    """
    seated = [(phase, first, after) for phase, first, after in parts_of(phases) if phase.chair]
    if not seated:
        return ((),)

    def features(parts: Iterable[tuple[Phase, int, int]]) -> frozenset[str]:
        return frozenset(feature for phase, _, _ in parts for feature in phase.features)

    whole = Stay(False, seated[0][1], seated[-1][2], features(seated))
    to_bay = next((first for phase, first, _ in seated if phase.place == "bay"), None)
    if to_bay is None:
        return ((whole,),)
    turnover = sum(phase.minutes * 60 for phase in phases if phase.is_turnover)
    before = [part for part in seated if part[1] < to_bay]
    bay = Stay(True, to_bay, seated[-1][2], features(part for part in seated if part[1] >= to_bay))
    in_chair = (Stay(False, before[0][1], before[-1][2] + turnover, features(before)),) if before else ()
    return ((whole,), (*in_chair, bay))


class Clinic:
    """A snapshot that answers for single steps. `without` are chair stays that do not count as taken."""

    def __init__(self, snapshot: ClinicSnapshot, without: Iterable[tuple[str, Span]] = ()) -> None:
        self.snapshot = snapshot
        self.taken: dict[tuple[str, str], list[Span]] = defaultdict(list)
        for busy in snapshot.busy:
            self.taken[busy.resource_id, busy.role].append(span(busy.period))
        for resource_id, role, flat in snapshot.claims:
            self.taken[resource_id, role] += [(a * STEP, b * STEP) for a, b in zip(flat[0::2], flat[1::2], strict=True)]
        for chair, stay in without:
            self.taken[chair, "seat"].remove(stay)
        things: tuple[Chair | Equipment, ...] = (*snapshot.chairs, *snapshot.bays, *snapshot.equipment)
        self.out = {(thing.id, type(thing)): Times(thing.out) for thing in things}
        self.shifts = {nurse.id: Times(nurse.shifts) for nurse in snapshot.nurses}
        self.absent = {nurse.id: Times(nurse.absent) for nurse in snapshot.nurses}
        self._last_ends: dict[date, float] = {}
        self.on_site = {one.id: Times(one.on_site) for one in snapshot.prescribers}

    def uses(self, resource_id: str, role: str, step: Span) -> int:
        return sum(touch(one, step) for one in self.taken.get((resource_id, role), ()))

    # ------------------------------------------------------------------------------------------------ who is there

    def nurse_is_there(self, nurse: Nurse, step: Span) -> bool:
        return self.shifts[nurse.id].cover(step) and not self.absent[nurse.id].meet(step)

    def nurse_can(self, nurse: Nurse, need: str, step: Span) -> bool:
        if need == "none":
            return True
        if not self.nurse_is_there(nurse, step):
            return False
        watched, attended = self.uses(nurse.id, "watch", step), self.uses(nurse.id, "attention", step)
        if need == "attention":
            return attended == 0 and watched <= nurse.watch_while_attending
        return watched < (nurse.watch_while_attending if attended else nurse.watch)

    def prescriber_can(self, prescriber_id: str, need: str, step: Span) -> bool:
        if not self.on_site[prescriber_id].cover(step):
            return False
        free = not self.uses(prescriber_id, "with-patient", step)
        return free or (need == "present" and self.snapshot.prescriber_presence_rule == "on-site")

    def on_duty(self, step: Span) -> int:
        nurses = sum(self.nurse_is_there(nurse, step) for nurse in self.snapshot.nurses)
        return nurses + sum(one.cover(step) for one in self.on_site.values())

    # ------------------------------------------------------------------------------------------------ what is free

    def is_free(self, thing: Chair | Equipment, role: str, time: Span) -> bool:
        return not self.out[thing.id, type(thing)].meet(time) and not self.uses(thing.id, role, time)

    def can_sit(self, start: float, stay: Stay) -> bool:
        seats = self.snapshot.bays if stay.in_bay else self.snapshot.chairs
        held = (start + stay.first, start + stay.after)
        return any(stay.features <= seat.features and self.is_free(seat, "seat", held) for seat in seats)

    def seats_allow(self, start: float, phases: tuple[Phase, ...]) -> bool:
        return any(all(self.can_sit(start, stay) for stay in way) for way in ways_to_sit(phases))

    def equipment_allows(self, start: float, phases: tuple[Phase, ...]) -> bool:
        """One piece for each word and all its phases."""
        return all(
            any(
                word in piece.features
                and all(
                    self.is_free(piece, "use", (start + first, start + after))
                    for phase, first, after in parts_of(phases)
                    if word in phase.equipment
                )
                for piece in self.snapshot.equipment
            )
            for word in {word for phase in phases for word in phase.equipment}
        )

    def people_allow(self, start: float, phases: tuple[Phase, ...]) -> bool:
        """One nurse throughout, prescribers, and enough staff while anyone sits."""
        parts = [
            (phase, step) for phase, first, after in parts_of(phases) for step in steps(start + first, start + after)
        ]
        if any(phase.nurse != "none" for phase in phases) and not any(
            all(self.nurse_can(nurse, phase.nurse, step) for phase, step in parts) for nurse in self.snapshot.nurses
        ):
            return False
        ids = list(self.on_site)
        if not all(
            any(self.prescriber_can(one, "present", step) for one in ids)
            for phase, step in parts
            if phase.prescriber == "present"
        ):
            return False
        with_patient = [step for phase, step in parts if phase.prescriber == "with-patient"]
        if with_patient and not any(
            all(self.prescriber_can(one, "with-patient", step) for step in with_patient) for one in ids
        ):
            return False
        least = self.snapshot.min_staff
        seated = [step for phase, step in parts if phase.chair and not phase.is_turnover]
        return not least or all(self.on_duty(step) >= least for step in seated)

    # ------------------------------------------------------------------------------------------------ when

    def grid_starts(self, day: date) -> list[datetime]:
        found = []
        for minute in range(0, 24 * 60, self.snapshot.grid_minutes):
            try:
                found.append(self.snapshot.clock.at_minute(day, minute))
            except (NonexistentTime, AmbiguousTime):
                continue
        return found

    def hours_allow(self, day: date, start: datetime, phases: tuple[Phase, ...]) -> bool:
        end = datetime.fromtimestamp(start.timestamp() + presence_seconds(phases), UTC)
        last = self._last_end(day)
        in_time = last is None or end.timestamp() <= last
        return in_time and covers(self.snapshot.open.get(day, ()), Interval(start, end))

    def _last_end(self, day: date) -> float | None:
        """When the clock first shows the latest end, or more where it skips it."""
        last, clock = self.snapshot.last_end, self.snapshot.clock
        if last is None:
            return None
        if day not in self._last_ends:
            whole = span(clock.day_bounds(day))
            shows = (one for one, _ in steps(*whole) if clock.local(datetime.fromtimestamp(one, UTC)).time() >= last)
            self._last_ends[day] = next(shows, whole[1])
        return self._last_ends[day]

    def allows_but_for_seats(self, day: date, start: datetime, phases: tuple[Phase, ...]) -> bool:
        at = start.timestamp()
        return (
            self.hours_allow(day, start, phases) and self.equipment_allows(at, phases) and self.people_allow(at, phases)
        )

    def direct_starts(self, day: date, phases: tuple[Phase, ...]) -> list[datetime]:
        return [
            start
            for start in self.grid_starts(day)
            if self.seats_allow(start.timestamp(), phases) and self.allows_but_for_seats(day, start, phases)
        ]
