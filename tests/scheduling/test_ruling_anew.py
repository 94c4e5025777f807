"""A ruling may be followed by another one as long as that can be: the latest counts, and the earlier stay readable."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from scheduling.booking import Pick, book_series
from scheduling.cancelling import cancel
from scheduling.counter_signing import counter_sign
from scheduling.events import Actor
from scheduling.exit_rulings import (
    LaterWasGiven,
    NothingToRule,
    RepeatStands,
    RuledMeanwhile,
    rule_on_exit,
    rulings_of,
)
from scheduling.holding import hold_series
from scheduling.locking import AgainstTheOrder
from scheduling.models import Appointment, CancelledBy, Clinic, Event, FollowUp, FollowUpState, Role, Status, User
from scheduling.permissions import NotAllowed
from scheduling.said_by_word import counter_signatures_due
from scheduling.series import read_series
from scheduling.undoing import undo_step
from scheduling.visit_steps import NotThen
from scheduling.word_of_mouth import NotReadBack, Word
from tests import factories
from tests.factories import SIX
from tests.scheduling.planned import at, meets_the_constraints
from tests.scheduling.running import nurse
from tests.scheduling.test_exit_rulings import BROKEN_OFF, FRI, WED, booked, bring, give, rule

pytestmark = pytest.mark.django_db
MON, LATER = at("2027-01-11"), WED + timedelta(hours=4)
CALL = {"kind": "call", "after": 1, "day": 1}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def doctor(clinic: Clinic) -> User:
    return factories.create_user(clinic, Role.PRESCRIBER)


@pytest.fixture
def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


def heard(visit: Appointment, doctor: User, at: datetime, *, counts: bool = True, now: datetime = LATER) -> None:
    word = Word(doctor, "by phone", heard_at=at, read_back=True)
    rule_on_exit(appointment=visit, counts=counts, word=word, by=nurse(visit.clinic), now=now)


def test_what_no_day_was_left_for_counts_after_all_and_back(clinic: Clinic, doctor: User) -> None:
    order, [first, second] = booked(clinic, WED, FRI)
    bring(first, *BROKEN_OFF)
    rule(first, doctor, counts=False)
    bring(second, Status.ARRIVED, Status.SEATED)
    with pytest.raises(AgainstTheOrder) as refusal:
        bring(second, Status.INFUSING)
    assert refusal.value.code == "ID007"
    rule(first, doctor, counts=True)
    rule(first, doctor, counts=False)
    rule(first, doctor, counts=True, now=LATER)
    assert [one.counts for one in rulings_of(first)] == [False, True, False, True]
    assert (first.is_repeated, read_series(order, now=FRI).given) == (False, {1: first.given_at})
    bring(second, Status.INFUSING)
    meets_the_constraints()
    told = Event.objects.filter(appointment=first, verb="appointment.ruled").order_by("pk")
    assert [event.data for event in told] == [{"repeated": True}, {"repeated": False}] * 2


def test_it_does_not_count_twice_while_the_repeat_is_booked_or_kept(clinic: Clinic, doctor: User, desk: Actor) -> None:
    order, [first] = booked(clinic, WED)
    bring(first, *BROKEN_OFF)
    rule(first, doctor, counts=False)
    [again] = book_series(order=order, clinic=clinic, picks=[Pick(1, FRI)], by=desk, now=LATER)
    with pytest.raises(RepeatStands) as refusal:
        rule(first, doctor, counts=True)
    assert refusal.value.visit == again
    cancel(appointment=again, side=CancelledBy.CLINIC, reason="counts", by=desk, now=LATER)
    [kept] = hold_series(order=order, clinic=clinic, picks=[Pick(1, FRI)], by=desk, now=LATER, minutes=10)
    with pytest.raises(RepeatStands):
        rule(first, doctor, counts=True, now=LATER)
    rule(first, doctor, counts=True, now=LATER + timedelta(minutes=10))
    kept.refresh_from_db()
    assert (kept.status, first.is_repeated) == (Status.RELEASED, False)


def test_what_was_given_again_stays_and_what_was_taken_back_does_not(clinic: Clinic, doctor: User, desk: Actor) -> None:
    order, [first] = booked(clinic, WED, template={**SIX, "follow_ups": [CALL]})
    bring(first, *BROKEN_OFF)
    rule(first, doctor, counts=False)
    [again] = book_series(order=order, clinic=clinic, picks=[Pick(1, FRI)], by=desk, now=LATER)
    bring(again, Status.ARRIVED, Status.SEATED, Status.INFUSING)
    with pytest.raises(RepeatStands):
        rule(first, doctor, counts=True, now=FRI + timedelta(minutes=5))
    by, then = nurse(clinic), FRI + timedelta(minutes=6)
    for _ in range(3):
        undo_step(appointment=again, by=by, now=then)
    cancel(appointment=again, side=CancelledBy.CLINIC, reason="counts", by=desk, now=then)
    assert FollowUp.objects.get(order=order).state == FollowUpState.WAITING
    rule(first, doctor, counts=True, now=then)
    call = FollowUp.objects.get(order=order)
    assert (call.state, call.opened_at) == (FollowUpState.OPEN, first.given_at)


def test_nothing_is_given_again_once_a_later_infusion_was_given(clinic: Clinic, doctor: User) -> None:
    _, [first, second] = booked(clinic, WED, FRI)
    bring(first, *BROKEN_OFF)
    rule(first, doctor, counts=True)
    give(second)
    with pytest.raises(LaterWasGiven):
        rule(first, doctor, counts=False, now=FRI + timedelta(hours=3))
    assert [one.counts for one in rulings_of(first)] == [True]


def test_who_read_an_older_ruling_writes_nothing_over_a_newer_one(clinic: Clinic, doctor: User) -> None:
    _, [first] = booked(clinic, WED)
    bring(first, *BROKEN_OFF)
    rule(first, doctor, counts=True)
    [made] = rulings_of(first)
    by = Actor.staff(doctor, clinic)
    for seen in (0, made.pk - 1):
        with pytest.raises(RuledMeanwhile) as refusal:
            rule_on_exit(appointment=first, counts=False, word=Word(doctor), seen=seen, by=by, now=LATER)
        assert refusal.value.latest == made
    with pytest.raises(NothingToRule):
        rule_on_exit(appointment=first, counts=True, word=Word(doctor), seen=made.pk, by=by, now=LATER)
    rule_on_exit(appointment=first, counts=False, word=Word(doctor), seen=made.pk, by=by, now=LATER)
    assert first.is_repeated


def test_a_nurse_writes_down_a_ruling_that_she_heard_and_the_prescriber_signs_it(clinic: Clinic, doctor: User) -> None:
    _, [first] = booked(clinic, WED)
    bring(first, *BROKEN_OFF)
    said_at = WED + timedelta(minutes=30)
    heard(first, doctor, said_at)
    [made] = rulings_of(first)
    assert (made.decided_by, made.decided_at, made.recorded_at, made.was_read_back) == (doctor, said_at, LATER, True)
    due = counter_signatures_due(user=doctor, covered=(), clinic=clinic, today=LATER.date())
    assert [(one.said, one.words, one.heard_by) for one in due] == [(made, "by phone", made.heard_by)]
    counter_sign(said=made, today=LATER.date(), by=Actor.staff(doctor, clinic), now=LATER)
    assert not counter_signatures_due(user=doctor, covered=(), clinic=clinic, today=LATER.date())
    assert Event.objects.get(verb="appointment.counter_signed").appointment == first
    meets_the_constraints()


def test_who_ruled_anew_is_not_asked_to_sign_what_was_heard_before(clinic: Clinic, doctor: User) -> None:
    _, [first] = booked(clinic, WED)
    bring(first, *BROKEN_OFF)
    heard(first, doctor, WED + timedelta(minutes=30))
    [made] = rulings_of(first)

    def due() -> list[object]:
        waiting = counter_signatures_due(user=doctor, covered=(), clinic=clinic, today=LATER.date())
        return [one.said for one in waiting]

    rule(first, factories.create_user(clinic, Role.PRESCRIBER), counts=not made.counts)
    assert due() == [made], "another's ruling is not their word"
    rule(first, doctor, counts=made.counts)
    assert due() == []


def test_a_ruling_is_heard_within_the_day_and_not_before_the_infusion_or_the_latest_one(
    clinic: Clinic, doctor: User
) -> None:
    _, [first] = booked(clinic, WED)
    bring(first, *BROKEN_OFF)
    for then, now in (
        (LATER + timedelta(seconds=1), LATER),
        (WED - timedelta(minutes=1), LATER),
        (LATER, LATER + timedelta(days=1, seconds=1)),
    ):
        with pytest.raises(NotThen):
            heard(first, doctor, then, now=now)
    word = Word(doctor, heard_at=LATER)
    with pytest.raises(NotReadBack):
        rule_on_exit(appointment=first, counts=True, word=word, by=nurse(clinic), now=LATER)
    word, by = Word(doctor, heard_at=LATER, read_back=True), factories.create_actor(clinic, Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        rule_on_exit(appointment=first, counts=True, word=word, by=by, now=LATER)
    rule(first, doctor, counts=True)
    with pytest.raises(RuledMeanwhile):
        heard(first, doctor, WED + timedelta(hours=2), counts=False)
    assert len(rulings_of(first)) == 1


def test_a_nurse_of_a_clinic_the_order_is_not_for_rules_on_nothing(clinic: Clinic, doctor: User) -> None:
    _, [first] = booked(clinic, WED)
    bring(first, *BROKEN_OFF)
    other = factories.create_clinic(organisation=clinic.organisation)
    word = Word(doctor, heard_at=LATER, read_back=True)
    with pytest.raises(NotAllowed):
        rule_on_exit(appointment=first, counts=True, word=word, by=nurse(other), now=LATER)
