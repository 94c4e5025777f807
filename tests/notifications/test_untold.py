"""Visits that were freed since nobody decided their review in time: a person tells the patient, or is asked to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from notifications.models import PatientAddress
from notifications.telling import told_in_person, told_of_visits
from notifications.untold import ToTell, still_to_tell, untold_at
from notifications.words_to_tell import words_to_tell
from scheduling.booking import Pick, book_series
from scheduling.events import Actor
from scheduling.exit_rulings import rule_on_exit
from scheduling.models import Appointment, ChangeKind, Clinic, Decision, Order, Role, Status
from scheduling.patients import record_death
from scheduling.paused_places import settle_places
from scheduling.review_limits import reach_limits
from scheduling.visits import record_step
from scheduling.word_of_mouth import Word
from tests import factories
from tests.factories import checks_for
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import agree, clinic_that_writes, reachable_patient
from tests.scheduling.planned import at, booked, give
from tests.scheduling.reviewed import prescriber, say, with_limit
from tests.scheduling.words import changed

pytestmark = pytest.mark.django_db
# The third infusion is on Monday the 11th; its review is to be decided by Tuesday.
LIMIT = at("2027-01-13", "00:00")
HOUR = timedelta(hours=1)
MORNING = LIMIT + 8 * HOUR


@pytest.fixture
def clinic(gateway: TwilioGateway) -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


def freed(clinic: Clinic, *, phone: str = "+12125550123", language: str = "en") -> Order:
    """Three were given; the fourth and the fifth were freed at midnight."""
    patient = reachable_patient(clinic, phone=phone, language=language)
    order = factories.create_order(clinic, patient, template=with_limit(1, "free"))
    for visit in booked(order, clinic, 1, 2, 3, 4, 5)[:3]:
        give(visit, clinic)
    assert reach_limits(now=LIMIT) == 1
    return order


def untold(clinic: Clinic) -> list[Order]:
    return [one.order for one in untold_at(clinic, now=MORNING)]


def visits_of(order: Order) -> list[Appointment]:
    return list(Appointment.objects.filter(order=order, dose_number__gt=3).order_by("dose_number"))


def test_they_are_on_the_list_until_the_patient_was_told(clinic: Clinic) -> None:
    order = freed(clinic)
    assert untold_at(clinic, now=LIMIT + HOUR) == []
    [one] = untold_at(clinic, now=MORNING)
    assert one == ToTell(order, None, visits_of(order), LIMIT, LIMIT + 2 * HOUR, is_reachable=True)
    assert untold_at(factories.create_clinic(clinic.organisation), now=MORNING) == []
    nurse = factories.create_actor(clinic, Role.NURSE)
    told_in_person(patient=order.patient, order=order, by=nurse, now=MORNING)
    assert untold(clinic) == []


def test_the_desk_tells_of_each_visit(clinic: Clinic, desk: Actor) -> None:
    order = freed(clinic)
    fourth, fifth = visits_of(order)
    told_in_person(patient=order.patient, visit=fourth, by=desk, now=MORNING)
    [one] = untold_at(clinic, now=MORNING)
    assert one.visits == [fifth]
    told_of_visits(patient=order.patient, visits=one.visits, by=desk, now=MORNING)
    assert untold(clinic) == []


def test_who_can_not_be_reached_is_to_be_called_at_once(clinic: Clinic) -> None:
    order = freed(clinic, phone="")
    [one] = untold_at(clinic, now=LIMIT)
    assert (one.order, one.is_reachable) == (order, False)


@pytest.mark.parametrize("off", ["clinic", "patient"])
def test_whose_texts_are_off_is_to_be_called_at_once(clinic: Clinic, off: str) -> None:
    order = freed(clinic)
    if off == "clinic":
        Clinic.objects.filter(pk=clinic.pk).update(sends_texts=False)
    else:
        agree(PatientAddress.objects.get(patient=order.patient).address, granted=False, now=LIMIT)
    [one] = untold_at(clinic, now=LIMIT)
    assert (one.order, one.is_reachable) == (order, False)


def test_what_is_booked_again_needs_no_words(clinic: Clinic) -> None:
    order = freed(clinic)
    say(order, Decision.CONTINUE, prescriber(clinic), clinic, now=MORNING)
    assert untold(clinic) == [order]
    booked(order, clinic, 4, wall="14:00")
    [one] = untold_at(clinic, now=MORNING)
    assert [visit.dose_number for visit in one.visits] == [5]
    booked(order, clinic, 5, wall="14:00")
    assert untold(clinic) == []


def test_what_was_freed_is_told_with_a_stop_that_follows(clinic: Clinic) -> None:
    order = freed(clinic)
    changed(order, clinic, ChangeKind.STOP, now=MORNING - HOUR)
    one = still_to_tell(order, now=MORNING)
    assert one is not None
    assert one.change is not None
    assert (one.change.kind, one.visits) == (ChangeKind.STOP, visits_of(order))


def test_places_that_were_let_go_are_told_though_the_order_goes_on(clinic: Clinic, desk: Actor) -> None:
    order = factories.create_order(clinic, reachable_patient(clinic))
    [visit] = booked(order, clinic, 1)
    now = at("2027-01-04", "09:00")
    changed(order, clinic, ChangeKind.PAUSE, now=now)
    settle_places(order=order, keep_days=None, by=desk, now=now + HOUR)
    changed(order, clinic, ChangeKind.RESUME, now=now + 2 * HOUR)
    [one] = untold_at(clinic, now=now + 4 * HOUR)
    assert (one.change, one.visits) == (None, [visit])


def test_a_repeat_that_was_let_go_is_told_though_the_broken_off_one_was_given(clinic: Clinic, desk: Actor) -> None:
    order = factories.create_order(clinic, reachable_patient(clinic))
    [first] = booked(order, clinic, 1)
    give(first, clinic)
    when, nurse, doctor = first.period.lower + HOUR / 6, factories.create_actor(clinic, Role.NURSE), prescriber(clinic)
    exit_, now = Status.STOPPED_EARLY, when + HOUR
    record_step(appointment=first, to=exit_, checks=checks_for(exit_), happened_at=when, by=nurse, now=when)
    rule_on_exit(appointment=first, counts=False, word=Word(doctor), by=Actor.staff(doctor, clinic), now=now)
    [again] = book_series(order=order, clinic=clinic, picks=[Pick(1, at("2027-01-08"))], by=desk, now=now)
    changed(order, clinic, ChangeKind.PAUSE, now=now)
    settle_places(order=order, keep_days=None, by=desk, now=now + HOUR)
    changed(order, clinic, ChangeKind.RESUME, now=now + 2 * HOUR)
    [one] = untold_at(clinic, now=now + 4 * HOUR)
    assert (one.change, one.visits) == (None, [again])


def test_who_has_died_is_on_no_list(clinic: Clinic) -> None:
    order = freed(clinic)
    record_death(patient=order.patient, died_at=LIMIT, by=factories.create_actor(clinic, Role.NURSE), now=MORNING)
    assert untold(clinic) == []


@pytest.mark.parametrize(
    ("language", "words"), [("en", "These visits of yours are cancelled: "), ("es", "Estas visitas suyas quedan ")]
)
def test_what_to_say_is_in_their_language_and_has_no_reason(clinic: Clinic, language: str, words: str) -> None:
    order = freed(clinic, language=language)
    said = words_to_tell(untold_at(clinic, now=MORNING), now=MORNING)[order.pk]
    assert words in said
    assert "13" in said
    assert "15" in said
    for hidden in ("review", "prescriber", "infusion", order.title):
        assert hidden not in said.lower()


def test_a_pause_says_not_to_come(clinic: Clinic) -> None:
    order = factories.create_order(clinic, reachable_patient(clinic))
    booked(order, clinic, 1)
    now = at("2027-01-04", "09:00")
    changed(order, clinic, ChangeKind.PAUSE, now=now)
    later = now + 3 * HOUR
    [one] = untold_at(clinic, now=later)
    assert "please do not come before" in words_to_tell([one], now=later)[order.pk]
    assert words_to_tell([], now=later) == {}


@pytest.mark.parametrize("patients", [1, 3])
def test_list_takes_ten_queries_however_many_wait(
    clinic: Clinic, patients: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(patients):
        patient = reachable_patient(clinic, phone=f"+1212555012{number}")
        order = factories.create_order(clinic, patient)
        booked(order, clinic, 1, wall=f"{10 + number}:00")
        changed(order, clinic, ChangeKind.STOP, now=at("2027-01-04", "09:00"))
    with django_assert_num_queries(10):
        assert len(untold_at(clinic, now=at("2027-01-04", "12:00"))) == patients
