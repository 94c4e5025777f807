"""Keeping times: a whole series at once, seen by everybody and told to nobody, and a second option beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import pytest

from scheduling.booking import Pick, ReviewPick, book_series
from scheduling.holding import hold_series, hold_visit
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.kept_times import release_hold
from scheduling.models import Appointment, Order, Role, Status, VisitKind
from scheduling.openings_to_move import propose_beside
from scheduling.options import options_of
from scheduling.orders import orders_to_book
from scheduling.permissions import NotAllowed
from scheduling.picks import AnyPick
from scheduling.proposals import propose_series
from scheduling.series_terms import Wish
from scheduling.visit_steps import NotPossibleFromHere
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import (
    DAYS,
    WITH_REVIEW,
    at,
    booked,
    desk,
    events_of,
    meets_the_constraints,
    picks,
    refused,
    told,
)

pytestmark = pytest.mark.django_db


def test_hold_series_keeps_every_pick_and_tells_nobody() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    by = desk(clinic)
    held = hold_series(order=order, clinic=clinic, picks=picks(1, 2, 3), by=by, now=NOW, held_with="her sister")
    assert [(visit.status, visit.dose_number, visit.held_with) for visit in held] == [
        (Status.HELD, number, "her sister") for number in (1, 2, 3)
    ]
    assert {visit.held_until for visit in held} == {NOW + timedelta(minutes=clinic.hold_minutes)}
    assert [events_of(visit) for visit in held] == [["appointment.held"]] * 3
    assert told() == 0
    meets_the_constraints()


def test_a_hold_is_seen_by_everybody_at_once() -> None:
    clinic = factories.create_clinic(chairs=1)
    mine, yours = factories.create_order(clinic), factories.create_order(clinic)
    by = desk(clinic)
    hold_series(order=mine, clinic=clinic, picks=picks(1), by=by, now=NOW)
    with refused("chairs", "nurses"):
        book_series(order=yours, clinic=clinic, picks=picks(1), by=by, now=NOW)
    wish = Wish(time=time(9))
    found = propose_series(order=yours, clinic=clinic, wish=wish, how_many=1, count=20, now=NOW)
    assert at("2027-01-06") not in [visit.start for proposal in found.proposals for visit in proposal.visits]


@pytest.mark.parametrize(
    ("until", "minutes", "ends"),
    [
        (None, 30, NOW + timedelta(minutes=30)),
        (time(17), None, at("2027-01-04", "17:00")),
        (at("2027-01-05", "12:00"), None, at("2027-01-05", "12:00")),
        # Never past the first of them.
        (at("2027-01-07", "12:00"), None, at("2027-01-06")),
    ],
)
def test_a_hold_ends_after_minutes_or_at_a_time(
    until: time | datetime | None, minutes: int | None, ends: datetime
) -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    held = hold_series(
        order=order, clinic=clinic, picks=picks(1, 2), until=until, minutes=minutes, by=desk(clinic), now=NOW
    )
    assert {visit.held_until for visit in held} == {ends}


@pytest.mark.parametrize(
    ("until", "minutes", "rule"),
    [
        (time(6), None, "hold_ends_before_now"),
        (NOW, None, "hold_ends_before_now"),
        (None, 0, "hold_ends_before_now"),
        (NOW + timedelta(days=7, minutes=1), None, "hold_too_long"),
    ],
)
def test_a_hold_that_ends_before_it_begins_or_too_late_is_refused(
    until: time | datetime | None, minutes: int | None, rule: str
) -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic), desk(clinic)
    with refused(rule):
        hold_series(order=order, clinic=clinic, picks=picks(4), until=until, minutes=minutes, by=by, now=NOW)


def test_a_second_option_is_kept_beside_the_first_even_at_the_same_times() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic, template=WITH_REVIEW)
    by = desk(clinic)
    review = ReviewPick(3, at("2027-01-12"))
    first = hold_series(order=order, clinic=clinic, picks=[*picks(1, 2, 3, 4), review], by=by, now=NOW)
    later: list[AnyPick] = [*picks(1, 2, 3, 4, wall="09:30"), ReviewPick(3, at("2027-01-12", "09:30"))]
    second = hold_series(order=order, clinic=clinic, picks=later, by=by, now=NOW)
    assert [visit.kind for visit in second] == [VisitKind.KEPT] * 5
    assert [(visit.kept_for_number, visit.review_after) for visit in second] == [
        (1, None), (2, None), (3, None), (None, 3), (4, None),
    ]  # fmt: skip
    options = options_of(order, now=NOW)
    assert [option.is_second for option in options] == [False, True]
    assert [list(option.visits) for option in options] == [first, second]
    meets_the_constraints()


def test_a_third_option_waits_until_one_of_two_went() -> None:
    clinic = factories.create_clinic(chairs=3, nurses=3)
    order, by = factories.create_order(clinic), desk(clinic)
    first, _ = (
        hold_series(order=order, clinic=clinic, picks=picks(1, 2, wall=wall), by=by, now=NOW)
        for wall in ("09:00", "12:00")
    )
    with refused("two_options"):
        hold_series(order=order, clinic=clinic, picks=picks(1, 2, wall="15:00"), by=by, now=NOW)
    release_hold(visits=first, by=by, now=NOW)
    third = hold_series(order=order, clinic=clinic, picks=picks(1, 2, wall="15:00"), by=by, now=NOW)
    assert [visit.kind for visit in third] == [VisitKind.INFUSION] * 2


def test_what_follows_a_hold_is_held_with_it_and_keeps_its_distance() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic), desk(clinic)
    hold_series(order=order, clinic=clinic, picks=picks(1, 2), by=by, now=NOW)
    with refused("spacing"):
        hold_series(order=order, clinic=clinic, picks=[*picks(4)], by=by, now=NOW)
    held = hold_series(order=order, clinic=clinic, picks=picks(3), by=by, now=NOW)
    assert [visit.kind for visit in held] == [VisitKind.INFUSION]
    [option] = options_of(order, now=NOW)
    assert [visit.dose_number for visit in option.visits] == [1, 2, 3]


def test_a_hold_moves_with_what_the_desk_looks_at() -> None:
    clinic = factories.create_clinic(chairs=1)
    order, by = factories.create_order(clinic), desk(clinic)
    first = hold_series(order=order, clinic=clinic, picks=picks(1, 2), by=by, now=NOW)
    moved = hold_series(order=order, clinic=clinic, picks=picks(1, 2, wall="09:30"), instead_of=first, by=by, now=NOW)
    assert [visit.kind for visit in moved] == [VisitKind.INFUSION] * 2
    assert [list(option.visits) for option in options_of(order, now=NOW)] == [moved]
    assert [events_of(visit)[-1] for visit in first] == ["appointment.released"] * 2
    meets_the_constraints()


def test_a_hold_never_takes_the_place_of_a_booking() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic), desk(clinic)
    standing = booked(order, clinic, 1)
    with pytest.raises(NotPossibleFromHere):
        hold_series(order=order, clinic=clinic, picks=picks(1, wall="12:00"), instead_of=standing, by=by, now=NOW)
    assert Appointment.objects.get().status == Status.BOOKED


def test_a_hold_that_can_not_move_stays_where_it_is() -> None:
    clinic = factories.create_clinic(chairs=1)
    order, by = factories.create_order(clinic), desk(clinic)
    booked(factories.create_order(clinic), clinic, 1, wall="12:00")
    first = hold_series(order=order, clinic=clinic, picks=picks(1), by=by, now=NOW)
    with refused("chairs", "nurses"):
        hold_series(order=order, clinic=clinic, picks=picks(1, wall="12:00"), instead_of=first, by=by, now=NOW)
    assert [list(option.visits) for option in options_of(order, now=NOW)] == [first]


def test_booking_another_proposal_lets_the_held_one_go() -> None:
    clinic = factories.create_clinic(chairs=1)
    order, by = factories.create_order(clinic), desk(clinic)
    held = hold_series(order=order, clinic=clinic, picks=picks(1, 2), by=by, now=NOW)
    with refused("already_settled"):
        book_series(order=order, clinic=clinic, picks=picks(1, wall="12:00"), by=by, now=NOW)
    book_series(order=order, clinic=clinic, picks=picks(1, wall="09:30"), instead_of=held, by=by, now=NOW)
    assert options_of(order, now=NOW) == []
    meets_the_constraints()


def test_a_hold_past_its_end_is_free_to_others() -> None:
    clinic = factories.create_clinic(chairs=1)
    patient = factories.create_patient(clinic)
    mine, yours = factories.create_order(clinic, patient), factories.create_order(clinic, patient)
    by, later = desk(clinic), NOW + timedelta(minutes=clinic.hold_minutes)
    [held] = hold_series(order=mine, clinic=clinic, picks=picks(1), by=by, now=NOW)
    assert options_of(mine, now=later) == []

    def days(order: Order) -> set[str]:
        wish = Wish(time=time(9), weekdays=frozenset({"wed"}))
        found = propose_series(order=order, clinic=clinic, wish=wish, how_many=1, count=1, now=later)
        return {visit.start.date().isoformat() for proposal in found.proposals for visit in proposal.visits}

    assert "2027-01-06" in days(mine) & days(yours)
    book_series(order=yours, clinic=clinic, picks=picks(1), by=by, now=later)
    held.refresh_from_db()
    assert (held.status, held.held_until) == (Status.RELEASED, None)
    meets_the_constraints()


def test_an_order_that_is_only_held_is_still_to_book() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    hold_series(order=order, clinic=clinic, picks=picks(1, 2, 3, 4, 5, 6), by=desk(clinic), now=NOW)
    assert orders_to_book(clinic=clinic) == [order]


def test_hold_series_with_the_same_key_keeps_once() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic), desk(clinic)
    first = hold_series(order=order, clinic=clinic, picks=picks(1, 2), by=by, now=NOW, key="k")
    assert hold_series(order=order, clinic=clinic, picks=picks(1, 2), by=by, now=NOW, key="k") == first
    with pytest.raises(KeyUsedOtherwise):
        hold_series(order=order, clinic=clinic, picks=picks(1, 2), minutes=30, by=by, now=NOW, key="k")


def test_a_single_visit_is_kept_and_moved_like_a_series() -> None:
    clinic = factories.create_clinic()
    patient, visit_type, by = factories.create_patient(clinic), factories.create_visit_type(clinic), desk(clinic)
    start = at("2027-01-05", "10:00")
    held = hold_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW, key="k")
    again = hold_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW, key="k")
    assert (again.pk, held.status, held.kind) == (held.pk, Status.HELD, VisitKind.CONSULTATION)
    moved = hold_visit(
        patient=patient, clinic=clinic, visit_type=visit_type, start=start + timedelta(minutes=15), instead_of=[held],
        by=by, now=NOW,
    )  # fmt: skip
    held.refresh_from_db()
    assert (held.status, moved.status) == (Status.RELEASED, Status.HELD)
    assert told() == 0
    meets_the_constraints()


def test_only_who_books_here_keeps_times() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    auditor = factories.create_actor(clinic, Role.AUDITOR)
    with pytest.raises(NotAllowed):
        hold_series(order=order, clinic=clinic, picks=picks(1), by=auditor, now=NOW)


def test_a_second_option_is_looked_for_beside_the_first_or_in_its_place() -> None:
    clinic = factories.create_clinic(chairs=1)
    order, by = factories.create_order(clinic), desk(clinic)
    held = hold_series(order=order, clinic=clinic, picks=picks(1), by=by, now=NOW)
    wish = Wish(time=time(9, 15), weekdays=frozenset({"wed"}))

    def found(instead_of: Sequence[Appointment] = ()) -> datetime:
        result = propose_beside(
            order=order, clinic=clinic, wish=wish, how_many=1, count=1, now=NOW, instead_of=instead_of
        )
        return result.proposals[0].visits[0].start

    assert found() == at(DAYS[0], "11:15")
    assert found(held) == at(DAYS[0], "09:15")
    hold_series(order=order, clinic=clinic, picks=[Pick(1, found())], by=by, now=NOW)
    # The second option has the chair from a quarter past eleven on.
    assert found(held) == at(DAYS[0], "09:00")


def test_what_is_looked_for_beside_a_later_kept_infusion_keeps_its_distance_to_it() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic), desk(clinic)
    first, *_ = hold_series(order=order, clinic=clinic, picks=picks(2), by=by, now=NOW)
    release_hold(visits=[first], by=by, now=NOW)
    result = propose_beside(order=order, clinic=clinic, wish=Wish(), how_many=1, count=1, now=NOW)
    kept = hold_series(order=order, clinic=clinic, picks=[Pick(1, result.proposals[0].visits[0].start)], by=by, now=NOW)
    assert [visit.kind for visit in kept] == [VisitKind.INFUSION]


def test_times_of_another_patient_are_not_let_go_with_a_hold() -> None:
    clinic = factories.create_clinic()
    mine, yours, by = factories.create_order(clinic), factories.create_order(clinic), desk(clinic)
    theirs = hold_series(order=yours, clinic=clinic, picks=picks(1), by=by, now=NOW)
    with pytest.raises(NotPossibleFromHere):
        hold_series(order=mine, clinic=clinic, picks=picks(2), instead_of=theirs, by=by, now=NOW)
    own = hold_series(order=mine, clinic=clinic, picks=picks(2), by=by, now=NOW)
    with pytest.raises(NotPossibleFromHere):
        release_hold(visits=[*own, *theirs], by=by, now=NOW)


def test_with_whom_may_be_said_at_length() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic), desk(clinic)
    [held] = hold_series(order=order, clinic=clinic, picks=picks(1), held_with="her sister " * 40, by=by, now=NOW)
    assert held.held_with.startswith("her sister")
