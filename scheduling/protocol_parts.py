"""The parts of a treatment plan as plain values. No Django. Minutes are elapsed, days are clinic-local."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal

from scheduling.capacity import Phase
from scheduling.clinic_time import ClinicTime
from scheduling.protocol_schema import EXITS
from scheduling.spacing import Spacing

After = Literal["each", "last"] | int


@dataclass(frozen=True, slots=True)
class Review:
    """A review due once infusion `after` is given or settled, 0 before the first; `minutes` is 0 where it takes no
    visit of its own. `at_limit`: what becomes of waiting visits when nobody decided within `decide_within_days`."""

    after: int
    method: Literal["at_chair", "video", "in_person"]
    minutes: int = 0
    decide_within_days: int | None = None
    at_limit: Literal["keep", "free"] = "keep"


@dataclass(frozen=True, slots=True)
class Fasting:
    """How many hours before the start the last solid food and the last clear liquid may be."""

    solids_hours: float
    clear_liquids_hours: float


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Something a visit needs beforehand, and when it bites: a warning at booking, a chase from `chase_days` before the
    visit, no start without it. `met_by` and `waived_by` are the roles that may say so. `hours_before` the start it has
    to be there; `valid_days` is how long it is good for unless said otherwise; `counts_visits`: for so many visits."""

    code: str
    name: str
    kind: str = "other"
    valid_days: int | None = None
    counts_visits: bool = False
    warn_at_booking: bool = True
    chase_days: int = 2
    hours_before: float = 0
    stops_start: bool = True
    met_by: tuple[str, ...] = ("front_desk", "nurse", "prescriber", "manager")
    waived_by: tuple[str, ...] = ("prescriber",)


@dataclass(frozen=True, slots=True)
class FollowUpRule:
    """A call, check-in, review or as-needed infusion that opens `day` clinic-local days after an infusion is given; a
    check-in asks the `questionnaires`."""

    kind: Literal["call", "check_in", "review", "as_needed"]
    after: After
    day: int
    questionnaires: tuple[str, ...] = ()

    def numbers(self, doses: int) -> range:
        """The infusions it follows in a series of `doses`; none where the series is shorter than its number."""
        if self.after == "each":
            return range(1, doses + 1)
        number = doses if self.after == "last" else int(self.after)
        return range(number, number + 1) if number <= doses else range(0)


@dataclass(frozen=True, slots=True)
class QuestionnaireRule:
    """An instrument that is asked from `days` clinic-local days before an infusion until its start."""

    instrument: str
    before: Literal["each"] | int
    days: int = 1

    def numbers(self, doses: int) -> range:
        """The infusions it is asked before."""
        if self.before == "each":
            return range(1, doses + 1)
        return range(self.before, self.before + 1) if self.before <= doses else range(0)


@dataclass(frozen=True, slots=True)
class VisitTaskRule:
    """Something to be done within so many clinic-local days after an infusion was given."""

    code: str
    name: str
    within_days: int


@dataclass(frozen=True, slots=True)
class AsNeeded:
    """How single infusions after the series are called, and what an order for them may say at most and at least."""

    word: str
    at_most: int
    min_days: int


@dataclass(frozen=True, slots=True)
class GivenBefore:
    """Infusion `number` of the series was given elsewhere, or before this system was used."""

    on: date
    where: str
    number: int

    def given_at(self, clock: ClinicTime) -> datetime:
        """Noon of its day at the clinic: only the day is known, and no clinic's clocks change at noon."""
        return clock.at_wall(self.on, time(12), which="first")


@dataclass(frozen=True)
class PlanParts:
    """A treatment plan, or an order made from one, as data.

    `doses` is the number of infusions, `doses_at_most` what may be ordered. `phases_of` has the phases of infusions
    that differ. `word` is what one infusion is called, empty for "Infusion". No infusion lies before `not_before` or
    after `not_after`; `given_before` are those given elsewhere, in order of number. `sites`: short names of clinics.
    """

    doses: int
    phases: tuple[Phase, ...]
    phases_of: Mapping[int, tuple[Phase, ...]] = field(default_factory=dict)
    doses_at_most: int | None = None
    spacing: tuple[Spacing, ...] = ()
    within_days: int | None = None
    per_week: int | None = None
    reviews: tuple[Review, ...] = ()
    ride_home: bool = False
    fasting: Fasting | None = None
    observe_minutes: int = 0
    cleared_by: Literal["prescriber", "nurse"] = "prescriber"
    prerequisites: tuple[Prerequisite, ...] = ()
    follow_ups: tuple[FollowUpRule, ...] = ()
    questionnaires: tuple[QuestionnaireRule, ...] = ()
    visit_tasks: tuple[VisitTaskRule, ...] = ()
    exits_close: tuple[str, ...] = EXITS
    instructions: Mapping[str, str] = field(default_factory=dict)
    as_needed: AsNeeded | None = None
    word: str = ""
    note: str = ""
    not_before: date | None = None
    not_after: date | None = None
    given_before: tuple[GivenBefore, ...] = ()
    sites: tuple[str, ...] = ()

    @property
    def visit_minutes(self) -> int:
        """How long the patient is there."""
        return sum(phase.minutes for phase in self.phases if not phase.is_turnover)

    def phases_for(self, number: int) -> tuple[Phase, ...]:
        """The phases of one infusion."""
        return self.phases_of.get(number, self.phases)

    @property
    def given_up_to(self) -> int:
        """The last infusion that was given elsewhere, 0 where none was: no review stands before it."""
        return max((one.number for one in self.given_before), default=0)
