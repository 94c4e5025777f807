"""Changing a draft or an order on a page, signing one or several, one more clinic: what is read is what is signed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from scheduling.drafting import change_draft, what_is_signed
from scheduling.models import Appointment, Clinic, Event, Order, OrderState, OrderVersion, Role
from scheduling.order_content import content_hash
from scheduling.patients import record_death
from scheduling.plan_approval import approve_protocol
from tests import factories
from tests.factories import NOW, SIX
from tests.web.pages import DESK, NURSE, PRESCRIBER, book, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def prescriber(clinic: Clinic) -> Client:
    return signed_in(clinic, PRESCRIBER)


def read_of(order: Order) -> str:
    order.refresh_from_db()
    return content_hash(what_is_signed(order))


def as_shown(client: Client, order: Order) -> dict[str, Any]:
    """What the page's form says before anybody types."""
    form = client.get(f"/clinician/orders/{order.pk}/draft/").context["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value is not None}


def test_usual_order_takes_a_plan_a_press_and_a_password(clinic: Clinic, prescriber: Client) -> None:
    plan = factories.create_protocol(clinic)
    approve_protocol(version=plan, by=factories.create_actor(clinic, PRESCRIBER), now=NOW)
    patient = factories.create_patient(clinic)
    page = prescriber.get(f"/patients/{patient.pk}/order/")
    assert page.context["form"]["plan"].value() == str(plan.pk)
    answer = prescriber.post(f"/patients/{patient.pk}/order/", {"plan": plan.pk, "doses": ""}, follow=True)
    order = Order.objects.get()
    read = answer.context["read"].hash
    prescriber.post(f"/clinician/orders/{order.pk}/sign/", {"password": "password", "read": read})
    order.refresh_from_db()
    assert order.state == OrderState.ACTIVE
    version = OrderVersion.objects.get()
    assert (version.reauthenticated_at, bool(version.signed_name)) == (NOW, True)


def test_form_sent_as_it_is_changes_nothing(clinic: Clinic, prescriber: Client) -> None:
    order = factories.create_order(clinic, template={**SIX, "given_before": [{"on": "2026-12-30", "where": "North"}]})
    answer = prescriber.post(f"/clinician/orders/{order.pk}/draft/", as_shown(prescriber, order), follow=True)
    order.refresh_from_db()
    assert order.draft == {} or order.draft["given_before"] == [{"on": "2026-12-30", "where": "North", "number": 1}]
    assert answer.status_code == 200


def test_numbers_of_a_draft_are_changed_and_shown_word_by_word(clinic: Clinic) -> None:
    nurse, prescriber = signed_in(clinic, NURSE), signed_in(clinic, PRESCRIBER)
    north = factories.create_clinic(clinic.organisation)
    order = factories.create_draft(clinic)
    sent = as_shown(nurse, order) | {
        "doses": "5", "spacing-0-min": "3", "spacing-0-target": "4", "spacing-0-max": "5", "within_days": "30",
        "phase-2": "60", "review-0-after": "2", "review-0-decide": "3", "not_before": "2027-01-11",
        "given-0-number": "1", "given-0-on": "2026-12-30", "given-0-where": "Elm Street",
        "sites": [clinic.slug, north.slug],
    }  # fmt: skip
    answer = nurse.post(f"/clinician/orders/{order.pk}/draft/", sent, follow=True)
    assert "The draft waits for the prescriber&#x27;s signature." in page_of(answer)
    page = page_of(prescriber.get(f"/clinician/orders/{order.pk}/sign/"))
    for words in (
        "5 infusions", "Each: 3–5 days after the one before, best 4", "140 minutes: arrive 10, set up 15, infuse 60",
        "After infusion 2, at the chair, decided within 3 days; after that the times stay kept",
        "Not before January 11, 2027", "Infusion 1 on December 30, 2026, Elm Street",
    ):  # fmt: skip
        assert words in page, words
    assert page.count("Harbor Center") >= 2


def test_half_a_row_of_what_was_given_before_is_refused(clinic: Clinic, prescriber: Client) -> None:
    order = factories.create_draft(clinic)
    sent = as_shown(prescriber, order) | {"given-0-number": "1"}
    page = page_of(prescriber.post(f"/clinician/orders/{order.pk}/draft/", sent))
    assert "Say which infusion, on which day and where; or leave the row empty." in page


def test_contradiction_is_said_on_the_form_and_nothing_is_lost(clinic: Clinic, prescriber: Client) -> None:
    order = factories.create_draft(clinic)
    sent = as_shown(prescriber, order) | {"spacing-0-min": "9"}
    page = page_of(prescriber.post(f"/clinician/orders/{order.pk}/draft/", sent))
    assert "Between infusions: the least distance, 9 days, is more than the greatest, 4." in page
    assert 'value="9"' in page


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"spacing-0-min": "9"}, "spacing-0-min", "the least distance, 9 days, is more than the greatest, 4."),
        ({"phase-2": "7"}, "phase-2", "Part 3 takes 7 minutes; parts are counted in steps of 5 minutes."),
        ({"within_days": "3"}, "within_days", "is at least 11 for 6 infusions so far apart."),
        (
            {"given-1-number": "1", "given-1-on": "0001-01-01", "given-1-where": "Elm Street"},
            "given-1-on",
            "Infusion 1 can't have been given on 0001-01-01: the patient was born on 1980-02-03.",
        ),
        (
            {"given-0-number": "2", "given-0-on": "2027-01-05", "given-0-where": "Elm Street"}
            | {"given-1-number": "1", "given-1-on": "2026-12-30", "given-1-where": "Elm Street"},
            "given-0-on",
            "Infusion 2 can't have been given on 2027-01-05: that day is to come.",
        ),
    ],
)
def test_what_can_not_be_is_said_at_its_field(
    clinic: Clinic, prescriber: Client, said: dict[str, str], field: str, sentence: str
) -> None:
    order = factories.create_draft(clinic)
    answer = prescriber.post(f"/clinician/orders/{order.pk}/draft/", as_shown(prescriber, order) | said)
    [error] = answer.context["form"].errors[field]
    assert sentence in error
    assert list(answer.context["form"].errors) == [field]
    assert f'<a href="#id_{field}">' in page_of(answer)
    order.refresh_from_db()
    assert "given_before" not in order.draft


def test_draft_changed_in_another_tab_is_shown_as_it_is_now(clinic: Clinic, prescriber: Client) -> None:
    order = factories.create_draft(clinic)
    stale, form = read_of(order), as_shown(prescriber, order)
    change_draft(order=order, changes={"doses": 4}, by=factories.create_actor(clinic, NURSE), now=NOW)
    sent = {"password": "password", "read": stale}
    page = page_of(prescriber.post(f"/clinician/orders/{order.pk}/sign/", sent))
    assert "The draft was changed meanwhile." in page
    assert "4 infusions" in page
    assert read_of(order) in page
    assert OrderVersion.objects.count() == 0
    answer = prescriber.post(f"/clinician/orders/{order.pk}/draft/", form | {"doses": "5"}, follow=True)
    assert "The draft was changed meanwhile." in page_of(answer)
    order.refresh_from_db()
    assert order.draft["doses"] == 4


def test_nothing_is_signed_without_having_been_read(clinic: Clinic, prescriber: Client) -> None:
    order = factories.create_draft(clinic)
    page = page_of(prescriber.post(f"/clinician/orders/{order.pk}/sign/", {"password": "password"}))
    assert "please read it again" in page
    assert OrderVersion.objects.count() == 0


def test_effect_on_booked_visits_is_shown_before_signing_and_named_for_the_desk(
    clinic: Clinic, prescriber: Client
) -> None:
    order = factories.create_order(clinic, template={**SIX, "reviews": []})
    book(order, clinic, how_many=3)
    sent = as_shown(prescriber, order) | {"doses": "2"}
    page = page_of(prescriber.post(f"/clinician/orders/{order.pk}/draft/", sent, follow=True))
    for words in ("These no longer fit.", "the order has no such infusion any more", "2 visits go on at their times."):
        assert words in page
    assert "<strong>new:</strong> 2 infusions" in page
    assert "<s>6 infusions</s>" in page
    desk = signed_in(clinic, DESK)
    assert "visits no longer fit it" not in page_of(desk.get("/orders/"))
    answer = prescriber.post(
        f"/clinician/orders/{order.pk}/sign/", {"password": "password", "read": read_of(order)}, follow=True
    )  # fmt: skip
    assert answer.status_code == 200
    assert "visits no longer fit it" in page_of(desk.get("/orders/"))
    series = page_of(desk.get(f"/series/{order.pk}/"))
    assert series.count("no longer fits the order") == 1
    assert "no such infusion" not in series
    last = Appointment.objects.get(order=order, dose_number=3)
    assert "this visit no longer fits it" in page_of(desk.get(f"/visits/{last.pk}/"))


def test_several_are_signed_with_one_password_and_each_says_what_became_of_it(
    clinic: Clinic, prescriber: Client
) -> None:
    good, gone, left = (factories.create_draft(clinic) for _ in range(3))
    page = page_of(prescriber.get("/clinician/sign/"))
    assert page.count("I have read the order for") == 3
    assert page.count("Each: 2–4 days after the one before") == 3
    sent: dict[str, Any] = {f"read-{order.pk}": read_of(order) for order in (good, gone, left)}
    record_death(patient=gone.patient, died_at=NOW, by=factories.create_actor(clinic, *Role), now=NOW)
    change_draft(order=left, changes={"doses": 4}, by=factories.create_actor(clinic, NURSE), now=NOW)
    sent |= {"order": [good.pk, gone.pk, left.pk], "password": "password"}
    answer = page_of(prescriber.post("/clinician/sign/", sent))
    assert f"Signed: {good.patient.shown_name}." in answer
    assert "One was not signed: see why." in answer
    assert "is gone was signed, discarded, or closed" in answer
    assert "please read it again" in answer
    assert [version.order_id for version in OrderVersion.objects.all()] == [good.pk]


def test_after_five_wrong_passwords_nothing_is_signed_for_a_while_on_any_of_the_pages(
    clinic: Clinic, prescriber: Client
) -> None:
    order = factories.create_draft(clinic)
    address = f"/clinician/orders/{order.pk}/sign/"
    for _ in range(5):
        page = page_of(prescriber.post(address, {"password": "guess", "read": read_of(order)}))
        assert "That is not your password. Nothing was signed." in page
    right = {"password": "password", "read": read_of(order), f"read-{order.pk}": read_of(order), "order": [order.pk]}
    for where in (address, "/clinician/sign/"):
        assert "Too many wrong passwords. Try again at 7:16 AM. Nothing was signed." in page_of(
            prescriber.post(where, right)
        )
    assert not OrderVersion.objects.exists()


@pytest.mark.parametrize(
    ("password", "ticked", "said"),
    [("wrong", True, "That is not your password. Nothing was signed."), ("password", False, "Tick the orders")],
)
def test_several_need_the_password_and_a_tick(
    clinic: Clinic, prescriber: Client, password: str, ticked: bool, said: str
) -> None:
    order = factories.create_draft(clinic)
    sent: dict[str, Any] = {"password": password, f"read-{order.pk}": read_of(order)}
    page = page_of(prescriber.post("/clinician/sign/", sent | ({"order": [order.pk]} if ticked else {})))
    assert said in page
    assert OrderVersion.objects.count() == 0


def test_draft_is_discarded_with_an_event_and_is_gone_from_the_lists(clinic: Clinic) -> None:
    nurse, order = signed_in(clinic, NURSE), factories.create_draft(clinic)
    page = page_of(nurse.post(f"/clinician/orders/{order.pk}/discard/", follow=True))
    assert "The draft is discarded." in page
    assert "No draft waits for a signature." in page
    assert Event.objects.filter(verb="order.draft_discarded", order_id=order.pk).exists()
    again = page_of(nurse.post(f"/clinician/orders/{order.pk}/discard/", follow=True))
    assert "This draft was discarded." in again
    prescriber = signed_in(clinic, PRESCRIBER)
    assert "This draft was discarded." in page_of(prescriber.get(f"/clinician/orders/{order.pk}/sign/", follow=True))


def test_one_more_clinic_is_chosen_and_signed(clinic: Clinic, prescriber: Client) -> None:
    order, north = factories.create_order(clinic), factories.create_clinic(clinic.organisation)
    address = f"/clinician/orders/{order.pk}/clinics/"
    assert "That is not your password." in page_of(prescriber.post(address, {"clinic": north.pk, "password": "no"}))
    page = page_of(prescriber.post(address, {"clinic": north.pk, "password": "password"}, follow=True))
    assert "can book" in page
    assert set(order.sites.all()) == {clinic, north}
    assert "may be given at every clinic already" in page_of(prescriber.get(address))


def test_what_was_given_elsewhere_is_on_the_series_and_the_patients_page_and_no_visit(clinic: Clinic) -> None:
    template = {**SIX, "given_before": [{"on": "2026-12-30", "where": "Elm Street"}]}
    order = factories.create_order(clinic, template=template)
    desk = signed_in(clinic, DESK)
    visit = Appointment.objects.get(order=order)
    for page in (f"/series/{order.pk}/", f"/patients/{order.patient_id}/"):
        words = page_of(desk.get(page))
        assert "given at Elm Street" in words
        assert f"/visits/{visit.pk}/" not in words
    assert desk.get(f"/visits/{visit.pk}/").status_code == 404
    assert order.patient.shown_name not in page_of(desk.get("/?day=2026-12-30"))


@pytest.mark.parametrize("role", [DESK, Role.MANAGER, Role.AUDITOR])
def test_pages_are_for_clinical_staff(clinic: Clinic, role: Role) -> None:
    client, order = signed_in(clinic, role), factories.create_draft(clinic)
    paths = ("sign/", *(f"orders/{order.pk}/{name}/" for name in ("draft", "discard", "sign", "clinics")))
    assert {client.post(f"/clinician/{path}").status_code for path in paths} == {403}


def test_foreign_drafts_are_not_found(clinic: Clinic) -> None:
    order, stranger = factories.create_draft(clinic), signed_in(factories.create_clinic(), PRESCRIBER)
    paths = [f"orders/{order.pk}/{name}/" for name in ("draft", "discard", "sign", "clinics")]
    assert {stranger.post(f"/clinician/{path}").status_code for path in paths} == {404}
    sent = {"order": [order.pk], f"read-{order.pk}": read_of(order), "password": "password"}
    stranger.post("/clinician/sign/", sent)
    assert OrderVersion.objects.count() == 0


def test_what_else_is_ordered_for_the_patient_is_said_before_one_more_is(clinic: Clinic) -> None:
    order, prescriber = factories.create_order(clinic), signed_in(clinic, PRESCRIBER)
    address = f"/patients/{order.patient_id}/order/"
    assert f'href="/clinician/orders/{order.pk}/"' in page_of(prescriber.get(address))
    assert order.current_version
    draft = factories.create_draft(clinic, patient=order.patient)
    page = page_of(prescriber.get(f"/clinician/orders/{draft.pk}/sign/"))
    assert shows(page, "Ordered for them already")
    assert f'href="/clinician/orders/{order.pk}/"' in page
    assert f'href="/clinician/orders/{draft.pk}/"' not in page
    other = factories.create_draft(clinic)
    assert not shows(page_of(prescriber.get(f"/clinician/orders/{other.pk}/sign/")), "Ordered for them already")
