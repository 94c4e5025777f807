"""An order's infusions seen together: what was signed, given and booked, and what is left to book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q

from scheduling.capacity import Phase
from scheduling.clinic_time import ClinicTime
from scheduling.gates import opened_reviews
from scheduling.intervals import Interval
from scheduling.models import Appointment, DoseGap, DoseTerms, Gate, Order, OrderVersion, Status
from scheduling.series_terms import DoseRequest, SeriesTerms
from scheduling.spacing import Spacing, rules_for

OTHER_GUARDS = """
SELECT lower(guard), upper(guard), time_zone FROM scheduling_appointment
WHERE spaced AND patient_id = %s AND therapy = %s AND order_id <> %s
"""


class NotSigned(Exception):
    """The order is a draft: it has no infusions yet."""


@dataclass(frozen=True)
class Series:
    """`terms` by infusion number; `given` and `booked` map a number to its start instant.

    A given infusion counts from its start or its planned start, whichever is later, since the database guards the
    latter. `kept_apart`: when no infusion may be because of other orders for the same treatment.
    """

    order: Order
    version: OrderVersion
    terms: Mapping[int, DoseTerms]
    gaps: Mapping[int, DoseGap]
    spacings: tuple[Spacing, ...]
    reviews_after: frozenset[int]
    reviews_opened: frozenset[int]
    given: Mapping[int, datetime]
    booked: Mapping[int, datetime]
    kept_apart: tuple[Interval, ...] = ()

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
        """How many infusions the desk books unless it says otherwise: those up to the next review, else all."""
        gate = self.next_closed_review
        before = [number for number in self.to_book if gate is None or number <= gate]
        return len(before) or len(self.to_book)

    def waits_for_review(self, number: int) -> bool:
        """Whether a review that stands comes before this infusion."""
        gate = self.next_closed_review
        return gate is not None and number > gate

    def phases(self, number: int) -> tuple[Phase, ...]:
        """The signed phases of one infusion."""
        return Phase.list_from(self.terms[number].phases)

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
        """What the search is asked to place."""
        return SeriesTerms(
            doses=tuple(DoseRequest(number, self.phases(number)) for number in numbers),
            spacings=self.spacings,
            within_days=self.version.within_days,
            per_week=self.version.per_week,
            gates_after=self.reviews_after,
            given=self.given,
            booked=self.booked,
        )


def _furthest_days(spacing: Spacing) -> int:
    """The far side of a rule in days: hours rounded up, open days doubled for the closed days among them."""
    side = spacing.max or spacing.target or spacing.min or 0
    if spacing.unit == "hours":
        return -(-side // 24)
    return side * 2 if spacing.unit == "open_days" else side


def read_series(order: Order, *, now: datetime) -> Series:
    """The series of a signed order as it stands at `now` (kept times past their end are not booked).

    Refuses a draft with NotSigned."""
    version = order.current_version
    if version is None:
        raise NotSigned
    terms = {one.dose.number: one for one in DoseTerms.objects.filter(version=version).select_related("dose")}
    by_terms = {one.pk: number for number, one in terms.items()}
    gaps = {by_terms[gap.terms_id]: gap for gap in DoseGap.objects.filter(terms__version=version).order_by("pk")}
    given: dict[int, datetime] = {}
    booked: dict[int, datetime] = {}
    visits = Appointment.objects.filter(order=order, dose__isnull=False).exclude(status=Status.ENTERED_IN_ERROR)
    standing = visits.filter(Q(live=True) | Q(given_at__isnull=False)).exclude(held_until__lte=now)
    for number, given_at, period in standing.values_list("dose_number", "given_at", "period"):
        if number is not None and given_at is not None:
            given[number] = max(given_at, period.lower)
        elif number is not None:
            booked[number] = period.lower
    after = frozenset(Gate.objects.filter(version=version).values_list("after_number", flat=True))
    return Series(
        order=order,
        version=version,
        terms=terms,
        gaps=gaps,
        spacings=Spacing.list_from(version.content.get("spacing", [])),
        reviews_after=after,
        reviews_opened=frozenset(number for _, number in opened_reviews([order.pk])),
        given=given,
        booked=booked,
        kept_apart=tuple(_kept_apart(order, max((gap.days, gap.minutes) for gap in gaps.values()))),
    )


def _kept_apart(order: Order, gap: tuple[int, int]) -> Iterator[Interval]:
    """From the day on which this order's own longest gap would reach another order's infusion until its gap is over."""
    with connection.cursor() as cursor:
        cursor.execute(OTHER_GUARDS, [order.patient_id, order.therapy, order.pk])
        for start, until, zone in cursor.fetchall():
            clock = ClinicTime(zone)
            days, minutes = gap
            reach = clock.day_start(clock.local_day(start) - timedelta(days=max(days - 1, 0))) if days else start
            yield Interval(min(reach, start - timedelta(minutes=minutes)), until)
