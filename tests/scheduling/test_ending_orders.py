"""An order that is over: what it frees, what stays, and the calendar that ends it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import transaction

from scheduling.asking import ask_for
from scheduling.booking import Pick, book_series
from scheduling.events import Actor
from scheduling.expiring_orders import expire_orders
from scheduling.locking import AgainstTheOrder
from scheduling.models import AskState, ChangeKind, Clinic, Event, OrderChange, OrderState, Role, Status
from scheduling.visits import record_step
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at, booked, desk, give, picks, refused
from tests.scheduling.words import changed

pytestmark = pytest.mark.django_db
UNTIL_FRIDAY = {**factories.SIX, "not_after": "2027-01-15"}


def test_a_stop_frees_the_chair_for_somebody_else_at_once() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=2)
    order = factories.create_order(clinic)
    booked(order, clinic, 1)
    other = factories.create_order(clinic)
    with refused("chairs"):
        book_series(order=other, clinic=clinic, picks=picks(1), by=desk(clinic), now=NOW)
    changed(order, clinic, ChangeKind.STOP)
    assert book_series(order=other, clinic=clinic, picks=picks(1), by=desk(clinic), now=NOW)


def test_who_is_under_way_when_it_stops_is_recorded_to_the_end() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    [first] = booked(order, clinic, 1)
    give(first, clinic)
    then = first.period.lower + timedelta(minutes=40)
    changed(order, clinic, ChangeKind.STOP, now=then)
    nurse = factories.create_actor(clinic, Role.NURSE)
    for step in (Status.RECOVERING, Status.COMPLETED):
        record_step(appointment=first, to=step, happened_at=then, by=nurse, now=then)
    first.refresh_from_db()
    assert first.status == Status.COMPLETED


def test_who_sits_there_already_is_not_started_any_more() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    [first] = booked(order, clinic, 1)
    nurse, when = factories.create_actor(clinic, Role.NURSE), first.period.lower
    for step in (Status.ARRIVED, Status.SEATED):
        record_step(appointment=first, to=step, checks=factories.checks_for(step), happened_at=when, by=nurse, now=when)
    changed(order, clinic, ChangeKind.STOP, now=when)
    with pytest.raises(AgainstTheOrder), transaction.atomic():
        record_step(
            appointment=first, to=Status.INFUSING, checks=factories.IN_ORDER, happened_at=when, by=nurse, now=when
        )
    record_step(
        appointment=first, to=Status.TURNED_AWAY, checks=factories.NOT_TODAY, happened_at=when, by=nurse, now=when
    )


def test_a_question_about_the_order_ends_with_it_and_so_do_its_kept_times() -> None:
    clinic = factories.create_clinic(closes=time(20))
    Clinic.objects.filter(pk=clinic.pk).update(last_end_time=time(17))
    clinic.refresh_from_db()
    order = factories.create_order(clinic)
    late = [Pick(1, at("2027-01-06", "16:30"))]
    asked = ask_for(order=order, clinic=clinic, picks=late, reason="works nights", by=desk(clinic), now=NOW)
    changed(order, clinic, ChangeKind.STOP)
    asked.refresh_from_db()
    assert asked.state == AskState.WITHDRAWN
    assert set(asked.kept_times.values_list("status", flat=True)) == {Status.RELEASED}
    assert Event.objects.filter(verb="question.withdrawn", order=order).count() == 1


def test_the_calendar_ends_an_order_once_its_last_day_is_over_at_the_clinic() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic, template=UNTIL_FRIDAY)
    unlimited = factories.create_order(clinic)
    booked(order, clinic, 1)
    # Midnight in New York is five in the morning at Greenwich.
    assert expire_orders(now=datetime(2027, 1, 16, 4, 59, tzinfo=UTC)) == 0
    after = datetime(2027, 1, 16, 5, 0, tzinfo=UTC)
    assert (expire_orders(now=after), expire_orders(now=after)) == (1, 0)
    order.refresh_from_db()
    unlimited.refresh_from_db()
    assert (order.state, unlimited.state) == (OrderState.EXPIRED, OrderState.ACTIVE)
    change = OrderChange.objects.get(order=order)
    assert (change.kind, change.decided_by_id, change.reason) == ("expire", None, "")
    # Nobody ever said what became of the visit; that stays to be said.
    assert order.appointments.get().status == Status.BOOKED


def test_a_paused_order_expires_too_and_one_with_its_patient_there_waits() -> None:
    clinic = factories.create_clinic(closes=time(22))
    paused = changed(factories.create_order(clinic, template=UNTIL_FRIDAY), clinic, ChangeKind.PAUSE)
    there = factories.create_order(clinic, template=UNTIL_FRIDAY)
    evening = [Pick(1, at("2027-01-15", "17:00"))]
    [visit] = book_series(order=there, clinic=clinic, picks=evening, by=desk(clinic), now=NOW)
    give(visit, clinic)
    assert expire_orders(now=datetime(2027, 1, 16, 5, tzinfo=UTC)) == 1
    paused.refresh_from_db()
    there.refresh_from_db()
    assert (paused.state, paused.keep_places_until, there.state) == (OrderState.EXPIRED, None, OrderState.ACTIVE)


def test_nothing_but_the_system_expires_orders() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic, template=UNTIL_FRIDAY)
    expire_orders(now=datetime(2027, 1, 16, 5, tzinfo=UTC))
    event = Event.objects.get(verb="order.expire", order=order)
    assert (event.actor_kind, event.user_id) == ("system", None)
    assert Actor.system("x").user_id is None
    assert factories.create_actor(clinic, Role.PRESCRIBER).user_id is not None
