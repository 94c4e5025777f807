"""Calls and reviews that are due: who works on them, every try kept, put off, done; and who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError

from scheduling.booking import book_visit
from scheduling.events import Actor
from scheduling.follow_up_work import (
    FollowUpIsSettled,
    NoteNeeded,
    NotThatVisit,
    book_review_as,
    give_back,
    put_off_follow_up,
    record_follow_up_try,
    take_follow_up,
    take_over,
)
from scheduling.follow_ups_due import follow_ups_due, reviews_to_book
from scheduling.models import CallOutcome, Clinic, Event, FollowUp, FollowUpTry, Order, Role
from scheduling.patients import record_death
from scheduling.permissions import NotAllowed
from tests import factories
from tests.scheduling.given import GIVEN, given_two
from tests.scheduling.planned import at, meets_the_constraints

pytestmark = pytest.mark.django_db
DUE = GIVEN + timedelta(days=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return given_two(clinic)


@pytest.fixture
def call(order: Order) -> FollowUp:
    return FollowUp.objects.get(order=order, kind="call", after_number=2)


@pytest.fixture
def nurse(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.NURSE)


def due_numbers(clinic: Clinic, until: object) -> list[int]:
    return [one.follow_up.after_number for one in follow_ups_due(clinic=clinic, until=until)]  # type: ignore[arg-type]


def test_calls_are_due_from_their_time_the_longest_overdue_first(clinic: Clinic, call: FollowUp) -> None:
    assert due_numbers(clinic, DUE - HOUR) == [1]
    assert due_numbers(clinic, DUE) == [1, 2]
    [first, second] = follow_ups_due(clinic=clinic, until=DUE)
    assert (second.since, second.due_at, second.tries) == (GIVEN, DUE, ())
    assert first.follow_up.kind == "call"


def test_another_clinic_of_the_organisation_has_none_of_them(clinic: Clinic, call: FollowUp) -> None:
    other = factories.create_clinic(clinic.organisation)
    assert follow_ups_due(clinic=other, until=DUE) == []
    with pytest.raises(NotAllowed):
        take_follow_up(follow_up=call, clinic=clinic, by=factories.create_actor(other, Role.NURSE), now=DUE)


def test_every_try_is_kept_and_who_was_not_reached_comes_back(clinic: Clinic, call: FollowUp, nurse: Actor) -> None:
    for minutes, outcome in enumerate((CallOutcome.NO_ANSWER, CallOutcome.VOICEMAIL, CallOutcome.WRONG_NUMBER)):
        record_follow_up_try(
            follow_up=call, outcome=outcome, note=f"try {minutes}", clinic=clinic, by=nurse,
            now=DUE + timedelta(minutes=minutes),
        )  # fmt: skip
    assert due_numbers(clinic, DUE + HOUR) == [1]
    assert due_numbers(clinic, DUE + HOUR + timedelta(minutes=2)) == [1, 2]
    record_follow_up_try(follow_up=call, outcome=CallOutcome.SPOKE, clinic=clinic, by=nurse, now=DUE + DAY)
    call.refresh_from_db()
    assert (call.state, call.settled_at, call.taken_by_id) == ("done", DUE + DAY, nurse.user_id)
    kept = FollowUpTry.objects.filter(follow_up=call).order_by("pk").values_list("outcome", "note")
    assert list(kept) == [("no_answer", "try 0"), ("voicemail", "try 1"), ("wrong_number", "try 2"), ("spoke", "")]
    events = Event.objects.filter(verb="follow_up.tried")
    assert [event.data["outcome"] for event in events.order_by("pk")] == [outcome for outcome, _ in kept]
    assert all("try" not in str(event.data) + event.reason for event in events), "notes are for clinical staff alone"
    meets_the_constraints()


def test_a_try_can_not_be_changed_or_taken_away(clinic: Clinic, call: FollowUp, nurse: Actor) -> None:
    record_follow_up_try(follow_up=call, outcome=CallOutcome.NO_ANSWER, clinic=clinic, by=nurse, now=DUE)
    for change in (lambda: FollowUpTry.objects.update(note="else"), lambda: FollowUpTry.objects.all().delete()):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change()


def test_not_needed_takes_a_word_why(clinic: Clinic, call: FollowUp, nurse: Actor) -> None:
    with pytest.raises(NoteNeeded):
        record_follow_up_try(follow_up=call, outcome=CallOutcome.NOT_NEEDED, note=" ", clinic=clinic, by=nurse, now=DUE)
    record_follow_up_try(
        follow_up=call, outcome=CallOutcome.NOT_NEEDED, note="was here", clinic=clinic, by=nurse, now=DUE
    )
    call.refresh_from_db()
    assert call.state == "done"


def test_it_is_taken_by_one_taken_over_by_another_and_given_back(clinic: Clinic, call: FollowUp, nurse: Actor) -> None:
    other = factories.create_actor(clinic, Role.PRESCRIBER)
    assert [take_follow_up(follow_up=call, clinic=clinic, by=by, now=DUE) for by in (nurse, nurse, other)] == [
        True, True, False,
    ]  # fmt: skip
    take_over(follow_up=call, clinic=clinic, by=other, now=DUE)
    assert FollowUp.objects.get(pk=call.pk).taken_by_id == other.user_id
    give_back(follow_up=call, clinic=clinic, by=other, now=DUE)
    assert FollowUp.objects.get(pk=call.pk).taken_by is None


def test_put_off_it_is_not_due_until_then(clinic: Clinic, call: FollowUp, nurse: Actor) -> None:
    put_off_follow_up(follow_up=call, until=DUE + DAY, clinic=clinic, by=nurse, now=DUE)
    assert due_numbers(clinic, DUE + DAY - HOUR) == [1]
    assert due_numbers(clinic, DUE + DAY) == [1, 2]


def test_what_is_settled_takes_no_more(clinic: Clinic, call: FollowUp, nurse: Actor) -> None:
    record_follow_up_try(follow_up=call, outcome=CallOutcome.SPOKE, clinic=clinic, by=nurse, now=DUE)
    with pytest.raises(FollowUpIsSettled):
        record_follow_up_try(follow_up=call, outcome=CallOutcome.SPOKE, clinic=clinic, by=nurse, now=DUE)
    with pytest.raises(FollowUpIsSettled):
        put_off_follow_up(follow_up=call, until=DUE + DAY, clinic=clinic, by=nurse, now=DUE)
    assert FollowUpTry.objects.count() == 1


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER])
def test_calls_about_an_infusion_are_for_clinical_staff(clinic: Clinic, call: FollowUp, role: Role) -> None:
    with pytest.raises(NotAllowed):
        record_follow_up_try(
            follow_up=call, outcome=CallOutcome.SPOKE, clinic=clinic, by=factories.create_actor(clinic, role), now=DUE
        )


def test_nobody_is_called_who_has_died(clinic: Clinic, order: Order, nurse: Actor) -> None:
    record_death(patient=order.patient, died_at=GIVEN, by=nurse, now=DUE)
    assert follow_ups_due(clinic=clinic, until=DUE) == []
    assert reviews_to_book(clinic=clinic) == []


def test_review_is_a_visit_to_book_until_it_has_one(clinic: Clinic, order: Order) -> None:
    [review] = reviews_to_book(clinic=clinic)
    due = GIVEN + timedelta(days=14)
    assert (review.order, review.due_at) == (order, due)
    assert [one.follow_up for one in follow_ups_due(clinic=clinic, until=due)][-1] == review
    desk, kind = factories.create_actor(clinic, Role.FRONT_DESK), factories.create_visit_type(clinic)
    start = at("2027-01-22")
    visit = book_visit(patient=order.patient, clinic=clinic, visit_type=kind, start=start, by=desk, now=GIVEN)
    theirs = book_visit(
        patient=factories.create_patient(clinic), clinic=clinic, visit_type=kind, start=start + HOUR, by=desk, now=GIVEN
    )
    with pytest.raises(NotThatVisit):
        book_review_as(follow_up=review, visit=theirs, by=desk, now=GIVEN)
    book_review_as(follow_up=review, visit=visit, by=desk, now=GIVEN)
    assert reviews_to_book(clinic=clinic) == []
    assert review not in [one.follow_up for one in follow_ups_due(clinic=clinic, until=due)]
    meets_the_constraints()
