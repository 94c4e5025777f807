"""An order's infusions seen together: what was signed, given and booked, and what is left to book."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection

from scheduling.capacity import Phase
from scheduling.clinic_time import ClinicTime
from scheduling.decisions_made import opened_reviews
from scheduling.intervals import Interval
from scheduling.models import (
    DoseGap,
    DoseTerms,
    Gate,
    Order,
    OrderVersion,
    VisitKind,
)
from scheduling.repeated_infusions import counted_from_broken_off
from scheduling.series_terms import DoseRequest, SeriesTerms
from scheduling.spacing import Spacing, rules_for

# All visits of the patient that stand or count, in one statement: those of the order, of other orders, and of none.
VISITS = """
SELECT order_id, dose_number, review_after, kind, live, spaced AND therapy = %s, given_at,
  lower(period), upper(period), upper(guard), time_zone, is_repeated
FROM scheduling_appointment
WHERE patient_id = %s AND NOT id = ANY(%s) AND status <> 'entered_in_error' AND (held_until IS NULL OR held_until > %s)
  AND (live OR given_at IS NOT NULL OR spaced OR (review_after IS NOT NULL AND status = 'completed'))
"""


class NotSigned(Exception):
    """The order is a draft: it has no infusions yet."""


@dataclass(frozen=True)
class Series:
    """`terms` and the signed `gaps` by infusion number; `given` and `booked` map a number to its start instant.

    A given infusion counts from its start or its planned start, whichever is later, since the database guards the
    latter. `repeated`: the start of an infusion that was broken off and is given again under its number, which is to
    book. `gates` and `review_times` are by the infusion before the review; the latter has the review visits that are
    booked or were held. `kept_apart`: when no infusion may be because of other orders for the same treatment;
    `patient_busy`: when the patient is at any clinic, from now on.
    """

    order: Order
    version: OrderVersion
    terms: Mapping[int, DoseTerms]
    gaps: Mapping[int, DoseGap]
    spacings: tuple[Spacing, ...]
    gates: Mapping[int, Gate]
    reviews_opened: frozenset[int]
    given: Mapping[int, datetime]
    booked: Mapping[int, datetime]
    review_times: Mapping[int, Interval]
    kept_apart: tuple[Interval, ...] = ()
    patient_busy: tuple[Interval, ...] = ()
    repeated: Mapping[int, datetime] = field(default_factory=dict)
    _read: dict[int, tuple[Phase, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def reviews_after(self) -> frozenset[int]:
        """The infusions after which a review was signed."""
        return frozenset(self.gates)

    @property
    def to_book(self) -> list[int]:
        """Numbers neither given nor booked, in order."""
        return [number for number in sorted(self.terms) if number not in self.given and number not in self.booked]

    @property
    def next_closed_review(self) -> int | None:
        """The first infusion after which a review still stands."""
        return min(self.reviews_after - self.reviews_opened, default=None)

    @property
    def book_by_default(self) -> int:
        """How many infusions the desk books unless it says otherwise: those up to the next review, else all; of single
        infusions as needed after a series the next one."""
        if self.order.follows_id is not None:
            return min(len(self.to_book), 1)
        gate = self.next_closed_review
        before = [number for number in self.to_book if gate is None or number <= gate]
        return len(before) or len(self.to_book)

    def waits_for_review(self, number: int) -> bool:
        """Whether a review that stands comes before this infusion."""
        gate = self.next_closed_review
        return gate is not None and number > gate

    def phases(self, number: int) -> tuple[Phase, ...]:
        """The signed phases of one infusion, read once: most orders say the same for all."""
        if number not in self._read:
            wanted = self.terms[number].phases
            same = [known for other, known in self._read.items() if self.terms[other].phases == wanted]
            self._read[number] = same[0] if same else Phase.list_from(wanted)
        return self._read[number]

    @property
    def reviews_to_place(self) -> Mapping[int, tuple[Phase, ...]]:
        """The phases of each review that takes a visit of its own and is neither decided nor booked."""
        waiting = self.reviews_after - self.reviews_opened - self.review_times.keys()
        return {after: review_phases(self.gates[after]) for after in sorted(waiting) if self.gates[after].minutes}

    def first_day_needed(self, today: date, clock: ClinicTime) -> date:
        """From which day on opening hours have to be known: rules that count open days count from what stands."""
        if all(spacing.unit != "open_days" for spacing in self.spacings):
            return today
        return min([today, *(clock.local_day(start) for start in {**self.booked, **self.given}.values())])

    def longest_days(self, numbers: Sequence[int]) -> int:
        """How many days these infusions may take at most, by the furthest side of each one's rules."""
        total = 0
        for number in numbers:
            total += max((_furthest_days(rule.spacing) for rule in rules_for(number, self.spacings)), default=0)
        return total

    def search_terms(self, numbers: list[int]) -> SeriesTerms:
        """What the search is asked to place: these infusions, and the reviews before them."""
        known = {*numbers, *self.booked, *self.given}
        return SeriesTerms(
            doses=tuple(DoseRequest(number, self.phases(number)) for number in numbers),
            spacings=self.spacings,
            within_days=self.version.within_days,
            per_week=self.version.per_week,
            not_before=self.version.not_before,
            not_after=self.version.not_after,
            reviews={
                after: phases
                for after, phases in self.reviews_to_place.items()
                if after in known and after + 1 in numbers
            },
            given=self.given,
            booked=self.booked,
        )


def _furthest_days(spacing: Spacing) -> int:
    """The far side of a rule in days: hours rounded up, open days doubled for the closed days among them."""
    side = spacing.max or spacing.target or spacing.min or 0
    if spacing.unit == "hours":
        return -(-side // 24)
    return side * 2 if spacing.unit == "open_days" else side


def review_phases(gate: Gate) -> tuple[Phase, ...]:
    """What a review's visit needs: the prescriber to oneself, and no chair."""
    return (Phase("review", gate.minutes, chair=False, prescriber="with-patient"),)


def read_series(order: Order, *, now: datetime, without: Collection[int] = ()) -> Series:
    """The series of a signed order as it stands at `now` (kept times past their end are not booked).

    Visits whose ids are in `without` count as not there, for moving them. Refuses a draft with NotSigned.
    """
    version = order.current_version
    if version is None:
        raise NotSigned
    # Each infusion's terms have one signed gap, so one statement reads both.
    signed = DoseGap.objects.filter(terms__version=version, signed_exception_by__isnull=True)
    gaps = {gap.terms.dose.number: gap for gap in signed.select_related("terms__dose")}
    gates = {gate.after_number: gate for gate in Gate.objects.filter(version=version)}
    return series_of(order, version, gaps, gates, now=now, without=without)


def series_of(
    order: Order,
    version: OrderVersion,
    gaps: Mapping[int, DoseGap],
    gates: Mapping[int, Gate],
    *,
    now: datetime,
    without: Collection[int] = (),
) -> Series:
    """The visits of the patient seen against these terms, which are in force or, of a draft, would be."""
    longest_gap = max((gap.days, gap.minutes) for gap in gaps.values())
    given: dict[int, datetime] = {}
    booked: dict[int, datetime] = {}
    reviews: dict[int, Interval] = {}
    apart: list[Interval] = []
    busy: list[Interval] = []
    repeated: dict[int, datetime] = {}
    zone = "UTC"
    for row in _visits_of_patient(order, now, without):
        if row.live and row.period.end > now:
            busy.append(row.period)
        if row.order_id != order.pk:
            if row.guard_ends is not None:
                apart.append(_kept_apart(row.period.start, row.guard_ends, row.zone, longest_gap))
        elif row.kind == VisitKind.KEPT:
            continue
        elif row.review_after is not None:
            reviews[row.review_after] = row.period
        elif row.number is not None and row.is_repeated:
            # It is to book again, but not before the gap that was signed for after it.
            repeated[row.number], zone = row.period.start, row.zone
            apart.append(Interval(row.period.start, row.guard_ends or row.period.end))
        elif row.number is not None and row.given_at is not None:
            given[row.number] = max(row.given_at, row.period.start)
        elif row.number is not None and row.live:
            booked[row.number] = row.period.start
    return Series(
        order=order,
        version=version,
        terms={number: gap.terms for number, gap in gaps.items()},
        gaps=gaps,
        spacings=counted_from_broken_off(
            Spacing.list_from(version.content.get("spacing", [])), repeated, given, ClinicTime(zone)
        ),
        gates=gates,
        reviews_opened=frozenset(number for _, number in opened_reviews([order.pk])) if gates else frozenset(),
        given=given,
        booked=booked,
        review_times=reviews,
        kept_apart=tuple(apart),
        patient_busy=tuple(busy),
        repeated=repeated,
    )


class _VisitRow(NamedTuple):
    """One visit of the patient; `guard_ends` where it stands for the same treatment."""

    order_id: int | None
    number: int | None
    review_after: int | None
    kind: str
    live: bool
    given_at: datetime | None
    period: Interval
    guard_ends: datetime | None
    zone: str
    is_repeated: bool


def _visits_of_patient(order: Order, now: datetime, without: Collection[int]) -> Iterator[_VisitRow]:
    with connection.cursor() as cursor:
        cursor.execute(VISITS, [order.therapy, order.patient_id, list(without), now])
        for (
            order_id,
            number,
            after,
            kind,
            live,
            same,
            given_at,
            start,
            end,
            guard_ends,
            zone,
            again,
        ) in cursor.fetchall():
            period, guard = Interval(start, end), guard_ends if same else None
            yield _VisitRow(order_id, number, after, kind, live, given_at, period, guard, zone, again)


def _kept_apart(start: datetime, until: datetime, zone: str, gap: tuple[int, int]) -> Interval:
    """From the day on which this order's own longest gap would reach another order's infusion until its gap is over."""
    clock = ClinicTime(zone)
    days, minutes = gap
    reach = clock.day_start(clock.local_day(start) - timedelta(days=max(days - 1, 0))) if days else start
    return Interval(min(reach, start - timedelta(minutes=minutes)), until)
