"""Signing makes infusions, terms, gaps, reviews and follow-ups; nobody but a prescriber signs."""

from __future__ import annotations

import pytest
from django.db import transaction

from scheduling.drafting import draft_order
from scheduling.models import DoseGap, DoseTerms, Event, FollowUp, Gate, OrderState, PlannedDose, Role
from scheduling.order_content import NotSignable, content_hash
from scheduling.orders import orders_to_book
from scheduling.patients import record_death
from scheduling.permissions import NotAllowed
from scheduling.plan_approval import approve_protocol
from scheduling.signing import sign_order
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_sign_order_makes_what_the_protocol_says() -> None:
    clinic = factories.create_clinic()
    order = factories.create_draft(clinic)
    version = sign_order(order=order, by=factories.create_actor(clinic, Role.PRESCRIBER), now=NOW)
    order.refresh_from_db()
    assert (order.state, order.current_version_id) == (OrderState.ACTIVE, version.pk)
    assert list(PlannedDose.objects.filter(order=order).values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert [terms.phases for terms in DoseTerms.objects.filter(version=version)] == [factories.PHASES] * 6
    assert list(DoseGap.objects.order_by("pk").values_list("days", "minutes")) == [(2, 0)] * 5 + [(0, 0)]
    assert list(Gate.objects.filter(version=version).values_list("after_number", flat=True)) == [3]
    assert FollowUp.objects.filter(order=order, kind="call").count() == 6
    event = Event.objects.get(verb="order.signed")
    assert event.data == {"version": 1, "content_hash": content_hash(version.content)}


def test_sign_order_twice_is_refused_with_a_sentence() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    with pytest.raises(NotSignable) as refusal:
        sign_order(order=order, by=factories.create_actor(clinic, Role.PRESCRIBER), now=NOW)
    assert refusal.value.reasons == ["This order is signed already."]


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.NURSE, Role.MANAGER, Role.AUDITOR])
def test_only_a_prescriber_signs(role: Role) -> None:
    clinic = factories.create_clinic()
    order = factories.create_draft(clinic)
    with pytest.raises(NotAllowed):
        sign_order(order=order, by=factories.create_actor(clinic, role), now=NOW)


def test_sign_order_refuses_an_unapproved_protocol_and_a_patient_who_died() -> None:
    clinic = factories.create_clinic()
    prescriber = factories.create_actor(clinic, Role.PRESCRIBER)
    patient = factories.create_patient(clinic)
    version = factories.create_protocol(clinic)
    order = draft_order(patient=patient, protocol_version=version, clinics=[clinic], by=prescriber, now=NOW)
    with pytest.raises(NotSignable) as refusal:
        sign_order(order=order, by=prescriber, now=NOW)
    assert refusal.value.reasons == ["A prescriber of this organisation has to approve the protocol first."]
    record_death(patient=patient, died_at=NOW, by=prescriber, now=NOW)
    with pytest.raises(NotSignable) as refusal:
        sign_order(order=order, by=prescriber, now=NOW)
    assert refusal.value.reasons == ["The patient has died."]


@pytest.mark.parametrize(
    "change", [{"doses": 0}, {"phases": []}, {"spacing": [{"dose": "each", "after": "previous", "min": 5, "max": 2}]}]
)
def test_sign_order_refuses_contradictions(change: dict[str, object]) -> None:
    clinic = factories.create_clinic()
    order = factories.create_draft(clinic, template={**factories.SIX, **change})
    with pytest.raises(NotSignable):
        sign_order(order=order, by=factories.create_actor(clinic, Role.PRESCRIBER), now=NOW)
    assert PlannedDose.objects.count() == 0


def test_approve_protocol_twice_leaves_one_event() -> None:
    clinic = factories.create_clinic()
    version, by = factories.create_protocol(clinic), factories.create_actor(clinic, Role.PRESCRIBER)
    approve_protocol(version=version, by=by, now=NOW)
    approve_protocol(version=version, by=by, now=NOW)
    assert version.is_approved
    assert Event.objects.filter(verb="protocol.approved").count() == 1


def test_orders_to_book_lists_active_orders_of_living_patients_at_this_clinic() -> None:
    clinic, elsewhere = factories.create_clinic(), factories.create_clinic()
    order = factories.create_order(clinic)
    factories.create_draft(clinic)
    factories.create_order(elsewhere)
    gone = factories.create_order(clinic)
    record_death(patient=gone.patient, died_at=NOW, by=factories.system(), now=NOW)
    with transaction.atomic():
        assert orders_to_book(clinic=clinic) == [order]
