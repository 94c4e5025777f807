"""A death recorded while a booking is being written: the visit is freed. Control: without the lock it stays booked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event as Signal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connections

from scheduling import booking, patients
from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, Order, Role, Status
from scheduling.patients import record_death
from scheduling.visit_rows import write_visits
from tests import factories
from tests.databases import Committed
from tests.factories import NOW

START = datetime.fromisoformat("2027-01-06T09:00-05:00")


def in_thread(act: Callable[[], Any]) -> Callable[[], Any]:
    """`act` on a connection of its own, which is closed afterwards."""

    def run() -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    return run


def race(order: Order) -> Status:
    """Records the death between the booking's look and its write; where the visit stands when both are done."""
    looked, may_write = Signal(), Signal()
    clinic = order.sites.get()
    by = factories.create_actor(clinic, Role.FRONT_DESK, Role.NURSE)

    def write_late(*visits: Any, **how: Any) -> Any:
        looked.set()
        may_write.wait(10)
        return write_visits(*visits, **how)

    def book() -> None:
        book_series(order=order, clinic=clinic, picks=[Pick(1, START)], by=by, now=NOW)

    def die() -> None:
        record_death(patient=order.patient, died_at=NOW, by=by, now=NOW)

    with ThreadPoolExecutor(2) as threads, patch.object(booking, "write_visits", write_late):
        booked = threads.submit(in_thread(book))
        assert looked.wait(10)
        died = threads.submit(in_thread(die))
        # Long enough for a death that waits for nobody to commit.
        Signal().wait(0.5)
        may_write.set()
        booked.result(15)
        died.result(15)
    return Status(Appointment.objects.get(order=order).status)


@pytest.fixture
def order(committed_database: Committed) -> Order:
    return factories.create_order(factories.create_clinic())


def test_a_death_waits_for_the_booking_and_frees_it(order: Order) -> None:
    assert race(order) == Status.RELEASED


def test_control_without_the_patients_lock_a_dead_patient_stays_booked(order: Order) -> None:
    with patch.object(patients, "lock_patients", lambda *_: None):
        assert race(order) == Status.BOOKED
