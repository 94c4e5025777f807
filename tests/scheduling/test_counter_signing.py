"""What was said by word of mouth is signed once, by who said it or by who covers for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from scheduling.counter_signing import (
    NothingToSign,
    NotTheirs,
    SignedAlready,
    counter_sign,
)
from scheduling.covering import arrange_cover
from scheduling.covers import covers_for
from scheduling.events import Actor, record
from scheduling.locking import writing
from scheduling.models import ChangeKind, Clinic, CounterSignature, Decision, Event, Order, OrderChange, Role, User
from scheduling.order_states import change_state
from scheduling.permissions import NotAllowed
from scheduling.said_by_word import DUE_WITHIN, ToSign, counter_signatures_due, to_sign
from tests import factories
from tests.scheduling.planned import meets_the_constraints
from tests.scheduling.reviewed import AFTER_THREE, hear, prescriber, reviewed, say

pytestmark = pytest.mark.django_db
TODAY = AFTER_THREE.date()


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def lee(clinic: Clinic) -> User:
    return prescriber(clinic, "lee")


@pytest.fixture
def nurse(clinic: Clinic) -> User:
    return factories.create_user(clinic, Role.NURSE)


def due(user: User, clinic: Clinic) -> list[ToSign]:
    return counter_signatures_due(user=user, covered=covers_for(user, TODAY), clinic=clinic, today=TODAY)


def heard_pause(order: Order, who: User, nurse: User, clinic: Clinic) -> OrderChange:
    """A pause that a nurse heard outside of a review."""
    with writing():
        order = Order.objects.select_for_update().get(pk=order.pk)
        change, entry = change_state(
            order, ChangeKind.PAUSE, decided_by=who, decided_at=AFTER_THREE, reason="fever", heard_by_id=nurse.pk,
            clinic_id=clinic.pk, now=AFTER_THREE,
        )  # fmt: skip
        record(organisation_id=order.organisation_id, entries=[entry], by=factories.system(), now=AFTER_THREE)
    return change


def test_who_said_it_signs_it_once_and_sees_what_was_written(clinic: Clinic, lee: User, nurse: User) -> None:
    made = hear(reviewed(clinic), Decision.CONTINUE, lee, nurse, clinic)
    [waiting] = due(lee, clinic)
    assert (waiting.decision, waiting.words, waiting.due_at) == (made, "said so", AFTER_THREE + DUE_WITHIN)
    by = Actor.staff(lee, clinic)
    signed = counter_sign(said=made, today=TODAY, by=by, now=AFTER_THREE)
    with pytest.raises(SignedAlready) as refusal:
        counter_sign(said=made, today=TODAY, by=by, now=AFTER_THREE)
    assert refusal.value.signature == signed
    assert due(lee, clinic) == []
    assert Event.objects.get(verb="review.counter_signed").data == {"signature": signed.pk, "as": "themselves"}
    meets_the_constraints()


def test_a_change_decided_at_a_review_is_signed_with_it(clinic: Clinic, lee: User, nurse: User) -> None:
    made = hear(reviewed(clinic), Decision.PAUSE, lee, nurse, clinic)
    assert [one.said for one in due(lee, clinic)] == [made]
    change = OrderChange.objects.get()
    counter_sign(said=change, today=TODAY, by=Actor.staff(lee, clinic), now=AFTER_THREE)
    assert CounterSignature.objects.count() == 2
    assert due(lee, clinic) == []


def test_a_change_heard_outside_a_review_waits_too(clinic: Clinic, lee: User, nurse: User) -> None:
    order = reviewed(clinic)
    change = heard_pause(order, lee, nurse, clinic)
    [waiting] = due(lee, clinic)
    assert (waiting.said, waiting.words, waiting.decision) == (change, "fever", None)
    counter_sign(said=change, today=TODAY, by=Actor.staff(lee, clinic), now=AFTER_THREE)
    assert due(lee, clinic) == []
    assert Event.objects.filter(verb="order.counter_signed").count() == 1


def test_another_prescriber_signs_only_as_their_cover(clinic: Clinic, lee: User, nurse: User) -> None:
    made = hear(reviewed(clinic), Decision.CONTINUE, lee, nurse, clinic)
    okafor = prescriber(clinic, "okafor")
    by = Actor.staff(okafor, clinic)
    with pytest.raises(NotTheirs):
        counter_sign(said=made, today=TODAY, by=by, now=AFTER_THREE)
    assert due(okafor, clinic) == []
    arrange_cover(
        prescriber=lee, cover=okafor, first_day=TODAY, last_day=TODAY, today=TODAY, by=Actor.staff(lee, clinic),
        now=AFTER_THREE,
    )  # fmt: skip
    with pytest.raises(NotTheirs):
        counter_sign(said=made, today=TODAY + timedelta(days=1), by=by, now=AFTER_THREE)
    assert [one.said for one in due(okafor, clinic)] == [made]
    signed = counter_sign(said=made, today=TODAY, by=by, now=AFTER_THREE)
    assert signed.signed_by == okafor
    said = Event.objects.get(verb="review.counter_signed").data
    assert said == {"signature": signed.pk, "as": "cover", "for": lee.shown_name}


def left(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def no_longer_prescribes(user: User) -> None:
    user.memberships.all().delete()


@pytest.mark.parametrize("leaves", [left, no_longer_prescribes])
@pytest.mark.parametrize("at_a_review", [True, False])
def test_for_who_has_left_another_prescriber_signs_and_says_for_whom(
    clinic: Clinic, lee: User, nurse: User, leaves: Callable[[User], None], at_a_review: bool
) -> None:
    order, okafor = reviewed(clinic), prescriber(clinic, "okafor")
    said = (hear(order, Decision.CONTINUE, lee, nurse, clinic) if at_a_review else
            heard_pause(order, lee, nurse, clinic))  # fmt: skip
    assert due(okafor, clinic) == []
    leaves(lee)
    assert due(okafor, clinic) == [replace(to_sign(said), is_nobodys=True)]
    elsewhere = factories.create_clinic(clinic.organisation)
    assert due(prescriber(elsewhere), elsewhere) == []
    signed = counter_sign(said=said, today=TODAY, by=Actor.staff(okafor, clinic), now=AFTER_THREE)
    recorded = Event.objects.get(verb__endswith=".counter_signed").data
    assert (signed.signed_by, recorded["as"], recorded["for"]) == (okafor, "they_left", lee.shown_name)
    assert due(okafor, clinic) == []
    meets_the_constraints()


def test_for_who_has_left_with_a_cover_only_the_cover_signs(clinic: Clinic, lee: User, nurse: User) -> None:
    made = hear(reviewed(clinic), Decision.CONTINUE, lee, nurse, clinic)
    okafor, third = prescriber(clinic, "okafor"), prescriber(clinic, "third")
    arrange_cover(
        prescriber=lee, cover=okafor, first_day=TODAY, last_day=TODAY, today=TODAY, by=Actor.staff(lee, clinic),
        now=AFTER_THREE,
    )  # fmt: skip
    left(lee)
    assert due(okafor, clinic) == [to_sign(made)]
    assert due(third, clinic) == []
    with pytest.raises(NotTheirs):
        counter_sign(said=made, today=TODAY, by=Actor.staff(third, clinic), now=AFTER_THREE)
    left(okafor)
    assert due(third, clinic) == [replace(to_sign(made), is_nobodys=True)]
    counter_sign(said=made, today=TODAY, by=Actor.staff(third, clinic), now=AFTER_THREE)


def test_ones_own_act_needs_no_signature_and_nobody_else_gives_one(clinic: Clinic, lee: User, nurse: User) -> None:
    order = reviewed(clinic)
    own = say(order, Decision.CONTINUE, lee, clinic)
    with pytest.raises(NothingToSign):
        counter_sign(said=own, today=TODAY, by=Actor.staff(lee, clinic), now=AFTER_THREE)
    heard = hear(order, Decision.CONTINUE, lee, nurse, clinic)
    for role in (Role.NURSE, Role.MANAGER, Role.FRONT_DESK):
        with pytest.raises(NotAllowed):
            counter_sign(said=heard, today=TODAY, by=factories.create_actor(clinic, role), now=AFTER_THREE)
    stranger = factories.create_actor(factories.create_clinic(), Role.PRESCRIBER)
    with pytest.raises(NotAllowed):
        counter_sign(said=heard, today=TODAY, by=stranger, now=AFTER_THREE)


def test_who_decided_anew_is_not_asked_to_sign_what_was_heard_before(clinic: Clinic, lee: User, nurse: User) -> None:
    order, other = reviewed(clinic), reviewed(clinic)
    made, elsewhere = (hear(one, Decision.CONTINUE, lee, nurse, clinic) for one in (order, other))
    say(order, Decision.CONTINUE_CHANGED, prescriber(clinic, "okafor"), clinic)
    assert {one.said for one in due(lee, clinic)} == {made, elsewhere}
    say(order, Decision.CONTINUE, lee, clinic)
    assert [one.said for one in due(lee, clinic)] == [elsewhere]
    again = hear(order, Decision.CONTINUE_CHANGED, lee, nurse, clinic)
    assert {one.said for one in due(lee, clinic)} == {elsewhere, again}


def test_what_is_overdue_stands_on_top(clinic: Clinic, lee: User, nurse: User) -> None:
    later = AFTER_THREE + timedelta(days=1)
    first = hear(reviewed(clinic), Decision.CONTINUE, lee, nurse, clinic)
    second = hear(reviewed(clinic), Decision.CONTINUE, lee, nurse, clinic, now=later)
    rows = due(lee, clinic)
    assert [one.said for one in rows] == [first, second]
    assert [one.is_overdue(AFTER_THREE + DUE_WITHIN) for one in rows] == [True, False]
