"""Taking back the last step within the day: where the visit stood before, its chair where that is free."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from scheduling.booking import Pick, book_series
from scheduling.clinician_tasks import TAKEN_BACK
from scheduling.deviations import sign_deviation
from scheduling.events import Actor
from scheduling.exit_rulings import rule_on_exit
from scheduling.models import Appointment, Clinic, Event, FollowUp, Role, Status
from scheduling.permissions import NotAllowed
from scheduling.undoing import RuledAlready, TooLate, undo_step
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from scheduling.visits import record_step
from scheduling.waiting_for_chairs import place_again
from scheduling.word_of_mouth import Word
from tests import factories
from tests.factories import checks_for
from tests.scheduling.running import (
    NINE,
    PLAN,
    WITH_BAY,
    book,
    chairs_of,
    hold_true,
    minutes,
    nurse,
    nurses_of,
    verbs,
    walk,
)

pytestmark = pytest.mark.django_db
STEPS = list(PLAN)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1)


@pytest.fixture
def by(clinic: Clinic) -> Actor:
    return nurse(clinic)


def step(visit: Appointment, to: Status, by: Actor, at: datetime) -> None:
    record_step(appointment=visit, to=to, happened_at=at, checks=checks_for(to), by=by, now=at)


def back(visit: Appointment, by: Actor, at: datetime, version: int | None = None) -> None:
    undo_step(appointment=visit, row_version=version, by=by, now=at)


def taken(clinic: Clinic, start: int, now: int) -> Appointment:
    """Somebody else is booked, so many minutes after nine."""
    order, desk = factories.create_order(clinic), factories.create_actor(clinic, Role.FRONT_DESK)
    picks = [Pick(1, NINE + minutes(start))]
    return book_series(order=order, clinic=clinic, picks=picks, by=desk, now=NINE + minutes(now))[0]


@pytest.mark.parametrize("last", STEPS)
def test_each_step_leads_back_to_the_one_before_and_on_again(clinic: Clinic, by: Actor, last: Status) -> None:
    visit = book(clinic)
    walk(visit, by, last)
    at = visit.period.lower + minutes(PLAN[last] + 5)
    back(visit, by, at)
    hold_true()
    stamps = (visit.arrived_at, visit.seated_at, visit.given_at, visit.finished_at, visit.left_at)
    place = STEPS.index(last)
    assert visit.status == (STEPS[place - 1] if place else Status.BOOKED)
    assert [bool(one) for one in stamps] == [index < place for index in range(5)]
    assert chairs_of(visit) == [("chair-1", 0, 135)]
    assert verbs(visit)[-1] == "appointment.undone"
    assert Event.objects.get(appointment=visit, verb="appointment.undone").data == {"step": last}
    walk(visit, by, Status.COMPLETED, late=10)
    hold_true()


def test_each_step_of_a_whole_day_taken_back_one_by_one(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    walk(visit, by, Status.COMPLETED, late=7)
    for _ in STEPS:
        back(visit, by, NINE + minutes(130))
        hold_true()
    assert (visit.status, visit.period.lower, visit.live) == (Status.BOOKED, NINE, True)
    walk(visit, by, Status.COMPLETED)


@pytest.mark.parametrize("early", [30, 15, 0])
def test_who_was_seated_early_is_booked_again_at_their_time(clinic: Clinic, by: Actor, early: int) -> None:
    visit = book(clinic)
    at = NINE - minutes(early)
    step(visit, Status.ARRIVED, by, at)
    step(visit, Status.SEATED, by, at)
    back(visit, by, at)
    back(visit, by, at)
    hold_true()
    assert chairs_of(visit)[0][1] == 0
    assert visit.status == Status.BOOKED


def test_who_was_started_within_minutes_of_coming_is_booked_again_at_their_time(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    for after, to in enumerate((Status.ARRIVED, Status.SEATED, Status.INFUSING)):
        step(visit, to, by, NINE + minutes(after))
    for _ in range(3):
        back(visit, by, NINE + minutes(4))
        hold_true()
    assert (visit.status, visit.period.lower, visit.live) == (Status.BOOKED, NINE, True)
    walk(visit, by, Status.COMPLETED)


def test_a_start_that_is_taken_back_counts_no_more_and_its_follow_up_waits_again(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    walk(visit, by, Status.INFUSING)
    call = FollowUp.objects.get(order=visit.order, after_number=1)
    assert call.state == "open"
    back(visit, by, NINE + minutes(30))
    call.refresh_from_db()
    assert (visit.given_at, call.state, call.due_at) == (None, "waiting", None)
    walk(visit, by, Status.INFUSING, late=15)
    call.refresh_from_db()
    assert (call.state, call.opened_at) == ("open", NINE + minutes(40))


def test_an_exit_that_is_taken_back_asks_for_no_ruling_and_the_next_one_asks_anew(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    walk(visit, by, Status.INFUSING)
    step(visit, Status.STOPPED_EARLY, by, NINE + minutes(30))
    back(visit, by, NINE + minutes(31))
    hold_true()
    assert (visit.status, visit.needs_ruling) == (Status.INFUSING, False)
    [closed] = visit.patient.clinician_tasks.all()
    assert (closed.closed_by_id, closed.outcome) == (by.user_id, TAKEN_BACK)
    step(visit, Status.TRANSFERRED, by, NINE + minutes(40))
    assert visit.patient.clinician_tasks.filter(closed_at=None).count() == 1


def test_what_was_ruled_stays(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    walk(visit, by, Status.INFUSING)
    step(visit, Status.STOPPED_EARLY, by, NINE + minutes(30))
    user = factories.create_user(clinic, Role.PRESCRIBER)
    doctor = Actor.staff(user, clinic)
    rule_on_exit(appointment=visit, counts=True, word=Word(user), by=doctor, now=NINE + minutes(40))
    with pytest.raises(RuledAlready):
        back(visit, by, NINE + minutes(50))


def test_who_was_turned_away_and_is_taken_back_waits_where_a_booking_took_the_chair(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    step(visit, Status.ARRIVED, by, NINE)
    step(visit, Status.TURNED_AWAY, by, NINE + minutes(5))
    order = factories.create_order(clinic)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    [other] = book_series(
        order=order, clinic=clinic, picks=[Pick(1, NINE + minutes(15))], by=desk, now=NINE + minutes(6)
    )
    back(visit, by, NINE + minutes(8))
    hold_true()
    other.refresh_from_db()
    assert (visit.status, visit.is_placed, chairs_of(visit)) == (Status.ARRIVED, False, [])
    assert (other.is_placed, chairs_of(other)) == (True, [("chair-1", 0, 135)])
    step(other, Status.NO_SHOW, by, NINE + minutes(20))
    visit.refresh_from_db()
    if not visit.is_placed:
        place_again(appointment=visit, by=by, now=NINE + minutes(20))
    assert chairs_of(visit) != []


def test_who_was_turned_away_has_a_free_chair_again(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    step(visit, Status.ARRIVED, by, NINE)
    step(visit, Status.TURNED_AWAY, by, NINE + minutes(5))
    assert chairs_of(visit) == [("chair-1", 0, 5)]
    back(visit, by, NINE + minutes(5))
    hold_true()
    assert (visit.is_placed, chairs_of(visit)) == (True, [("chair-1", 5, 140)])


def test_who_sits_in_the_chair_keeps_it_and_what_was_booked_there_waits(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    walk(visit, by, Status.RECOVERING)
    step(visit, Status.COMPLETED, by, NINE + minutes(70))
    order = factories.create_order(clinic)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    [other] = book_series(
        order=order, clinic=clinic, picks=[Pick(1, NINE + minutes(75))], by=desk, now=NINE + minutes(71)
    )
    back(visit, by, NINE + minutes(72))
    hold_true()
    other.refresh_from_db()
    assert (visit.is_placed, chairs_of(visit)) == (True, [("chair-1", 0, 135)])
    assert not other.is_placed
    assert nurses_of(visit)[-1][2] == 120


def test_whoever_sat_down_meanwhile_has_the_chair_by_the_records(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    walk(visit, by, Status.RECOVERING)
    step(visit, Status.COMPLETED, by, NINE + minutes(70))
    other = book(clinic, NINE + minutes(135))
    for to in (Status.ARRIVED, Status.SEATED):
        step(other, to, by, NINE + minutes(80))
    back(visit, by, NINE + minutes(85))
    hold_true()
    other.refresh_from_db()
    assert (visit.status, visit.is_placed, other.is_placed) == (Status.RECOVERING, False, True)


def test_pump_and_bay_come_back_with_the_visit() -> None:
    clinic = factories.create_clinic(chairs=1)
    factories.create_thing(clinic, "bay", "bay-1")  # type: ignore[arg-type]
    factories.create_thing(clinic, "equipment", "pump-1", "pump")  # type: ignore[arg-type]
    by, visit = nurse(clinic), book(clinic, template=WITH_BAY)
    before = chairs_of(visit)
    walk(visit, by, Status.INFUSING)
    step(visit, Status.STOPPED_EARLY, by, NINE + minutes(40))
    back(visit, by, NINE + minutes(41))
    hold_true()
    assert (chairs_of(visit)[0][0], visit.is_placed) == (before[0][0], True)


def test_the_desk_takes_back_an_arrival_and_nothing_else(clinic: Clinic, by: Actor) -> None:
    visit, desk = book(clinic), factories.create_actor(clinic, Role.FRONT_DESK)
    step(visit, Status.ARRIVED, desk, NINE)
    back(visit, desk, NINE)
    step(visit, Status.ARRIVED, desk, NINE)
    old = Appointment.objects.get(pk=visit.pk)
    step(visit, Status.SEATED, by, NINE)
    with pytest.raises(NotAllowed):
        back(old, desk, NINE)
    with pytest.raises(NotAllowed):
        back(visit, desk, NINE)
    assert Appointment.objects.get(pk=visit.pk).status == Status.SEATED


def test_a_step_is_taken_back_on_the_day_it_was_recorded(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    walk(visit, by, Status.INFUSING)
    with pytest.raises(TooLate):
        back(visit, by, NINE + timedelta(days=1))
    # After a night without power: recorded the next day, and taken back on that day.
    late = NINE + timedelta(hours=20)
    record_step(appointment=visit, to=Status.RECOVERING, happened_at=NINE + minutes(70), by=by, now=late)
    back(visit, by, late + minutes(5))
    assert visit.status == Status.INFUSING


def test_nothing_is_taken_back_of_what_did_not_happen(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    with pytest.raises(NotPossibleFromHere):
        back(visit, by, NINE)
    step(visit, Status.ARRIVED, by, NINE)
    with pytest.raises(ChangedMeanwhile):
        back(visit, by, NINE, version=visit.row_version - 1)


def test_a_deviation_that_is_taken_back_is_started_again_without_a_review_in_the_way(clinic: Clinic, by: Actor) -> None:
    visit, doctor = book(clinic), factories.create_actor(clinic, Role.PRESCRIBER)
    sign_deviation(appointment=visit, started_at=NINE, reason="so it was", by=doctor, now=NINE)
    back(visit, by, NINE)
    assert visit.status == Status.SEATED
