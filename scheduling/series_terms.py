"""What a search is asked and what it answers, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from scheduling.capacity import Busy, Phase
from scheduling.clinic_time import WallRange
from scheduling.intervals import Interval
from scheduling.spacing import InvalidFields, Spacing
from scheduling.why_not import WhyNot


@dataclass(frozen=True, slots=True)
class DoseRequest:
    """An infusion to place, by its number in the order."""

    number: int
    phases: tuple[Phase, ...]


@dataclass(frozen=True)
class SeriesTerms:
    """What the order asks for: the infusions to place, the rules, what was given and what stays booked (number ->
    start instant), and the first and last clinic-local day. `reviews` has the phases of the review visit that is to lie
    between an infusion and the next one. Refuses with InvalidFields."""

    doses: tuple[DoseRequest, ...]
    spacings: tuple[Spacing, ...] = ()
    within_days: int | None = None
    per_week: int | None = None
    reviews: Mapping[int, tuple[Phase, ...]] = field(default_factory=dict)
    given: Mapping[int, datetime] = field(default_factory=dict)
    booked: Mapping[int, datetime] = field(default_factory=dict)
    not_before: date | None = None
    not_after: date | None = None

    def __post_init__(self) -> None:
        errors: dict[str, str] = {}
        numbers = [dose.number for dose in self.doses]
        if not numbers:
            errors["doses"] = "has at least one infusion to place"
        if len({*numbers}) < len(numbers) or any(number < 1 for number in numbers):
            errors["doses"] = "have each a number of their own, from 1 on"
        if {*numbers} & {*self.given, *self.booked}:
            errors["doses"] = "are neither given nor booked already"
        for name in ("within_days", "per_week"):
            value = getattr(self, name)
            if value is not None and value < 1:
                errors[name] = f"is 1 or more, not {value}"
        if self.not_before and self.not_after and self.not_after < self.not_before:
            errors["not_after"] = f"{self.not_after} is before not_before {self.not_before}"
        if errors:
            raise InvalidFields(errors)

    @classmethod
    def of_one_visit(
        cls, phases: tuple[Phase, ...], *, not_before: date | None = None, not_after: date | None = None
    ) -> SeriesTerms:
        """A visit of no series, which follows no rules."""
        return cls((DoseRequest(1, phases),), not_before=not_before, not_after=not_after)

    @property
    def known(self) -> dict[int, datetime]:
        """Start instants that stand: booked, and given, which says more."""
        return {**self.booked, **self.given}


@dataclass(frozen=True, slots=True)
class PatientTimes:
    """When the patient can come: ranges by weekday key ("mon" to "sun", a missing key is no time; None is any time),
    without `busy`. A visit's presence lies wholly inside one range."""

    available: Mapping[str, tuple[WallRange, ...]] | None = None
    busy: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """The wished wall time (None: the time of day that gives the best result) and the weekdays to stay on."""

    time: time | None = None
    weekdays: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A visit that is given another chair to make room."""

    visit: str
    from_chair: str
    to_chair: str


@dataclass(frozen=True, slots=True)
class ProposedVisit:
    """`start` to `end` is the patient's presence; the chair's claim also holds its turnover. `moves` are the visits
    that change their chair for it, at the same time and with the same nurse: empty for a direct start."""

    number: int
    start: datetime
    end: datetime
    chair: str | None
    nurse: str | None
    prescribers: tuple[str, ...]
    claims: tuple[Busy, ...]
    moves: tuple[Move, ...] = ()

    @property
    def by_repack(self) -> bool:
        return bool(self.moves)


@dataclass(frozen=True, slots=True)
class ProposedReview:
    """The review visit between infusion `after` and the next one."""

    after: int
    start: datetime
    end: datetime
    prescribers: tuple[str, ...]
    claims: tuple[Busy, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A whole series with the reviews that stand between. `outside_soft` are infusions for which a soft side of a rule
    could not be kept."""

    finish_date: date
    minutes_off_wish: int
    visits: tuple[ProposedVisit, ...]
    outside_soft: tuple[int, ...] = ()
    reviews: tuple[ProposedReview, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Proposals, best first; problems when there are none, or when time ran out."""

    proposals: tuple[Proposal, ...]
    problems: tuple[WhyNot, ...] = ()
