"""Who may change an order and how it is said: every state by every change, by the prescriber or through a nurse."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.events import Actor
from scheduling.models import ChangeKind, Clinic, Event, Order, OrderChange, OrderState, Role
from scheduling.order_effects import EffectChanged, effect_of
from scheduling.order_states import LEADS_TO, OrderIsNot, next_changes
from scheduling.pausing import pause_order
from scheduling.permissions import NotAllowed
from scheduling.visit_steps import NotThen
from scheduling.word_of_mouth import NotReadBack, ReasonMissing, Word
from tests import factories
from tests.counts import count
from tests.factories import NOW
from tests.scheduling.planned import booked
from tests.scheduling.words import VERBS, WAYS, WHY, changed, prescriber_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def _order_in(state: OrderState, clinic: Clinic) -> Order:
    if state == OrderState.DRAFT:
        return factories.create_draft(clinic)
    if state == OrderState.EXPIRED:
        order = factories.create_order(clinic, template={**factories.SIX, "not_after": "2027-01-31"})
        return changed(order, clinic, ChangeKind.EXPIRE, now=NOW + timedelta(days=40))
    return changed(factories.create_order(clinic), clinic, *WAYS[state])


@pytest.mark.parametrize("kind", VERBS)
@pytest.mark.parametrize("state", list(OrderState))
def test_each_change_leads_on_from_its_states_alone(state: OrderState, kind: ChangeKind) -> None:
    clinic = factories.create_clinic()
    order = _order_in(state, clinic)
    assert order.state == state
    before, after = LEADS_TO[kind]
    changes = order.changes.count()
    count("states of an order x changes through the verbs")
    if state in before:
        assert kind in next_changes(order)
        assert changed(order, clinic, kind, now=LATER).state == after
        assert order.changes.count() == changes + 1
    else:
        with pytest.raises(OrderIsNot) as refusal:
            changed(order, clinic, kind, now=LATER)
        assert refusal.value.state == state
        order.refresh_from_db()
        assert (order.state, order.changes.count()) == (state, changes)


@pytest.mark.parametrize("kind", VERBS)
def test_the_reason_is_kept_for_clinical_staff_and_no_event_says_it(kind: ChangeKind) -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    if kind == ChangeKind.RESUME:
        changed(order, clinic, ChangeKind.PAUSE)
    changed(order, clinic, kind, now=LATER)
    change = OrderChange.objects.get(order=order, kind=kind)
    assert (change.reason, change.decided_at, change.heard_by_id) == (WHY, LATER, None)
    event = Event.objects.get(verb=f"order.{kind}")
    assert (event.reason, event.data) == ("", {"change": change.pk})
    assert WHY not in str(list(Event.objects.values_list("reason", "data")))


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.NURSE, Role.MANAGER, Role.AUDITOR])
@pytest.mark.parametrize("kind", VERBS)
def test_nobody_but_a_prescriber_changes_an_order_of_their_own_accord(kind: ChangeKind, role: Role) -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    user = factories.create_user(clinic, role)
    with pytest.raises(NotAllowed):
        VERBS[kind](order=order, word=Word(user, WHY), by=Actor.staff(user, clinic), now=NOW)


def test_a_prescriber_speaks_for_nobody_else_and_for_no_other_organisation() -> None:
    clinic, elsewhere = factories.create_clinic(), factories.create_clinic()
    order = factories.create_order(clinic)
    user, by = prescriber_of(clinic)
    other, _ = prescriber_of(clinic)
    stranger, stranger_by = prescriber_of(elsewhere)
    for word, actor in ((Word(other, WHY), by), (Word(stranger, WHY), stranger_by)):
        with pytest.raises(NotAllowed):
            pause_order(order=order, word=word, by=actor, now=NOW)
    assert pause_order(order=order, word=Word(user, WHY), by=by, now=NOW).decided_by == user


def test_a_nurse_writes_down_what_was_heard_and_read_back() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    user, _by = prescriber_of(clinic)
    nurse = factories.create_actor(clinic, Role.NURSE)
    heard = NOW - timedelta(minutes=10)
    with pytest.raises(NotReadBack):
        pause_order(order=order, word=Word(user, WHY, heard_at=heard), by=nurse, now=NOW)
    change = pause_order(order=order, word=Word(user, WHY, heard_at=heard, read_back=True), by=nurse, now=NOW)
    assert (change.decided_by_id, change.heard_by_id, change.was_read_back) == (user.pk, nurse.user_id, True)
    assert (change.decided_at, change.recorded_at) == (heard, NOW)


@pytest.mark.parametrize("ago", [timedelta(minutes=-1), timedelta(hours=25)])
def test_what_was_heard_is_written_down_within_the_day_and_never_ahead(ago: timedelta) -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    user, _by = prescriber_of(clinic)
    word = Word(user, WHY, heard_at=NOW - ago, read_back=True)
    with pytest.raises(NotThen):
        pause_order(order=order, word=word, by=factories.create_actor(clinic, Role.NURSE), now=NOW)


@pytest.mark.parametrize("kind", [ChangeKind.PAUSE, ChangeKind.STOP])
def test_a_pause_and_a_stop_say_why(kind: ChangeKind) -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    user, by = prescriber_of(clinic)
    with pytest.raises(ReasonMissing):
        VERBS[kind](order=order, word=Word(user, "  "), by=by, now=NOW)


@pytest.mark.parametrize("kind", [ChangeKind.PAUSE, ChangeKind.STOP, ChangeKind.COMPLETE])
def test_what_was_shown_must_still_be_true(kind: ChangeKind) -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    user, by = prescriber_of(clinic)
    shown = effect_of(order, kind, now=NOW).shown
    booked(order, clinic, 1)
    with pytest.raises(EffectChanged) as refusal:
        VERBS[kind](order=order, word=Word(user, WHY), shown=shown, by=by, now=NOW)
    order.refresh_from_db()
    assert (order.state, order.changes.count()) == (OrderState.ACTIVE, 0)
    assert [one.number for one in refusal.value.effect.visits] == [1]
    VERBS[kind](order=order, word=Word(user, WHY), shown=refusal.value.effect.shown, by=by, now=NOW)
    assert order.changes.count() == 1
