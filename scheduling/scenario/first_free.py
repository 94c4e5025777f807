"""Who or what a booked visit takes where it does not say: the first listed that is there and free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import ceil

from scheduling.bit_planes import Span
from scheduling.capacity import STEP_SECONDS, Equipment, Prescriber
from scheduling.intervals import Interval


class FirstFree:
    """Prescribers and equipment, and the absolute steps in which each is taken or, of prescribers, on site. `within`
    are the days of the search: an outage of a hundred years is not counted step by step."""

    def __init__(self, prescribers: Sequence[Prescriber], equipment: Sequence[Equipment], within: Interval) -> None:
        self.prescribers, self.pieces, self.within = prescribers, equipment, within
        self._on_site: dict[str, set[int]] = {}
        self._with_patient: dict[str, set[int]] = {one.id: set() for one in prescribers}
        self._used = {one.id: set(self._outer(one.out)) for one in equipment}

    def note(self, resource_id: str, role: str, spans: Iterable[Span]) -> None:
        """This one is taken."""
        taken = {"with-patient": self._with_patient, "use": self._used}.get(role)
        if taken is not None:
            taken[resource_id].update(_all(spans))

    def prescriber(self, spans: Sequence[Span]) -> str | None:
        """Takes the first who is on site and with nobody else; the only one there is in any case."""
        for one in self.prescribers:
            if len(self.prescribers) == 1 or self._is_free(one, spans):
                self.note(one.id, "with-patient", spans)
                return one.id
        return None

    def equipment(self, word: str, spans: Sequence[Span]) -> str | None:
        """Takes the first piece that has this feature and is in nobody's use."""
        for one in self.pieces:
            if word in one.features and self._used[one.id].isdisjoint(_all(spans)):
                self.note(one.id, "use", spans)
                return one.id
        return None

    def _is_free(self, prescriber: Prescriber, spans: Sequence[Span]) -> bool:
        if prescriber.id not in self._on_site:
            self._on_site[prescriber.id] = set(self._inner(prescriber.on_site))
        wanted = set(_all(spans))
        return wanted <= self._on_site[prescriber.id] and wanted.isdisjoint(self._with_patient[prescriber.id])

    def _inner(self, periods: Iterable[Interval]) -> Iterator[int]:
        """The steps that lie wholly inside; presence counts inward."""
        return _all((ceil(start / STEP_SECONDS), int(end // STEP_SECONDS)) for start, end in self._seconds(periods))

    def _outer(self, periods: Iterable[Interval]) -> Iterator[int]:
        """The steps that are touched."""
        return _all((int(start // STEP_SECONDS), ceil(end / STEP_SECONDS)) for start, end in self._seconds(periods))

    def _seconds(self, periods: Iterable[Interval]) -> Iterator[tuple[float, float]]:
        parts = (period.intersection(self.within) for period in periods)
        return ((part.start.timestamp(), part.end.timestamp()) for part in parts if part is not None)


def _all(spans: Iterable[Span]) -> Iterator[int]:
    return (step for first, after in spans for step in range(first, after))
