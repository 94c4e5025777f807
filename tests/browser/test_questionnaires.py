"""Answering on a phone, without JavaScript and by keyboard; and the drawing of the answers in both themes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from scheduling.models import AnsweredHow, Appointment, Clinic, Patient, QuestionnaireResponse, Role
from scheduling.questionnaires.answering import answer
from scheduling.questionnaires.askings import askings_of
from scheduling.questionnaires.by_hand import ask
from tests import factories
from tests.browser.people import fits_a_phone, is_accessible, signed_in
from tests.browser.test_patient_page import clinic, link, phone, picture, visits
from tests.scheduling.questionnaires.world import ASKS, PATIENT, WAY
from tests.web.pages import book, bring_to

__all__ = ["clinic", "link", "visits"]

pytestmark = pytest.mark.browser
SUMS = ((3,) * 9, (2,) * 9, (2, None, *(1,) * 7), (1,) * 9)


def ask_by_hand(visit: Appointment) -> None:
    nurse = factories.create_actor(visit.clinic, Role.NURSE)
    assert visit.order is not None
    ask(order=visit.order, clinic=visit.clinic, instrument="phq-9", days=7, by=nurse, now=timezone.now())


def open_questions(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("link", name="Answer them").click()
    page.get_by_label("Your birth date").fill("1980-02-03")
    page.get_by_role("button", name="Show me the questions").click()


def test_it_is_answered_on_a_phone_without_javascript(browser: Browser, link: str, visits: list[Appointment]) -> None:
    ask_by_hand(visits[0])
    page = phone(browser, script=False).new_page()
    open_questions(page, link)
    picture(page, "questions")
    for number in range(1, 9):
        page.get_by_role("group", name=f"{number}. ").first.get_by_label("Several days").check()
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_text("One question is not answered")).to_be_visible()
    picture(page, "questions-left-out")
    page.get_by_role("link", name="Question 9").click()
    page.locator("#q9-0").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    picture(page, "questions-end")
    assert QuestionnaireResponse.objects.get().score == 8


def test_another_language_and_larger_text_lose_nothing_and_enter_sends(
    browser: Browser, link: str, visits: list[Appointment]
) -> None:
    ask_by_hand(visits[0])
    page = phone(browser, script=False).new_page()
    open_questions(page, link)
    for number in range(1, 6):
        page.get_by_role("group", name=f"{number}. ").first.get_by_label("Several days").check()
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("button", name="Enviar mis respuestas")).to_be_visible()
    page.get_by_role("button", name="texto más grande").click()
    expect(page.locator("html")).to_have_class("text-larger")
    expect(page.locator("input[type=radio]:checked")).to_have_count(5)
    assert "q1" not in page.url
    assert not QuestionnaireResponse.objects.exists()
    page.locator("#q5-1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("4 preguntas están sin responder")
    expect(page.locator("html")).to_have_attribute("lang", "es")


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("es", True)], ids=["en-light", "es-dark"])
def test_the_questions_are_accessible_and_fit_a_phone(
    browser: Browser, link: str, visits: list[Appointment], language: str, dark: bool
) -> None:
    ask_by_hand(visits[0])
    page = phone(browser, dark=dark).new_page()
    open_questions(page, link)
    page.get_by_role("button", name={"en": "English", "es": "Español"}[language]).click()
    expect(
        page.get_by_role("button", name={"en": "Send my answers", "es": "Enviar mis respuestas"}[language])
    ).to_be_visible()
    fits_a_phone(page)
    picture(page, f"questions-{language}-{'dark' if dark else 'light'}")
    page.locator("form button.button--main").click()
    expect(page.get_by_role("alert")).to_be_visible()
    fits_a_phone(page)
    page.set_viewport_size({"width": 320, "height": 844})
    page.get_by_role("button", name={"en": "larger text", "es": "texto más grande"}[language]).click()
    expect(page.locator("html")).to_have_class("text-larger")
    fits_a_phone(page)


def answered_series(clinic: Clinic) -> Patient:
    """Four infusions of the last weeks, each with answers from the day before; the third time half of them."""
    signed = timezone.now() - timedelta(days=21)
    order = factories.create_order(clinic, template=ASKS, now=signed)
    for visit, sums in zip(book(order, clinic, how_many=4, now=signed), SUMS, strict=True):
        start = visit.period.lower
        asking = next(one for one in askings_of(order.patient) if one.key == f"before/{visit.pk}/phq-9")
        at = start - timedelta(minutes=40)
        answer(asking=asking, answers=sums, language="en", how=AnsweredHow.LINK, by=PATIENT, now=at)
        bring_to(visit, *WAY, clinic=clinic, now=start)
    return order.patient


@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=pytest.mark.faults)], ids=["light", "dark"])
def test_the_drawing_of_the_answers(browser: Browser, served: str, clinic: Clinic, dark: bool) -> None:
    patient = answered_series(clinic)
    factories.create_user(clinic, Role.PRESCRIBER, username=f"doctor-{dark}")
    page = signed_in(browser, served, f"doctor-{dark}", in_the_dark=dark)
    page.goto(f"/clinician/patients/{patient.pk}/scores/")
    expect(page.locator("svg.chart circle")).to_have_count(3)
    expect(page.locator("svg.chart .chart__triangle")).to_have_count(4)
    picture(page, f"scores-{'dark' if dark else 'light'}")
    is_accessible(page)
    fits_a_phone(page)
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, f"scores-phone-{'dark' if dark else 'light'}")
    page.get_by_role("region", name="PHQ-9: table").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="PHQ-9")).to_be_visible()
    fits_a_phone(page)
    picture(page, f"response-{'dark' if dark else 'light'}")
