"""An order's infusions seen together: what was signed, given and booked, and what is left to book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from scheduling.capacity import Phase
from scheduling.gates import opened_reviews
from scheduling.models import Appointment, DoseGap, DoseTerms, Gate, Order, OrderVersion, Status
from scheduling.series_terms import DoseRequest, SeriesTerms
from scheduling.spacing import Spacing


class NotSigned(Exception):
    """The order is a draft: it has no infusions yet."""


@dataclass(frozen=True)
class Series:
    """`terms` by infusion number; `given` and `booked` map a number to its start instant."""

    order: Order
    version: OrderVersion
    terms: Mapping[int, DoseTerms]
    gaps: Mapping[int, DoseGap]
    spacings: tuple[Spacing, ...]
    reviews_after: frozenset[int]
    reviews_opened: frozenset[int]
    given: Mapping[int, datetime]
    booked: Mapping[int, datetime]

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
            given[number] = given_at
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
    )
