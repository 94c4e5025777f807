"""When a patient, and whoever drives them, can come: what was said of it as plain values, and as times for a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from scheduling.capacity import STEP_MINUTES
from scheduling.clinic_time import MINUTES_A_DAY, WEEKDAYS, ClinicTime, WallRange
from scheduling.intervals import Interval
from scheduling.series_terms import PatientTimes, Wish

# Further than any search looks.
FAR = timedelta(days=800)
ALL = 0


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes after midnight: a visit begins from `first` on and before `before`, and is over by `over_by`."""

    first: int = 0
    before: int = MINUTES_A_DAY
    over_by: int = MINUTES_A_DAY

    def and_also(self, other: Hours) -> Hours:
        """Both at once."""
        return Hours(
            max(self.first, other.first), min(self.before, other.before), min(self.over_by, other.over_by)
        )  # fmt: skip

    def range_for(self, presence: int) -> WallRange | None:
        """Within which a visit of so many minutes lies; None where there is no such time."""
        end = min(self.over_by, self.before + presence - STEP_MINUTES, MINUTES_A_DAY)
        return WallRange(self.first, end) if self.first < min(end, self.before) else None


ANY_TIME = Hours()


@dataclass(frozen=True, slots=True)
class CanCome:
    """`weekdays` to stay on (None: any); `hours` by weekday, a missing one is any time; days that are out, the first
    and the last one; `at` is the wall time that suits best, and `how_many` infusions to book now (ALL: all)."""

    weekdays: frozenset[str] | None = None
    hours: Mapping[str, Hours] = field(default_factory=dict)
    at: time | None = None
    not_on: frozenset[date] = frozenset()
    first: date | None = None
    last: date | None = None
    how_many: int | None = None

    @property
    def wish(self) -> Wish:
        return Wish(self.at, self.weekdays)

    def beside(self, weekdays: frozenset[str] | None, at: time | None, how_many: int | None) -> CanCome:
        """The same with what was ticked: weekdays add up, and where a thing was both said and chosen, said counts."""
        both = self.weekdays if weekdays is None else weekdays | (self.weekdays or frozenset())
        return replace(
            self, weekdays=both, at=self.at or at, how_many=how_many if self.how_many is None else self.how_many
        )

    def times(self, clock: ClinicTime, *, now: datetime, presence: int) -> PatientTimes:
        """What a search is asked, for visits of `presence` minutes."""
        return PatientTimes(self._available(presence), tuple(self._out(clock, now)))

    def _available(self, presence: int) -> Mapping[str, tuple[WallRange, ...]] | None:
        if not self.hours:
            return None
        ranges = {key: self.hours.get(key, ANY_TIME).range_for(presence) for key in WEEKDAYS}
        return {key: (one,) for key, one in ranges.items() if one is not None}

    def _out(self, clock: ClinicTime, now: datetime) -> list[Interval]:
        day = timedelta(days=1)
        out = [Interval(clock.day_start(one), clock.day_start(one + day)) for one in sorted(self.not_on)]
        if self.first is not None and clock.day_start(self.first) > now:
            out.append(Interval(now, clock.day_start(self.first)))
        if self.last is not None:
            end = max(clock.day_start(self.last + day), now)
            out.append(Interval(end, end + FAR))
        return out


def in_words(can: CanCome) -> str:
    """The same as words that `can_come_reader.read_words` reads back alike: how a change is put into the field."""
    said = [*_hours_in_words(can)]
    if can.at is not None:
        said.append(f"at {can.at:%H:%M}")
    if can.not_on:
        said.append("not " + " ".join(day.isoformat() for day in sorted(can.not_on)))
    if can.first is not None:
        said.append(f"from {can.first.isoformat()}")
    if can.last is not None:
        said.append(f"until {can.last.isoformat()}")
    if can.how_many is not None:
        said.append(f"first {can.how_many}" if can.how_many else "all")
    return ", ".join(said)


def _hours_in_words(can: CanCome) -> list[str]:
    if can.weekdays is None:
        general = next(iter(can.hours.values()), ANY_TIME)
        return [words] if (words := _of_hours(general)) else []
    if not can.weekdays:
        return ["mon not mon"]  # contradicts itself, and stays so
    groups: dict[Hours, list[str]] = {}
    for key in WEEKDAYS:
        if key in can.weekdays:
            groups.setdefault(can.hours.get(key, ANY_TIME), []).append(key)
    # Days at any time come last: hours said behind them would be theirs.
    ordered = sorted(groups.items(), key=lambda group: group[0] == ANY_TIME)
    return [" ".join(filter(None, [*days, _of_hours(hours)])) for hours, days in ordered]


def _of_hours(hours: Hours) -> str:
    said = []
    if hours.first > 0:
        said.append(f"after {_clock(hours.first)}")
    if hours.before < MINUTES_A_DAY:
        said.append(f"before {_clock(hours.before)}")
    if hours.over_by < MINUTES_A_DAY:
        said.append(f"until {_clock(hours.over_by)}")
    return " ".join(said)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
