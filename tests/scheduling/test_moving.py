"""Moving one visit, or the rest of a series: the same visits at other times, checked as bookings are."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from scheduling.booking import BookingRefused, ReviewPick, book_series, book_visit
from scheduling.cancelling import cancel
from scheduling.claim_rows import resources_of
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import (
    AppointmentPhase,
    CancelledBy,
    ChangeKind,
    Claim,
    Event,
    Role,
    Status,
    VisitKind,
)
from scheduling.moving import move
from scheduling.permissions import NotAllowed
from scheduling.picks import AnyPick
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from scheduling.visits import confirm
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import (
    DAYS,
    WITH_REVIEW,
    at,
    booked,
    desk,
    give,
    meets_the_constraints,
    picks,
    refused,
    told,
)
from tests.scheduling.words import changed

pytestmark = pytest.mark.django_db


def test_a_moved_visit_is_the_same_visit_and_no_longer_confirmed() -> None:
    clinic = factories.create_clinic()
    visit = booked(factories.create_order(clinic), clinic, 1, 2, 3)[1]
    confirm(appointment=visit, how="desk", by=desk(clinic), now=NOW)
    moved = move(appointment=visit, start=at(DAYS[1], "13:00"), row_version=2, by=desk(clinic), now=NOW)
    assert (moved.pk, moved.status, moved.dose_number) == (visit.pk, Status.BOOKED, 2)
    assert (moved.period.lower, moved.period.upper) == (at(DAYS[1], "13:00"), at(DAYS[1], "15:00"))
    assert (moved.row_version, moved.told_version) == (3, 2)
    assert (moved.confirmed_at, moved.confirmed_by) == (None, "")
    assert (moved.booked_at, moved.booked_by_id) == (visit.booked_at, visit.booked_by_id)
    event = Event.objects.get(verb="appointment.moved")
    was = {"was": "booked", "was_at": "2027-01-08T14:00:00+00:00", "confirmed_by": "desk"}
    assert event.data == {"number": 2, **was}
    assert told() == 2
    meets_the_constraints()


def test_claims_and_phases_go_with_a_moved_visit() -> None:
    clinic = factories.create_clinic()
    visit = booked(factories.create_order(clinic), clinic, 1)[0]
    before = Claim.objects.filter(appointment=visit).count()
    move(appointment=visit, start=at(DAYS[1], "13:00"), by=desk(clinic), now=NOW)
    claims = Claim.objects.filter(appointment=visit, live=True)
    assert claims.count() == before
    assert {claim.period.lower.date().isoformat() for claim in claims} == {DAYS[1]}
    assert min(phase.period.lower for phase in AppointmentPhase.objects.filter(appointment=visit)) == at(
        DAYS[1], "13:00"
    )


def test_a_visit_moves_into_the_time_it_holds_itself() -> None:
    clinic = factories.create_clinic(chairs=1)
    visit = booked(factories.create_order(clinic), clinic, 1)[0]
    had = resources_of([visit])
    moved = move(appointment=visit, start=at(DAYS[0], "09:15"), by=desk(clinic), now=NOW)
    assert resources_of([moved]) == had
    meets_the_constraints()


def test_a_moved_visit_keeps_chair_and_nurse_where_they_are_free() -> None:
    clinic = factories.create_clinic(chairs=3, nurses=3)
    mine = booked(factories.create_order(clinic), clinic, 1)[0]
    had = resources_of([mine])[mine.pk]
    # The day it goes to has others on the chairs, so that the least busy would be another one.
    moved = move(appointment=mine, start=at(DAYS[0], "12:00"), by=desk(clinic), now=NOW)
    assert resources_of([moved])[mine.pk] == had
    for _ in range(2):
        booked(factories.create_order(clinic), clinic, 1, wall="15:00")
    last = move(appointment=moved, start=at(DAYS[0], "15:00"), by=desk(clinic), now=NOW)
    seats = Claim.objects.filter(live=True, role="seat", period__overlap=last.period)
    assert len(set(seats.values_list("resource", flat=True))) == 3
    meets_the_constraints()


@pytest.mark.parametrize(
    ("number", "start", "rules"),
    [
        (2, at("2027-01-07"), ("spacing",)),
        (2, at("2027-01-09"), ("hours", "nurses", "prescriber")),
        (2, at("2027-01-12"), ("order", "spacing")),
        (1, at("2027-01-08", "15:00"), ("order", "spacing")),
        (3, at("2027-01-14"), ("order", "spacing")),
        (1, at("2027-01-06", "16:30"), ("hours", "nurses")),
        (1, at("2027-01-06", "09:05"), ("grid",)),
        (1, NOW - timedelta(minutes=15), ("past",)),
        (1, NOW + timedelta(days=500), ("too_far",)),
    ],
)
def test_an_infusion_only_moves_where_its_order_and_the_clinic_let_it(
    number: int, start: datetime, rules: tuple[str, ...]
) -> None:
    clinic = factories.create_clinic()
    visits = booked(factories.create_order(clinic), clinic, 1, 2, 3, 4)
    by = desk(clinic)
    with refused(*rules):
        move(appointment=visits[number - 1], start=start, by=by, now=NOW)


def test_moving_the_first_counts_the_days_of_the_whole_series() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic, template={**factories.SIX, "within_days": 13, "spacing": []})
    visits, by = booked(order, clinic, 1, 2, 6), desk(clinic)
    with refused("within_days"):
        move(appointment=visits[0], start=at("2027-01-05"), by=by, now=NOW)


def test_a_visit_moved_to_where_it_stands_is_untouched() -> None:
    clinic = factories.create_clinic()
    visit = booked(factories.create_order(clinic), clinic, 1)[0]
    same = move(appointment=visit, start=visit.period.lower, by=desk(clinic), now=NOW)
    assert (same.row_version, same.told_version, told()) == (1, 1, 0)


def test_a_stale_page_does_not_move_a_visit() -> None:
    clinic = factories.create_clinic()
    visit, by = booked(factories.create_order(clinic), clinic, 1)[0], desk(clinic)
    move(appointment=visit, start=at(DAYS[0], "10:00"), row_version=1, by=by, now=NOW)
    with pytest.raises(ChangedMeanwhile):
        move(appointment=visit, start=at(DAYS[0], "11:00"), row_version=1, by=by, now=NOW)


def test_only_a_booked_visit_of_an_active_order_moves() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    visits, by = booked(order, clinic, 1, 2), desk(clinic)
    cancel(appointment=visits[1], side=CancelledBy.PATIENT, reason="ill", by=by, now=NOW)
    with pytest.raises(NotPossibleFromHere):
        move(appointment=visits[1], start=at(DAYS[1], "10:00"), by=by, now=NOW)
    changed(order, clinic, ChangeKind.PAUSE)
    with refused("order_not_active"):
        move(appointment=visits[0], start=at(DAYS[0], "10:00"), by=by, now=NOW)


def test_the_same_key_moves_once() -> None:
    clinic = factories.create_clinic()
    visit, by = booked(factories.create_order(clinic), clinic, 1)[0], desk(clinic)
    to = at(DAYS[0], "10:00")
    first = move(appointment=visit, start=to, row_version=1, key="k", by=by, now=NOW)
    again = move(appointment=visit, start=to, row_version=1, key="k", by=by, now=NOW)
    assert (again.row_version, told()) == (first.row_version, 1)
    with pytest.raises(KeyUsedOtherwise):
        move(appointment=visit, start=at(DAYS[0], "11:00"), key="k", by=by, now=NOW)


def test_a_review_stays_between_its_infusions() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic, template=WITH_REVIEW), desk(clinic)
    chosen: list[AnyPick] = [*picks(1, 2, 3, 4), ReviewPick(3, at("2027-01-12", "10:00"))]
    visits = book_series(order=order, clinic=clinic, picks=chosen, by=by, now=NOW)
    review = next(visit for visit in visits if visit.kind == VisitKind.REVIEW)
    for start in (at("2027-01-11", "10:00"), at("2027-01-13", "09:00")):
        with pytest.raises(BookingRefused, match="review_between"):
            move(appointment=review, start=start, by=by, now=NOW)
    moved = move(appointment=review, start=at("2027-01-11", "11:00"), by=by, now=NOW)
    assert (moved.review_after, moved.kind, moved.period.lower) == (3, VisitKind.REVIEW, at("2027-01-11", "11:00"))
    third = next(visit for visit in visits if visit.dose_number == 3)
    with refused("review_between"):
        move(appointment=third, start=at("2027-01-11", "14:00"), by=by, now=NOW)
    meets_the_constraints()


def test_a_consultation_moves_to_a_free_prescriber() -> None:
    clinic = factories.create_clinic()
    visit_type, by = factories.create_visit_type(clinic), desk(clinic)
    mine, _ = (
        book_visit(
            patient=factories.create_patient(clinic), clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW
        )
        for start in (at("2027-01-05", "10:00"), at("2027-01-05", "11:00"))
    )
    with refused("prescriber"):
        move(appointment=mine, start=at("2027-01-05", "10:30"), by=by, now=NOW)
    moved = move(appointment=mine, start=at("2027-01-05", "10:15"), by=by, now=NOW)
    assert (moved.pk, moved.visit_type_id, moved.told_version) == (mine.pk, visit_type.pk, 2)
    meets_the_constraints()


def test_an_infusion_keeps_its_distance_to_one_that_was_given() -> None:
    clinic = factories.create_clinic()
    visits, by = booked(factories.create_order(clinic), clinic, 1, 2), desk(clinic)
    give(visits[0], clinic)
    later = visits[0].period.lower + timedelta(hours=3)
    with refused("spacing"):
        move(appointment=visits[1], start=at("2027-01-07"), by=by, now=later)
    moved = move(appointment=visits[1], start=at("2027-01-08", "15:00"), by=by, now=later)
    assert moved.period.lower == at("2027-01-08", "15:00")
    meets_the_constraints()


def test_only_who_books_here_moves_visits() -> None:
    clinic = factories.create_clinic()
    visit = booked(factories.create_order(clinic), clinic, 1)[0]
    for stranger in (factories.create_actor(clinic, Role.AUDITOR), desk(factories.create_clinic())):
        with pytest.raises(NotAllowed):
            move(appointment=visit, start=at(DAYS[0], "10:00"), by=stranger, now=NOW)
