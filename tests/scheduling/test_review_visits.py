"""Reviews that take a visit of their own: which are to be placed, proposed between infusions, and booked there."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from scheduling.booking import Pick, ReviewPick, book_series
from scheduling.cancelling import cancel
from scheduling.events import Actor
from scheduling.gates import decide
from scheduling.models import (
    AppointmentPhase,
    CancelledBy,
    Claim,
    Clinic,
    Decision,
    Order,
    Role,
    Status,
    VisitKind,
    VisitMode,
)
from scheduling.picks import AnyPick
from scheduling.proposals import propose_series
from scheduling.series import read_series
from scheduling.series_terms import Wish
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import WITH_REVIEW, at, booked, desk, give, meets_the_constraints, picks, refused

pytestmark = pytest.mark.django_db

REVIEW = ReviewPick(3, at("2027-01-12", "10:00"))


def to_place(order: Order) -> list[int]:
    return list(read_series(order, now=NOW).reviews_to_place)


def with_method(method: str, minutes: int = 15) -> dict[str, object]:
    return {**factories.SIX, "reviews": [{"after": 3, "method": method, "minutes": minutes}]}


def test_what_is_proposed_has_the_review_between_and_can_be_booked() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic, template=WITH_REVIEW)
    found = propose_series(order=order, clinic=clinic, wish=Wish(time=time(9)), how_many=5, count=3, now=NOW)
    best = found.proposals[0]
    [review] = best.reviews
    assert review.after == 3
    assert best.visits[2].end <= review.start < review.end <= best.visits[3].start
    chosen: list[AnyPick] = [Pick(visit.number, visit.start) for visit in best.visits]
    visits = book_series(
        order=order, clinic=clinic, picks=[*chosen, ReviewPick(3, review.start)], by=desk(clinic), now=NOW
    )
    assert [visit.kind for visit in visits].count(VisitKind.REVIEW) == 1
    assert to_place(order) == []
    meets_the_constraints()


@pytest.mark.parametrize(("method", "mode"), [("video", VisitMode.VIDEO), ("in_person", VisitMode.IN_PERSON)])
def test_a_review_takes_the_prescriber_and_no_chair(method: str, mode: VisitMode) -> None:
    clinic = factories.create_clinic(nurses=2)
    order = factories.create_order(clinic, template=with_method(method))
    chosen: list[AnyPick] = [*picks(1, 2, 3), REVIEW]
    visit = book_series(order=order, clinic=clinic, picks=chosen, by=desk(clinic), now=NOW)[-1]
    assert (visit.kind, visit.mode, visit.order, visit.review_after, visit.dose_number) == (
        VisitKind.REVIEW, mode, order, 3, None,
    )  # fmt: skip
    assert visit.period.upper - visit.period.lower == timedelta(minutes=15)
    phase = AppointmentPhase.objects.get(appointment=visit)
    assert (phase.needs_chair, phase.nurse, phase.prescriber) == (False, "none", "with-patient")
    assert [claim.role for claim in Claim.objects.filter(appointment=visit)] == ["with-patient"]
    with refused("prescriber"):
        other = factories.create_order(clinic, template=with_method(method))
        book_series(order=other, clinic=clinic, picks=chosen, by=desk(clinic), now=NOW)
    meets_the_constraints()


def test_a_review_at_the_chair_takes_no_visit() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic), desk(clinic)
    assert to_place(order) == []
    with refused("review_not_due"):
        book_series(order=order, clinic=clinic, picks=[*picks(1, 2, 3), REVIEW], by=by, now=NOW)


def test_a_review_is_to_be_placed_until_it_is_booked_or_decided() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic, template=WITH_REVIEW), desk(clinic)
    visits = booked(order, clinic, 1, 2, 3)
    assert to_place(order) == [3]
    [review] = book_series(order=order, clinic=clinic, picks=[REVIEW], by=by, now=NOW)
    assert to_place(order) == []
    with refused("review_not_due"):
        book_series(order=order, clinic=clinic, picks=[REVIEW], by=by, now=NOW)
    cancel(appointment=review, side=CancelledBy.PATIENT, reason="ill", by=by, now=NOW)
    assert to_place(order) == [3]
    for visit in visits:
        give(visit, clinic)
    user = factories.create_user(clinic, Role.PRESCRIBER)
    later = visits[2].period.lower + timedelta(hours=3)
    decide(
        order=order, after_number=3, decision=Decision.CONTINUE, decided_by=user,
        by=Actor.staff(user, clinic), now=later,
    )  # fmt: skip
    assert to_place(order) == []


@pytest.mark.parametrize(
    ("start", "rules"),
    [
        (at("2027-01-11", "10:00"), ("patient_busy", "review_between")),
        (at("2027-01-08", "14:00"), ("review_between",)),
        (at("2027-01-13", "14:00"), ("review_between",)),
        (at("2027-01-12", "19:00"), ("hours", "prescriber")),
    ],
)
def test_a_review_lies_between_its_infusions(start: datetime, rules: tuple[str, ...]) -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic, template=WITH_REVIEW), desk(clinic)
    booked(order, clinic, 1, 2, 3, 4)
    with refused(*rules):
        book_series(order=order, clinic=clinic, picks=[ReviewPick(3, start)], by=by, now=NOW)


def test_a_review_needs_the_infusion_before_it() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic, template=WITH_REVIEW), desk(clinic)
    with refused("review_between"):
        book_series(order=order, clinic=clinic, picks=[*picks(1, 2), REVIEW], by=by, now=NOW)


def test_a_completed_review_that_waits_for_its_decision_is_not_placed_again() -> None:
    clinic: Clinic = factories.create_clinic()
    order, by = factories.create_order(clinic, template=WITH_REVIEW), desk(clinic)
    booked(order, clinic, 1, 2, 3)
    [review] = book_series(order=order, clinic=clinic, picks=[REVIEW], by=by, now=NOW)
    type(review).objects.filter(pk=review.pk).update(
        status=Status.COMPLETED, arrived_at=review.period.lower, left_at=review.period.upper
    )
    assert to_place(order) == []
