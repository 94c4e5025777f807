"""A patient answers behind the link of a message: birth date first, whole or half, once; help stands there for all."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from notifications.models import DutyShift, Message, MessageRules
from scheduling.cancelling import cancel
from scheduling.models import CancelledBy, ClinicianTask, Patient, QuestionnaireResponse, Role
from scheduling.moving import move
from scheduling.questionnaires.instruments import INSTRUMENTS
from tests import factories
from tests.factories import NOW
from tests.web.pages import page_of
from tests.web.patient.world import body_of, knowing
from tests.web.questionnaires.world import asking_link, at, before, sent_answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
HELP = "In an emergency call 911"


def the_patient() -> Patient:
    return Message.objects.latest("written_at").patient


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_published_words_are_shown_to_who_knows_the_birth_date_and_to_nobody_else(language: str) -> None:
    path, [_, visit, *_] = asking_link(language=language)
    words = INSTRUMENTS["phq-9"].words[language]
    with at(before(visit)):
        unknown = page_of(Client().get(f"{path}questions/"))
        known = unescape(page_of(knowing(path).get(f"{path}questions/")))

    assert not any(one in unescape(unknown) for one in (*words.questions, words.instruction, words.licence, "PHQ"))
    for one in (words.instruction, *words.questions, words.licence):
        assert one in known
    assert known.count("<fieldset") == len(words.questions)
    assert all(known.count(f"<span>{option}</span>") == len(words.questions) for option in words.options)
    assert "<script" not in known.split("<main")[1], "it works without any"


def test_the_page_of_the_visits_says_that_there_are_questions_and_not_about_what() -> None:
    path, [_, visit, *_] = asking_link()
    with at(NOW - timedelta(days=2)):
        early = body_of(page_of(Client().get(path)))
    assert "A few questions" not in early, "not before the day before"
    with at(before(visit)):
        page = body_of(page_of(Client().get(path)))

    assert "A few questions for you" in page
    assert "PHQ" not in page


@pytest.mark.parametrize("language", ["en", "es"])
def test_help_is_one_press_away_on_a_phone(language: str) -> None:
    path, [_, visit, *_] = asking_link(language=language)
    with at(before(visit)):
        page = page_of(knowing(path).get(f"{path}questions/"))
    safety = page[page.index('id="safety-title"') :]
    for number in ("911", "988", "+12125550100"):
        assert f'href="tel:{number}"' in safety
    assert 'href="tel:+1 ' not in page


def test_answers_are_kept_and_every_end_page_says_where_help_is() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser = knowing(path)
        sent = browser.post(f"{path}questions/", sent_answers(the_patient(), before(visit), *[1] * 8, 0), follow=True)

    page = body_of(page_of(sent))
    assert "We have your answers." in page
    assert HELP in page
    assert "We read them: Mon to Fri, 8 to 6." in page
    made = QuestionnaireResponse.objects.get()
    assert (made.score, made.how, made.language) == (8, "link", "en")
    assert not ClinicianTask.objects.exists()


def test_the_end_page_is_the_same_whatever_was_answered() -> None:
    path, [_, *visits] = asking_link()
    pages = set()
    for ninth, visit in zip((0, 3), visits, strict=True):
        with at(before(visit)):
            marked = sent_answers(the_patient(), before(visit), *[ninth] * 9)
            sent = knowing(path).post(f"{path}questions/", marked, follow=True)
        pages.add(body_of(page_of(sent)))

    assert len(pages) == 1, "no advice hangs on an answer"
    assert ClinicianTask.objects.get().is_urgent


def test_the_clinic_words_the_help_in_both_languages() -> None:
    path, [_, visit, *_] = asking_link(language="es")
    MessageRules.objects.update(safety_text_es="Llame al 911 o venga.")
    with at(before(visit)):
        page = body_of(page_of(knowing(path).get(f"{path}questions/")))

    assert "Llame al 911 o venga." in page


def test_half_answers_say_what_is_missing_and_may_be_sent_as_they_are() -> None:
    path, [_, visit, *_] = asking_link()
    half = (1, None, 2, *[None] * 5, 0)
    with at(before(visit)):
        browser, sent = knowing(path), sent_answers(the_patient(), before(visit), *half)
        asked_back = browser.post(f"{path}questions/", sent)
        assert asked_back.status_code == 422
        page = page_of(asked_back)
        assert "6 questions are not answered" in page
        assert 'href="#q2"' in page
        assert page.count(" checked") == 3, "what was marked stays marked"
        assert not QuestionnaireResponse.objects.exists()
        browser.post(f"{path}questions/", sent | {"as_it_is": "1"})

    made = QuestionnaireResponse.objects.get()
    assert (made.score, made.answers) == (None, list(half))
    assert not ClinicianTask.objects.exists()


def test_half_answers_that_a_clinician_has_to_look_at_are_kept_at_once() -> None:
    """Who closes the page now, asked for the rest, would otherwise never be heard."""
    path, [_, visit, *_] = asking_link()
    half = (1, None, 2, *[None] * 5, 1)
    with at(before(visit)):
        sent = sent_answers(the_patient(), before(visit), *half)
        assert knowing(path).post(f"{path}questions/", sent).status_code == 302

    made = QuestionnaireResponse.objects.get()
    assert (made.score, made.answers) == (None, list(half))
    assert ClinicianTask.objects.get().response == made


def test_an_empty_sheet_is_not_sent() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        empty = sent_answers(the_patient(), before(visit), *[None] * 9, as_it_is="1")
        answer = knowing(path).post(f"{path}questions/", empty)

    assert answer.status_code == 422
    assert "Nothing is answered yet" in page_of(answer)
    assert not QuestionnaireResponse.objects.exists()


def test_a_second_time_says_when_it_was_answered_and_keeps_the_first() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser, sent = knowing(path), sent_answers(the_patient(), before(visit))
        browser.post(f"{path}questions/", sent)
        again = browser.post(f"{path}questions/", sent | {"q9": "3"})
        looked = browser.get(f"{path}questions/")

    assert again.status_code == 409
    for page in (again, looked):
        assert "These questions were answered on Tuesday, January 5" in body_of(page_of(page))
        assert HELP in body_of(page_of(page))
    assert [one.score for one in QuestionnaireResponse.objects.order_by("pk")] == [0, 3]
    assert QuestionnaireResponse.objects.get(questionnaire__voided_at=None).score == 0


def test_answers_sent_after_the_birth_date_was_forgotten_are_kept_after_it_is_given_again() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser, sent = Client(), sent_answers(the_patient(), before(visit), *[0] * 8, 2)
        gate = browser.post(f"{path}questions/", sent)
        assert "Nothing you marked is lost." in body_of(page_of(gate))
        assert 'name="q9" value="2"' in page_of(gate)
        wrong = browser.post(f"{path}questions/", sent | {"birth_date": "1999-01-01"})
        assert wrong.status_code == 422
        assert not QuestionnaireResponse.objects.exists()
        done = browser.post(f"{path}questions/", sent | {"birth_date": "1980-02-03"}, follow=True)

    assert "We have your answers." in body_of(page_of(done))
    assert ClinicianTask.objects.count() == 1


def test_what_was_being_answered_while_the_visit_moved_is_kept_though_the_link_shows_nothing() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser, sent = knowing(path), sent_answers(the_patient(), before(visit), *[0] * 8, 1)
        desk = factories.create_actor(visit.clinic, Role.FRONT_DESK)
        move(appointment=visit, start=visit.period.lower + timedelta(hours=2), by=desk, now=before(visit))
        shown = browser.get(f"{path}questions/")
        kept = browser.post(f"{path}questions/", sent)

    assert "Something has changed" in page_of(shown)
    assert kept.status_code == 302
    assert ClinicianTask.objects.count() == 1


def test_what_was_being_answered_while_the_visit_was_cancelled_is_kept() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser, sent = knowing(path), sent_answers(the_patient(), before(visit))
        desk = factories.create_actor(visit.clinic, Role.FRONT_DESK)
        cancel(appointment=visit, side=CancelledBy.PATIENT, reason="ill", by=desk, now=before(visit))
        browser.post(f"{path}questions/", sent)

    assert QuestionnaireResponse.objects.count() == 1


@pytest.mark.parametrize("asked", ["", "before/1/phq-9", "asked/9/phq-9/never", "x" * 400])
def test_what_nobody_asks_is_not_kept_and_says_so(asked: str) -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        sent = sent_answers(the_patient(), before(visit)) | {"asked": asked}
        answer = knowing(path).post(f"{path}questions/", sent)

    assert answer.status_code == 409
    assert "These questions are not asked any more" in body_of(page_of(answer))
    assert HELP in body_of(page_of(answer))
    assert not QuestionnaireResponse.objects.exists()


def test_a_wrong_link_opens_nothing() -> None:
    asking_link()
    assert Client().get("/v/AAAAAAAAAAAAAAAAAAAAAA/questions/").status_code == 404
    assert Client().post("/v/AAAAAAAAAAAAAAAAAAAAAA/questions/", {"q1": "1"}).status_code == 404


def test_out_of_covered_hours_nothing_is_put_and_what_is_sent_is_kept() -> None:
    path, [_, visit, *_] = asking_link()
    DutyShift.objects.update(starts_at=before(visit) + timedelta(hours=2))
    with at(before(visit)):
        browser, sent = knowing(path), sent_answers(the_patient(), before(visit), *[0] * 8, 1)
        page = body_of(page_of(browser.get(f"{path}questions/")))
        assert "A few questions can be answered here from Tuesday, January 5" in page
        assert "A few questions for you" not in page_of(browser.get(f"{path}?visits=1"))
        browser.post(f"{path}questions/", sent)

    assert QuestionnaireResponse.objects.get().questionnaire.voided_at is None
    assert ClinicianTask.objects.count() == 1


def test_when_answers_are_read_is_said_in_the_language_of_the_page_or_in_general_words() -> None:
    path, [_, visit, *_] = asking_link(language="es")
    with at(before(visit)):
        browser = knowing(path)
        assert "de lunes a viernes" in page_of(browser.get(f"{path}questions/"))
        MessageRules.objects.update(answer_hours_es="")
        page = page_of(browser.get(f"{path}questions/"))

    assert "Mon to Fri" not in page
    assert "Las leemos mientras la clínica está abierta" in unescape(page)
