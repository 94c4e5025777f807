"""Every decision at a review is carried out, stands beside the earlier ones, and is made on what was read."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from scheduling.decisions_made import opened_reviews
from scheduling.drafting import change_draft
from scheduling.events import Actor, record
from scheduling.gates import DecidedMeanwhile, NothingToDecide, Seen, decide
from scheduling.locking import AgainstTheOrder, writing
from scheduling.models import (
    Appointment,
    ChangeKind,
    Clinic,
    Decision,
    Event,
    GateDecision,
    Order,
    OrderChange,
    OrderState,
    Role,
    Status,
)
from scheduling.order_effects import EffectChanged, effect_of
from scheduling.order_states import OrderIsNot, change_state
from scheduling.permissions import NotAllowed
from scheduling.reviews import reviews_due
from scheduling.signing import sign_order
from scheduling.visit_steps import NotThen
from scheduling.visits import record_step
from scheduling.word_of_mouth import ReasonMissing
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at, booked, give
from tests.scheduling.reviewed import AFTER_THREE, hear, prescriber, reviewed, say, with_limit

pytestmark = pytest.mark.django_db
OVER = [
    (Decision.STOP, OrderState.STOPPED, ChangeKind.STOP),
    (Decision.COMPLETE, OrderState.COMPLETED, ChangeKind.COMPLETE),
]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def fourth(order: Order) -> Appointment:
    return Appointment.objects.get(order=order, dose_number=4)


def start_fourth(order: Order, clinic: Clinic) -> Appointment:
    visit = fourth(order)
    give(visit, clinic)
    return visit


def sign_again(order: Order, clinic: Clinic) -> None:
    """An amendment that every visit still fits, signed."""
    signer = Actor.staff(prescriber(clinic), clinic)
    change_draft(order=order, changes={"within_days": 28}, by=signer, now=AFTER_THREE)
    sign_order(order=order, by=signer, now=AFTER_THREE)
    order.refresh_from_db()


def test_continue_lets_the_fourth_start(clinic: Clinic) -> None:
    order = reviewed(clinic, 4)
    assert fourth(order).is_tentative
    say(order, Decision.CONTINUE, prescriber(clinic), clinic)
    assert not fourth(order).is_tentative
    assert start_fourth(order, clinic).given_at


def test_a_changed_order_opens_nothing_before_it_is_signed(clinic: Clinic) -> None:
    order = reviewed(clinic, 4)
    made = say(order, Decision.CONTINUE_CHANGED, prescriber(clinic), clinic)
    assert made.under_version_id == order.current_version_id
    assert opened_reviews([order.pk]) == set()
    assert opened_reviews([order.pk], once_signed=True) == {(order.pk, 3)}
    assert [one.latest for one in reviews_due(clinic=clinic)] == [made]
    assert fourth(order).is_tentative
    with pytest.raises(AgainstTheOrder) as refusal:
        start_fourth(order, clinic)
    assert refusal.value.code == "ID007"


def test_a_changed_order_opens_the_review_once_it_is_signed(clinic: Clinic) -> None:
    order = reviewed(clinic, 4)
    say(order, Decision.CONTINUE_CHANGED, prescriber(clinic), clinic)
    sign_again(order, clinic)
    assert opened_reviews([order.pk]) == {(order.pk, 3)}
    assert reviews_due(clinic=clinic) == []
    assert not fourth(order).is_tentative
    assert start_fourth(order, clinic).given_at


def test_a_pause_keeps_the_places_and_starts_nothing(clinic: Clinic) -> None:
    order = reviewed(clinic, 4)
    made = say(order, Decision.PAUSE, prescriber(clinic), clinic, note="blood pressure")
    order.refresh_from_db()
    change = OrderChange.objects.get(order=order)
    assert (order.state, change.kind, change.decision, change.reason) == ("paused", "pause", made, "blood pressure")
    assert order.keep_places_until == AFTER_THREE + timedelta(days=3)
    assert fourth(order).status == Status.BOOKED
    assert reviews_due(clinic=clinic) == []
    with pytest.raises(AgainstTheOrder):
        start_fourth(order, clinic)
    assert "blood pressure" not in str(list(Event.objects.values_list("reason", "data")))


@pytest.mark.parametrize(("decision", "state", "kind"), OVER)
def test_an_end_cancels_what_is_booked_and_the_reason_stays_with_the_change(
    clinic: Clinic, decision: Decision, state: OrderState, kind: ChangeKind
) -> None:
    order = reviewed(clinic, 4, 5)
    say(order, decision, prescriber(clinic), clinic)
    order.refresh_from_db()
    assert (order.state, OrderChange.objects.get(order=order).kind) == (state, kind)
    ended = Appointment.objects.filter(order=order, dose_number__in=(4, 5))
    assert set(ended.values_list("status", "cancelled_by", "cancel_reason")) == {("cancelled", "clinician", "clinical")}
    verbs = Event.objects.filter(order=order).values_list("verb", flat=True)
    assert {"review.decided", f"order.{kind}", "appointment.cancelled"} <= set(verbs)


def test_a_changed_mind_stands_beside_the_earlier_word_and_makes_visits_wait_again(clinic: Clinic) -> None:
    order = reviewed(clinic, 4)
    first, second = prescriber(clinic, "lee"), prescriber(clinic, "okafor")
    said = [
        say(order, Decision.CONTINUE, first, clinic),
        say(order, Decision.CONTINUE_CHANGED, second, clinic, now=AFTER_THREE + timedelta(minutes=5)),
    ]
    assert list(GateDecision.objects.filter(order=order).order_by("pk")) == said
    visit = fourth(order)
    assert visit.is_tentative
    assert list(visit.events.order_by("pk").values_list("verb", flat=True))[-2:] == [
        "appointment.made_firm", "appointment.waits_for_review",
    ]  # fmt: skip
    with pytest.raises(AgainstTheOrder):
        give(visit, clinic)


def test_a_review_of_a_resumed_order_is_due_again(clinic: Clinic) -> None:
    order, who = reviewed(clinic, 4), prescriber(clinic)
    made = say(order, Decision.PAUSE, who, clinic)
    with pytest.raises(OrderIsNot):
        say(order, Decision.CONTINUE, who, clinic)
    with writing():
        order = Order.objects.select_for_update().get(pk=order.pk)
        _change, entry = change_state(
            order, ChangeKind.RESUME, decided_by=who, decided_at=AFTER_THREE, clinic_id=clinic.pk, now=AFTER_THREE
        )
        record(organisation_id=order.organisation_id, entries=[entry], by=factories.system(), now=AFTER_THREE)
    assert [one.latest for one in reviews_due(clinic=clinic)] == [made]
    say(order, Decision.CONTINUE, who, clinic)
    assert start_fourth(order, clinic).given_at


def test_a_paused_order_may_be_stopped_at_its_review(clinic: Clinic) -> None:
    order, who = reviewed(clinic, 4), prescriber(clinic)
    say(order, Decision.PAUSE, who, clinic)
    say(order, Decision.STOP, who, clinic)
    order.refresh_from_db()
    assert order.state == OrderState.STOPPED
    for decision in Decision:
        with pytest.raises(OrderIsNot):
            say(order, decision, who, clinic)
    assert GateDecision.objects.filter(order=order).count() == 2


def test_nothing_is_decided_before_the_infusion_is_given_or_where_no_review_is_ordered(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    visits = booked(order, clinic, 1, 2, 3)
    for after in (2, 3):
        for decision in Decision:
            with pytest.raises(NothingToDecide):
                say(order, decision, prescriber(clinic), clinic, after=after)
    nurse = factories.create_actor(clinic, Role.NURSE)
    later = visits[2].period.upper
    record_step(appointment=visits[2], to=Status.NO_SHOW, happened_at=later, by=nurse, now=later)
    assert reviews_due(clinic=clinic) == []
    with pytest.raises(NothingToDecide):
        say(order, Decision.CONTINUE, prescriber(clinic), clinic)


def test_a_review_before_the_first_infusion_is_due_at_once_and_guards_it(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=with_limit(2, after=0))
    [visit] = booked(order, clinic, 1)
    assert visit.is_tentative
    [due] = reviews_due(clinic=clinic)
    assert (due.gate.after_number, due.since, str(due.decide_by)) == (0, NOW, "2027-01-06")
    with pytest.raises(AgainstTheOrder):
        give(visit, clinic)
    say(order, Decision.CONTINUE, prescriber(clinic), clinic, after=0, now=NOW)
    nurse, start = factories.create_actor(clinic, Role.NURSE), visit.period.lower
    record_step(
        appointment=visit,
        to=Status.INFUSING,
        happened_at=start,
        by=nurse,
        now=start,
        checks=factories.checks_for(Status.INFUSING),
    )
    assert visit.given_at


@pytest.mark.parametrize("decision", [Decision.PAUSE, Decision.STOP])
def test_a_pause_and_a_stop_say_why(clinic: Clinic, decision: Decision) -> None:
    order = reviewed(clinic)
    with pytest.raises(ReasonMissing):
        say(order, decision, prescriber(clinic), clinic, note="  ")


def test_what_another_decided_since_it_was_read_is_said_and_nothing_written(clinic: Clinic) -> None:
    order, first, second = reviewed(clinic, 4), prescriber(clinic, "lee"), prescriber(clinic, "okafor")
    made = say(order, Decision.CONTINUE, first, clinic, seen=Seen(0))
    with pytest.raises(DecidedMeanwhile) as refusal:
        say(order, Decision.STOP, second, clinic, seen=Seen(0))
    assert refusal.value.latest == made
    order.refresh_from_db()
    assert (order.state, GateDecision.objects.count()) == (OrderState.ACTIVE, 1)
    say(order, Decision.STOP, second, clinic, seen=Seen(made.pk))
    assert GateDecision.objects.count() == 2


def test_an_effect_that_changed_since_it_was_shown_is_not_carried_out(clinic: Clinic) -> None:
    order, who = reviewed(clinic, 4), prescriber(clinic)
    shown = effect_of(order, ChangeKind.STOP, now=AFTER_THREE).shown
    booked(order, clinic, 5)
    with pytest.raises(EffectChanged):
        say(order, Decision.STOP, who, clinic, seen=Seen(0, shown))
    assert not GateDecision.objects.exists()
    say(order, Decision.STOP, who, clinic, seen=Seen(0, effect_of(order, ChangeKind.STOP, now=AFTER_THREE).shown))
    assert fourth(order).status == Status.CANCELLED


def test_a_word_that_was_heard_keeps_when_it_was_said_and_changes_the_order(clinic: Clinic) -> None:
    order, who, nurse = reviewed(clinic, 4), prescriber(clinic), factories.create_user(clinic, Role.NURSE)
    said_at = AFTER_THREE - timedelta(minutes=40)
    made = hear(order, Decision.PAUSE, who, nurse, clinic, said_at=said_at)
    change = OrderChange.objects.get(order=order)
    assert (made.decided_at, made.recorded_at, made.heard_by) == (said_at, AFTER_THREE, nurse)
    assert (change.decided_by, change.heard_by, change.was_read_back, change.decided_at) == (who, nurse, True, said_at)


@pytest.mark.parametrize(
    "said_at",
    [AFTER_THREE + timedelta(minutes=1), AFTER_THREE - timedelta(hours=25), at("2027-01-11", "08:30")],
    ids=["ahead", "longer ago than a day", "before the infusion"],
)
def test_a_word_can_not_have_been_heard_then(clinic: Clinic, said_at: datetime) -> None:
    order, who, nurse = reviewed(clinic), prescriber(clinic), factories.create_user(clinic, Role.NURSE)
    with pytest.raises(NotThen):
        hear(order, Decision.CONTINUE, who, nurse, clinic, said_at=said_at)


def test_what_was_said_before_a_later_decision_does_not_count_for_later(clinic: Clinic) -> None:
    """Said at three, decided otherwise at half past three, written down at four, by somebody who has read it."""
    order, who, nurse = reviewed(clinic, 4), prescriber(clinic), factories.create_user(clinic, Role.NURSE)
    later = say(order, Decision.CONTINUE_CHANGED, who, clinic, now=AFTER_THREE - timedelta(minutes=30))
    said_at = AFTER_THREE - timedelta(hours=1)
    with pytest.raises(DecidedMeanwhile) as refusal:
        hear(order, Decision.CONTINUE, who, nurse, clinic, said_at=said_at, seen=Seen(later.pk))
    assert refusal.value.latest == later
    assert fourth(order).is_tentative


def test_only_prescribers_decide_and_only_nurses_write_down(clinic: Clinic) -> None:
    order, who = reviewed(clinic), prescriber(clinic)
    for role in (Role.FRONT_DESK, Role.MANAGER, Role.AUDITOR, Role.NURSE):
        someone = factories.create_user(clinic, role)
        with pytest.raises(NotAllowed):
            say(order, Decision.CONTINUE, someone, clinic)
    for role in (Role.FRONT_DESK, Role.MANAGER, Role.PRESCRIBER):
        someone = factories.create_user(clinic, role)
        with pytest.raises(NotAllowed):
            hear(order, Decision.CONTINUE, who, someone, clinic)
    by = factories.create_actor(factories.create_clinic(), Role.PRESCRIBER)
    with pytest.raises(NotAllowed):
        decide(order=order, after_number=3, decision=Decision.CONTINUE, decided_by=who, by=by, now=AFTER_THREE)
