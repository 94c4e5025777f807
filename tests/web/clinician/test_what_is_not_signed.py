"""What can't be signed, by the pages: each is answered with one sentence, nothing is written, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from scheduling.drafting import draft_order, what_is_signed
from scheduling.merging import merge_patients
from scheduling.models import Clinic, Event, Order, OrderState, OrderVersion, PlannedDose, Role
from scheduling.order_content import content_hash
from scheduling.patients import record_death
from tests import factories
from tests.counts import count
from tests.factories import NOW, SIX
from tests.web.pages import PRESCRIBER, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
GONE = "What was ticked and is gone was signed, discarded, or closed with its patient's record meanwhile."


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def prescriber(clinic: Clinic) -> Client:
    return signed_in(clinic, PRESCRIBER)


def zero(clinic: Clinic) -> Order:
    return factories.create_draft(clinic, template={**SIX, "doses": 0})


def too_far_apart(clinic: Clinic) -> Order:
    distance = {"dose": "each", "after": "previous", "min": 9, "max": 9}
    return factories.create_draft(clinic, template={**SIX, "spacing": [distance]})


def least_above_most(clinic: Clinic) -> Order:
    distance = {"dose": "each", "after": "previous", "min": 9, "max": 4}
    return factories.create_draft(clinic, template={**SIX, "spacing": [distance]})


def deceased(clinic: Clinic) -> Order:
    order = factories.create_draft(clinic)
    record_death(patient=order.patient, died_at=NOW, by=factories.create_actor(clinic, *Role), now=NOW)
    return order


def merged(clinic: Clinic) -> Order:
    order, into = factories.create_draft(clinic), factories.create_patient(clinic)
    merge_patients(into=into, duplicate=order.patient, by=factories.create_actor(clinic, *Role), now=NOW)
    return order


def unapproved(clinic: Clinic) -> Order:
    by, plan = factories.create_actor(clinic, PRESCRIBER), factories.create_protocol(clinic)
    patient = factories.create_patient(clinic)
    return draft_order(patient=patient, protocol_version=plan, clinics=[clinic], by=by, now=NOW)


def no_phases(clinic: Clinic) -> Order:
    return factories.create_draft(clinic, template={**SIX, "phases": []})


BAD: dict[str, tuple[Callable[[Clinic], Order], str]] = {
    "no infusions": (zero, "The number of infusions: is 1 or more, not 0."),
    "distances that the days forbid": (too_far_apart, "is at least 46 for 6 infusions so far apart."),
    "a least distance above the most": (least_above_most, "the least distance, 9 days, is more than the greatest, 4."),
    "no phases": (no_phases, "The parts of a visit: is empty."),
    "of one who has died": (deceased, "The patient has died."),
    "of a merged record": (merged, "This record was merged into another; order for that one."),
    "of a plan nobody approved": (unapproved, "A prescriber of this organisation has to approve the protocol first."),
}
cases = pytest.mark.parametrize(("made", "sentence"), BAD.values(), ids=BAD)


def read_of(order: Order) -> str:
    order.refresh_from_db()
    return content_hash(what_is_signed(order))


def nothing_was_signed(*orders: Order) -> None:
    count("bad signings by the pages that are answered in a sentence")
    for order in orders:
        order.refresh_from_db()
        assert order.state == OrderState.DRAFT
    assert not OrderVersion.objects.filter(order__in=orders).exists()
    assert not PlannedDose.objects.filter(order__in=orders).exists()
    assert not Event.objects.filter(verb="order.signed", order_id__in=[one.pk for one in orders]).exists()


@cases
def test_it_is_not_signed_and_the_page_says_why(
    clinic: Clinic, prescriber: Client, made: Callable[[Clinic], Order], sentence: str
) -> None:
    order = made(clinic)
    address = f"/clinician/orders/{order.pk}/sign/"
    before = page_of(prescriber.get(address))
    answer = prescriber.post(address, {"password": "password", "read": read_of(order)})
    assert answer.status_code in (200, 409, 422)
    assert shows(before, sentence), "said before anybody presses"
    assert shows(page_of(answer), sentence)
    nothing_was_signed(order)


@cases
def test_among_several_it_alone_is_left_out_and_says_why(
    clinic: Clinic, prescriber: Client, made: Callable[[Clinic], Order], sentence: str
) -> None:
    bad, good = made(clinic), factories.create_draft(clinic)
    sent = {"password": "password", "order": [bad.pk, good.pk]}
    sent |= {f"read-{one.pk}": read_of(one) for one in (bad, good)}
    answer = prescriber.post("/clinician/sign/", sent, follow=True)
    assert answer.status_code in (200, 409, 422)
    assert shows(page_of(answer), GONE if made in (deceased, merged) else sentence)
    nothing_was_signed(bad)
    assert OrderVersion.objects.get().order == good


def test_the_second_of_two_tabs_is_told_that_it_is_signed(clinic: Clinic, prescriber: Client) -> None:
    order = factories.create_draft(clinic)
    sent = {"password": "password", "read": read_of(order)}
    address = f"/clinician/orders/{order.pk}/sign/"
    prescriber.post(address, sent)
    answer = prescriber.post(address, sent, follow=True)
    assert answer.status_code == 200
    assert "This order is signed already." in page_of(answer)
    assert OrderVersion.objects.count() == 1


def test_the_second_of_two_tabs_with_several_is_told_so_too(clinic: Clinic, prescriber: Client) -> None:
    order = factories.create_draft(clinic)
    sent = {"password": "password", "order": [order.pk], f"read-{order.pk}": read_of(order)}
    prescriber.post("/clinician/sign/", sent)
    answer = prescriber.post("/clinician/sign/", sent, follow=True)
    assert answer.status_code == 200
    assert shows(page_of(answer), GONE)
    assert OrderVersion.objects.count() == 1
