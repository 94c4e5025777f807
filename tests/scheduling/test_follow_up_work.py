"""Calls and reviews that are due: who works on them, every try kept, put off, done; and who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

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
)
from scheduling.follow_ups_due import follow_ups_due, reviews_to_book
from scheduling.in_hand import HadByAnother
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


def kept(call: FollowUp) -> FollowUp:
    return FollowUp.objects.get(pk=call.pk)


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
    for _ in range(2):
        take_follow_up(follow_up=call, clinic=clinic, by=nurse, now=DUE)
    with pytest.raises(HadByAnother) as refusal:
        take_follow_up(follow_up=call, clinic=clinic, by=other, now=DUE)
    assert refusal.value.user.pk == nurse.user_id
    take_follow_up(follow_up=call, clinic=clinic, by=other, now=DUE, instead_of=nurse.user_id)
    assert kept(call).taken_by_id == other.user_id
    give_back(follow_up=call, clinic=clinic, by=other, now=DUE)
    assert kept(call).taken_by is None
    verbs = Event.objects.filter(verb__in=("follow_up.taken", "follow_up.given_back")).order_by("pk")
    assert [one.verb for one in verbs] == ["follow_up.taken", "follow_up.taken", "follow_up.given_back"]


@pytest.mark.parametrize("press", ["take", "back", "later", "no_answer", "not_needed"])
def test_a_page_of_before_takes_no_call_off_a_colleague(
    clinic: Clinic, call: FollowUp, nurse: Actor, press: str
) -> None:
    other, third = (factories.create_actor(clinic, Role.PRESCRIBER) for _ in range(2))
    take_follow_up(follow_up=call, clinic=clinic, by=nurse, now=DUE)
    take_follow_up(follow_up=call, clinic=clinic, by=other, now=DUE, instead_of=nurse.user_id)
    verbs: dict[str, Callable[..., object]] = {
        "take": partial(take_follow_up, instead_of=third.user_id),
        "back": give_back,
        "later": partial(put_off_follow_up, until=DUE + DAY),
        "no_answer": partial(record_follow_up_try, outcome=CallOutcome.NO_ANSWER),
        "not_needed": partial(record_follow_up_try, outcome=CallOutcome.NOT_NEEDED, note="was here"),
    }
    with pytest.raises(HadByAnother) as refusal:
        verbs[press](follow_up=call, clinic=clinic, by=nurse, now=DUE)
    assert refusal.value.user.pk == other.user_id
    assert (kept(call).taken_by_id, kept(call).snoozed_until, kept(call).state) == (other.user_id, None, "open")
    assert not FollowUpTry.objects.exists()
    if press != "back":
        # Now the page says who works on it, and it is pressed again.
        if press == "take":
            verbs["take"] = take_follow_up
        verbs[press](follow_up=call, clinic=clinic, by=nurse, now=DUE, instead_of=other.user_id)
        assert kept(call).taken_by_id != other.user_id


@pytest.mark.parametrize(("outcome", "state"), [(CallOutcome.SPOKE, "done"), (CallOutcome.WRONG_NUMBER, "open")])
def test_what_is_so_is_kept_whoever_works_on_it(
    clinic: Clinic, call: FollowUp, nurse: Actor, outcome: CallOutcome, state: str
) -> None:
    other = factories.create_actor(clinic, Role.PRESCRIBER)
    take_follow_up(follow_up=call, clinic=clinic, by=other, now=DUE)
    record_follow_up_try(follow_up=call, outcome=outcome, clinic=clinic, by=nurse, now=DUE)
    assert FollowUpTry.objects.get().outcome == outcome
    assert (kept(call).state, kept(call).snoozed_until) == (state, None)
    assert kept(call).taken_by_id == (nurse if state == "done" else other).user_id


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
