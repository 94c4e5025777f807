"""Booking a series and a single visit: all or nothing, within the order, once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection

from scheduling.booking import BookingRefused, Pick, book_series, book_visit
from scheduling.events import Actor
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Appointment, Claim, Clinic, Event, EventToPlan, Order, Role, Status
from scheduling.permissions import NotAllowed
from scheduling.proposals import propose_series, propose_visit
from scheduling.series_terms import Wish
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def picks_for(order: Order, clinic: Clinic, how_many: int | None = None) -> list[Pick]:
    wish = Wish(time=time(9))
    result = propose_series(order=order, clinic=clinic, wish=wish, how_many=how_many, count=1, now=NOW)
    assert result.problems == ()
    return [Pick(visit.number, visit.start) for visit in result.proposals[0].visits]


def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


def test_book_series_writes_visits_claims_and_events_for_every_pick() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    picks = picks_for(order, clinic, 6)
    booked = book_series(order=order, clinic=clinic, picks=picks, by=desk(clinic), now=NOW)
    assert [visit.dose_number for visit in booked] == [1, 2, 3, 4, 5, 6]
    assert [visit.period.lower for visit in booked] == [pick.start for pick in picks]
    assert [visit.is_tentative for visit in booked] == [False, False, False, True, True, True]
    # Seat, watch twice, attention twice.
    assert Claim.objects.filter(live=True).count() == 6 * 5
    assert Event.objects.filter(verb="appointment.booked").count() == EventToPlan.objects.count() == 6
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_book_series_by_default_goes_up_to_the_next_review() -> None:
    clinic = factories.create_clinic()
    assert [pick.number for pick in picks_for(factories.create_order(clinic), clinic)] == [1, 2, 3]


def test_book_series_refuses_the_whole_when_one_time_is_taken() -> None:
    clinic = factories.create_clinic(chairs=1)
    first, second = factories.create_order(clinic), factories.create_order(clinic)
    picks = picks_for(first, clinic)
    clash = picks[-1:]
    book_series(order=first, clinic=clinic, picks=picks, by=desk(clinic), now=NOW)
    others = [Pick(1, clash[0].start - timedelta(days=3)), Pick(2, clash[0].start)]
    with pytest.raises(BookingRefused) as refusal:
        book_series(order=second, clinic=clinic, picks=others, by=desk(clinic), now=NOW)
    assert {problem.rule for problem in refusal.value.problems} == {"chairs", "nurses"}
    assert Appointment.objects.filter(order=second).count() == 0


@pytest.mark.parametrize(("days", "rule"), [(1, "spacing"), (5, "spacing"), (-1, "order")])
def test_book_series_refuses_what_the_order_does_not_allow(days: int, rule: str) -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    first = datetime.fromisoformat("2027-01-06T09:00-05:00")
    picks = [Pick(1, first), Pick(2, first + timedelta(days=days))]
    with pytest.raises(BookingRefused) as refusal:
        book_series(order=order, clinic=clinic, picks=picks, by=desk(clinic), now=NOW)
    assert rule in {problem.rule for problem in refusal.value.problems}


def test_book_series_refuses_a_draft_a_time_gone_by_and_a_dose_booked_before() -> None:
    clinic = factories.create_clinic()
    draft, order = factories.create_draft(clinic), factories.create_order(clinic)
    by = desk(clinic)
    start = datetime.fromisoformat("2027-01-06T09:00-05:00")

    def rules(order: Order, start: datetime) -> set[str]:
        with pytest.raises(BookingRefused) as refusal:
            book_series(order=order, clinic=clinic, picks=[Pick(1, start)], by=by, now=NOW)
        return {problem.rule for problem in refusal.value.problems}

    assert rules(draft, start) == {"order_not_active"}
    assert "past" in rules(order, NOW - timedelta(days=7))
    book_series(order=order, clinic=clinic, picks=[Pick(1, start)], by=by, now=NOW)
    assert "already_settled" in rules(order, start + timedelta(days=7))


def test_book_series_with_the_same_key_books_once_and_gives_the_same_answer() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic), desk(clinic)
    picks = picks_for(order, clinic)
    first = book_series(order=order, clinic=clinic, picks=picks, by=by, now=NOW, key="k1")
    again = book_series(order=order, clinic=clinic, picks=picks, by=by, now=NOW, key="k1")
    assert [visit.pk for visit in again] == [visit.pk for visit in first]
    assert Appointment.objects.count() == 3
    with pytest.raises(KeyUsedOtherwise):
        book_series(order=order, clinic=clinic, picks=picks[:1], by=by, now=NOW, key="k1")


def test_book_series_is_not_for_someone_without_a_role_here() -> None:
    clinic, elsewhere = factories.create_clinic(), factories.create_clinic()
    order = factories.create_order(clinic)
    stranger = Actor.staff(factories.create_user(elsewhere, Role.FRONT_DESK), clinic)
    with pytest.raises(NotAllowed):
        book_series(order=order, clinic=clinic, picks=picks_for(order, clinic), by=stranger, now=NOW)


def test_one_nurse_watching_three_carries_three_visits_and_no_more() -> None:
    clinic = factories.create_clinic(chairs=6, nurses=1)
    by = desk(clinic)
    starts = [datetime.fromisoformat(f"2027-01-05T09:{minutes}-05:00") for minutes in ("00", "15", "30")]
    for start in starts:
        book_series(order=factories.create_order(clinic), clinic=clinic, picks=[Pick(1, start)], by=by, now=NOW)
    fourth = Pick(1, datetime.fromisoformat("2027-01-05T09:45-05:00"))
    with pytest.raises(BookingRefused) as refusal:
        book_series(order=factories.create_order(clinic), clinic=clinic, picks=[fourth], by=by, now=NOW)
    assert [problem.resource for problem in refusal.value.problems] == ["nurses"]


@pytest.mark.parametrize(
    ("picks", "rule"),
    [
        ([], "nothing_picked"),
        ([Pick(1, NOW + timedelta(days=1)), Pick(1, NOW + timedelta(days=3))], "picked_twice"),
        ([Pick(1, datetime(9999, 12, 31, tzinfo=UTC))], "too_far"),
        ([Pick(1, datetime(1, 1, 1, tzinfo=UTC))], "past"),
        ([Pick(99, datetime.fromisoformat("2027-01-06T09:00-05:00"))], "not_in_order"),
        ([Pick(1, datetime.fromisoformat("2027-01-06T09:07-05:00"))], "grid"),
        ([Pick(1, datetime.fromisoformat("2027-01-06T17:00-05:00"))], "hours"),
    ],
)
def test_book_series_says_what_is_wrong_with_odd_picks(picks: list[Pick], rule: str) -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic), desk(clinic)
    with pytest.raises(BookingRefused) as refusal:
        book_series(order=order, clinic=clinic, picks=picks, by=by, now=NOW)
    assert rule in {problem.rule for problem in refusal.value.problems}


def test_another_order_for_the_same_treatment_is_kept_apart_in_proposals_and_bookings() -> None:
    clinic = factories.create_clinic()
    patient, by = factories.create_patient(clinic), desk(clinic)
    first, second = factories.create_order(clinic, patient), factories.create_order(clinic, patient)
    wednesday = datetime.fromisoformat("2027-01-06T09:00-05:00")
    book_series(order=first, clinic=clinic, picks=[Pick(1, wednesday)], by=by, now=NOW)
    found = propose_series(order=second, clinic=clinic, wish=Wish(), how_many=1, count=20, now=NOW)
    days = {visit.start.date().isoformat() for proposal in found.proposals for visit in proposal.visits}
    assert not days & {"2027-01-05", "2027-01-06", "2027-01-07"}
    for days_off in (-1, 1):
        pick = [Pick(1, wednesday + timedelta(days=days_off))]
        with pytest.raises(BookingRefused) as refusal:
            book_series(order=second, clinic=clinic, picks=pick, by=by, now=NOW)
        assert [problem.rule for problem in refusal.value.problems] == ["other_order"]
    book_series(order=second, clinic=clinic, picks=[Pick(1, wednesday + timedelta(days=2))], by=by, now=NOW)


def test_a_kept_time_past_its_end_is_free_and_is_released_by_the_next_booking() -> None:
    clinic = factories.create_clinic(chairs=1)
    start, by = datetime.fromisoformat("2027-01-06T09:00-05:00"), desk(clinic)
    [kept] = book_series(order=factories.create_order(clinic), clinic=clinic, picks=[Pick(1, start)], by=by, now=NOW)
    Appointment.objects.filter(pk=kept.pk).update(status=Status.HELD, held_until=NOW)
    later = NOW + timedelta(minutes=1)
    book_series(order=factories.create_order(clinic), clinic=clinic, picks=[Pick(1, start)], by=by, now=later)
    kept.refresh_from_db()
    assert kept.status == Status.RELEASED


def test_renumbering_reaches_claims_beyond_the_wanted_span() -> None:
    clinic = factories.create_clinic(chairs=6, nurses=1)
    watching = [{"name": "rest", "minutes": 60, "nurse": "watch"}]
    long = [{"name": "rest", "minutes": 240, "nurse": "watch"}]
    by = desk(clinic)
    visits = [("09:00", long), ("09:00", watching), ("10:00", watching), ("10:45", watching)]
    starts = [(datetime.fromisoformat(f"2027-01-06T{wall}-05:00"), phases) for wall, phases in visits]
    for start, phases in starts:
        visit_type = factories.create_visit_type(clinic, phases=phases)
        patient = factories.create_patient(clinic)
        book_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW)
    wanted = datetime.fromisoformat("2027-01-06T09:30-05:00")
    visit_type = factories.create_visit_type(clinic, phases=watching)
    patient = factories.create_patient(clinic)
    assert book_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=wanted, by=by, now=NOW).live


def test_staff_of_one_organisation_book_nothing_of_another() -> None:
    clinic, foreign = factories.create_clinic(), factories.create_clinic()
    by, order = desk(foreign), factories.create_order(clinic)
    with pytest.raises(NotAllowed):
        book_series(order=order, clinic=clinic, picks=picks_for(order, clinic), by=by, now=NOW)
    start = datetime.fromisoformat("2027-01-06T09:00-05:00")
    patient, visit_type = factories.create_patient(foreign), factories.create_visit_type(clinic)
    with pytest.raises(BookingRefused):
        book_visit(patient=patient, clinic=foreign, visit_type=visit_type, start=start, by=by, now=NOW)


def test_book_visit_takes_the_prescriber_so_that_a_second_consultation_is_refused() -> None:
    clinic = factories.create_clinic()
    visit_type, by = factories.create_visit_type(clinic), desk(clinic)
    patient, other = factories.create_patient(clinic), factories.create_patient(clinic)
    result = propose_visit(patient=patient, clinic=clinic, visit_type=visit_type, wish=Wish(), count=3, now=NOW)
    start = result.proposals[0].visits[0].start
    visit = book_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW, key="a")
    assert visit.status == Status.BOOKED
    again = book_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW, key="a")
    assert again.pk == visit.pk
    with pytest.raises(BookingRefused):
        book_visit(patient=other, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW)
    later = start + timedelta(minutes=15)
    with pytest.raises(BookingRefused):
        book_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=later, by=by, now=NOW)
