"""Tasks that need nobody any more close in nobody's name; what a patient answered waits for a clinician."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from scheduling.booking import Pick, book_series
from scheduling.cancelling import cancel
from scheduling.clinician_tasks import open_task
from scheduling.drafting import change_draft
from scheduling.events import record
from scheduling.expiring_orders import expire_orders
from scheduling.merging import merge_patients
from scheduling.models import (
    SETTLED,
    Appointment,
    CancelledBy,
    ChangeKind,
    Clinic,
    ClinicianTask,
    Event,
    Order,
    Role,
    Status,
    TaskKind,
)
from scheduling.moving import move
from scheduling.patients import record_death
from scheduling.settling_tasks import settle_tasks
from scheduling.signing import sign_order
from scheduling.withdrawing import withdraw
from tests import factories
from tests.factories import NOW, SIX
from tests.scheduling.planned import desk
from tests.scheduling.words import changed

pytestmark = pytest.mark.django_db
NO_REVIEW: dict[str, Any] = {**SIX, "reviews": []}
UNTIL_FRIDAY = {**NO_REVIEW, "not_after": "2027-01-15"}
AFTER_FRIDAY = datetime(2027, 1, 16, 5, tzinfo=UTC)
OVER_WITH_ITS_ORDER = (TaskKind.NO_LONGER_FITS, TaskKind.RULING, TaskKind.MISSED, TaskKind.WITHDREW)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def on(day: int) -> datetime:
    return datetime.fromisoformat(f"2027-01-{day:02}T09:00-05:00")


def booked(order: Order, clinic: Clinic, *days: int) -> list[Appointment]:
    picks = [Pick(number, on(day)) for number, day in enumerate(days, start=1)]
    return book_series(order=order, clinic=clinic, picks=picks, by=desk(clinic), now=NOW)


def opened(order: Order, clinic: Clinic, kind: TaskKind, *, is_urgent: bool = False) -> ClinicianTask:
    by = factories.system()
    with transaction.atomic():
        entries = open_task(
            kind, f"{kind}/test", clinic=clinic, patient=order.patient, order=order, is_urgent=is_urgent, by=by, now=NOW
        )  # fmt: skip
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=NOW)
    return ClinicianTask.objects.get(task_key=f"{kind}/test")


def amended(order: Order, clinic: Clinic, **changes: Any) -> None:
    by = factories.create_actor(clinic, *Role)
    change_draft(order=order, changes=changes, by=by, now=NOW)
    order.refresh_from_db()
    sign_order(order=order, reauthenticated_at=NOW, by=by, now=NOW)
    assert ClinicianTask.objects.get().kind == TaskKind.NO_LONGER_FITS


@pytest.mark.parametrize("kind", OVER_WITH_ITS_ORDER)
@pytest.mark.parametrize("ends", [ChangeKind.STOP, ChangeKind.COMPLETE, ChangeKind.EXPIRE])
def test_what_is_over_with_its_order_is_settled(clinic: Clinic, kind: TaskKind, ends: ChangeKind) -> None:
    order = factories.create_order(clinic, template=UNTIL_FRIDAY)
    task = opened(order, clinic, kind)
    changed(order, clinic, ends, now=AFTER_FRIDAY if ends == ChangeKind.EXPIRE else NOW)
    settle_tasks(now=NOW)
    task.refresh_from_db()
    assert task.closed_at is not None
    if kind != TaskKind.WITHDREW or ends == ChangeKind.EXPIRE:
        assert (task.closed_by, task.outcome, task.closed_at) == (None, SETTLED, NOW)
        assert Event.objects.get(verb="task.closed").data == {"task": task.pk}


@pytest.mark.parametrize("kind", [one for one in OVER_WITH_ITS_ORDER if one != TaskKind.NO_LONGER_FITS])
def test_while_the_order_is_under_way_they_wait(clinic: Clinic, kind: TaskKind) -> None:
    opened(factories.create_order(clinic), clinic, kind)
    assert settle_tasks(now=NOW) == 0


@pytest.mark.parametrize("kind", [TaskKind.WISH, TaskKind.AS_NEEDED, TaskKind.OUTSIDE_ORDER, TaskKind.ANSWERS])
def test_what_comes_after_a_series_outlives_it(clinic: Clinic, kind: TaskKind) -> None:
    order = factories.create_order(clinic)
    opened(order, clinic, kind)
    changed(order, clinic, ChangeKind.COMPLETE)
    assert settle_tasks(now=NOW) == 0


def test_a_visit_that_was_moved_to_where_it_fits_settles_what_named_it(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    _, second = booked(order, clinic, 5, 8)
    amended(order, clinic, spacing=[{"dose": "each", "after": "previous", "min": 4, "max": 9}])
    assert settle_tasks(now=NOW) == 0
    move(appointment=second, start=on(11), by=desk(clinic), now=NOW)
    assert (settle_tasks(now=NOW), settle_tasks(now=NOW)) == (1, 0)


def test_a_visit_that_was_cancelled_settles_what_named_it(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    *_, last = booked(order, clinic, 5, 8, 12)
    amended(order, clinic, doses=2)
    assert settle_tasks(now=NOW) == 0
    cancel(appointment=last, side=CancelledBy.CLINIC, reason="clinic", by=desk(clinic), now=NOW)
    assert settle_tasks(now=NOW) == 1


def test_who_left_wants_to_leave_no_more(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    [visit] = booked(order, clinic, 5)
    by = factories.system()
    with transaction.atomic():
        entries = open_task(
            TaskKind.LEAVES_EARLY, "early", clinic=clinic, patient=order.patient, order=order, appointment=visit,
            by=by, now=NOW,
        )  # fmt: skip
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=NOW)
    assert visit.status != Status.RECOVERING
    assert settle_tasks(now=NOW) == 1


def test_of_a_patient_who_has_died_only_what_they_answered_waits(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    for kind in TaskKind:
        opened(order, clinic, kind, is_urgent=kind == TaskKind.ANSWERS)
    record_death(patient=order.patient, died_at=NOW, by=factories.system(), now=NOW)
    assert settle_tasks(now=NOW) == len(TaskKind) - 1
    assert ClinicianTask.objects.get(closed_at=None).kind == TaskKind.ANSWERS


def test_what_waits_about_a_record_that_was_merged_still_waits_for_the_person(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    opened(order, clinic, TaskKind.WISH)
    changed(order, clinic, ChangeKind.STOP)
    merge_patients(duplicate=order.patient, into=factories.create_patient(clinic), by=desk(clinic), now=NOW)
    assert settle_tasks(now=NOW) == 0


def test_a_withdrawal_that_the_calendar_overtook_is_settled(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=UNTIL_FRIDAY)
    withdraw(order=order, by=desk(clinic), now=NOW)
    expire_orders(now=AFTER_FRIDAY)
    assert settle_tasks(now=AFTER_FRIDAY) == 1


def test_an_order_that_ends_by_the_calendar_asks_what_becomes_of_the_infusions_not_given(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=UNTIL_FRIDAY)
    assert expire_orders(now=AFTER_FRIDAY) == 1
    task = ClinicianTask.objects.get()
    assert (task.kind, task.order, task.is_urgent) == (TaskKind.OUTSIDE_ORDER, order, False)
    assert task.words == "The order's last day is over. Not given: 1, 2, 3, 4, 5, 6 of 6."
    assert settle_tasks(now=AFTER_FRIDAY + timedelta(days=1)) == 0
