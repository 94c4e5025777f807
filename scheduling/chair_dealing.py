"""Making room: another chair for a few seated visits so that one more fits, each at its time and with its nurse.

Whether seated visits can be dealt anew is an interval colouring with features, outages and visits that stay: found by
trying displacements, the fewest moved visits first. A day holds some dozens of visits, and one or two moves are usual.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from scheduling.bit_planes import Span, bits
from scheduling.capacity import STEP_MINUTES, Chair, Seated
from scheduling.clinic_planes import ClinicPlanes
from scheduling.clinic_time import MINUTES_A_DAY

# Some instances could be tried for ever; past this many placings the start is not offered. None of the 1,000 tight
# days of the tests loses a start at half as many, and a start that can't be had costs 40 ms to try, not 1 s.
MOST_TRIED = 2_000
STEPS_A_DAY = MINUTES_A_DAY // STEP_MINUTES


@dataclass(frozen=True, slots=True)
class Dealt:
    """The chair that became free, and the chair that each moved visit gets."""

    chair: str
    moved: tuple[tuple[Seated, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Stay:
    """Steps of the axis in one chair; without a visit it stays where it is."""

    visit: Seated | None
    first: int
    after: int
    features: frozenset[str]

    def overlaps(self, first: int, after: int) -> bool:
        return self.first < after and first < self.after


class ChairDealing:
    """Who sits where on all days of a snapshot."""

    def __init__(
        self, chairs: Sequence[Chair], planes: ClinicPlanes, seated: Iterable[Seated], out_of_time: Callable[[], bool]
    ) -> None:
        self.chairs, self.planes, self.out_of_time = chairs, planes, out_of_time
        self.tried = 0
        self._unknown: dict[tuple[Span, str], int] = {}
        self._days: dict[Span, dict[str, list[_Stay]]] = {}
        self._seated = sorted((visit.first - planes.axis.first_step, visit) for visit in seated)

    def make_room(self, span: Span, features: frozenset[str], day: Span) -> Dealt | None:
        """A chair for `span` (steps of the axis) with the fewest moves of visits that begin in `day`; None where there
        is no way, or none was found in time."""
        stays = self._of_day(day)
        wanted = _Stay(None, *span, features)
        movable = sum(stay.visit is not None and stay.visit.may_move for found in stays.values() for stay in found)
        self.tried = 0
        for most in range(movable + 1):
            moves = _Placing(self, day, stays, most).place([wanted], {}, {})
            if moves is not None:
                chair = next(chair for stay, chair in moves.items() if stay is wanted)
                moved = tuple((stay.visit, to) for stay, to in moves.items() if stay.visit is not None)
                return Dealt(chair, moved)
            if self.tried > MOST_TRIED or self.out_of_time():
                return None
        return None

    def is_closed(self, day: Span, chair: str, first: int, after: int) -> bool:
        """Whether the chair is out of service in these steps, or used by nobody who could give way."""
        return bool(self._unknown[day, chair] >> first & bits(0, after - first))

    def _of_day(self, day: Span) -> dict[str, list[_Stay]]:
        """Stays by chair that touch the day. One that began before it stays where it is, as does a use of a chair that
        nobody tells of."""
        if day not in self._days:
            stays: dict[str, list[_Stay]] = {chair.id: [] for chair in self.chairs}
            known = dict.fromkeys(stays, 0)
            begun = bisect_left(self._seated, (day[0] - STEPS_A_DAY,))
            for first, visit in self._seated[begun : bisect_left(self._seated, (day[1],))]:
                after = first + visit.after - visit.first
                if visit.chair in stays and after > day[0]:
                    may_move = visit.may_move and day[0] <= first
                    stays[visit.chair].append(_Stay(visit if may_move else None, first, after, visit.features))
                    known[visit.chair] |= bits(max(first, 0), after)
            for chair, plane in known.items():
                self._unknown[day, chair] = self.planes.out[chair] | self.planes.seats[chair] & ~plane
            self._days[day] = stays
        return self._days[day]


class _Placing:
    """One try with at most so many moves."""

    def __init__(self, dealing: ChairDealing, day: Span, stays: dict[str, list[_Stay]], most: int) -> None:
        self.dealing, self.day, self.stays, self.most = dealing, day, stays, most

    def place(
        self, waiting: list[_Stay], placed: dict[_Stay, str], fixed: dict[str, list[_Stay]]
    ) -> dict[_Stay, str] | None:
        """Where those that wait go, with those that have to give way for them; None when there is no way."""
        if not waiting:
            return placed
        if self.dealing.tried > MOST_TRIED or self.dealing.out_of_time():
            return None
        stay, rest = waiting[0], waiting[1:]
        for chair, giving_way in self._choices(stay, {*placed, *waiting}, fixed):
            if len(placed) + len(rest) + len(giving_way) > self.most:
                continue
            self.dealing.tried += 1
            found = self.place(
                rest + giving_way, {**placed, stay: chair}, {**fixed, chair: [*fixed.get(chair, ()), stay]}
            )
            if found is not None:
                return found
        return None

    def _choices(self, stay: _Stay, gone: set[_Stay], fixed: dict[str, list[_Stay]]) -> list[tuple[str, list[_Stay]]]:
        """Chairs the stay may go to with those who would give way, fewest first; `gone` have left theirs already."""
        found = []
        for chair in self.dealing.chairs:
            taken = fixed.get(chair.id, ())
            if (
                not stay.features <= chair.features
                or (stay.visit is not None and stay.visit.chair == chair.id)
                or self.dealing.is_closed(self.day, chair.id, stay.first, stay.after)
                or any(other.overlaps(stay.first, stay.after) for other in taken)
            ):
                continue
            others = [
                other for other in self.stays[chair.id] if other.overlaps(stay.first, stay.after) and other not in gone
            ]
            if all(other.visit is not None for other in others):
                found.append((chair.id, others))
        return sorted(found, key=lambda choice: len(choice[1]))
