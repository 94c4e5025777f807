"""Drafts of a record that is closed: discarded after a death, carried over at a merge; none vanishes unsaid."""

from __future__ import annotations

import pytest

from scheduling.drafting import change_draft, drafts_to_sign
from scheduling.merging import merge_patients
from scheduling.models import Clinic, ClinicianTask, Event, Order, OrderState, Role, TaskKind
from scheduling.options import options_of
from scheduling.patients import record_death
from scheduling.pencils import pencil_series
from scheduling.signing import sign_order
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import desk, picks

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def merged(order: Order, clinic: Clinic) -> Order:
    """The one order of the record that is kept, after the order's patient was merged into it."""
    kept = factories.create_patient(clinic)
    merge_patients(duplicate=order.patient, into=kept, by=desk(clinic), now=NOW)
    return Order.objects.get(patient=kept)


def test_a_death_discards_a_draft_and_lets_its_pencilled_times_go(clinic: Clinic) -> None:
    draft = factories.create_draft(clinic)
    pencil_series(order=draft, clinic=clinic, picks=picks(1), hours=24, by=desk(clinic), now=NOW)
    record_death(patient=draft.patient, died_at=NOW, by=factories.system(), now=NOW)
    draft.refresh_from_db()
    assert (draft.state, draft.discarded_at) == (OrderState.DRAFT, NOW)
    assert options_of(draft, now=NOW) == []
    assert Event.objects.get(verb="order.draft_discarded").order_id == draft.pk


def test_a_death_takes_an_amendment_away_and_leaves_what_is_in_force(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    change_draft(order=order, changes={"doses": 4}, by=factories.create_actor(clinic, Role.NURSE), now=NOW)
    record_death(patient=order.patient, died_at=NOW, by=factories.system(), now=NOW)
    order.refresh_from_db()
    assert (order.state, order.draft, order.discarded_at) == (OrderState.ACTIVE, {}, None)
    assert Event.objects.get(verb="order.draft_discarded").order_id == order.pk


def test_a_merge_carries_a_draft_over_to_be_signed_there(clinic: Clinic) -> None:
    draft = factories.create_draft(clinic)
    pencil_series(order=draft, clinic=clinic, picks=picks(1), hours=24, by=desk(clinic), now=NOW)
    carried = merged(draft, clinic)
    draft.refresh_from_db()
    assert draft.discarded_at == NOW
    assert drafts_to_sign(clinic=clinic) == [carried]
    assert (carried.draft, carried.title, carried.created_at) == (draft.draft, draft.title, draft.created_at)
    assert Event.objects.get(verb="order.drafted", order=carried).data == {"carried_from": draft.pk}
    sign_order(order=carried, reauthenticated_at=NOW, by=factories.create_actor(clinic, Role.PRESCRIBER), now=NOW)
    carried.refresh_from_db()
    assert carried.state == OrderState.ACTIVE


def test_a_discarded_draft_is_not_carried_over(clinic: Clinic) -> None:
    draft = factories.create_draft(clinic)
    Order.objects.filter(pk=draft.pk).update(discarded_at=NOW)
    kept = factories.create_patient(clinic)
    merge_patients(duplicate=draft.patient, into=kept, by=desk(clinic), now=NOW)
    assert not Order.objects.filter(patient=kept).exists()
    assert not ClinicianTask.objects.exists()


def test_a_draft_after_a_series_of_the_other_record_asks_a_clinician_to_order_anew(clinic: Clinic) -> None:
    series = factories.create_draft(clinic)
    after = factories.create_draft(clinic, series.patient)
    Order.objects.filter(pk=after.pk).update(follows=series)
    carried = merged(series, clinic)
    [task] = ClinicianTask.objects.all()
    assert (task.kind, task.patient, task.clinic) == (TaskKind.OUTSIDE_ORDER, carried.patient, clinic)
    assert "order anew" in task.words
    assert Event.objects.filter(verb="order.draft_discarded").count() == 2
