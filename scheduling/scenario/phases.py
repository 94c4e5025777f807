"""The phases of a visit as a scenario writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from scheduling.capacity import Phase, check_phases
from scheduling.clinic_time import MINUTES_A_DAY
from scheduling.scenario import values
from scheduling.scenario.fields import NOT_A_LIST, Fields, Reading
from scheduling.visit_shape import VisitShape, shape_of

KNOWN: Final = ("name", "minutes", "chair", "nurse", "prescriber", "features", "place", "equipment")
Phases = tuple[Phase, ...]


@dataclass
class PhaseReader:
    """Reads lists of phases, and notes what is wrong in them. Ten thousand booked visits have few different ones, so
    each sound one's shape is made once."""

    reading: Reading
    _shapes: dict[str, VisitShape] = field(default_factory=dict)

    def shape(self, value: Any, path: str) -> VisitShape | None:
        """What a visit with these phases needs."""
        key = repr(value)
        if key not in self._shapes:
            phases = self.phases(value, path)
            if phases is None:
                return None
            self._shapes[key] = shape_of(phases)
        return self._shapes[key]

    def phases(self, value: Any, path: str) -> Phases | None:
        """The phases of one visit."""
        if not isinstance(value, list):
            self.reading.wrong(path, NOT_A_LIST)
            return None
        read = [self._phase(entry, f"{path}[{index}]", f"part {index + 1}") for index, entry in enumerate(value)]
        phases = tuple(phase for phase in read if phase is not None)
        if len(phases) < len(read):
            return None

        def checked(found: Phases) -> Phases:
            check_phases(found, path)
            return found

        return self.reading.read(phases, path, checked)

    def _phase(self, value: Any, path: str, default_name: str) -> Phase | None:
        known = len(self.reading.faults)
        entry = Fields(value, path, self.reading, KNOWN)
        sound: dict[str, Any] = {key: entry.data[key] for key in KNOWN if entry.data.get(key) is not None}
        sound["name"] = entry.read("name", values.word) or default_name
        sound["minutes"] = entry.needed("minutes", values.whole(1, MINUTES_A_DAY - 1))
        for key in ("features", "equipment"):
            sound[key] = entry.each(key, values.word)
        if len(self.reading.faults) > known:
            return None
        return self.reading.read(sound, path, lambda said: Phase.from_dict(said, path))
