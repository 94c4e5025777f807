"""Two clinicians press "I have it" in the same moment: one of them has it. Control: without the lock the database says
so, where it would have been a plain answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connections, transaction

from notifications.models import StaffAlert
from notifications.staff_alerts import acknowledge
from notifications.task_alerts import raise_missing, take_task
from scheduling import clinician_tasks
from scheduling.clinician_tasks import open_task
from scheduling.events import Actor, record
from scheduling.models import Clinic, ClinicianTask, Event, Role, TaskKind
from scheduling.wishes import open_wishes, pass_on_wish
from tests import factories
from tests.databases import Committed
from tests.factories import NOW

SYSTEM = Actor.system("tests")


def urgent_task(clinic: Clinic) -> ClinicianTask:
    patient = factories.create_patient(clinic)
    with transaction.atomic():
        entries = open_task(
            TaskKind.ANSWERS, "answers/1", clinic=clinic, patient=patient, is_urgent=True, by=SYSTEM, now=NOW
        )
        record(organisation_id=clinic.organisation_id, entries=entries, by=SYSTEM, now=NOW)
    raise_missing(now=NOW)
    return ClinicianTask.objects.get()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What these gave, each on a connection of its own, begun together."""
    begin = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            begin.wait(10)
            return act()
        except DatabaseError as error:
            return type(error)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def takers(clinic: Clinic, task: ClinicianTask) -> list[Callable[[], bool]]:
    """One takes the task on its page, another answers the alert."""
    first, second = (factories.create_actor(clinic, Role.PRESCRIBER) for _ in range(2))
    alert = StaffAlert.objects.get()
    return [
        lambda: take_task(task=ClinicianTask.objects.get(pk=task.pk), by=first, now=NOW),
        lambda: acknowledge(
            alert=StaffAlert.objects.select_related("task__clinic").get(pk=alert.pk), by=second, now=NOW
        ),
    ]


@pytest.mark.parametrize("round_", range(5))
def test_one_of_two_has_it_and_the_alert_names_the_same_person(committed_database: Committed, round_: int) -> None:
    clinic = factories.create_clinic()
    task = urgent_task(clinic)
    assert sorted(at_once(*takers(clinic, task))) == [False, True]
    task.refresh_from_db()
    alert = StaffAlert.objects.get()
    assert alert.acknowledged_by == task.acknowledged_by is not None
    assert Event.objects.filter(verb="task.taken").count() == 1


def test_without_the_lock_the_second_would_have_overwritten_the_first_had_the_database_let_it(
    committed_database: Committed,
) -> None:
    clinic = factories.create_clinic()
    urgent_task(clinic)
    read = Barrier(2)

    def look(wanted: ClinicianTask) -> ClinicianTask:
        found = ClinicianTask.objects.select_related("clinic").get(pk=wanted.pk)
        read.wait(10)
        return found

    first, second = (factories.create_actor(clinic, Role.PRESCRIBER) for _ in range(2))
    with patch.object(clinician_tasks, "_locked", look):
        found = at_once(
            *(lambda by=by: take_task(task=ClinicianTask.objects.get(), by=by, now=NOW) for by in (first, second))
        )
    assert len([one for one in found if isinstance(one, type) and issubclass(one, DatabaseError)]) == 1


@pytest.mark.parametrize("round_", range(5))
def test_wish_pressed_twice_at_once_is_one_task(committed_database: Committed, round_: int) -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    press = partial(pass_on_wish, patient=order.patient, clinic=clinic, by=Actor.patient(), now=NOW)
    assert sorted(at_once(press, press)) == [False, True]
    assert ClinicianTask.objects.count() == Event.objects.filter(verb="task.opened").count() == 1


def test_without_its_lock_the_second_wish_would_be_another_task(committed_database: Committed) -> None:
    """As it happened: the second looked before the first had committed, and counted after it."""
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    looked, is_told = Barrier(2), threading.Event()

    def look(ids: Any) -> Any:
        found = open_wishes(ids)
        is_found = found.exists()
        if looked.wait(10) == 0:
            is_told.wait(10)
        return found if is_found else found.none()

    def press() -> bool:
        told = pass_on_wish(patient=order.patient, clinic=clinic, by=Actor.patient(), now=NOW)
        is_told.set()
        return told

    with patch("scheduling.wishes.open_wishes", look), patch("scheduling.wishes.lock_patients"):
        assert at_once(press, press) == [True, True]
    assert ClinicianTask.objects.count() == 2
