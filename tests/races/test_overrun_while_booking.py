"""An overrun recorded while a booking is being written: the booked visit makes room. Control: without the lock a nurse
has both at once, for no constraint counts whom she watches while she is one-to-one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from scheduling import booking, visit_locks
from scheduling.course_rows import read_courses
from scheduling.crowding import fits
from scheduling.events import Entry, record
from scheduling.finding_places import nurse_limits
from scheduling.models import Appointment, Clinic, Resource, Status
from scheduling.running_visits import record_overrun
from scheduling.visit_rows import write_visits
from tests import factories
from tests.databases import Committed
from tests.factories import NOW
from tests.races.test_death_while_booking import in_thread
from tests.scheduling.running import NINE, book, minutes, nurse, walk


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    """Its nurse watches nobody else while she is one-to-one."""
    clinic = factories.create_clinic(chairs=2, nurses=1)
    with transaction.atomic():
        Resource.objects.filter(clinic=clinic, kind="nurse").update(watch_while_attending=0)
        entry = Entry("clinic.set_up", clinic_id=clinic.pk)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=factories.system(), now=NOW)
    return clinic


def race(clinic: Clinic) -> tuple[Appointment, bool]:
    """An infusion runs over between the look and the write of a booking behind it; the booked visit, and whether it has
    room beside the other one where it stands."""
    running, by = book(clinic), nurse(clinic)
    walk(running, by, Status.INFUSING)
    looked, may_write = Signal(), Signal()

    def write_late(*visits: Any, **how: Any) -> Any:
        looked.set()
        may_write.wait(10)
        return write_visits(*visits, **how)

    def run_over() -> None:
        record_overrun(appointment=running, minutes=10, by=by, now=NINE + minutes(40))

    with ThreadPoolExecutor(2) as threads, patch.object(booking, "write_visits", write_late):
        booked = threads.submit(in_thread(lambda: book(clinic, NINE + minutes(120))))
        assert looked.wait(10)
        over = threads.submit(in_thread(run_over))
        # Long enough for an overrun that waits for nobody to commit.
        Signal().wait(0.5)
        may_write.set()
        behind = booked.result(15)
        over.result(15)
    behind.refresh_from_db()
    courses = read_courses([running.pk, behind.pk])
    room = fits(courses[behind.pk].uses, courses[running.pk].uses, nurse_limits(clinic))
    connection.close()
    return behind, room


def test_an_overrun_waits_for_the_booking_and_then_moves_it(clinic: Clinic) -> None:
    behind, room = race(clinic)
    assert (behind.is_placed, room) == (False, True)


def test_control_without_the_days_lock_a_nurse_has_both_at_once(clinic: Clinic) -> None:
    with patch.object(visit_locks, "lock_for", lambda **_: None):
        behind, room = race(clinic)
    assert (behind.is_placed, room) == (True, False)
