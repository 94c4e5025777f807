"""The prescriber's page: signing with the password, approving plans, deciding reviews; and what others may not."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from scheduling.drafting import what_is_signed
from scheduling.models import Clinic, Order, OrderState, OrderVersion, Role, Status
from scheduling.order_content import content_hash
from scheduling.patients import record_death
from scheduling.plan_approval import approve_protocol
from scheduling.plans import fingerprint
from tests import factories
from tests.factories import NOW
from tests.web.pages import NURSE, PRESCRIBER, book, bring_to, naughty_strings, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def prescriber(clinic: Clinic) -> Client:
    return signed_in(clinic, PRESCRIBER)


def given_three(clinic: Clinic) -> Order:
    """A series whose review after the third infusion is due."""
    order = factories.create_order(clinic)
    for visit in book(order, clinic, how_many=3):
        bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=visit.period.lower)
    return order


def test_order_is_drafted_from_an_approved_plan_and_signed_with_the_password(
    clinic: Clinic, prescriber: Client
) -> None:
    plan = factories.create_protocol(clinic)
    approve_protocol(version=plan, by=factories.create_actor(clinic, PRESCRIBER), now=NOW)
    patient = factories.create_patient(clinic, given_name="Rosa")
    answer = prescriber.post(f"/patients/{patient.pk}/order/", {"plan": plan.pk, "doses": "5"})
    order = Order.objects.get()
    assert answer.headers["Location"] == f"/clinician/orders/{order.pk}/sign/"
    assert order.state == OrderState.DRAFT
    page = page_of(prescriber.get(answer.headers["Location"]))
    for words in (
        "5 infusions", "Each: 2–4 days after the one before, best 3", "All within 21 days, first and last counted",
        "120 minutes: arrive 10, set up 15, infuse 40, recover 45, discharge 10", "After infusion 3, at the chair",
        "Call on day 1 after each infusion",
    ):  # fmt: skip
        assert words in page
    sent = {"password": "password", "read": content_hash(what_is_signed(order))}
    signed = prescriber.post(f"/clinician/orders/{order.pk}/sign/", sent, follow=True)
    order.refresh_from_db()
    assert order.state == OrderState.ACTIVE
    assert OrderVersion.objects.get().doses == 5
    assert f"Signed. The front desk can book {patient.shown_name} now." in page_of(signed)


@pytest.mark.parametrize("password", ["", "Password", "harbor-demo"])
def test_wrong_password_signs_nothing(clinic: Clinic, prescriber: Client, password: str) -> None:
    draft = factories.create_draft(clinic)
    page = page_of(prescriber.post(f"/clinician/orders/{draft.pk}/sign/", {"password": password}))
    draft.refresh_from_db()
    assert draft.state == OrderState.DRAFT
    assert "Please look at this again" in page
    assert OrderVersion.objects.count() == 0


def test_signing_twice_signs_once(clinic: Clinic, prescriber: Client) -> None:
    draft = factories.create_draft(clinic)
    address = f"/clinician/orders/{draft.pk}/sign/"
    sent = {"password": "password", "read": content_hash(what_is_signed(draft))}
    pages = [page_of(prescriber.post(address, sent, follow=True)) for _ in range(2)]
    assert ["This order is signed already." in page for page in pages] == [False, True]
    assert OrderVersion.objects.count() == 1


def test_plan_that_is_not_approved_can_not_be_ordered(clinic: Clinic, prescriber: Client) -> None:
    plan = factories.create_protocol(clinic)
    patient = factories.create_patient(clinic)
    assert "No treatment plan is approved yet" in page_of(prescriber.get(f"/patients/{patient.pk}/order/"))
    assert prescriber.post(f"/patients/{patient.pk}/order/", {"plan": plan.pk}).status_code == 200
    assert Order.objects.count() == 0
    signed = {"password": "password", "read": fingerprint(plan)}
    approved = page_of(prescriber.post(f"/clinician/plans/{plan.pk}/approve/", signed, follow=True))
    plan.refresh_from_db()
    assert plan.is_approved
    assert "is approved. Orders can be made from it." in approved


def test_plan_allows_only_as_many_infusions_as_it_says(clinic: Clinic, prescriber: Client) -> None:
    plan = factories.create_protocol(clinic, template={**factories.SIX, "doses_at_most": 8})
    approve_protocol(version=plan, by=factories.create_actor(clinic, PRESCRIBER), now=NOW)
    patient = factories.create_patient(clinic)
    page = page_of(prescriber.post(f"/patients/{patient.pk}/order/", {"plan": plan.pk, "doses": "9"}))
    assert "This plan allows at most 8." in page
    assert Order.objects.count() == 0


def test_nothing_is_ordered_for_a_closed_record(clinic: Clinic, prescriber: Client) -> None:
    plan = factories.create_protocol(clinic)
    approve_protocol(version=plan, by=factories.create_actor(clinic, PRESCRIBER), now=NOW)
    patient = factories.create_patient(clinic)
    record_death(patient=patient, died_at=NOW, by=factories.create_actor(clinic, PRESCRIBER), now=NOW)
    page = page_of(prescriber.post(f"/patients/{patient.pk}/order/", {"plan": plan.pk}))
    assert "record is closed." in page
    assert Order.objects.count() == 0


def test_nurse_prepares_a_draft_that_only_a_prescriber_can_sign(clinic: Clinic) -> None:
    nurse = signed_in(clinic, NURSE)
    plan = factories.create_protocol(clinic)
    approve_protocol(version=plan, by=factories.create_actor(clinic, PRESCRIBER), now=NOW)
    patient = factories.create_patient(clinic)
    answer = nurse.post(f"/patients/{patient.pk}/order/", {"plan": plan.pk, "doses": ""}, follow=True)
    order = Order.objects.get()
    assert "The draft waits for the prescriber&#x27;s signature." in page_of(answer)
    assert "Read and sign" not in page_of(nurse.get("/clinician/"))
    for path in (f"orders/{order.pk}/sign/", f"plans/{plan.pk}/approve/", "said/review/1/sign/"):
        refused = nurse.post(f"/clinician/{path}", {"password": "password"})
        assert refused.status_code == 403
    order.refresh_from_db()
    assert order.state == OrderState.DRAFT


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER, Role.AUDITOR])
def test_page_is_for_clinical_staff(clinic: Clinic, role: Role) -> None:
    client = signed_in(clinic, role)
    patient = factories.create_patient(clinic)
    assert client.get("/clinician/").status_code == 403
    assert client.post(f"/patients/{patient.pk}/order/").status_code == 403


def test_foreign_orders_and_plans_are_not_found(clinic: Clinic) -> None:
    draft = factories.create_draft(clinic)
    stranger = signed_in(factories.create_clinic(), PRESCRIBER)
    sent = {"password": "password", "decision": "continue"}
    paths = (
        f"orders/{draft.pk}/sign/", f"reviews/{draft.pk}/3/", f"plans/{draft.protocol_version_id}/approve/"
    )  # fmt: skip
    for path in paths:
        assert stranger.post(f"/clinician/{path}", sent).status_code == 404
    assert OrderVersion.objects.count() == 0


@pytest.mark.parametrize("orders", [1, 3])
def test_page_takes_as_many_queries_however_much_waits(
    clinic: Clinic, prescriber: Client, orders: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(orders):
        factories.create_draft(clinic)
        given_three(clinic)
    with django_assert_num_queries(23):
        page = page_of(prescriber.get("/clinician/"))
    assert page.count("Review: ") == orders
    assert page.count("Read and sign</a>") == orders


def test_names_and_searches_are_shown_as_typed(clinic: Clinic, prescriber: Client) -> None:
    for text in ("<b>Bold</b>", "<script>alert(1)</script>", *naughty_strings()[40:50]):
        patient = factories.create_patient(clinic, given_name=text)
        draft = factories.create_draft(clinic, patient)
        assert shows(page_of(prescriber.post("/clinician/", {"text": text})), text)
        assert shows(page_of(prescriber.get(f"/clinician/orders/{draft.pk}/sign/")), text)
