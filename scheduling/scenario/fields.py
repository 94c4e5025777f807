"""Walking through a scenario's mappings and lists: every wrong field is noted at its path, and reading goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from scheduling.clinic_time import WEEKDAYS, ClinicTime, WallRange
from scheduling.intervals import Interval
from scheduling.scenario import values
from scheduling.scenario.text import Doubled
from scheduling.spacing import InvalidFields

T = TypeVar("T")
# For the people who write a scenario; nothing reads them.
REMARKS: Final = frozenset({"comment", "comments", "description", "label", "name", "note", "notes", "title"})
NOT_A_LIST: Final = "is a list"


@dataclass
class Reading:
    """`faults` maps the path of each wrong field to what is wrong, the first thing found. `clock` is the clinic's, None
    while its zone is not known. `numbers` are the names that were written as whole numbers, by kind."""

    faults: dict[str, str] = field(default_factory=dict)
    clock: ClinicTime | None = None
    numbers: set[tuple[str, str]] = field(default_factory=set)

    def wrong(self, path: str, reason: str) -> None:
        self.faults.setdefault(path, reason)

    def read(self, value: Any, path: str, reader: Callable[[Any], T]) -> T | None:
        """What the reader makes of a value, or None with what it refuses noted."""
        try:
            return reader(value)
        except InvalidFields as error:
            for name, reason in error.errors.items():
                self.wrong(name, reason)
        except ValueError as error:
            self.wrong(path, str(error))
        return None

    def instant(self, value: Any) -> datetime:
        return values.instant(value, self.clock)

    def each(self, value: Any, path: str, reader: Callable[[Any], T]) -> list[T]:
        """The sound entries of a list."""
        if not isinstance(value, list):
            self.wrong(path, NOT_A_LIST)
            return []
        found = (self.read(entry, f"{path}[{index}]", reader) for index, entry in enumerate(value))
        return [one for one in found if one is not None]

    def period(self, value: Any, path: str) -> Interval | None:
        """["start", "end"], two instants."""
        if not isinstance(value, list) or len(value) != 2:
            self.wrong(path, 'is a pair of times, ["start", "end"]')
            return None
        start = self.read(value[0], f"{path}[0]", self.instant)
        end = self.read(value[1], f"{path}[1]", self.instant)
        if start is None or end is None:
            return None
        if end <= start:
            self.wrong(f"{path}[1]", "is not after its start")
            return None
        return Interval(start, end)

    def periods(self, value: Any, path: str) -> tuple[Interval, ...]:
        if not isinstance(value, list):
            self.wrong(path, NOT_A_LIST)
            return ()
        found = (self.period(entry, f"{path}[{index}]") for index, entry in enumerate(value))
        return tuple(period for period in found if period is not None)

    def week(self, value: Any, path: str) -> dict[str, tuple[WallRange, ...]]:
        """Time ranges by weekday, "mon" to "sun"; a day that is not named has none."""
        week = Fields(value, path, self, frozenset(WEEKDAYS))
        return {
            weekday: tuple(self.each(week.data[weekday], week.at(weekday), values.wall_range))
            for weekday in WEEKDAYS
            if week.data.get(weekday) is not None
        }


class Fields:
    """A mapping of the scenario at its path. A key that is null is as one that is not there; each reader answers None
    for it, and for a value that it notes as wrong. Where something else than a mapping stands, that alone is noted."""

    __slots__ = ("data", "is_mapping", "path", "reading")

    def __init__(self, data: Any, path: str, reading: Reading, known: Collection[str]) -> None:
        self.path, self.reading, self.is_mapping = path, reading, isinstance(data, dict)
        self.data: Mapping[str, Any] = data if isinstance(data, dict) else {}
        if not self.is_mapping:
            self.reading.wrong(path or "scenario", f"is a mapping, not {values.said(data)}")
        for key in self.data:
            if key not in known and key not in REMARKS and not key.startswith("_"):
                self.wrong(key, f"is not a known field; known are {', '.join(sorted(known))}")
        if isinstance(data, Doubled):
            for key in data.keys_twice:
                self.wrong(key, "stands twice")

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key or '""'

    def wrong(self, key: str, reason: str) -> None:
        if self.is_mapping:
            self.reading.wrong(self.at(key), reason)

    def read(self, key: str, reader: Callable[[Any], T]) -> T | None:
        value = self.data.get(key)
        return None if value is None else self.reading.read(value, self.at(key), reader)

    def needed(self, key: str, reader: Callable[[Any], T]) -> T | None:
        """As `read`, and a key that is not there is noted too."""
        if self.data.get(key) is None:
            self.wrong(key, "is needed")
        return self.read(key, reader)

    def name(self, key: str, kind: str, *, needed: bool = False) -> str | None:
        """The name of something of this kind."""
        found = self.needed(key, values.name) if needed else self.read(key, values.name)
        if found is not None and type(self.data[key]) is int:
            self.reading.numbers.add((kind, found))
        return found

    def instant(self, key: str) -> datetime | None:
        return self.read(key, self.reading.instant)

    def each(self, key: str, reader: Callable[[Any], T]) -> list[T]:
        value = self.data.get(key)
        return [] if value is None else self.reading.each(value, self.at(key), reader)

    def periods(self, key: str) -> tuple[Interval, ...]:
        value = self.data.get(key)
        return () if value is None else self.reading.periods(value, self.at(key))

    def part(self, key: str, known: Collection[str]) -> Fields:
        """The mapping under a key, empty where there is none."""
        value = self.data.get(key)
        return Fields({} if value is None else value, self.at(key), self.reading, known)

    def parts(self, key: str, known: Collection[str]) -> Iterator[Fields]:
        """The mappings of the list under a key."""
        value = self.data.get(key)
        if value is None:
            return
        if not isinstance(value, list):
            self.wrong(key, NOT_A_LIST)
            return
        for index, entry in enumerate(value):
            yield Fields(entry, f"{self.at(key)}[{index}]", self.reading, known)
