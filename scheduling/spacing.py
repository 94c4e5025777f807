"""How far apart the infusions of one order lie: rules as signed, the window each leaves, and whether times keep them.

Days are clinic-local days; hours are elapsed hours between starts; open days are days on which the clinic is open.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any, Literal, TypeGuard, TypeVar

from scheduling.clinic_time import ClinicTime, minutes_between, week_start

Unit = Literal["days", "hours", "open_days"]
UNITS: tuple[Unit, ...] = ("days", "hours", "open_days")
SIDES = ("min", "target", "max")


class InvalidFields(ValueError):
    """Values that can't be used; `errors` maps the path of each wrong field to what is wrong with it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(f"{path}: {reason}" for path, reason in self.errors.items()))

    def below(self, path: str) -> InvalidFields:
        """The same errors with their paths read from `path`."""
        return InvalidFields({f"{path}.{name}": reason for name, reason in self.errors.items()})


T = TypeVar("T")


def read_list(data: Any, path: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
    """What `read(entry, path of the entry)` makes of each entry of a list; refuses with InvalidFields that names every
    wrong field of every entry."""
    if not isinstance(data, Sequence) or isinstance(data, str):
        raise InvalidFields({path: "is a list"})
    found: list[T] = []
    errors: dict[str, str] = {}
    for index, entry in enumerate(data):
        try:
            found.append(read(entry, f"{path}[{index}]"))
        except InvalidFields as error:
            errors |= error.errors
    if errors:
        raise InvalidFields(errors)
    return tuple(found)


class OpenDaysUnknown(ValueError):
    """A rule counts open days over days whose opening hours are not known."""


@dataclass(frozen=True, slots=True)
class Back:
    """The infusion that many numbers before: Back(1) is the previous one."""

    infusions: int


@dataclass(frozen=True, slots=True)
class Spacing:
    """One rule: infusion `dose` (2 or later, or each) lies min to max `unit` after the infusion `after` names.

    `soft` names sides that are kept where possible; the others are hard. Refuses with InvalidFields. An entry for one
    infusion replaces an "each" entry that counts from the same infusion in the same unit; all others hold together.
    """

    dose: int | Literal["each"]
    after: Literal["previous", "first"] | int | Back
    min: int | None = None
    target: int | None = None
    max: int | None = None
    unit: Unit = "days"
    soft: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        errors = self._side_errors()
        if self.dose != "each" and not (_is_whole(self.dose) and self.dose >= 2):
            errors["dose"] = 'is "each" or the number of an infusion from 2 on'
        if not self._anchor_is_sound():
            errors["after"] = 'is "previous", "first", the number of an earlier infusion, or {"back": n}'
        if self.unit not in UNITS:
            errors["unit"] = f"is one of {', '.join(UNITS)}"
        for name in sorted(self.soft):
            if name not in SIDES:
                errors["soft"] = f'names min, target or max, not "{name}"'
        if errors:
            raise InvalidFields(errors)

    def _side_errors(self) -> dict[str, str]:
        sides = {name: getattr(self, name) for name in SIDES}
        if all(value is None for value in sides.values()):
            return {"min": "one of min, target and max is needed"}
        errors = {
            name: "is a whole number from 0 to 10000"
            for name, value in sides.items()
            if value is not None and not (_is_whole(value) and 0 <= value <= 10_000)
        }
        if errors:
            return errors
        if self.max == 0 and self.unit != "hours":
            return {"max": "is 1 or more: two infusions never share a day unless hours say so"}
        return {
            low: f"{sides[low]} is more than {high} {sides[high]}"
            for low, high in combinations(SIDES, 2)
            if sides[low] is not None and sides[high] is not None and sides[low] > sides[high]
        }

    def _anchor_is_sound(self) -> bool:
        number = self.dose if _is_whole(self.dose) else None
        if isinstance(self.after, Back):
            return (
                _is_whole(self.after.infusions)
                and self.after.infusions >= 1
                and (number is None or self.after.infusions < number)
            )
        if _is_whole(self.after):
            return self.after >= 1 and (number is None or self.after < number)
        return self.after in ("previous", "first")

    @classmethod
    def from_dict(cls, data: Any, path: str = "spacing[0]") -> Spacing:
        """Reads a plain mapping (`after` may be {"back": n}; min_days, target_days, max_days may stand for min, target,
        max in days). Refuses with InvalidFields whose paths begin with `path`."""
        if not isinstance(data, Mapping):
            raise InvalidFields({path: "is a mapping"})
        known = {"dose", "after", "unit", "soft", *SIDES, *(f"{side}_days" for side in SIDES)}
        errors = {f"{path}.{key}": "is not a known field" for key in data if key not in known}
        values: dict[str, Any] = {side: data.get(side) for side in SIDES}
        for side in SIDES:
            if data.get(f"{side}_days") is not None:
                if data.get(side) is not None or data.get("unit", "days") != "days":
                    errors[f"{path}.{side}_days"] = f"can't stand beside {side} or another unit"
                values[side] = data[f"{side}_days"]
        after = data.get("after", "previous")
        if isinstance(after, Mapping):
            after = Back(after["back"]) if set(after) == {"back"} else None
        soft = data.get("soft") or ()
        if not isinstance(soft, Collection) or isinstance(soft, str) or not all(isinstance(name, str) for name in soft):
            errors[f"{path}.soft"] = "is a list of min, target, max"
            soft = ()
        try:
            spacing = cls(
                data.get("dose", "each"), after, **values, unit=data.get("unit", "days"), soft=frozenset(soft)
            )
        except InvalidFields as error:
            raise InvalidFields(errors | error.below(path).errors) from error
        if errors:
            raise InvalidFields(errors)
        return spacing

    @classmethod
    def list_from(cls, data: Any, path: str = "spacing") -> tuple[Spacing, ...]:
        """Reads a list of plain mappings; refuses with InvalidFields that names every wrong field of every entry."""
        return read_list(data, path, cls.from_dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """A spacing with both ends numbered: infusion `number` counted from infusion `anchor`."""

    number: int
    anchor: int
    spacing: Spacing

    def side(self, name: Literal["min", "target", "max"], *, hard_only: bool = False) -> int | None:
        if hard_only and name in self.spacing.soft:
            return None
        value: int | None = getattr(self.spacing, name)
        return value


@dataclass(frozen=True, slots=True)
class OpenDays:
    """The clinic's open days within a known span `[first, last]`, sorted."""

    first: date
    last: date
    days: tuple[date, ...]

    def between(self, anchor: date, day: date) -> int:
        """Open days after `anchor` up to and with `day`. Refuses with OpenDaysUnknown outside the known span."""
        if anchor < self.first - timedelta(days=1) or day > self.last:
            raise OpenDaysUnknown(f"opening hours are known from {self.first} to {self.last}, not for {anchor}..{day}")
        return bisect_right(self.days, day) - bisect_right(self.days, anchor)

    def after(self, anchor: date, count: int) -> date:
        """The open day that many open days after `anchor`; the day after the known span when it lies beyond."""
        if anchor < self.first - timedelta(days=1):
            raise OpenDaysUnknown(f"opening hours are known from {self.first}, not from {anchor}")
        if count == 0:
            return anchor
        index = bisect_right(self.days, anchor) + count - 1
        return self.days[index] if index < len(self.days) else self.last + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Clinic-local days an infusion may lie on; None is no limit. The `_at` instants stand for rules in hours."""

    earliest: date | None = None
    target: date | None = None
    latest: date | None = None
    earliest_at: datetime | None = None
    latest_at: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """No day or instant lies in it: the rules contradict each other for these anchors."""
        days = self.earliest is not None and self.latest is not None and self.earliest > self.latest
        hours = self.earliest_at is not None and self.latest_at is not None and self.earliest_at > self.latest_at
        return days or hours


@dataclass(frozen=True, slots=True)
class Gap:
    """The hard minimum from the start of one infusion to the next: local days, and elapsed minutes."""

    days: int
    minutes: int


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that given or planned times do not keep. `rule` is "order", "spacing", "within_days" or "per_week"."""

    rule: str
    number: int
    anchor: int | None = None
    side: str | None = None
    soft: bool = field(default=False)


def rules_for(number: int, spacings: Sequence[Spacing], present: Collection[int] | None = None) -> tuple[Rule, ...]:
    """The rules on one infusion. With `present` (numbers given or planned), "previous" and "first" mean the nearest
    lower and the lowest number present, so that a skipped infusion never takes its spacing away with it."""

    def anchor_of(after: Literal["previous", "first"] | int | Back) -> int | None:
        if after == "previous":
            return number - 1 if present is None else max((p for p in present if p < number), default=None)
        if after == "first":
            return 1 if present is None else min((p for p in present if p < number), default=None)
        return number - after.infusions if isinstance(after, Back) else after

    rules = [
        Rule(number, anchor, spacing)
        for spacing in spacings
        if spacing.dose in ("each", number)
        and (anchor := anchor_of(spacing.after)) is not None
        and 1 <= anchor < number
    ]
    named = {(rule.anchor, rule.spacing.unit) for rule in rules if rule.spacing.dose != "each"}
    return tuple(rule for rule in rules if rule.spacing.dose != "each" or (rule.anchor, rule.spacing.unit) not in named)


def window_for(
    number: int,
    anchors: Mapping[int, datetime],
    spacings: Sequence[Spacing],
    clock: ClinicTime,
    *,
    hard_only: bool = False,
    open_days: OpenDays | None = None,
) -> Window:
    """The window of one infusion, from the start instants of those given or planned before it.

    A rule whose anchor has no time yet sets no limit. `hard_only` leaves the soft sides out. Refuses with
    OpenDaysUnknown when a rule counts open days that `open_days` does not cover.
    """
    days: dict[str, list[date]] = {"min": [], "target": [], "max": []}
    instants: dict[str, list[datetime]] = {"min": [], "target": [], "max": []}
    for rule in rules_for(number, spacings, {*anchors, number}):
        if rule.anchor not in anchors:
            continue
        anchor = anchors[rule.anchor]
        for side in ("min", "target", "max"):
            count = rule.side(side, hard_only=hard_only)
            if count is None:
                continue
            if rule.spacing.unit == "hours":
                instants[side].append(anchor + timedelta(hours=count))
                days[side].append(clock.local_day(instants[side][-1]))
            elif rule.spacing.unit == "days":
                days[side].append(clock.local_day(anchor) + timedelta(days=count))
            elif open_days is None:
                raise OpenDaysUnknown("a rule counts open days, but the clinic's open days were not given")
            else:
                days[side].append(open_days.after(clock.local_day(anchor), count))
    return Window(
        earliest=max(days["min"], default=None),
        target=max(days["target"], default=None),
        latest=min(days["max"], default=None),
        earliest_at=max(instants["min"], default=None),
        latest_at=min(instants["max"], default=None),
    )


def minimum_gap_after(number: int, spacings: Sequence[Spacing]) -> Gap:
    """The hard minimum from infusion `number` to the next one, as the database guards it; 0 and 0 when there is none.

    Open days count as that many days at least, which is the most a guard without opening hours can promise.
    """
    days = minutes = 0
    for rule in rules_for(number + 1, spacings):
        least = rule.side("min", hard_only=True) or 0
        if rule.anchor != number:
            continue
        if rule.spacing.unit == "hours":
            minutes = max(minutes, least * 60)
        else:
            days = max(days, least)
    return Gap(days, minutes)


def keeps(
    rule: Rule,
    anchor: datetime,
    start: datetime,
    clock: ClinicTime,
    open_days: OpenDays | None = None,
) -> tuple[str, ...]:
    """The sides ("min", "max") that a pair of starts breaks, soft ones included; empty when all are kept."""
    if rule.spacing.unit == "hours":
        # Compared in minutes: 47 h 45 min are not 48 hours, and 48 h 15 min are more than 48.
        distance, scale = minutes_between(anchor, start), 60
    elif rule.spacing.unit == "days":
        distance, scale = (clock.local_day(start) - clock.local_day(anchor)).days, 1
    elif open_days is None:
        raise OpenDaysUnknown("a rule counts open days, but the clinic's open days were not given")
    else:
        distance, scale = open_days.between(clock.local_day(anchor), clock.local_day(start)), 1
    least, most = rule.spacing.min, rule.spacing.max
    return (("min",) if least is not None and distance < least * scale else ()) + (
        ("max",) if most is not None and distance > most * scale else ()
    )


def broken_rules(
    starts: Mapping[int, datetime],
    spacings: Sequence[Spacing],
    clock: ClinicTime,
    *,
    within_days: int | None = None,
    per_week: int | None = None,
    open_days: OpenDays | None = None,
) -> list[BrokenRule]:
    """Every rule that these starts (number -> instant, given and planned together) do not keep, in number order."""
    broken: list[BrokenRule] = []
    numbers = sorted(starts)
    for earlier, later in pairwise(numbers):
        if starts[later] <= starts[earlier]:
            broken.append(BrokenRule("order", later, earlier))
    for number in numbers:
        for rule in rules_for(number, spacings, numbers):
            if rule.anchor in starts:
                broken += [
                    BrokenRule("spacing", number, rule.anchor, side, side in rule.spacing.soft)
                    for side in keeps(rule, starts[rule.anchor], starts[number], clock, open_days)
                ]
    local_days = {number: clock.local_day(starts[number]) for number in numbers}
    if within_days is not None and local_days:
        first = min(local_days.values())
        broken += [
            BrokenRule("within_days", number)
            for number in numbers
            if (local_days[number] - first).days + 1 > within_days
        ]
    if per_week is not None:
        in_week: Counter[date] = Counter()
        for number in numbers:
            in_week[week_start(local_days[number])] += 1
            if in_week[week_start(local_days[number])] > per_week:
                broken.append(BrokenRule("per_week", number))
    return broken


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
