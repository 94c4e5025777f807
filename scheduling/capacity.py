"""What a clinic has on its days, as plain values for the search: phases, chairs, nurses, prescribers, what is taken.

No Django and no arithmetic: `day_capacity` counts what is free, `availability` fills these from rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from math import ceil
from typing import Any, Literal, NamedTuple

from scheduling.clinic_time import ClinicTime
from scheduling.intervals import Interval
from scheduling.spacing import InvalidFields, OpenDays, read_list

STEP_MINUTES = 5
STEP_SECONDS = STEP_MINUTES * 60
TURNOVER = "turnover"
LONGEST_TURNOVER_MINUTES = 240

NurseNeed = Literal["none", "watch", "attention"]
PrescriberNeed = Literal["none", "present", "with-patient"]
Role = Literal["seat", "watch", "attention", "with-patient", "use"]
# Resource id, role, and when it is taken as a flat list of absolute steps (epoch seconds by STEP_SECONDS): the first of
# a span, the one after it, the first of the next span, ...
TakenSpans = tuple[str, Role, Sequence[int]]
PresenceRule = Literal["on-site", "not-with-patient"]
NURSE_NEEDS = ("none", "watch", "attention")
PRESCRIBER_NEEDS = ("none", "present", "with-patient")
PLACES = ("chair", "bay")


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a visit. `place` "bay" says that the patient may spend it in a bay instead of keeping the chair;
    `equipment` names what it uses beside the chair.

    A phase named "turnover" follows the patient's presence and only holds the chair. Refuses with InvalidFields.
    """

    name: str
    minutes: int
    chair: bool = True
    nurse: NurseNeed = "none"
    prescriber: PrescriberNeed = "none"
    features: frozenset[str] = frozenset()
    place: Literal["chair", "bay"] = "chair"
    equipment: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        errors: dict[str, str] = {}
        if not self.name:
            errors["name"] = "is needed"
        if type(self.minutes) is not int:
            errors["minutes"] = "is a whole number of minutes"
        elif not 0 < self.minutes < 24 * 60:
            errors["minutes"] = f"is more than 0 and less than 24 hours, not {self.minutes}"
        elif self.minutes % STEP_MINUTES:
            errors["minutes"] = f"is a multiple of {STEP_MINUTES}, not {self.minutes}"
        if not isinstance(self.chair, bool):
            errors["chair"] = "is true or false"
        for name, allowed in (("nurse", NURSE_NEEDS), ("prescriber", PRESCRIBER_NEEDS), ("place", PLACES)):
            if getattr(self, name) not in allowed:
                errors[name] = f"is one of {', '.join(allowed)}"
        if self.is_turnover and (self.nurse != "none" or self.prescriber != "none" or self.chair is not True):
            errors["name"] = "turnover holds the chair and nobody's time"
        if errors:
            raise InvalidFields(errors)

    @property
    def is_turnover(self) -> bool:
        return self.name == TURNOVER

    @classmethod
    def from_dict(cls, data: Any, path: str = "phases[0]") -> Phase:
        """Reads a plain mapping; `prescriber` may be false or true for none and present. Refuses with InvalidFields
        whose paths begin with `path`."""
        if not isinstance(data, Mapping):
            raise InvalidFields({path: "is a mapping"})
        known = ("name", "minutes", "chair", "nurse", "prescriber", "features", "place", "equipment")
        errors = {f"{path}.{key}": "is not a known field" for key in data if key not in known}
        values: dict[str, Any] = {"name": "", "minutes": None, **{key: data[key] for key in known if key in data}}
        if isinstance(values.get("prescriber"), bool):
            values["prescriber"] = "present" if values["prescriber"] else "none"
        for name in ("features", "equipment"):
            words = values.pop(name, None) or ()
            if isinstance(words, str) or not isinstance(words, Sequence | frozenset | set):
                errors[f"{path}.{name}"] = "is a list of words"
                words = ()
            values[name] = frozenset(str(word) for word in words)
        try:
            phase = cls(**values)
        except InvalidFields as error:
            raise InvalidFields(errors | error.below(path).errors) from error
        if errors:
            raise InvalidFields(errors)
        return phase

    @classmethod
    def list_from(cls, data: Any, path: str = "phases") -> tuple[Phase, ...]:
        """Reads the phases of one visit, in order; refuses with InvalidFields that names every wrong field."""
        found = read_list(data, path, cls.from_dict)
        check_phases(found, path)
        return found


def check_phases(phases: Sequence[Phase], path: str = "phases") -> None:
    """Refuses with InvalidFields phases that make no visit: none, a turnover before the end, a day or longer."""
    present = [phase for phase in phases if not phase.is_turnover]
    turnover = sum(phase.minutes for phase in phases if phase.is_turnover)
    if not present:
        raise InvalidFields({path: "has at least one phase in which the patient is there"})
    if any(phase.is_turnover for phase in phases[: len(present)]):
        raise InvalidFields({path: "has turnover only at the end"})
    if sum(phase.minutes for phase in phases) >= 24 * 60:
        raise InvalidFields({path: "is shorter than 24 hours in all"})
    if turnover > LONGEST_TURNOVER_MINUTES:
        raise InvalidFields({path: f"has at most {LONGEST_TURNOVER_MINUTES} minutes of turnover"})


@dataclass(frozen=True, slots=True)
class Chair:
    """A chair or room; `out` are its out-of-service spans."""

    id: str
    features: frozenset[str] = frozenset()
    out: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Nurse:
    """A nurse or a nurse post: how many patients may be watched, and how many *others* while one has her attention
    (watch - 1 unless said). On duty in `shifts` without `absent` (breaks, absences). Refuses with InvalidFields."""

    id: str
    watch: int
    watch_while_attending: int = -1
    shifts: tuple[Interval, ...] = ()
    absent: tuple[Interval, ...] = ()

    def __post_init__(self) -> None:
        if self.watch < 1:
            raise InvalidFields({"watch": f"is 1 or more, not {self.watch}"})
        if self.watch_while_attending == -1:
            object.__setattr__(self, "watch_while_attending", self.watch - 1)
        if not 0 <= self.watch_while_attending <= self.watch:
            raise InvalidFields({"watch_while_attending": f"is from 0 to watch, not {self.watch_while_attending}"})


@dataclass(frozen=True, slots=True)
class Prescriber:
    """A prescriber and when they are on site."""

    id: str
    on_site: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Equipment:
    """A thing that visits use one at a time (a pump, a monitor); `features` are the words phases ask for."""

    id: str
    features: frozenset[str] = frozenset()
    out: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Busy:
    """One resource taken in one role for a period: a claim that stands, or one that an assignment asks for.

    Role "seat" is a chair's or a bay's (with turnover), "watch" and "attention" a nurse's, "with-patient" a
    prescriber's, "use" a piece of equipment's.
    """

    resource_id: str
    role: Role
    period: Interval


class Seated(NamedTuple):
    """A visit's stay in one chair, turnover included, from step `first` up to `after` (absolute steps). `may_move`: it
    has not started, is not pinned, and may be given another chair that has `features`."""

    visit: str
    chair: str
    first: int
    after: int
    features: frozenset[str] = frozenset()
    may_move: bool = False

    @property
    def period(self) -> Interval:
        """The same stay as instants."""
        return Interval(
            datetime.fromtimestamp(self.first * STEP_SECONDS, UTC),
            datetime.fromtimestamp(self.after * STEP_SECONDS, UTC),
        )

    @classmethod
    def during(
        cls,
        visit: str,
        chair: str,
        period: Interval,
        features: frozenset[str] = frozenset(),
        *,
        may_move: bool = False,
    ) -> Seated:
        """The stay over all steps that a period touches."""
        start, end = int(period.start.timestamp()), ceil(period.end.timestamp())
        return cls(visit, chair, start // STEP_SECONDS, -(-end // STEP_SECONDS), features, may_move)


class OneToOne(NamedTuple):
    """A nurse's attention for the patient in a chair or bay, from step `first` up to `after` (absolute steps)."""

    nurse: str
    seat: str
    first: int
    after: int


@dataclass(frozen=True)
class ClinicSnapshot:
    """A clinic over a span of days. `open` has each known day's ranges (an empty tuple is a closed day); days it does
    not have are not searched. `last_end` is the latest wall time at which a patient may still be there. What is taken
    is `busy` and `claims` together; the thousands of claims of a span of weeks are cheaper as numbers. `seated` tells
    who sits where, and is asked only when a start by repack is looked for; without it there are none.
    `one_to_one` tells with whom nurses are, and is asked only to say why a time is refused. Refuses with InvalidFields.
    Resource ids are unique within their kind, and bays' among chairs'."""

    zone_name: str
    grid_minutes: int
    open: Mapping[date, tuple[Interval, ...]]
    chairs: tuple[Chair, ...]
    nurses: tuple[Nurse, ...]
    prescribers: tuple[Prescriber, ...]
    busy: tuple[Busy, ...] = ()
    last_end: time | None = None
    min_staff: int = 0
    prescriber_presence_rule: PresenceRule = "on-site"
    claims: Sequence[TakenSpans] = ()
    bays: tuple[Chair, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    seated: Callable[[], Sequence[Seated]] | None = None
    one_to_one: Callable[[], Sequence[OneToOne]] | None = None

    def __post_init__(self) -> None:
        errors: dict[str, str] = {}
        if not 0 < self.grid_minutes <= 24 * 60 or self.grid_minutes % STEP_MINUTES:
            errors["grid_minutes"] = f"is a multiple of {STEP_MINUTES} minutes up to a day, not {self.grid_minutes}"
        if self.min_staff < 0:
            errors["min_staff"] = f"is 0 or more, not {self.min_staff}"
        kinds: tuple[tuple[str, Sequence[Chair | Nurse | Prescriber | Equipment]], ...] = (
            ("chairs", (*self.chairs, *self.bays)),
            ("equipment", self.equipment),
            ("nurses", self.nurses),
            ("prescribers", self.prescribers),
        )
        for name, resources in kinds:
            ids = [resource.id for resource in resources]
            if len(set(ids)) < len(ids):
                errors[name] = "have each an id of their own"
        if errors:
            raise InvalidFields(errors)

    @cached_property
    def seats(self) -> tuple[Chair, ...]:
        """Chairs and bays."""
        return (*self.chairs, *self.bays)

    @cached_property
    def clock(self) -> ClinicTime:
        return ClinicTime(self.zone_name)

    @cached_property
    def open_days(self) -> OpenDays:
        """The days with opening hours; refuses with InvalidFields when no day is known."""
        if not self.open:
            raise InvalidFields({"open": "has at least one day"})
        return OpenDays(min(self.open), max(self.open), tuple(sorted(day for day, hours in self.open.items() if hours)))
