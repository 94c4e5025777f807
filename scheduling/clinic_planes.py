"""What is taken and who is there over all days of a snapshot, as planes on one axis of 5-minute steps.

Steps are elapsed time from the first day's local midnight, so a change of the clocks is nothing special here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from math import ceil

from scheduling.bit_planes import Span
from scheduling.capacity import STEP_SECONDS, ClinicSnapshot
from scheduling.intervals import Interval, merge

# A plane grows in pieces of a day's length: changing a small integer takes a fraction of the time of a large one.
PIECE = 288
ONES = [(1 << count) - 1 for count in range(PIECE + 1)]


class Axis:
    """The steps of consecutive clinic-local days: `edges[i]` is where day i begins, `edges[-1]` where the last ends."""

    def __init__(self, snapshot: ClinicSnapshot) -> None:
        known = snapshot.open_days
        self.days = [known.first + timedelta(days=index) for index in range((known.last - known.first).days + 1)]
        midnights = [snapshot.clock.day_start(day) for day in (*self.days, known.last + timedelta(days=1))]
        self.first_step = int(midnights[0].timestamp()) // STEP_SECONDS
        self.edges = [int(night.timestamp()) // STEP_SECONDS - self.first_step for night in midnights]
        self.steps = self.edges[-1]
        self.index: dict[date, int] = {day: index for index, day in enumerate(self.days)}

    def step(self, instant: datetime) -> int:
        """The step an instant lies in; negative before the axis."""
        return int(instant.timestamp() // STEP_SECONDS) - self.first_step

    def day_index(self, step: int) -> int:
        """Which of the days a step lies in."""
        return bisect_right(self.edges, step) - 1

    def outer(self, periods: Sequence[Interval]) -> int:
        """The plane of the steps that the periods touch; a part of a step counts as taken."""
        if not periods:
            return 0
        plane = Plane(self)
        for period in periods:
            start, end = int(period.start.timestamp()), ceil(period.end.timestamp())
            plane.add(start // STEP_SECONDS, -(-end // STEP_SECONDS))
        return plane.joined()

    def inner(self, periods: Sequence[Interval]) -> int:
        """The plane of the steps that lie wholly inside the periods; periods that touch count as one."""
        plane = Plane(self)
        for period in periods:
            start, end = period.start.timestamp(), period.end.timestamp()
            if start % STEP_SECONDS or end % STEP_SECONDS:
                return self._inner_of_odd(periods)
            plane.add(int(start) // STEP_SECONDS, int(end) // STEP_SECONDS)
        return plane.joined()

    def _inner_of_odd(self, periods: Sequence[Interval]) -> int:
        # Two parts of a step make a whole one only where the periods touch.
        plane = Plane(self)
        for period in merge(periods):
            start, end = ceil(period.start.timestamp()), int(period.end.timestamp())
            plane.add(-(-start // STEP_SECONDS), end // STEP_SECONDS)
        return plane.joined()


class Plane:
    """A plane under construction, from absolute steps. What lies outside the axis is left out, but for a day after its
    end, for turnovers."""

    def __init__(self, axis: Axis) -> None:
        self.first = axis.first_step // PIECE
        self.before = axis.first_step - self.first * PIECE
        self.pieces = [0] * (axis.steps // PIECE + 3)
        self.end = (self.first + len(self.pieces)) * PIECE

    def add(self, first: int, after: int) -> None:
        """The steps [first, after)."""
        first = max(first, self.first * PIECE)
        after = min(after, self.end)
        while first < after:
            piece, at = divmod(first, PIECE)
            upto = min(after - first, PIECE - at)
            self.pieces[piece - self.first] |= ONES[upto] << at
            first += upto

    def add_all(self, spans: Iterable[Span]) -> None:
        """Many short spans within the axis: thousands of claims come this way."""
        pieces, offset = self.pieces, self.first
        for first, after in spans:
            piece = first // PIECE
            at = first - piece * PIECE
            if at + after - first <= PIECE:
                pieces[piece - offset] |= ONES[after - first] << at
            else:
                self.add(first, after)

    def joined(self) -> int:
        size = PIECE // 8
        return int.from_bytes(b"".join([one.to_bytes(size, "little") for one in self.pieces]), "little") >> self.before


def plane_of(starts: Sequence[int], ends: Sequence[int], axis: Axis) -> int:
    """The plane of the spans from each start to its end, in absolute steps; a pair that holds no step is none."""
    if not starts:
        return 0
    plane = Plane(axis)
    spans = [pair for pair in zip(starts, ends, strict=False) if pair[0] < pair[1]]
    if min(starts) >= axis.first_step and max(ends) <= plane.end:
        plane.add_all(spans)
    else:
        for first, after in spans:
            plane.add(first, after)
    return plane.joined()


def planes_of_count(starts: Sequence[int], ends: Sequence[int], counts: Iterable[int], axis: Axis) -> dict[int, int]:
    """For each count the plane of the steps that lie in at least so many of the spans, from their sorted starts and
    sorted ends: a step lies in `count` or more exactly when it lies between some end and the start that is
    `count - 1` places later."""
    return {count: plane_of(starts[count - 1 :], ends, axis) if count > 0 else -1 for count in counts}


class ClinicPlanes:
    """Planes by resource id. A claim on a resource that is no longer there binds nobody."""

    def __init__(self, snapshot: ClinicSnapshot, axis: Axis) -> None:
        self.axis = axis
        starts: dict[tuple[str, str], list[int]] = defaultdict(list)
        ends: dict[tuple[str, str], list[int]] = defaultdict(list)
        for resource_id, role, flat in snapshot.claims:
            starts[role, resource_id] += flat[0::2]
            ends[role, resource_id] += flat[1::2]
        for busy in snapshot.busy:
            start, end = int(busy.period.start.timestamp()), ceil(busy.period.end.timestamp())
            starts[busy.role, busy.resource_id].append(start // STEP_SECONDS)
            ends[busy.role, busy.resource_id].append(-(-end // STEP_SECONDS))

        def used(role: str, ids: Iterable[str]) -> dict[str, int]:
            return {one: plane_of(starts.get((role, one), ()), ends.get((role, one), ()), axis) for one in ids}

        self.seats = used("seat", (one.id for one in snapshot.seats))
        self.used = used("use", (one.id for one in snapshot.equipment))
        self.attending = used("attention", (one.id for one in snapshot.nurses))
        self.with_patient = used("with-patient", (one.id for one in snapshot.prescribers))
        self._watched = {
            one.id: (sorted(starts.get(("watch", one.id), ())), sorted(ends.get(("watch", one.id), ())))
            for one in snapshot.nurses
        }
        # For each nurse, where she watches so many or more: full, full while one-to-one, too many for one-to-one.
        self.watching = {
            one.id: planes_of_count(
                *self._watched[one.id],
                {one.watch, one.watch_while_attending, one.watch_while_attending + 1},
                axis,
            )
            for one in snapshot.nurses
        }
        self.out = {one.id: axis.outer(one.out) for one in snapshot.seats}
        self.out |= {one.id: axis.outer(one.out) for one in snapshot.equipment}
        # Many nurses share one week.
        there: dict[int, int] = {}
        for periods in [one.shifts for one in snapshot.nurses] + [one.on_site for one in snapshot.prescribers]:
            if id(periods) not in there:
                there[id(periods)] = axis.inner(periods)
        self.on_duty = {one.id: there[id(one.shifts)] & ~axis.outer(one.absent) for one in snapshot.nurses}
        self.on_site = {one.id: there[id(one.on_site)] for one in snapshot.prescribers}

    def watched(self, nurse_id: str, opens: int, closes: int) -> int:
        """Patient steps that a nurse watches on a day, given by its steps of the axis."""
        starts, ends = self._watched[nurse_id]
        first = bisect_left(starts, opens + self.axis.first_step)
        last = bisect_left(starts, closes + self.axis.first_step)
        # Visits of other days begin and end on those.
        return sum(ends[first:last]) - sum(starts[first:last])
