"""A pause keeps places and lets nothing happen; the desk is asked after a while; what goes on is as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from scheduling.booking import book_series
from scheduling.events import Actor
from scheduling.keeping_places import NotSoLong
from scheduling.locking import AgainstTheOrder, writing
from scheduling.models import (
    Appointment,
    CancelledBy,
    ChangeKind,
    Clinic,
    Event,
    Order,
    OrderChange,
    OrderState,
    Role,
    Status,
)
from scheduling.order_states import OrderIsNot, RecordClosed
from scheduling.patients import record_death
from scheduling.paused_places import places_to_settle, settle_places
from scheduling.permissions import NotAllowed
from scheduling.visit_steps import OrderOnHold
from scheduling.visits import confirm, record_step
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import booked, desk, events_of, give, picks, refused
from tests.scheduling.words import changed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def _paused(clinic: Clinic, *numbers: int) -> tuple[Order, list[Appointment]]:
    order = factories.create_order(clinic)
    visits = booked(order, clinic, *numbers)
    return changed(order, clinic, ChangeKind.PAUSE), visits


def test_a_paused_orders_visits_keep_their_places_and_are_not_started() -> None:
    clinic = factories.create_clinic()
    order, [first] = _paused(clinic, 1)
    first.refresh_from_db()
    assert (first.status, first.live, order.keep_places_until) == (Status.BOOKED, True, NOW + 3 * DAY)
    nurse, when = factories.create_actor(clinic, Role.NURSE), first.period.lower
    for step in (Status.ARRIVED, Status.SEATED):
        record_step(appointment=first, to=step, checks=factories.checks_for(step), happened_at=when, by=nurse, now=when)
    with pytest.raises(AgainstTheOrder) as refusal, transaction.atomic():
        record_step(
            appointment=first, to=Status.INFUSING, checks=factories.IN_ORDER, happened_at=when, by=nurse, now=when
        )
    assert refusal.value.code == "ID003"


def test_nothing_is_booked_on_a_paused_order() -> None:
    clinic = factories.create_clinic()
    order, _visits = _paused(clinic, 1)
    with refused("order_not_active"):
        book_series(order=order, clinic=clinic, picks=picks(2), by=desk(clinic), now=NOW)


@pytest.mark.parametrize("how", ["desk", "link", "reply"])
def test_a_paused_orders_visit_is_confirmed_by_nobody_until_it_goes_on(how: str) -> None:
    clinic = factories.create_clinic()
    order, [first] = _paused(clinic, 1)
    by = desk(clinic) if how == "desk" else Actor.patient()
    with pytest.raises(OrderOnHold):
        confirm(appointment=first, how=how, by=by, now=NOW)
    first.refresh_from_db()
    assert first.confirmed_at is None
    changed(order, clinic, ChangeKind.RESUME)
    assert confirm(appointment=first, how=how, by=by, now=NOW)


def test_the_clinic_says_how_long_places_are_kept_and_the_pause_may_say_otherwise() -> None:
    clinic = factories.create_clinic()
    type(clinic).objects.filter(pk=clinic.pk).update(keep_places_days=5)
    order, _visits = _paused(clinic, 1)
    assert order.keep_places_until == NOW + 5 * DAY


def test_after_that_the_desk_is_asked_and_keeps_or_frees_them() -> None:
    clinic = factories.create_clinic()
    order, visits = _paused(clinic, 1, 2)
    by, then = desk(clinic), NOW + 3 * DAY
    assert places_to_settle(clinic=clinic, now=then - timedelta(minutes=1)) == []
    [asked] = places_to_settle(clinic=clinic, now=then)
    assert (asked.order, asked.since, [one.dose_number for one in asked.visits]) == (order, then, [2])
    settle_places(order=order, keep_days=1, by=by, now=then)
    assert places_to_settle(clinic=clinic, now=then) == []
    assert len(places_to_settle(clinic=clinic, now=then + DAY)) == 1
    settle_places(order=order, keep_days=None, by=by, now=then + DAY)
    first, second = (Appointment.objects.get(pk=visit.pk) for visit in visits)
    assert (first.status, second.status, second.cancelled_by) == ("booked", "cancelled", CancelledBy.CLINICIAN)
    assert (order.state, order.keep_places_until) == (OrderState.PAUSED, None)
    assert places_to_settle(clinic=clinic, now=then + 9 * DAY) == []
    verbs = Event.objects.filter(order=order, verb__startswith="order.places").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["order.places_kept", "order.places_freed"]
    assert events_of(second)[-1] == "appointment.cancelled"


@pytest.mark.parametrize("days", [0, 31])
def test_places_are_kept_for_a_day_at_least_and_thirty_at_most(days: int) -> None:
    clinic = factories.create_clinic()
    order, _visits = _paused(clinic, 1)
    with pytest.raises(NotSoLong):
        settle_places(order=order, keep_days=days, by=desk(clinic), now=NOW)


def test_places_are_settled_of_a_paused_order_alone_and_by_who_books() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    with pytest.raises(OrderIsNot):
        settle_places(order=order, keep_days=2, by=desk(clinic), now=NOW)
    with pytest.raises(NotAllowed):
        settle_places(order=order, keep_days=2, by=factories.create_actor(clinic, Role.AUDITOR), now=NOW)
    with pytest.raises(NotAllowed):
        settle_places(order=order, keep_days=2, by=desk(factories.create_clinic()), now=NOW)


def test_what_goes_on_is_started_and_booked_as_before() -> None:
    clinic = factories.create_clinic()
    order, [first] = _paused(clinic, 1)
    changed(order, clinic, ChangeKind.RESUME)
    assert (order.state, order.keep_places_until) == (OrderState.ACTIVE, None)
    book_series(order=order, clinic=clinic, picks=picks(2), by=desk(clinic), now=NOW)
    give(first, clinic)
    first.refresh_from_db()
    assert first.given_at is not None


def test_nothing_goes_on_for_a_patient_who_has_died_neither_by_the_verb_nor_in_sql() -> None:
    clinic = factories.create_clinic()
    order, _visits = _paused(clinic, 1)
    record_death(patient=order.patient, died_at=NOW, by=factories.system(), now=NOW)
    with pytest.raises(RecordClosed):
        changed(order, clinic, ChangeKind.RESUME)
    user = factories.create_user(clinic, Role.PRESCRIBER)
    with pytest.raises(AgainstTheOrder) as refusal, transaction.atomic(), writing():
        OrderChange.objects.create(
            order=order, kind="resume", from_state="paused", to_state="active", decided_by=user, decided_at=NOW,
            recorded_at=NOW,
        )  # fmt: skip
    assert refusal.value.code == "ID011"
    assert changed(order, clinic, ChangeKind.STOP).state == OrderState.STOPPED
