"""Two tabs sign, or one signs while another changes: the second gets a sentence. Controls take the guards away."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event as Signal
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from django.db import DatabaseError

from scheduling import signing
from scheduling.drafting import change_draft, what_is_signed
from scheduling.events import Actor
from scheduling.locking import AgainstTheOrder
from scheduling.models import Appointment, Order, OrderVersion, PlannedDose, Role, Status
from scheduling.order_content import NotSignable, SignedAlready, content_hash
from scheduling.signed_rows import write_signed_rows
from scheduling.signing import sign_order
from scheduling.visits import record_step
from tests import factories
from tests.databases import Committed
from tests.factories import NOW, SIX
from tests.races.test_death_while_booking import in_thread
from tests.scheduling.ordering.test_amending import booked, on


def race(first: Callable[[], Any], second: Callable[[], Any]) -> list[Future[Any]]:
    """The first side signs and is held between its look and its rows, until the second has acted or waits for it."""
    looked, may_write = Signal(), Signal()

    def write_late(*rows: Any) -> Any:
        if not looked.is_set():
            looked.set()
            may_write.wait(10)
        return write_signed_rows(*rows)

    with ThreadPoolExecutor(2) as threads, patch.object(signing, "write_signed_rows", write_late):
        sides = [threads.submit(in_thread(first))]
        assert looked.wait(10)
        sides.append(threads.submit(in_thread(second)))
        # Long enough for a side that waits for nobody to be done.
        Signal().wait(0.5)
        may_write.set()
        for side in sides:
            side.exception(15)
    return sides


def signs(order: Order, by: Actor) -> Callable[[], OrderVersion]:
    """A tab that read the order as it stands now."""
    read = content_hash(what_is_signed(order))
    tab = Order.objects.get(pk=order.pk)
    return lambda: sign_order(order=tab, read=read, reauthenticated_at=NOW, by=by, now=NOW)


def reads_without_a_lock(order: Order) -> Order:
    return Order.objects.select_related("patient", "protocol_version", "current_version").get(pk=order.pk)


@pytest.fixture
def order(committed_database: Committed) -> Order:
    return factories.create_draft(factories.create_clinic(), template={**SIX, "reviews": []})


@pytest.fixture
def by(order: Order) -> Actor:
    return factories.create_actor(order.sites.get(), *Role)


def test_second_tab_is_told_that_it_is_signed(order: Order, by: Actor) -> None:
    first, second = race(signs(order, by), signs(order, by))
    assert first.result().number == 1
    assert isinstance(second.exception(), SignedAlready)
    assert OrderVersion.objects.count() == 1
    assert PlannedDose.objects.filter(order=order).count() == 6


def test_control_without_the_locks_the_second_tab_meets_the_database(order: Order, by: Actor) -> None:
    with (
        patch.object(signing, "lock_patients", lambda *_: None),
        patch.object(signing, "lock_with_visits", reads_without_a_lock),
    ):
        first, second = race(signs(order, by), signs(order, by))
    assert first.result().number == 1
    refused = second.exception()
    assert isinstance(refused, DatabaseError)
    assert not isinstance(refused, NotSignable)
    assert OrderVersion.objects.count() == 1


def test_two_tabs_sign_one_amendment_once(order: Order, by: Actor) -> None:
    sign_order(order=order, by=by, now=NOW)
    order.refresh_from_db()
    change_draft(order=order, changes={"doses": 8, "within_days": 60}, by=by, now=NOW)
    order.refresh_from_db()
    first, second = race(signs(order, by), signs(order, by))
    assert first.result().number == 2
    assert isinstance(second.exception(), SignedAlready)
    assert OrderVersion.objects.count() == 2


def test_change_of_a_draft_that_is_being_signed_is_told_so(order: Order, by: Actor) -> None:
    tab = Order.objects.get(pk=order.pk)
    first, second = race(signs(order, by), lambda: change_draft(order=tab, changes={"doses": 4}, by=by, now=NOW))
    assert first.result().doses == 6
    assert isinstance(second.exception(), SignedAlready)
    order.refresh_from_db()
    assert order.draft == {}


def amended(order: Order, by: Actor) -> tuple[Appointment, Callable[[], OrderVersion]]:
    """A seated patient, whose visit an amendment is about to take out of the order."""
    sign_order(order=order, by=by, now=NOW)
    order.refresh_from_db()
    clinic = order.sites.get()
    [visit] = booked(order, clinic, 5)
    for status in (Status.ARRIVED, Status.SEATED):
        record_step(
            appointment=visit, to=status, checks=factories.checks_for(status), happened_at=on(5), by=by, now=on(5)
        )
        visit.refresh_from_db()
    change_draft(order=order, changes={"not_before": "2027-01-11"}, by=by, now=NOW)
    order.refresh_from_db()
    return visit, signs(order, by)


def starts(visit: Appointment, by: Actor) -> Callable[[], Any]:
    return lambda: record_step(
        appointment=visit, to=Status.INFUSING, checks=factories.IN_ORDER, happened_at=on(5), by=by, now=on(5)
    )


def test_start_waits_for_an_amendment_and_then_reads_it(order: Order, by: Actor) -> None:
    visit, sign = amended(order, by)
    first, second = race(sign, starts(visit, by))
    assert first.result().number == 2
    assert isinstance(second.exception(), AgainstTheOrder)
    visit.refresh_from_db()
    assert (visit.status, visit.given_at) == (Status.SEATED, None)


def test_control_without_the_triggers_the_visit_is_started_against_the_order(
    order: Order, by: Actor, committed_database: Committed
) -> None:
    visit, sign = amended(order, by)
    with psycopg.connect(committed_database.owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE scheduling_appointment DISABLE TRIGGER no_start_under_old_terms")
    first, second = race(sign, starts(visit, by))
    assert first.result().number == 2
    assert second.exception() is None
