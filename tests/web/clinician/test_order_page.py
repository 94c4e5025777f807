"""One order's page for clinicians, and its changes: shown first, saved only while what was shown is true."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from scheduling.drafting import discard_draft
from scheduling.models import Appointment, ChangeKind, Clinic, Order, OrderChange, OrderState, Role
from tests import factories
from tests.factories import NOW
from tests.scheduling.words import WHY, changed, prescriber_of
from tests.web.pages import DESK, NURSE, PRESCRIBER, book, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic)


@pytest.fixture
def prescriber(clinic: Clinic) -> Client:
    return signed_in(clinic, PRESCRIBER)


def url(order: Order, change: str = "") -> str:
    return f"/clinician/orders/{order.pk}/" + (f"change/{change}/" if change else "")


def shown_in(page: str) -> str:
    found = re.search(r'name="shown" value="(\w+)"', page)
    assert found
    return found.group(1)


def test_the_page_says_what_was_signed_decided_changed_and_given(
    clinic: Clinic, order: Order, prescriber: Client
) -> None:
    book(order, clinic, how_many=2)
    changed(order, clinic, ChangeKind.PAUSE)
    page = page_of(prescriber.get(url(order)))
    version = order.current_version
    assert version
    for words in ("Paused", WHY, version.content_hash[:12], "Infusion 1 of 6", "to book", "Version 1", "not decided"):
        assert shows(page, words), words
    assert "its times are kept until" in page
    assert version.content_hash not in page


@pytest.mark.parametrize("role", [NURSE, PRESCRIBER])
def test_who_may_draft_changes_the_order_from_its_page(clinic: Clinic, order: Order, role: Role) -> None:
    client, link = signed_in(clinic, role), f'href="{url(order)}draft/"'
    page = page_of(client.get(url(order)))
    assert link in page
    assert "Change the order" in page
    draft = factories.create_draft(clinic)
    assert "Change the draft" in page_of(client.get(url(draft)))
    discard_draft(order=draft, by=factories.create_actor(clinic, NURSE), now=NOW)
    assert "Change the draft" not in page_of(client.get(url(draft)))
    changed(order, clinic, ChangeKind.STOP)
    assert link not in page_of(client.get(url(order)))


def test_days_given_long_ago_are_said_with_their_year(clinic: Clinic, prescriber: Client) -> None:
    given = [{"on": "2025-12-30", "where": "Elm Street"}]
    order = factories.create_order(clinic, template={**factories.SIX, "given_before": given})
    assert "Tue, Dec 30, 2025, Elm Street" in page_of(prescriber.get(url(order)))
    assert "Tuesday, December 30, 2025" in page_of(prescriber.get(f"/series/{order.pk}/"))


def test_what_it_does_is_shown_and_then_done(clinic: Clinic, order: Order, prescriber: Client) -> None:
    [first, _second] = book(order, clinic, how_many=2)
    page = page_of(prescriber.get(url(order, "stop")))
    assert page.count("is cancelled; its time is free at once") == 2
    assert "No message reaches this patient: please call." in page
    answer = prescriber.post(url(order, "stop"), {"reason": WHY, "shown": shown_in(page)}, follow=True)
    assert "The order is stopped." in page_of(answer)
    order.refresh_from_db()
    first.refresh_from_db()
    assert (order.state, first.status) == (OrderState.STOPPED, "cancelled")
    assert OrderChange.objects.get().reason == WHY


def test_what_has_changed_meanwhile_is_shown_again_with_the_words_kept(
    clinic: Clinic, order: Order, prescriber: Client
) -> None:
    page = page_of(prescriber.get(url(order, "stop")))
    book(order, clinic, how_many=1)
    answer = prescriber.post(url(order, "stop"), {"reason": WHY, "shown": shown_in(page)})
    again = page_of(answer)
    assert answer.status_code == 409
    assert "What this does has changed since you read it" in again
    assert WHY in again
    order.refresh_from_db()
    assert order.state == OrderState.ACTIVE
    prescriber.post(url(order, "stop"), {"reason": WHY, "shown": shown_in(again)})
    order.refresh_from_db()
    assert order.state == OrderState.STOPPED


@pytest.mark.parametrize("change", ["pause", "stop"])
def test_without_a_reason_nothing_is_saved(order: Order, prescriber: Client, change: str) -> None:
    page = page_of(prescriber.get(url(order, change)))
    sent = {"reason": " ", "shown": shown_in(page), "keep_days": "3"}
    answer = prescriber.post(url(order, change), sent)
    assert answer.status_code == 422
    assert "Say why. Only clinical staff read it." in page_of(answer)
    assert not OrderChange.objects.exists()


def test_a_form_that_shows_nothing_saves_nothing(order: Order, prescriber: Client) -> None:
    answer = prescriber.post(url(order, "stop"), {"reason": WHY})
    assert answer.status_code == 409
    assert not OrderChange.objects.exists()


def test_a_pause_says_how_long_times_are_kept(clinic: Clinic, order: Order, prescriber: Client) -> None:
    book(order, clinic, how_many=1)
    page = page_of(prescriber.get(url(order, "pause")))
    assert "keeps its time; it can&#x27;t be confirmed or started" in page
    prescriber.post(url(order, "pause"), {"reason": WHY, "shown": shown_in(page), "keep_days": "5"})
    order.refresh_from_db()
    assert order.keep_places_until is not None
    assert (order.keep_places_until - NOW).days == 5
    page = page_of(prescriber.get(url(order, "resume")))
    prescriber.post(url(order, "resume"), {"reason": "", "shown": shown_in(page)})
    order.refresh_from_db()
    assert order.state == OrderState.ACTIVE


def test_a_nurse_writes_down_what_she_heard(clinic: Clinic, order: Order) -> None:
    nurse, (cole, _by) = signed_in(clinic, NURSE), prescriber_of(clinic)
    page = page_of(nurse.get(url(order, "pause")))
    assert "Reason, for clinical staff alone" in page
    sent = {"reason": WHY, "shown": shown_in(page), "keep_days": "3", "decided_by": cole.pk, "heard_at": "06:50"}
    answer = nurse.post(url(order, "pause"), sent)
    assert answer.status_code == 422
    assert "Read it back first. It counts only then." in page_of(answer)
    answer = nurse.post(url(order, "pause"), {**sent, "read_back": "on"}, follow=True)
    page = page_of(answer)
    assert "counter-signature due" in page
    assert "heard and read back by" in page
    change = OrderChange.objects.get()
    assert (change.decided_by, (NOW - change.decided_at).seconds) == (cole, 600)


def test_an_order_that_stands_otherwise_by_now_leads_back(clinic: Clinic, order: Order, prescriber: Client) -> None:
    changed(order, clinic, ChangeKind.STOP)
    answer = prescriber.get(url(order, "pause"), follow=True)
    assert "The order stands otherwise by now. Nothing was changed." in page_of(answer)
    assert prescriber.get(url(order, "explode")).status_code == 404
    assert "Stop the order" not in page_of(prescriber.get(url(order)))


@pytest.mark.parametrize("role", [DESK, Role.MANAGER, Role.AUDITOR])
@pytest.mark.parametrize("change", ["", "pause", "stop"])
def test_nobody_else_opens_it(clinic: Clinic, order: Order, role: Role, change: str) -> None:
    assert signed_in(clinic, role).get(url(order, change)).status_code == 403


def test_an_order_of_another_clinic_is_not_found(order: Order) -> None:
    elsewhere = signed_in(factories.create_clinic(), PRESCRIBER)
    assert elsewhere.get(url(order)).status_code == 404
    assert elsewhere.post(url(order, "stop"), {"reason": WHY}).status_code == 404


def test_a_cancelled_visit_stays_on_the_time_line(clinic: Clinic, order: Order, prescriber: Client) -> None:
    book(order, clinic, how_many=1)
    changed(order, clinic, ChangeKind.STOP)
    assert Appointment.objects.get().status == "cancelled"
    assert "cancelled" in page_of(prescriber.get(url(order)))


def test_what_is_past_is_not_promised_any_more(clinic: Clinic, order: Order, prescriber: Client) -> None:
    book(order, clinic, how_many=2)
    changed(order, clinic, ChangeKind.PAUSE)
    page = page_of(prescriber.get(url(order)))
    assert shows(page, "its times are kept until")
    assert not shows(page, "its times were kept until")
    Order.objects.filter(pk=order.pk).update(keep_places_until=NOW)
    page = page_of(prescriber.get(url(order)))
    assert shows(page, "its times were kept until")
    assert not shows(page, "its times are kept until")
