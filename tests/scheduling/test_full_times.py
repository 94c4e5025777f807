"""Where every chair is taken, whoever waited for others hears no at once, and nobody else hears it wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event as Signal

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from scheduling.booking import BookingRefused, Pick, book_series
from scheduling.full_times import full_times
from scheduling.holding import hold_series
from scheduling.locking import lock_for
from scheduling.models import Clinic, Order, Resource, ResourceKind
from tests import factories
from tests.databases import Committed
from tests.factories import NOW, SIX
from tests.scheduling.planned import at, booked, desk

DAY = "2027-01-06"
NINE = at(DAY, "09:00")


def full(order: Order, *starts: datetime, now: datetime = NOW) -> list[int]:
    numbered = dict(enumerate(starts, 1))
    return full_times(order=order, clinic=order.sites.get(), starts=numbered, now=now)


@pytest.mark.django_db
def test_a_time_is_full_when_every_chair_is_taken_then() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    order = factories.create_order(clinic)
    assert full(order, NINE) == []
    booked(factories.create_order(clinic), clinic, 1, wall="09:00")
    assert full(order, NINE) == []
    booked(factories.create_order(clinic), clinic, 1, wall="09:00")
    noon = NINE + timedelta(hours=3)
    assert full(order, NINE, noon, NINE + timedelta(minutes=30)) == [1, 3]
    with transaction.atomic():
        Resource.objects.filter(clinic=clinic, kind=ResourceKind.CHAIR).update(is_active=False)
        assert full(order, noon) == [1]
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_kept_time_past_its_end_is_free() -> None:
    clinic = factories.create_clinic(chairs=1)
    order = factories.create_order(clinic)
    hold_series(order=factories.create_order(clinic), clinic=clinic, picks=[Pick(1, NINE)], by=desk(clinic), now=NOW)
    assert full(order, NINE) == [1]
    assert full(order, NINE, now=NOW + timedelta(days=1)) == []


@pytest.mark.django_db
def test_an_infusion_that_does_not_begin_in_a_chair_needs_none() -> None:
    clinic = factories.create_clinic(chairs=1)
    booked(factories.create_order(clinic), clinic, 1, wall="09:00")
    talk = {"name": "talk", "minutes": 10, "chair": False}
    order = factories.create_order(clinic, template=SIX | {"phases": [talk, *SIX["phases"]]})
    assert full(order, NINE) == []


@contextmanager
def day_locked_for(clinic: Clinic, seconds: float) -> Iterator[None]:
    """Somebody else has the lock of the day, and lets go of it after so many seconds."""
    locked = Signal()

    def hold() -> None:
        try:
            with transaction.atomic():
                lock_for(patient_ids=(), clinic_id=clinic.pk, days=[NINE.date()])
                locked.set()
                Signal().wait(seconds)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        holding = thread.submit(hold)
        assert locked.wait(10)
        yield
        holding.result(10)


def statements_to_refuse(order: Order, clinic: Clinic) -> tuple[int, set[str]]:
    by = desk(clinic)
    with CaptureQueriesContext(connection) as queries, pytest.raises(BookingRefused) as refusal:
        book_series(order=order, clinic=clinic, picks=[Pick(1, NINE)], by=by, now=NOW)
    return len(queries), {problem.rule for problem in refusal.value.problems}


def test_whoever_waited_is_refused_after_one_look(committed_database: Committed) -> None:
    clinic = factories.create_clinic(chairs=1)
    order = factories.create_order(clinic)
    booked(factories.create_order(clinic), clinic, 1, wall="09:00")
    # Who did not wait hears all that stands in the way.
    assert statements_to_refuse(order, clinic) == (15, {"chairs", "nurses"})
    with day_locked_for(clinic, 0.2):
        # Begin, how long to wait, the locks, the look, and back.
        assert statements_to_refuse(order, clinic) == (5, {"chairs"})
