"""After as many missed visits as the clinic says the prescriber is asked, and booking waits for the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from time import monotonic

import pytest
from django.db import transaction

from scheduling.asking import ask_for, ask_to_move
from scheduling.booking import Pick, book_series
from scheduling.booking_kept import book_held
from scheduling.cancelling import cancel
from scheduling.clinician_tasks import TAKEN_BACK, PrescribersWordNeeded, close
from scheduling.counter_signing import NothingToSign, NotTheirs, SignedAlready, counter_sign
from scheduling.events import Actor, Entry, record
from scheduling.holding import hold_series
from scheduling.models import Appointment, CancelledBy, Clinic, ClinicianTask, Event, Order, Role, Status, User
from scheduling.moving import move
from scheduling.openings_to_move import openings_to_move, propose_beside
from scheduling.overrides import Allowed
from scheduling.permissions import NotAllowed
from scheduling.proposals import propose_series
from scheduling.repeat_misses import cancelled_late, missed_visits, waits_for_prescriber
from scheduling.restoring import un_cancel, un_no_show
from scheduling.said_by_word import ToSign, counter_signatures_due
from scheduling.series_terms import Wish
from scheduling.visit_steps import NotThen
from scheduling.visits import record_step
from scheduling.word_of_mouth import NotReadBack, Word
from scheduling.would_work_here import would_work_here
from tests import factories
from tests.factories import NOW, SIX
from tests.scheduling.planned import at, meets_the_constraints, refused

pytestmark = pytest.mark.django_db
WIDE = SIX | {"spacing": [{"dose": "each", "after": "previous", "min": 1}], "within_days": 60, "reviews": []}
DAYS = ("2027-01-06", "2027-01-08", "2027-01-11", "2027-01-13")


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic, template=WIDE)


@pytest.fixture
def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


@pytest.fixture
def cole(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.PRESCRIBER)


def book(order: Order, clinic: Clinic, day: str, by: Actor, number: int = 1) -> Appointment:
    [visit] = book_series(order=order, clinic=clinic, picks=[Pick(number, at(day))], by=by, now=NOW)
    return visit


def miss(order: Order, clinic: Clinic, day: str, by: Actor) -> Appointment:
    visit = book(order, clinic, day, by)
    then = at(day) + timedelta(minutes=30)
    return record_step(appointment=visit, to=Status.NO_SHOW, happened_at=then, by=by, now=then)


def test_the_second_missed_visit_asks_the_prescriber_and_booking_waits(
    clinic: Clinic, order: Order, desk: Actor
) -> None:
    miss(order, clinic, DAYS[0], desk)
    assert not waits_for_prescriber(order)
    visit = miss(order, clinic, DAYS[1], desk)
    [task] = ClinicianTask.objects.all()
    assert (task.kind, task.order, task.appointment, task.is_urgent) == ("missed", order, visit, False)
    with refused("missed_visits"):
        book(order, clinic, DAYS[2], desk)
    meets_the_constraints()


def test_booking_goes_on_once_the_clinician_has_answered_and_counting_begins_anew(
    clinic: Clinic, order: Order, desk: Actor, cole: Actor
) -> None:
    for day in DAYS[:2]:
        miss(order, clinic, day, desk)
    answered = at(DAYS[1]) + timedelta(hours=2)
    close(task=ClinicianTask.objects.get(), outcome="Spoke with her", by=cole, now=answered)
    miss(order, clinic, DAYS[2], desk)
    assert (missed_visits(order), waits_for_prescriber(order)) == (1, False)
    miss(order, clinic, DAYS[3], desk)
    assert waits_for_prescriber(order)
    assert ClinicianTask.objects.count() == 2


def test_a_nurse_closes_it_with_a_prescribers_word_alone(
    clinic: Clinic, order: Order, desk: Actor, cole: Actor
) -> None:
    nurse, doctor = factories.create_actor(clinic, Role.NURSE), User.objects.get(pk=cole.staff_id)
    for day in DAYS[:2]:
        miss(order, clinic, day, desk)
    task, now = ClinicianTask.objects.get(), at(DAYS[1]) + timedelta(hours=2)
    heard = Word(doctor, heard_at=now - timedelta(hours=1), read_back=True)
    for refusal, word in (
        (PrescribersWordNeeded, None),
        (NotReadBack, replace(heard, read_back=False)),
        (NotThen, replace(heard, heard_at=now + timedelta(minutes=1))),
        (NotThen, replace(heard, heard_at=now - timedelta(days=1, minutes=1))),
        (PrescribersWordNeeded, replace(heard, decided_by=factories.create_user(clinic, Role.NURSE))),
    ):
        with pytest.raises(refusal):
            close(task=task, outcome="Goes on", heard=word, by=nurse, now=now)
    assert waits_for_prescriber(order)

    close(task=task, outcome="Goes on", heard=heard, by=nurse, now=now)

    assert (task.word_of, task.closed_by_id, waits_for_prescriber(order)) == (doctor, nurse.user_id, False)
    assert task.heard_at == heard.heard_at
    said = Event.objects.get(verb="task.closed").data
    assert said == {"task": task.pk, "word_of": doctor.pk, "read_back": True}
    meets_the_constraints()


def test_what_was_heard_of_missed_visits_is_put_before_who_said_it(
    clinic: Clinic, order: Order, desk: Actor, cole: Actor
) -> None:
    nurse, doctor = factories.create_actor(clinic, Role.NURSE), User.objects.get(pk=cole.staff_id)
    for day in DAYS[:2]:
        miss(order, clinic, day, desk)
    task, now = ClinicianTask.objects.get(), at(DAYS[1]) + timedelta(hours=2)
    with pytest.raises(NothingToSign):
        counter_sign(said=task, today=now.date(), by=cole, now=now)
    close(
        task=task,
        outcome="Goes on",
        heard=Word(doctor, heard_at=now - timedelta(hours=1), read_back=True),
        by=nurse,
        now=now,
    )
    other = factories.create_user(clinic, Role.PRESCRIBER)

    def due(who: User) -> list[ToSign]:
        return counter_signatures_due(user=who, covered=(), clinic=clinic, today=now.date())

    [waiting] = due(doctor)
    assert (waiting.said, waiting.words, waiting.order) == (task, "Goes on", order)
    assert (waiting.said_at, waiting.recorded_at, waiting.heard_by) == (task.heard_at, now, task.closed_by)
    assert due(other) == []
    with pytest.raises(NotTheirs):
        counter_sign(said=task, today=now.date(), by=Actor.staff(other, clinic), now=now)
    User.objects.filter(pk=doctor.pk).update(is_active=False)
    assert [one.is_nobodys for one in due(other)] == [True]
    User.objects.filter(pk=doctor.pk).update(is_active=True)
    signed = counter_sign(said=task, today=now.date(), by=cole, now=now)
    with pytest.raises(SignedAlready):
        counter_sign(said=task, today=now.date(), by=cole, now=now)
    assert due(doctor) == []
    told = Event.objects.get(verb="order.counter_signed")
    assert (told.order, told.patient, told.data) == (
        order, order.patient, {"signature": signed.pk, "as": "themselves"},
    )  # fmt: skip
    meets_the_constraints()


def test_a_prescribers_own_answer_about_missed_visits_owes_no_signature(
    clinic: Clinic, order: Order, desk: Actor, cole: Actor
) -> None:
    for day in DAYS[:2]:
        miss(order, clinic, day, desk)
    now = at(DAYS[1]) + timedelta(hours=2)
    close(task=ClinicianTask.objects.get(), outcome="Goes on", by=cole, now=now)
    doctor = User.objects.get(pk=cole.staff_id)
    assert counter_signatures_due(user=doctor, covered=(), clinic=clinic, today=now.date()) == []


def test_who_hears_nothing_writes_nothing_down(clinic: Clinic, order: Order, desk: Actor, cole: Actor) -> None:
    for day in DAYS[:2]:
        miss(order, clinic, day, desk)
    heard = Word(User.objects.get(pk=cole.staff_id), heard_at=NOW, read_back=True)
    for by in (desk, cole):
        with pytest.raises(NotAllowed):
            close(task=ClinicianTask.objects.get(), outcome="Goes on", heard=heard, by=by, now=NOW)


def test_prescriber_may_let_it_pass_and_the_desk_may_ask(
    clinic: Clinic, order: Order, desk: Actor, cole: Actor
) -> None:
    for day in DAYS[:2]:
        miss(order, clinic, day, desk)
    asked = ask_for(order=order, clinic=clinic, picks=[Pick(1, at(DAYS[2]))], by=desk, now=NOW)
    assert (asked.rules, asked.role) == (["missed_visits"], Role.PRESCRIBER)
    allow = [Allowed("missed_visits", "spoke on the telephone")]
    [visit] = book_series(order=order, clinic=clinic, picks=[Pick(1, at(DAYS[3]))], allow=allow, by=cole, now=NOW)
    assert visit.status == Status.BOOKED
    meets_the_constraints()


def test_what_is_booked_stays_and_may_move(clinic: Clinic, order: Order, desk: Actor) -> None:
    miss(order, clinic, DAYS[0], desk)
    ahead = book(order, clinic, "2027-01-20", desk, 2)
    visit = miss(order, clinic, DAYS[1], desk)
    assert waits_for_prescriber(order)
    now = visit.period.upper
    moved = move(appointment=ahead, start=at("2027-01-21"), by=desk, now=now)
    assert moved.period.lower == at("2027-01-21")


def test_nothing_is_proposed_that_booking_would_refuse(clinic: Clinic, order: Order, desk: Actor) -> None:
    """What is kept, cancelled or missed is no booking; what is booked has openings to move to."""
    ahead = book(order, clinic, "2027-01-20", desk, 4)
    [kept] = hold_series(order=order, clinic=clinic, picks=[Pick(2, at("2027-01-14"))], by=desk, now=NOW, minutes=7200)
    cancelled = book(order, clinic, "2027-01-15", desk, 3)
    cancel(appointment=cancelled, side=CancelledBy.PATIENT, reason="patient_asked", by=desk, now=NOW)
    _set_limit(clinic, 1)
    missed = miss(order, clinic, DAYS[0], desk)
    now = NOW + timedelta(minutes=1)
    wish, found = Wish(), []
    found.append(propose_series(order=order, clinic=clinic, wish=wish, how_many=1, count=1, now=now))
    found.append(propose_beside(order=order, clinic=clinic, wish=wish, how_many=1, count=1, now=now))
    for visit in (missed, cancelled):
        visit.order = order
        found.append(openings_to_move(appointment=visit, wish=wish, count=1, now=now))
    for one in found:
        assert ([problem.rule for problem in one.problems], one.proposals) == (["missed_visits"], ())
    assert would_work_here(
        order=order, clinic=clinic, wish=wish, how_many=1, now=now, ends=monotonic() + 5, clock=monotonic
    ) == ()  # fmt: skip
    with refused("missed_visits"):
        un_cancel(appointment=cancelled, by=desk, now=now)
    with refused("missed_visits"):
        book_held(visits=[kept], by=desk, now=now)
    assert openings_to_move(appointment=ahead, wish=wish, count=1, now=now).proposals


def test_another_time_for_what_is_booked_may_be_asked_for(clinic: Clinic, order: Order, desk: Actor) -> None:
    ahead = book(order, clinic, "2027-01-20", desk, 2)
    _set_limit(clinic, 1)
    miss(order, clinic, DAYS[0], desk)
    asked = ask_to_move(appointment=ahead, start=at("2027-01-20", "12:05"), by=desk, now=NOW)
    assert asked.rules == ["grid"]


@pytest.mark.parametrize(("limit", "asked"), [(0, [False] * 3), (1, [True] * 3), (3, [False, False, True])])
def test_the_clinic_says_after_how_many(clinic: Clinic, desk: Actor, limit: int, asked: list[bool]) -> None:
    _set_limit(clinic, limit)
    order = factories.create_order(clinic, template=WIDE)
    visits = [book(order, clinic, day, desk, number) for number, day in enumerate(DAYS[:3], 1)]
    found = []
    for visit in visits:
        then = visit.period.lower + timedelta(minutes=30)
        record_step(appointment=visit, to=Status.NO_SHOW, happened_at=then, by=desk, now=then)
        found.append(waits_for_prescriber(order))
    assert found == asked
    assert ClinicianTask.objects.count() == (1 if limit else 0), "an open question is not asked again"


def test_late_cancellations_are_counted_apart_and_ask_nothing(clinic: Clinic, order: Order, desk: Actor) -> None:
    for number, hours in enumerate((3, 30), 1):
        visit = book(order, clinic, DAYS[number], desk, number)
        cancel(
            appointment=visit, side=CancelledBy.PATIENT, reason="patient_asked", by=desk,
            now=visit.period.lower - timedelta(hours=hours),
        )  # fmt: skip
    assert (cancelled_late(order, clinic), missed_visits(order)) == (1, 0)
    assert not ClinicianTask.objects.exists()


def test_no_show_taken_back_takes_the_question_back(clinic: Clinic, order: Order, desk: Actor) -> None:
    miss(order, clinic, DAYS[0], desk)
    visit = miss(order, clinic, DAYS[1], desk)
    un_no_show(appointment=visit, by=desk, now=visit.period.lower + timedelta(minutes=40))
    [task] = ClinicianTask.objects.all()
    assert (task.outcome, waits_for_prescriber(order), missed_visits(order)) == (TAKEN_BACK, False, 1)
    meets_the_constraints()


def _set_limit(clinic: Clinic, limit: int) -> None:
    with transaction.atomic():
        Clinic.objects.filter(pk=clinic.pk).update(missed_visits=limit)
        entry = Entry("clinic.set_up", clinic_id=clinic.pk)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=factories.system(), now=NOW)
    clinic.refresh_from_db()
