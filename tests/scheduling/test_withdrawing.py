"""A patient who does not want to go on: the desk cancels, a clinician is asked once and closes the order."""

from __future__ import annotations

import pytest

from scheduling.models import Appointment, CancelledBy, ChangeKind, ClinicianTask, Event, OrderState, Role
from scheduling.order_states import OrderIsNot
from scheduling.permissions import NotAllowed
from scheduling.withdrawing import open_withdrawals, withdraw
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import booked, desk
from tests.scheduling.words import changed

pytestmark = pytest.mark.django_db


def test_what_is_booked_is_cancelled_on_the_patients_side_and_a_clinician_asked_once() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    booked(order, clinic, 1, 2)
    assert len(withdraw(order=order, by=desk(clinic), now=NOW)) == 2
    assert withdraw(order=order, by=desk(clinic), now=NOW) == []
    said = set(Appointment.objects.values_list("status", "cancelled_by", "cancel_reason"))
    assert said == {("cancelled", CancelledBy.PATIENT, "patient_withdrew")}
    task = ClinicianTask.objects.get()
    assert (task.kind, task.order, task.clinic, task.words) == ("withdrew", order, clinic, "")
    order.refresh_from_db()
    assert order.state == OrderState.ACTIVE, "a clinician closes it"


@pytest.mark.parametrize("kind", [ChangeKind.STOP, ChangeKind.COMPLETE])
def test_the_clinician_who_closes_the_order_has_done_what_was_asked(kind: ChangeKind) -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    withdraw(order=order, by=desk(clinic), now=NOW)
    assert len(open_withdrawals(order)) == 1
    changed(order, clinic, kind)
    task = ClinicianTask.objects.get()
    assert task.closed_at == NOW
    assert Event.objects.filter(verb="task.closed", order=order).count() == 1


def test_the_earlier_ones_stay_where_the_rest_is_meant_and_a_pause_is_no_hindrance() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    first, second = booked(order, clinic, 1, 2)
    changed(order, clinic, ChangeKind.PAUSE)
    assert [one.pk for one in withdraw(order=order, from_number=2, by=desk(clinic), now=NOW)] == [second.pk]
    first.refresh_from_db()
    assert first.status == "booked"


def test_nobody_withdraws_from_what_is_over_nor_without_a_role() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    with pytest.raises(NotAllowed):
        withdraw(order=order, by=factories.create_actor(clinic, Role.AUDITOR), now=NOW)
    with pytest.raises(NotAllowed):
        withdraw(order=order, by=desk(factories.create_clinic()), now=NOW)
    changed(order, clinic, ChangeKind.STOP)
    with pytest.raises(OrderIsNot):
        withdraw(order=order, by=desk(clinic), now=NOW)
    assert not ClinicianTask.objects.exists()
