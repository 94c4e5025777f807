"""What is said of a start before anybody tries it is what the database would answer."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduling.events import Actor
from scheduling.exit_rulings import rule_on_exit
from scheduling.locking import AgainstTheOrder
from scheduling.models import Appointment, ChangeKind, Clinic, Role, Status, User
from scheduling.stopped_starts import Stop, stop_of, stop_on, with_stops
from scheduling.visits import record_step
from scheduling.word_of_mouth import Word
from tests import factories
from tests.factories import SIX, checks_for
from tests.scheduling.ordering.test_amending import FOUR_APART, amend
from tests.scheduling.planned import booked
from tests.scheduling.running import nurse
from tests.scheduling.test_exit_rulings import BROKEN_OFF, bring, give
from tests.scheduling.words import changed

pytestmark = pytest.mark.django_db
AFTER_ONE = {**SIX, "reviews": [{"after": 1, "method": "at_chair"}]}
CODES = {
    Stop.NOT_ACTIVE: "ID003",
    Stop.NO_LONGER_FITS: "ID004",
    Stop.REVIEW: "ID007",
    Stop.RULING: "ID007",
    Stop.GIVEN_AGAIN_FIRST: "ID007",
}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def doctor(clinic: Clinic) -> User:
    return factories.create_user(clinic, Role.PRESCRIBER)


def stopped(stop: Stop, clinic: Clinic, doctor: User) -> Appointment:
    """The second infusion of an order, whose patient is seated, with this in its way."""
    template = AFTER_ONE if stop == Stop.REVIEW else {**SIX, "reviews": []}
    order = factories.create_order(clinic, template=template)
    first, second = booked(order, clinic, 1, 2)
    if stop in (Stop.RULING, Stop.GIVEN_AGAIN_FIRST):
        bring(first, *BROKEN_OFF)
    else:
        give(first)
    after = first.period.lower + timedelta(hours=3)
    if stop == Stop.GIVEN_AGAIN_FIRST:
        by = Actor.staff(doctor, clinic)
        rule_on_exit(appointment=first, counts=False, word=Word(doctor), by=by, now=after)
    if stop == Stop.NO_LONGER_FITS:
        amend(order, clinic, now=after, spacing=FOUR_APART, within_days=40)
    if stop == Stop.NOT_ACTIVE:
        changed(order, clinic, ChangeKind.PAUSE, now=after)
    second.refresh_from_db()
    bring(second, Status.ARRIVED, Status.SEATED)
    return second


def start(visit: Appointment, then: datetime) -> None:
    checks = checks_for(Status.INFUSING)
    record_step(
        appointment=visit, to=Status.INFUSING, happened_at=then, checks=checks, by=nurse(visit.clinic), now=then
    )


@pytest.mark.parametrize("stop", Stop)
def test_what_is_said_is_what_the_database_answers(stop: Stop, clinic: Clinic, doctor: User) -> None:
    visit = stopped(stop, clinic, doctor)
    assert stop_on(visit) == stop
    with pytest.raises(AgainstTheOrder) as refusal:
        start(visit, visit.period.lower + timedelta(minutes=20))
    assert refusal.value.code == CODES[stop]


def test_nothing_is_said_where_the_start_goes_through_and_of_what_was_started(clinic: Clinic, doctor: User) -> None:
    visit = stopped(Stop.RULING, clinic, doctor)
    first = Appointment.objects.get(order=visit.order, dose_number=1)
    by, now = Actor.staff(doctor, clinic), first.period.lower + timedelta(hours=4)
    assert stop_on(first) is None
    rule_on_exit(appointment=first, counts=True, word=Word(doctor), by=by, now=now)
    assert stop_on(visit) is None
    start(visit, visit.period.lower + timedelta(minutes=20))
    assert stop_on(visit) is None


def test_a_day_of_visits_is_asked_in_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    clinic = factories.create_clinic(chairs=4, nurses=2)
    doctor = factories.create_user(clinic, Role.PRESCRIBER)
    for stop in (Stop.RULING, Stop.GIVEN_AGAIN_FIRST):
        stopped(stop, clinic, doctor)
    with django_assert_num_queries(1):
        rows = with_stops(Appointment.objects.filter(dose_number=2)).select_related("order").order_by("pk")
        assert [stop_of(row) for row in rows] == [Stop.RULING, Stop.GIVEN_AGAIN_FIRST]
