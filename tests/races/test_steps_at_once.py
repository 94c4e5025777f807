"""Two nurses press start; a step is taken back while a booking takes its place. Controls: without the locks both starts
are written, and a nurse has two patients whom she can't have at once.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from threading import Event as Signal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection, transaction

from scheduling import booking, visit_locks, visits
from scheduling.course_rows import read_courses
from scheduling.crowding import fits
from scheduling.events import Entry, record
from scheduling.finding_places import nurse_limits
from scheduling.models import Appointment, Clinic, Event, Resource, Status, VisitCheck
from scheduling.running_visits import change_chair
from scheduling.step_rows import write_step
from scheduling.undoing import undo_step
from scheduling.visit_rows import write_visits
from scheduling.visit_steps import NotPossibleFromHere
from scheduling.visits import record_step
from tests import factories
from tests.databases import Committed
from tests.factories import NOT_TODAY, NOW, WHO
from tests.races.test_death_while_booking import in_thread
from tests.scheduling.running import NINE, book, chair, minutes, nurse, walk


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    """Its nurse watches nobody else while she is one-to-one."""
    clinic = factories.create_clinic(chairs=2, nurses=1)
    with transaction.atomic():
        Resource.objects.filter(clinic=clinic, kind="nurse").update(watch_while_attending=0)
        entry = Entry("clinic.set_up", clinic_id=clinic.pk)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=factories.system(), now=NOW)
    return clinic


def start(visit: Appointment, at: datetime) -> None:
    by = nurse(visit.clinic)
    record_step(appointment=visit, to=Status.INFUSING, happened_at=at, checks=WHO, by=by, now=at)


def two_starts(clinic: Clinic) -> list[Future[Any]]:
    """The second nurse presses when the first one's start is about to be written."""
    visit = book(clinic)
    walk(visit, nurse(clinic), Status.SEATED)
    looked, may_write = Signal(), Signal()

    def write_late(*change: Any, **how: Any) -> Any:
        if not looked.is_set():
            looked.set()
            may_write.wait(10)
        return write_step(*change, **how)

    with ThreadPoolExecutor(2) as threads, patch.object(visits, "write_step", write_late):
        first = threads.submit(in_thread(lambda: start(visit, NINE + minutes(25))))
        assert looked.wait(10)
        second = threads.submit(in_thread(lambda: start(visit, NINE + minutes(26))))
        Signal().wait(0.5)
        may_write.set()
        for one in (first, second):
            one.exception(15)
    return [first, second]


def test_of_two_who_press_start_one_is_told_that_it_was_started(clinic: Clinic) -> None:
    first, second = two_starts(clinic)
    assert first.exception() is None
    assert isinstance(second.exception(), NotPossibleFromHere)
    assert Event.objects.filter(verb="appointment.infusing").count() == 1
    assert VisitCheck.objects.filter(step="infusing").count() == 1
    assert Appointment.objects.get().given_at == NINE + minutes(25)
    connection.close()


def test_control_without_the_locks_only_the_database_stands_between_two_starts(clinic: Clinic) -> None:
    def look_only(appointment_ids: list[int], **_: bool) -> list[Appointment]:
        rows = Appointment.objects.filter(pk__in=appointment_ids)
        return list(rows.select_related("clinic", "patient").order_by("pk"))

    with ExitStack() as without:
        without.enter_context(patch.object(visit_locks, "lock_for", lambda **_: None))
        without.enter_context(patch.object(visit_locks, "lock_visits", look_only))
        first, second = two_starts(clinic)
    refused = [one.exception() for one in (first, second) if one.exception() is not None]
    assert [type(one) for one in refused] == [DatabaseError], "no plain words: the trigger given_stays speaks"
    assert Event.objects.filter(verb="appointment.infusing").count() == 1
    connection.close()


def taken_back_while_booking(clinic: Clinic) -> tuple[Appointment, bool]:
    """Somebody was turned away; that is taken back between the look and the write of a booking that takes the nurse.
    The visit, and whether it has room beside the booked one."""
    visit, by = book(clinic), nurse(clinic)
    record_step(appointment=visit, to=Status.ARRIVED, happened_at=NINE, checks=WHO, by=by, now=NINE)
    # In the other chair than the booking will take: chairs are no matter of the locks alone.
    change_chair(appointment=visit, chair=chair(clinic, 2), at=NINE, by=by, now=NINE)
    gone = NINE + minutes(5)
    record_step(appointment=visit, to=Status.TURNED_AWAY, happened_at=gone, checks=NOT_TODAY, by=by, now=gone)
    looked, may_write = Signal(), Signal()

    def write_late(*rows: Any, **how: Any) -> Any:
        looked.set()
        may_write.wait(10)
        return write_visits(*rows, **how)

    with ThreadPoolExecutor(2) as threads, patch.object(booking, "write_visits", write_late):
        booked = threads.submit(in_thread(lambda: book(clinic, NINE + minutes(30))))
        assert looked.wait(10)
        back = threads.submit(in_thread(lambda: undo_step(appointment=visit, by=by, now=gone)))
        Signal().wait(0.5)
        may_write.set()
        other = booked.result(15)
        back.result(15)
    visit.refresh_from_db()
    courses = read_courses([visit.pk, other.pk])
    room = fits(courses[visit.pk].uses, courses[other.pk].uses, nurse_limits(clinic))
    connection.close()
    return visit, room


def test_what_is_taken_back_waits_for_the_booking_and_then_for_a_chair(clinic: Clinic) -> None:
    visit, room = taken_back_while_booking(clinic)
    assert (visit.status, visit.is_placed, room) == (Status.ARRIVED, False, True)


def test_control_without_the_days_lock_the_nurse_has_both_at_once(clinic: Clinic) -> None:
    with patch.object(visit_locks, "lock_for", lambda **_: None):
        visit, room = taken_back_while_booking(clinic)
    assert (visit.is_placed, room) == (True, False)
