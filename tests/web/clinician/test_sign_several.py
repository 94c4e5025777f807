"""Signing several drafts with one password: what was ticked stays ticked until it is signed."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.drafting import change_draft, what_is_signed
from scheduling.models import Clinic, Order
from scheduling.order_content import content_hash
from tests import factories
from tests.factories import NOW
from tests.web.pages import PRESCRIBER, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
URL = "/clinician/sign/"


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def prescriber(clinic: Clinic) -> Client:
    return signed_in(clinic, PRESCRIBER)


def ticked_in(page: str) -> set[int]:
    ticks = (tag.split(">")[0] for tag in page.split("<input"))
    return {int(tick.split('value="')[1].split('"')[0]) for tick in ticks if " checked" in tick and "value=" in tick}


def sent(*orders: Order, password: str) -> dict[str, object]:
    reads = {f"read-{one.pk}": content_hash(what_is_signed(one)) for one in orders}
    return {"password": password, "order": [one.pk for one in orders], **reads}


def test_a_mistyped_password_leaves_the_ticks(clinic: Clinic, prescriber: Client) -> None:
    first, second, other = (factories.create_draft(clinic) for _ in range(3))
    page = page_of(prescriber.post(URL, sent(first, second, password="not it")))
    assert shows(page, "That is not your password. Nothing was signed.")
    assert ticked_in(page) == {first.pk, second.pk}
    assert other.pk not in ticked_in(page)


def test_a_draft_that_changed_meanwhile_is_to_be_read_and_ticked_anew(clinic: Clinic, prescriber: Client) -> None:
    first, second = (factories.create_draft(clinic) for _ in range(2))
    read = sent(first, second, password="not it")
    change_draft(order=second, changes={"doses": 4}, by=factories.create_actor(clinic, PRESCRIBER), now=NOW)
    assert ticked_in(page_of(prescriber.post(URL, read))) == {first.pk}
