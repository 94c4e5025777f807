"""What a scenario lists under chairs, bays, equipment, nurses and prescribers, and when each is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from scheduling.intervals import Interval, merge, subtract
from scheduling.scenario import values
from scheduling.scenario.calendar import Calendar, Week
from scheduling.scenario.fields import Fields

Kind = Literal["chairs", "bays", "equipment", "nurses", "prescribers"]
KINDS: Final[tuple[Kind, ...]] = ("chairs", "bays", "equipment", "nurses", "prescribers")
PRESENCE: Final = ("shifts", "on_site", "present", "presence", "available")
AWAY: Final = ("out", "absent")
MOST_WATCHED: Final = 100
# Chairs and bays are one kind of seat, so they share one space of names.
SAME_NAMES: Final[dict[Kind, Kind]] = {"bays": "chairs"}


@dataclass(frozen=True, slots=True)
class Presence:
    """When a resource is there: every week, on dated periods, or (both None) whenever the clinic is open."""

    weekly: Week | None = None
    dated: tuple[Interval, ...] | None = None

    def periods(self, calendar: Calendar, opening: Sequence[Interval]) -> tuple[Interval, ...]:
        if self.weekly is not None:
            return tuple(calendar.of_week(self.weekly))
        return tuple(opening) if self.dated is None else self.dated

    @property
    def is_said(self) -> bool:
        return self.weekly is not None or self.dated is not None


@dataclass(frozen=True, slots=True)
class Listed:
    """One resource as the scenario lists it. `away` are its outages and absences."""

    id: str
    features: frozenset[str]
    presence: Presence
    away: tuple[Interval, ...]
    watch: int = 0
    watch_while_attending: int = 0

    def out(self, calendar: Calendar) -> tuple[Interval, ...]:
        """When a chair or thing is out of service: as listed, and outside its presence where one is said."""
        if not self.presence.is_said:
            return self.away
        return (*self.away, *subtract([calendar.whole], self.presence.periods(calendar, ())))

    def there(self, calendar: Calendar, opening: Sequence[Interval]) -> tuple[Interval, ...]:
        """When a person is there, absences left out."""
        found = self.presence.periods(calendar, opening)
        return tuple(subtract(found, self.away)) if self.away else tuple(merge(found))


def read_resources(clinic: Fields) -> dict[Kind, list[Listed]]:
    """The sound entries of each list; a name that stands twice is noted."""
    taken: set[tuple[Kind, str]] = set()
    return {
        kind: [one for one in (_listed(entry, kind, taken) for entry in _entries(clinic, kind)) if one]
        for kind in KINDS
    }


def _entries(clinic: Fields, kind: Kind) -> list[Fields]:
    own = {"nurses": ("watch", "watch_while_attending"), "prescribers": ()}.get(kind, ("features",))
    return list(clinic.parts(kind, frozenset(("id", *own, *PRESENCE, *AWAY))))


def _listed(entry: Fields, kind: Kind, taken: set[tuple[Kind, str]]) -> Listed | None:
    name = entry.name("id", kind, needed=True)
    if name is not None and (SAME_NAMES.get(kind, kind), name) in taken:
        entry.wrong("id", f"{values.said(name)} is used above")
    watch = others = None
    if kind == "nurses":
        watch = entry.needed("watch", values.whole(1, MOST_WATCHED))
        others = entry.read("watch_while_attending", values.whole(0, watch or MOST_WATCHED))
    presence = _presence(entry)
    features = frozenset(entry.each("features", values.word))
    away = tuple(period for key in AWAY for period in entry.periods(key))
    if name is None:
        return None
    taken.add((SAME_NAMES.get(kind, kind), name))
    return Listed(name, features, presence, away, watch or 1, (watch or 1) - 1 if others is None else others)


def _presence(entry: Fields) -> Presence:
    said = [key for key in PRESENCE if entry.data.get(key) is not None]
    for key in said[1:]:
        entry.wrong(key, f"says again when this is there; {said[0]} does already")
    if not said:
        return Presence()
    key, value = said[0], entry.data[said[0]]
    if isinstance(value, dict):
        return Presence(weekly=entry.reading.week(value, entry.at(key)))
    if isinstance(value, list):
        return Presence(dated=entry.periods(key))
    entry.wrong(key, 'is a mapping of weekdays to time ranges, or a list of ["start", "end"]')
    return Presence()
