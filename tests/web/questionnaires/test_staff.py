"""Clinical staff ask, write down, hand the tablet over, and read the answers; nobody else sees that there are any."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from scheduling.models import Clinic, ClinicianTask, Order, Questionnaire, QuestionnaireResponse, Role
from scheduling.questionnaires.instruments import INSTRUMENTS
from tests import factories
from tests.scheduling.questionnaires.world import DAY_BEFORE, FIRST, booked, by_link, give, one_asked, order_that_asks
from tests.web.pages import DESK, NURSE, PRESCRIBER, page_of, signed_in
from tests.web.patient.world import body_of
from tests.web.questionnaires.world import at

pytestmark = pytest.mark.django_db
MANAGER = Role.MANAGER
WEEK = timedelta(days=7)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def order(clinic: Clinic) -> Order:
    """Answered before the first infusion (17, item 9: 1) and a week after it (half, then GAD-7 not at all)."""
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    by_link(one_asked(order.patient, DAY_BEFORE), [2] * 8 + [1], DAY_BEFORE)
    give(visit)
    by_link(one_asked(order.patient, FIRST + WEEK), [1, None, *[0] * 7], FIRST + WEEK)
    return order


def path(name: str, order: Order) -> str:
    return reverse(name, args=[order.patient_id])


def test_the_page_has_a_drawing_and_a_table_with_every_response(clinic: Clinic, order: Order) -> None:
    with at(FIRST + WEEK):
        page = page_of(signed_in(clinic, PRESCRIBER).get(path("scores", order)))

    drawing = page.split('<svg class="chart"')[1].split("</svg>")[0]
    assert drawing.count("chart__sum") == drawing.count("chart__without") == drawing.count("chart__triangle") == 1
    assert ">17<" in drawing
    assert all(f">{low}–{high}<" in drawing for low, high in INSTRUMENTS["phq-9"].ranges)
    assert "style=" not in page.split("<main")[1]
    said = body_of(page)
    assert "Infusion 1 not complete 0 by message English" in said
    assert "before the first 17 1 by message English" in said
    assert "before the first" in said
    assert "Infusion 1" in said


def test_a_response_shows_every_answer_as_a_number_beside_its_published_words(clinic: Clinic, order: Order) -> None:
    first, half = QuestionnaireResponse.objects.order_by("pk")
    with at(FIRST + WEEK):
        browser = signed_in(clinic, NURSE)
        whole = unescape(page_of(browser.get(reverse("response", args=[first.pk]))))
        other = page_of(browser.get(reverse("response", args=[half.pk])))

    for words in INSTRUMENTS["phq-9"].words["en"].questions:
        assert words in whole
    assert whole.count("More than half the days") == 8
    assert other.count("not answered") == 1


@pytest.mark.parametrize("roles", [(DESK,), (MANAGER,)])
def test_nobody_else_opens_a_page_of_answers(clinic: Clinic, order: Order, roles: tuple[Role, ...]) -> None:
    browser, response = signed_in(clinic, *roles), QuestionnaireResponse.objects.earliest("pk")
    before = QuestionnaireResponse.objects.count()

    assert browser.get(path("scores", order)).status_code == 403
    assert browser.get(reverse("response", args=[response.pk])).status_code == 403
    for name in ("ask_patient", "enter_answers", "hand_over"):
        assert browser.post(path(name, order), {"instrument": "gad-7", "days": "3"}).status_code == 403
    assert QuestionnaireResponse.objects.count() == before


def test_another_organisation_finds_nothing(order: Order) -> None:
    elsewhere = signed_in(factories.create_clinic(), NURSE, PRESCRIBER)
    response = QuestionnaireResponse.objects.earliest("pk")

    assert elsewhere.get(path("scores", order)).status_code == 404
    assert elsewhere.get(reverse("response", args=[response.pk])).status_code == 404
    assert elsewhere.post(path("hand_over", order)).status_code == 404


# What no page outside clinical roles may have in it: instruments, sums, answers, the words of a question.
MARKERS = ("phq", "gad-7", "item 9", "hurting yourself", "/scores/", "not complete", "answers to look at")


@pytest.mark.parametrize("roles", [(DESK,), (MANAGER,)])
def test_the_desks_pages_have_nothing_of_it(clinic: Clinic, order: Order, roles: tuple[Role, ...]) -> None:
    assert ClinicianTask.objects.count() == 1, "there is something to hide"
    visit = order.appointments.get()
    pages = [
        reverse("patient", args=[order.patient_id]), reverse("visit", args=[visit.pk]), reverse("home"),
        reverse("series", args=[order.pk]), reverse("orders"), reverse("inbox"), reverse("calls"), reverse("messages"),
    ]  # fmt: skip
    with at(FIRST + WEEK):
        browser = signed_in(clinic, *roles)
        for one in pages:
            answer = browser.get(one)
            assert answer.status_code == 200
            # A form's random token may hold the letters of anything.
            page = re.sub(r"[a-z0-9]{64}", "", page_of(answer).lower())
            assert [page[page.index(marker) - 80 :][:160] for marker in MARKERS if marker in page] == [], one


def test_a_nurse_asks_beside_the_plan_and_takes_it_back(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    browser = signed_in(clinic, NURSE)

    browser.post(path("ask_patient", order), {"instrument": "gad-7", "days": "3"})
    row = Questionnaire.objects.get()
    assert "GAD-7" in page_of(browser.get(path("scores", order)))
    browser.post(reverse("withdraw_asked", args=[row.pk]))

    row.refresh_from_db()
    assert row.voided_at is not None
    assert browser.post(path("ask_patient", order), {"instrument": "x", "days": "3"}).status_code == 422


def test_a_nurse_writes_down_what_is_said_by_phone_in_the_patients_language(clinic: Clinic) -> None:
    patient = factories.create_patient(clinic, language="es")
    order = order_that_asks(clinic, patient)
    booked(order, clinic)
    with at(DAY_BEFORE):
        browser, asking = signed_in(clinic, NURSE), one_asked(patient, DAY_BEFORE)
        opened = unescape(page_of(browser.post(path("enter_answers", order), {"asked": asking.key})))
        marks = {f"q{number}": "1" for number in range(1, 9)}
        sent = {"asked": asking.key, "language": "es", "how": "phone", **marks}
        half = browser.post(path("enter_answers", order), sent | {"send": "whole"})
        browser.post(path("enter_answers", order), sent | {"send": "whole", "q9": "1"})
        again = browser.post(path("enter_answers", order), sent | {"send": "whole", "q9": "1"}, follow=True)

    assert INSTRUMENTS["phq-9"].words["es"].instruction in opened
    assert half.status_code == 422
    assert "One question is not answered" in page_of(half)
    made = QuestionnaireResponse.objects.get()
    assert (made.score, made.how, made.language) == (9, "phone", "es")
    assert made.entered_by is not None
    assert ClinicianTask.objects.count() == 1
    assert "It was answered already" in page_of(again)


def test_a_tablet_that_is_handed_over_shows_the_questions_and_opens_nothing_else(clinic: Clinic) -> None:
    order = order_that_asks(clinic)
    booked(order, clinic)
    with at(DAY_BEFORE):
        browser, asking = signed_in(clinic, NURSE), one_asked(order.patient, DAY_BEFORE)
        shown = browser.post(path("hand_over", order), follow=True)
        assert INSTRUMENTS["phq-9"].words["en"].instruction in page_of(shown)
        for name in ("home", "patients"):
            assert browser.get(reverse(name)).status_code == 302, "signed out"
        marks = {f"q{number}": "0" for number in range(1, 10)}
        sent = browser.post(reverse("tablet"), {"asked": asking.key, "language": "en", **marks}, follow=True)
        again = browser.post(reverse("tablet"), {"asked": asking.key, "language": "en", **marks})

    assert "Please give the tablet back." in page_of(sent)
    assert "In an emergency call 911" in body_of(page_of(sent))
    assert again.status_code == 409
    made = QuestionnaireResponse.objects.get()
    assert (made.how, made.score) == ("clinic", 0)
    assert made.entered_by is not None


def test_a_tablet_is_over_after_half_an_hour_and_for_who_was_never_handed_it(clinic: Clinic) -> None:
    order = order_that_asks(clinic)
    booked(order, clinic)
    assert Client().get(reverse("tablet")).status_code == 410
    with at(DAY_BEFORE):
        browser = signed_in(clinic, NURSE)
        browser.post(path("hand_over", order))
        assert browser.get(reverse("tablet")).status_code == 200
    with at(DAY_BEFORE + timedelta(minutes=31)):
        assert browser.get(reverse("tablet")).status_code == 410
