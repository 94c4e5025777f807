"""By when a review is to be decided, in the days of its clinic; and what happens once when nobody did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduling.covering import arrange_cover
from scheduling.covers import covers_on
from scheduling.events import Actor
from scheduling.exit_rulings import rule_on_exit
from scheduling.models import Appointment, Clinic, Decision, Event, Order, Role, Status
from scheduling.patients import record_death
from scheduling.review_limits import PASSED, reach_limit, reach_limits, reviews_at_their_limit
from scheduling.reviews import reviews_due
from scheduling.visits import record_step
from scheduling.word_of_mouth import Word
from tests import factories
from tests.factories import NOW, checks_for
from tests.scheduling.planned import at, booked
from tests.scheduling.reviewed import AFTER_THREE, prescriber, reviewed, say, with_limit

pytestmark = pytest.mark.django_db
# The third infusion is on Monday the 11th; two days after it are over when Thursday begins in New York.
LIMIT = at("2027-01-14", "00:00")
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=3, nurses=2)


def states(order: Order) -> list[tuple[int | None, str]]:
    rows = Appointment.objects.filter(order=order, dose_number__gt=3).order_by("dose_number")
    return list(rows.values_list("dose_number", "status"))


def test_the_last_day_is_over_at_the_clinics_midnight(clinic: Clinic) -> None:
    reviewed(clinic, template=with_limit(2))
    [due] = reviews_due(clinic=clinic)
    assert (str(due.decide_by), due.until) == ("2027-01-13", LIMIT)
    assert (due.is_overdue(LIMIT - A_MINUTE), due.is_overdue(LIMIT)) == (False, True)
    assert reviews_at_their_limit(now=LIMIT - A_MINUTE) == []
    assert [one.key for one in reviews_at_their_limit(now=LIMIT)] == [due.key]


@pytest.mark.parametrize(
    ("zone", "ends"),
    [
        ("Pacific/Kiritimati", datetime(2027, 1, 7, 10, tzinfo=UTC)),
        ("Pacific/Pago_Pago", datetime(2027, 1, 7, 11, tzinfo=UTC)),
        ("America/New_York", datetime(2027, 1, 7, 5, tzinfo=UTC)),
    ],
)
def test_days_are_those_of_the_clinics_zone(zone: str, ends: datetime) -> None:
    """Signed at noon UTC on the 4th, which is the 5th already in Kiritimati."""
    clinic = factories.create_clinic(time_zone=zone)
    factories.create_order(clinic, template=with_limit(2, after=0))
    [due] = reviews_due(clinic=clinic)
    assert due.until == ends
    assert [one.key for one in reviews_at_their_limit(now=ends)] == [due.key]
    assert reviews_at_their_limit(now=ends - A_MINUTE) == []


def test_the_longest_over_stands_first_and_without_a_limit_last(clinic: Clinic) -> None:
    orders = [reviewed(clinic, template=with_limit(days)) for days in (None, 5, 2)]
    assert [one.order for one in reviews_due(clinic=clinic)] == [orders[2], orders[1], orders[0]]


def test_times_are_kept_where_the_order_says_so_and_it_is_said_once(clinic: Clinic) -> None:
    order = reviewed(clinic, 4, 5, template=with_limit(2, "keep"))
    assert reach_limits(now=LIMIT - A_MINUTE) == 0
    assert [reach_limits(now=LIMIT), reach_limits(now=LIMIT + timedelta(hours=1))] == [1, 0]
    assert states(order) == [(4, Status.BOOKED), (5, Status.BOOKED)]
    event = Event.objects.get(verb=PASSED)
    assert event.data == {"after": 3, "last_day": "2027-01-13", "freed": 0}
    assert (event.reason, event.actor_name, event.clinic_id) == ("", "review limits", clinic.pk)


def test_times_are_freed_where_the_order_says_so_and_once(clinic: Clinic) -> None:
    order = reviewed(clinic, 4, 5, template=with_limit(1, "free"))
    assert [reach_limits(now=LIMIT - timedelta(days=1)), reach_limits(now=LIMIT)] == [1, 0]
    assert states(order) == [(4, Status.CANCELLED), (5, Status.CANCELLED)]
    ended = Appointment.objects.get(order=order, dose_number=4)
    assert (ended.cancelled_by, ended.cancel_reason) == ("clinician", "clinical")
    assert Event.objects.get(verb=PASSED).data["freed"] == 2
    order.refresh_from_db()
    assert order.state == "active"
    say(order, Decision.CONTINUE, prescriber(clinic), clinic, now=LIMIT)
    assert reviews_due(clinic=clinic) == []


def test_a_time_that_has_come_is_left_to_people(clinic: Clinic) -> None:
    order = reviewed(clinic, 4, 5, template=with_limit(0, "free"))
    during = at("2027-01-13", "09:30")
    assert reach_limits(now=during) == 1
    assert states(order) == [(4, Status.BOOKED), (5, Status.CANCELLED)]


def test_what_is_decided_or_closed_reaches_no_limit(clinic: Clinic) -> None:
    decided = reviewed(clinic, 4, template=with_limit(2, "free"))
    say(decided, Decision.CONTINUE, prescriber(clinic), clinic)
    paused = reviewed(clinic, 4, template=with_limit(2, "free"))
    say(paused, Decision.PAUSE, prescriber(clinic), clinic)
    died = reviewed(clinic, template=with_limit(2, "free"))
    record_death(patient=died.patient, died_at=AFTER_THREE, by=factories.create_actor(clinic, Role.NURSE), now=LIMIT)
    assert reach_limits(now=LIMIT) == 0
    assert states(decided) == states(paused) == [(4, Status.BOOKED)]


def test_a_changed_order_that_waits_for_its_signature_was_decided_in_time(clinic: Clinic) -> None:
    order = reviewed(clinic, 4, 5, template=with_limit(2, "free"))
    say(order, Decision.CONTINUE_CHANGED, prescriber(clinic), clinic)
    assert reach_limits(now=LIMIT) == 0
    assert states(order) == [(4, Status.BOOKED), (5, Status.BOOKED)]


def test_the_cover_is_asked_by_the_day_of_the_clinic(clinic: Clinic) -> None:
    """At half past eight in the evening of the 5th in New York it is the 6th in UTC."""
    order = factories.create_order(clinic, template=with_limit(2, after=0))
    booked(order, clinic, 1)
    [due] = reviews_due(clinic=clinic)
    okafor = prescriber(clinic, "okafor")
    arrange_cover(
        prescriber=due.signer, cover=okafor, first_day=at("2027-01-06").date(), last_day=at("2027-01-06").date(),
        today=NOW.date(), by=Actor.staff(due.signer, clinic), now=NOW,
    )  # fmt: skip
    assert covers_on(at("2027-01-05", "20:30").date(), [due.signer.pk]) == {}
    assert covers_on(at("2027-01-06", "00:30").date(), [due.signer.pk]) == {due.signer.pk: okafor}


def test_two_who_found_the_same_reach_it_once_and_a_decision_in_between_counts(clinic: Clinic) -> None:
    """Each looks again under the locks: what both had found is reached by the first alone."""
    order, decided = (reviewed(clinic, 5, template=with_limit(2, "free")) for _ in range(2))
    found = reviews_at_their_limit(now=LIMIT)
    say(decided, Decision.CONTINUE, prescriber(clinic), clinic, now=LIMIT)
    reached = [(one.order, reach_limit(one, now=LIMIT)) for one in (*found, *found)]
    assert reached == [(order, True), (decided, False), (order, False), (decided, False)]
    assert (states(order), states(decided)) == ([(5, Status.CANCELLED)], [(5, Status.BOOKED)])
    assert Event.objects.filter(verb=PASSED).count() == 1


def broken_off(clinic: Clinic) -> Appointment:
    """The third, before whose review the fourth and the fifth wait; to be decided by the day after."""
    order = reviewed(clinic, 4, 5, template=with_limit(1, "free"))
    third = Appointment.objects.get(order=order, dose_number=3)
    when = third.period.lower + 10 * A_MINUTE
    nurse = factories.create_actor(clinic, Role.NURSE)
    record_step(
        appointment=third, to=Status.STOPPED_EARLY, checks=checks_for(Status.STOPPED_EARLY), happened_at=when, by=nurse,
        now=when,
    )  # fmt: skip
    return third


def rule(visit: Appointment, *, counts: bool, now: datetime) -> None:
    doctor = prescriber(visit.clinic)
    by = Actor.staff(doctor, visit.clinic)
    rule_on_exit(appointment=visit, counts=counts, word=Word(doctor), by=by, now=now)


def test_no_last_day_is_over_before_it_is_ruled_whether_the_infusion_counts(clinic: Clinic) -> None:
    third = broken_off(clinic)
    [due] = reviews_due(clinic=clinic)
    assert (due.waits_for_ruling, due.decide_by, due.is_overdue(LIMIT)) == (True, None, False)
    assert reviews_at_their_limit(now=LIMIT, ahead=timedelta(days=9)) == []
    assert reach_limits(now=LIMIT) == 0
    rule(third, counts=True, now=LIMIT)
    [due] = reviews_due(clinic=clinic)
    assert (due.waits_for_ruling, str(due.decide_by)) == (False, "2027-01-15")


def test_days_count_from_the_ruling_that_the_infusion_counts_after_all(clinic: Clinic) -> None:
    third, after = broken_off(clinic), at("2027-01-15", "00:00")
    assert third.order is not None
    rule(third, counts=False, now=AFTER_THREE)
    late = at("2027-01-13", "07:00")
    assert reach_limits(now=late) == 0
    rule(third, counts=True, now=late)
    [due] = reviews_due(clinic=clinic)
    assert (due.given_at, due.since, due.until) == (third.given_at, late, after)
    assert [reach_limits(now=late + A_MINUTE), reach_limits(now=after - A_MINUTE)] == [0, 0]
    assert states(third.order) == [(4, Status.BOOKED), (5, Status.BOOKED)]
    assert reach_limits(now=after) == 1
