"""Moving the rest of a series in one transaction, and where it could move to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.booking import Pick, ReviewPick, book_series
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Event, Role, VisitKind
from scheduling.moving_rest import move_rest
from scheduling.openings_to_move import openings_to_move, proposals_to_move_rest
from scheduling.permissions import NotAllowed
from scheduling.picks import AnyPick
from scheduling.series_terms import SearchResult, Wish
from scheduling.visits import confirm
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import (
    DAYS,
    WITH_REVIEW,
    at,
    booked,
    desk,
    events_of,
    give,
    meets_the_constraints,
    picks,
    refused,
    told,
)

pytestmark = pytest.mark.django_db


def starts(result: SearchResult) -> list[str]:
    return [visit.start.isoformat() for proposal in result.proposals for visit in proposal.visits]


def test_a_series_shifted_by_one_gap_passes_on_the_only_chair() -> None:
    clinic = factories.create_clinic(chairs=1)
    order = factories.create_order(clinic)
    visits = booked(order, clinic, 1, 2, 3, 4)
    # Each takes the time of the one after it: not in any order one by one.
    shifted = [Pick(number, at(DAYS[number])) for number in (1, 2, 3, 4)]
    moved = move_rest(order=order, from_number=1, picks=shifted, by=desk(clinic), now=NOW)
    assert [(visit.pk, visit.period.lower) for visit in moved] == [
        (visit.pk, pick.start) for visit, pick in zip(visits, shifted, strict=True)
    ]
    assert [events_of(visit)[-1] for visit in moved] == ["appointment.moved"] * 4
    assert {visit.told_version for visit in moved} == {2}
    assert told() == 4
    meets_the_constraints()


def test_what_keeps_its_time_is_untouched() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    visits, by = booked(order, clinic, 1, 2, 3), desk(clinic)
    confirm(appointment=visits[1], how="desk", by=by, now=NOW)
    chosen = [Pick(2, at(DAYS[1])), Pick(3, at("2027-01-12"))]
    second, third = move_rest(order=order, from_number=2, picks=chosen, by=by, now=NOW)
    assert (second.confirmed_by, second.told_version, third.told_version) == ("desk", 1, 2)
    meets_the_constraints()


def test_the_rest_is_all_that_is_booked_from_there_on() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    visits, by = booked(order, clinic, 1, 2, 3), desk(clinic)
    for chosen in ([Pick(2, at("2027-01-09"))], [*picks(1, 2, 3)], [*picks(2, 3, 4)]):
        with refused("not_the_rest"):
            move_rest(order=order, from_number=2, picks=chosen, by=by, now=NOW)
    with refused("not_the_rest"):
        move_rest(order=order, from_number=5, picks=picks(5), by=by, now=NOW)
    give(visits[0], clinic)
    later = visits[0].period.lower + timedelta(hours=3)
    moved = move_rest(order=order, from_number=1, picks=picks(2, 3, wall="13:00"), by=by, now=later)
    assert [visit.dose_number for visit in moved] == [2, 3]


def test_the_rest_moves_whole_or_not_at_all() -> None:
    clinic = factories.create_clinic(chairs=1)
    order = factories.create_order(clinic)
    visits, by = booked(order, clinic, 1, 2, 3), desk(clinic)
    booked(factories.create_order(clinic), clinic, 3, wall="13:00")
    with refused("chairs", "nurses"):
        move_rest(order=order, from_number=2, picks=picks(2, 3, wall="13:00"), by=by, now=NOW)
    rows = Appointment.objects.filter(order=order).order_by("pk")
    assert [row.period for row in rows] == [visit.period for visit in visits]


def test_reviews_between_move_along_or_are_in_the_way() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic, template=WITH_REVIEW), desk(clinic)
    chosen: list[AnyPick] = [*picks(1, 2, 3, 4), ReviewPick(3, at("2027-01-12"))]
    review = book_series(order=order, clinic=clinic, picks=chosen, by=by, now=NOW)[3]
    later: list[AnyPick] = [Pick(3, at("2027-01-12", "11:00")), Pick(4, at("2027-01-14"))]
    with refused("review_between"):
        move_rest(order=order, from_number=3, picks=later, by=by, now=NOW)
    with_review: list[AnyPick] = [*later, ReviewPick(3, at("2027-01-13", "10:00"))]
    moved = move_rest(order=order, from_number=3, picks=with_review, by=by, now=NOW)
    assert [visit.kind for visit in moved] == [VisitKind.INFUSION, VisitKind.REVIEW, VisitKind.INFUSION]
    assert moved[1].pk == review.pk
    meets_the_constraints()


def test_a_review_without_a_visit_is_booked_when_the_rest_moves() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic, template=WITH_REVIEW), desk(clinic)
    booked(order, clinic, 1, 2, 3, 4)
    chosen: list[AnyPick] = [*picks(3, 4, wall="13:00"), ReviewPick(3, at("2027-01-12"))]
    moved = move_rest(order=order, from_number=3, picks=chosen, by=by, now=NOW)
    assert [events_of(visit)[-1] for visit in moved] == [
        "appointment.moved", "appointment.booked", "appointment.moved",
    ]  # fmt: skip
    meets_the_constraints()


def test_the_same_key_moves_the_rest_once() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic), desk(clinic)
    booked(order, clinic, 1, 2)
    chosen = picks(1, 2, wall="13:00")
    first = move_rest(order=order, from_number=1, picks=chosen, by=by, now=NOW, key="k")
    assert move_rest(order=order, from_number=1, picks=chosen, by=by, now=NOW, key="k") == first
    assert Event.objects.filter(verb="appointment.moved").count() == 2


def test_staff_move_visits_of_their_own_clinic_alone() -> None:
    clinic = factories.create_clinic()
    other = factories.create_clinic(clinic.organisation)
    order = factories.create_order(clinic)
    booked(order, clinic, 1)
    for stranger in (desk(other), factories.create_actor(clinic, Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            move_rest(order=order, from_number=1, picks=picks(1, wall="13:00"), by=stranger, now=NOW)


def test_openings_for_an_infusion_lie_between_its_neighbours_and_may_overlap_its_own_time() -> None:
    clinic = factories.create_clinic(chairs=1)
    visits = booked(factories.create_order(clinic), clinic, 1, 2, 3)
    found = openings_to_move(appointment=visits[1], wish=Wish(), count=100, now=NOW)
    assert {start[:10] for start in starts(found)} == {"2027-01-08"}
    assert at("2027-01-08", "09:15") in [visit.start for p in found.proposals for visit in p.visits]
    assert {visit.number for proposal in found.proposals for visit in proposal.visits} == {2}


def test_openings_for_a_cancelled_visit_avoid_who_came_instead() -> None:
    clinic = factories.create_clinic(chairs=1)
    order, by = factories.create_order(clinic), desk(clinic)
    visits = booked(order, clinic, 1, 2)
    cancel(appointment=visits[1], side=CancelledBy.PATIENT, reason="ill", by=by, now=NOW)
    booked(factories.create_order(clinic), clinic, 2)
    visits[1].refresh_from_db()
    found = openings_to_move(appointment=visits[1], wish=Wish(), count=1, now=NOW)
    # The chair is turned over first.
    assert starts(found) == [at("2027-01-08", "11:15").astimezone(NOW.tzinfo).isoformat()]


def test_openings_for_an_infusion_and_its_review_stay_in_order() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic, template=WITH_REVIEW), desk(clinic)
    chosen: list[AnyPick] = [*picks(1, 2, 3, 4), ReviewPick(3, at("2027-01-12"))]
    visits = book_series(order=order, clinic=clinic, picks=chosen, by=by, now=NOW)
    third, review = visits[2], visits[3]
    days = {start[:10] for start in starts(openings_to_move(appointment=third, wish=Wish(), count=200, now=NOW))}
    assert days == {"2027-01-11"}
    found = starts(openings_to_move(appointment=review, wish=Wish(), count=200, now=NOW))
    assert found[0] == at("2027-01-11", "11:00").astimezone(NOW.tzinfo).isoformat()
    assert {start[:10] for start in found} == {"2027-01-11", "2027-01-12", "2027-01-13"}
    assert found[-1] < at("2027-01-13", "09:00").astimezone(NOW.tzinfo).isoformat()


def test_what_is_proposed_for_the_rest_can_be_had() -> None:
    clinic = factories.create_clinic(chairs=1)
    order = factories.create_order(clinic)
    visits, by = booked(order, clinic, 1, 2, 3), desk(clinic)
    found = proposals_to_move_rest(
        order=order,
        clinic=clinic,
        from_number=2,
        wish=Wish(weekdays=frozenset({"tue", "thu", "fri"})),
        count=3,
        now=NOW,
    )
    assert [visit.number for visit in found.proposals[0].visits] == [2, 3]
    for proposal in found.proposals:
        chosen = [Pick(visit.number, visit.start) for visit in proposal.visits]
        moved = move_rest(order=order, from_number=2, picks=chosen, by=by, now=NOW)
        assert [visit.pk for visit in moved] == [visit.pk for visit in visits[1:]]
    meets_the_constraints()
