"""Who and what a visit gets at a free start: the least busy of those that fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from scheduling.bit_planes import Span, bits
from scheduling.capacity import Busy, Chair, Role
from scheduling.clinic_starts import ClinicStarts
from scheduling.intervals import Interval
from scheduling.visit_shape import Stay, VisitShape


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who and what a visit gets: chair, bay, nurse and with-patient prescriber where its phases ask for them, the
    prescribers who cover it (with-patient first), and its claims, merged per resource and role."""

    chair: str | None
    bay: str | None
    nurse: str | None
    prescriber: str | None
    prescribers: tuple[str, ...]
    claims: tuple[Busy, ...]


class Missing(Exception):
    """Nobody or nothing of a kind fits."""


Taken = list[tuple[str, Role, tuple[Span, ...]]]


def assign(
    clinic: ClinicStarts, opens: int, length: int, step: int, shape: VisitShape, *, chair: str | None = None
) -> Assignment | None:
    """As DayCapacity.assign; `step` and the day's span [opens, opens + length) are steps of the clinic's axis."""
    one = _Assigning(clinic, (opens, opens + length), step, shape)
    try:
        return one.assignment(chair)
    except Missing:
        return None


class _Assigning:
    def __init__(self, clinic: ClinicStarts, day: Span, step: int, shape: VisitShape) -> None:
        self.clinic, self.planes, self.step, self.shape = clinic, clinic.planes, step, shape
        self.opens, self.closes = day
        self.mask = bits(0, self.closes - self.opens)

    def assignment(self, given_chair: str | None) -> Assignment:
        shape = self.shape
        chair, bay, seats = self._seats(given_chair)
        nurse = self._nurse() if shape.needs_nurse else None
        prescriber = self._with_patient() if shape.with_patient else None
        taken: Taken = [*seats, *self._equipment()]
        if nurse:
            taken += [(nurse, "watch", shape.watch), (nurse, "attention", shape.attention)]
        if prescriber:
            taken.append((prescriber, "with-patient", shape.with_patient))
        names = tuple(dict.fromkeys(([prescriber] if prescriber else []) + self._cover()))
        return Assignment(chair, bay, nurse, prescriber, names, tuple(self._claims(taken)))

    def _seats(self, given: str | None) -> tuple[str | None, str | None, Taken]:
        shape, snapshot = self.shape, self.clinic.snapshot
        if shape.seat is None:
            return None, None, []
        chair = given or self._free_seat(snapshot.chairs, shape.seat)
        if chair is not None:
            return chair, None, [(chair, "seat", (shape.seat.span,))]
        if shape.bay is None:
            raise Missing
        before = self._free_seat(snapshot.chairs, shape.before_bay) if shape.before_bay else None
        bay = self._free_seat(snapshot.bays, shape.bay)
        if bay is None or (shape.before_bay and before is None):
            raise Missing
        seats: Taken = [(bay, "seat", (shape.bay.span,))]
        if before is not None and shape.before_bay:
            seats.append((before, "seat", (shape.before_bay.span,)))
        return before, bay, seats

    def _free_seat(self, seats: Iterable[Chair], stay: Stay) -> str | None:
        """A seat with features that nobody asked for is left for those who do, where another is free."""
        free = (
            (len(one.features - stay.features), self._load(self.planes.seats[one.id]), one.id)
            for one in seats
            if self.clinic.seat_starts(one, stay) >> self.step & 1
        )
        return min(free, default=(0, 0, None))[2]

    def _nurse(self) -> str:
        planes = self.planes
        return _least_busy(
            (self._load(planes.attending[one.id]) + planes.watched(one.id, self.opens, self.closes), one.id)
            for one in self.clinic.snapshot.nurses
            if self.clinic.nurse_starts(one, self.shape) >> self.step & 1
        )

    def _with_patient(self) -> str:
        return _least_busy(
            (self._load(self.planes.with_patient[one]), one)
            for one in self.planes.on_site
            if self.clinic.with_patient_starts(one, self.shape) >> self.step & 1
        )

    def _equipment(self) -> Taken:
        spans: dict[str, list[Span]] = defaultdict(list)
        for word, wanted in self.shape.equipment:
            piece = _least_busy(
                (self._load(self.planes.used[one.id]), one.id)
                for one in self.clinic.snapshot.equipment
                if self.clinic.equipment_starts(one, word, wanted) >> self.step & 1
            )
            spans[piece] += wanted
        return [(piece, "use", _merged(found)) for piece, found in spans.items()]

    def _load(self, plane: int) -> int:
        return (plane >> self.opens & self.mask).bit_count()

    def _cover(self) -> list[str]:
        """Prescribers whose presence together covers the phases that ask for it: one when one can, else in turns."""
        needed = sum(bits(first + self.step, after + self.step) for first, after in self.shape.present)
        there = {one: self.clinic.presence(one) for one in sorted(self.planes.on_site)}
        chosen: list[str] = []
        while needed:
            best = max(there, key=lambda one: (there[one] & needed).bit_count(), default=None)
            if best is None or not there[best] & needed:
                raise Missing
            needed &= ~there[best]
            chosen.append(best)
        return chosen

    def _claims(self, taken: Taken) -> Iterable[Busy]:
        for resource_id, role, spans in taken:
            for first, after in spans:
                period = Interval(self.clinic.instant(self.step + first), self.clinic.instant(self.step + after))
                yield Busy(resource_id, role, period)


def _least_busy(free: Iterable[tuple[int, str]]) -> str:
    """The resource with the smallest load, then the first id; refuses with Missing."""
    found = min(free, default=None)
    if found is None:
        raise Missing
    return found[1]


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for first, after in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(after, merged[-1][1]))
        else:
            merged.append((first, after))
    return tuple(merged)
