"""Calls to make: once each, oldest need first, taken, tried, put off, settled once, and what was said by telephone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from notifications.calls import (
    CallEnd,
    CallIsMade,
    TryEnd,
    ask_to_call,
    calls_to_make,
    close_unneeded,
    give_call_back,
    put_off,
    record_try,
    settle_call,
    take_call,
)
from notifications.lapsed_calls import settle_what_lapsed
from notifications.models import CallKind, CallTask
from scheduling.events import Actor
from scheduling.in_hand import HadByAnother
from scheduling.models import Clinic, Event, Patient, Role
from scheduling.patients import record_death
from scheduling.permissions import NotAllowed
from tests import factories
from tests.notifications.world import NOON

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return factories.create_patient(clinic, language="es")


@pytest.fixture
def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


def ask(clinic: Clinic, patient: Patient, key: str = "one", *, after: timedelta = timedelta(0)) -> CallTask:
    return ask_to_call(
        key=key, kind=CallKind.ASKED_FOR_CALL, clinic=clinic, patient=patient, by=factories.system(), now=NOON + after
    )


def verbs() -> list[str]:
    return list(Event.objects.filter(verb__startswith="call.").order_by("pk").values_list("verb", flat=True))


def test_call_is_asked_for_once_in_the_patients_language(clinic: Clinic, rosa: Patient) -> None:
    first, second = ask(clinic, rosa), ask(clinic, rosa, after=HOUR)
    assert first == second
    assert (first.language, first.opened_at, first.due_at) == ("es", NOON, NOON)
    assert verbs() == ["call.asked"]


def test_settled_call_is_not_asked_for_again(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    settle_call(task=ask(clinic, rosa), ended=CallEnd.SPOKE, by=desk, now=NOON)
    assert ask(clinic, rosa).closed_at == NOON
    assert list(calls_to_make(clinic=clinic)) == []


def test_oldest_need_stands_first_and_other_clinics_do_not(clinic: Clinic, rosa: Patient) -> None:
    late, early = ask(clinic, rosa, "late", after=HOUR), ask(clinic, rosa, "early")
    ask(factories.create_clinic(clinic.organisation), rosa, "elsewhere")
    assert list(calls_to_make(clinic=clinic)) == [early, late]


def test_try_is_counted_and_the_call_comes_back(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    call = ask(clinic, rosa)
    take_call(task=call, by=desk, now=NOON)
    assert call.taken_by_id == desk.user_id
    record_try(task=call, ended=TryEnd.NO_ANSWER, by=desk, now=NOON)
    assert (call.tries, call.tried_at, call.due_at, call.taken_by_id) == (1, NOON, NOON + HOUR, None)
    record_try(task=call, ended=TryEnd.VOICEMAIL, by=desk, now=NOON + HOUR, again_at=NOON)
    assert (call.tries, call.due_at) == (2, NOON + HOUR), "never before now"
    assert [event.reason for event in Event.objects.filter(verb="call.tried").order_by("pk")] == [
        "no_answer",
        "voicemail",
    ]


def test_call_is_taken_over_given_back_and_put_off(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    call, other = ask(clinic, rosa), factories.create_actor(clinic, Role.MANAGER)
    take_call(task=call, by=desk, now=NOON)
    take_call(task=call, by=other, now=NOON, instead_of=desk.user_id)
    assert call.taken_by_id == other.user_id
    give_call_back(task=call, by=other, now=NOON)
    put_off(task=call, until=NOON + 5 * HOUR, by=desk, now=NOON)
    assert (call.taken_by_id, call.due_at) == (None, NOON + 5 * HOUR)
    assert verbs() == ["call.asked", "call.taken", "call.taken", "call.given_back", "call.put_off"]


@pytest.mark.parametrize("press", ["back", "later", "no_answer", "not_reached"])
def test_a_page_of_before_takes_no_call_off_a_colleague(clinic: Clinic, rosa: Patient, desk: Actor, press: str) -> None:
    call, other = ask(clinic, rosa), factories.create_actor(clinic, Role.MANAGER)
    take_call(task=call, by=desk, now=NOON)
    take_call(task=call, by=other, now=NOON, instead_of=desk.user_id)
    verbs_of: dict[str, Callable[..., None]] = {
        "back": give_call_back,
        "later": partial(put_off, until=NOON + HOUR),
        "no_answer": partial(record_try, ended=TryEnd.NO_ANSWER),
        "not_reached": partial(settle_call, ended=CallEnd.NOT_REACHED),
    }
    with pytest.raises(HadByAnother) as refusal:
        verbs_of[press](task=call, by=desk, now=NOON)
    assert refusal.value.user.pk == other.user_id
    call.refresh_from_db()
    assert (call.taken_by_id, call.due_at, call.tries, call.closed_at) == (other.user_id, NOON, 0, None)
    if press != "back":
        verbs_of[press](task=call, by=desk, now=NOON, instead_of=other.user_id)
        assert verbs()[-1] in ("call.put_off", "call.tried", "call.settled"), "who sees that they have it may"


def test_that_a_patient_was_spoken_with_settles_a_call_whoever_has_it(
    clinic: Clinic, rosa: Patient, desk: Actor
) -> None:
    call, other = ask(clinic, rosa), factories.create_actor(clinic, Role.MANAGER)
    take_call(task=call, by=other, now=NOON)
    settle_call(task=call, ended=CallEnd.SPOKE, by=desk, now=NOON)
    with pytest.raises(CallIsMade):
        give_call_back(task=call, by=other, now=NOON)


def test_call_is_settled_once(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    call = ask(clinic, rosa)
    settle_call(task=call, ended=CallEnd.NOT_REACHED, by=desk, now=NOON)
    assert (call.outcome, call.closed_by_id, call.closed_at) == ("not_reached", desk.user_id, NOON)
    with pytest.raises(CallIsMade):
        settle_call(task=call, ended=CallEnd.SPOKE, by=desk, now=NOON)
    with pytest.raises(CallIsMade):
        take_call(task=call, by=desk, now=NOON)
    with pytest.raises(CallIsMade):
        record_try(task=call, ended=TryEnd.NO_ANSWER, by=desk, now=NOON)
    with pytest.raises(CallIsMade):
        put_off(task=call, until=NOON + HOUR, by=desk, now=NOON)
    assert CallTask.objects.get().outcome == "not_reached"


@pytest.mark.parametrize("role", [Role.NURSE, Role.AUDITOR])
def test_calls_are_the_desks_work(clinic: Clinic, rosa: Patient, role: Role) -> None:
    with pytest.raises(NotAllowed):
        take_call(task=ask(clinic, rosa), by=factories.create_actor(clinic, role), now=NOON)


def test_desk_of_another_clinic_may_not(clinic: Clinic, rosa: Patient) -> None:
    sibling = factories.create_actor(factories.create_clinic(clinic.organisation), Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        settle_call(task=ask(clinic, rosa), ended=CallEnd.SPOKE, by=sibling, now=NOON)


def test_call_that_is_of_no_use_any_more_leaves_the_list_by_itself(clinic: Clinic, rosa: Patient) -> None:
    ask_to_call(
        key="useful", kind=CallKind.SAY_INSTEAD, clinic=clinic, patient=rosa, useful_until=NOON + HOUR,
        by=factories.system(), now=NOON,
    )  # fmt: skip
    gone = ask(clinic, factories.create_patient(clinic), "gone")
    stays = ask(clinic, rosa, "stays")
    assert settle_what_lapsed(clinic=None, by=factories.system(), now=NOON) == 0
    record_death(patient=gone.patient or rosa, died_at=NOON, by=factories.system(), now=NOON)
    assert settle_what_lapsed(clinic=clinic, by=factories.system(), now=NOON + HOUR) == 2
    assert list(calls_to_make(clinic=clinic)) == [stays]
    assert set(CallTask.objects.exclude(pk=stays.pk).values_list("outcome", flat=True)) == {"not_needed"}


def test_call_that_was_needed_no_more_comes_back_when_asked_for_again_but_not_what_a_person_settled(
    clinic: Clinic, rosa: Patient, desk: Actor
) -> None:
    by_itself, by_hand = ask(clinic, rosa, "itself"), ask(clinic, rosa, "hand")
    take_call(task=by_itself, by=desk, now=NOON)
    close_unneeded(calls=CallTask.objects.filter(pk=by_itself.pk), by=factories.system(), now=NOON)
    settle_call(task=by_hand, ended=CallEnd.NOT_NEEDED, by=desk, now=NOON)
    assert list(calls_to_make(clinic=clinic)) == []
    again = ask(clinic, rosa, "itself", after=HOUR)
    assert ask(clinic, rosa, "hand", after=HOUR).closed_at == NOON
    assert list(calls_to_make(clinic=clinic)) == [again] == [by_itself]
    assert (again.due_at, again.taken_by, again.outcome) == (NOON + HOUR, None, "")
    assert verbs() == ["call.asked"] * 2 + ["call.taken"] + ["call.settled"] * 2 + ["call.asked"]
