"""Another language or text size in the middle of a questionnaire: what was marked stays, and nothing is sent by it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from notifications.models import Message
from scheduling.models import Patient, QuestionnaireResponse
from scheduling.questionnaires.instruments import INSTRUMENTS
from tests.web.pages import NURSE, page_of, signed_in
from tests.web.patient.world import body_of, knowing
from tests.web.questionnaires.world import asking_link, at, before, sent_answers
from web.display import COOKIE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
WORDS = INSTRUMENTS["phq-9"].words
# Five of the nine.
MARKS = (0, 1, 2, 3, 1, None, None, None, None)


def the_patient() -> Patient:
    return Message.objects.latest("written_at").patient


def marked(page: str) -> list[str]:
    return re.findall(r'name="(q\d)" value="\d" checked', page)


def choices(page: str) -> list[str]:
    """The buttons above the page, by what they send and to which form."""
    top = page.partition('class="patient__top"')[2].partition("<main")[0]
    return re.findall(r'<button class="choice[^"]*" (.*?) (?:lang|aria-label)=', top)


def test_the_choices_are_buttons_of_the_answers_own_form() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        page = page_of(knowing(path).get(f"{path}questions/"))
    assert choices(page) == [
        f'form="answers" name="{name}" value="{value}"'
        for name, values in (("show_in", ("en", "es")), ("show_size", ("normal", "large", "larger")))
        for value in values
    ]
    assert f'action="{path}questions/" id="answers"' in page
    first = re.search(r"<button[^>]*form=\"answers\"[^>]*>", page)
    assert first is not None
    assert "name=" not in first[0], "who presses Enter sends the answers, and chooses no language"
    assert "hidden" in first[0]


def test_what_was_marked_stays_under_the_words_of_the_other_language() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser, sent = knowing(path), sent_answers(the_patient(), before(visit), *MARKS)
        answer = browser.post(f"{path}questions/", sent | {"show_in": "es"})
        page = page_of(answer)
        later = page_of(browser.get(path))
    assert (answer.status_code, '<html lang="es"' in page, '<html lang="es"' in later) == (200, True, True)
    assert WORDS["es"].questions[0] in page
    assert 'name="language" value="es"' in page
    assert marked(page) == ["q1", "q2", "q3", "q4", "q5"]
    assert "Todavía" not in body_of(page), "nobody has sent it yet, so nothing is missing"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert not QuestionnaireResponse.objects.exists()


def test_what_was_marked_stays_in_larger_text() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser, sent = knowing(path), sent_answers(the_patient(), before(visit), *MARKS)
        page = page_of(browser.post(f"{path}questions/", sent | {"show_size": "larger"}))
        later = page_of(browser.get(path))
    assert ('class="text-larger"' in page, 'class="text-larger"' in later) == (True, True)
    assert marked(page) == ["q1", "q2", "q3", "q4", "q5"]
    assert WORDS["en"].questions[0] in page


def test_a_whole_sheet_and_a_hard_answer_are_not_sent_by_a_choice() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser, sent = knowing(path), sent_answers(the_patient(), before(visit), *[0] * 8, 3)
        page = page_of(browser.post(f"{path}questions/", sent | {"show_in": "es"}))
    assert len(marked(page)) == 9
    assert not QuestionnaireResponse.objects.exists()


@pytest.mark.parametrize("chosen", [{"show_in": "xx"}, {"show_size": "huge"}, {"show_in": "", "show_size": ""}])
def test_what_is_no_choice_shows_the_page_as_it_was(chosen: dict[str, str]) -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser, sent = knowing(path), sent_answers(the_patient(), before(visit), *MARKS)
        page = page_of(browser.post(f"{path}questions/", sent | chosen))
    assert '<html lang="en" class="text-normal">' in page
    assert len(marked(page)) == 5
    assert settings.LANGUAGE_COOKIE_NAME not in browser.cookies
    assert COOKIE not in browser.cookies


def test_answers_are_carried_through_the_birth_date_in_another_language_too() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser, sent = Client(), sent_answers(the_patient(), before(visit), *MARKS)
        for _again in range(2):
            page = page_of(browser.post(f"{path}questions/", sent | {"show_in": "es", "birth_date": "1980-02-03"}))
            assert re.findall(r'name="q\d" value="(\d)"', page) == ["0", "1", "2", "3", "1"]
            assert 'value="1980-02-03"' in page
            assert 'form="answers" name="show_in"' in page
            assert "No se pierde nada de lo que marcó." in body_of(page)
            assert WORDS["es"].questions[0] not in page, "only who knows the birth date reads the questions"


def test_what_is_not_asked_any_more_is_not_lost_by_a_choice_and_shown_to_nobody_anew() -> None:
    """It was answered in another window meanwhile."""
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser, sent = knowing(path), sent_answers(the_patient(), before(visit), *MARKS)
        browser.post(f"{path}questions/", sent | {"as_it_is": "1"})
        assert len(marked(page_of(browser.post(f"{path}questions/", sent | {"show_in": "es"})))) == 5
        empty = browser.post(f"{path}questions/", {"asked": sent["asked"], "show_in": "es"})
        unknown = browser.post(f"{path}questions/", sent | {"asked": "before/1/phq-9", "show_in": "es"})
    assert (empty.status_code, unknown.status_code) == (409, 409)


def test_on_the_clinics_tablet_it_is_the_same() -> None:
    _path, [_, visit, *_] = asking_link()
    patient = the_patient()
    with at(before(visit)):
        browser, sent = signed_in(visit.clinic, NURSE), sent_answers(patient, before(visit), *MARKS)
        browser.post(reverse("hand_over", args=[patient.pk]))
        assert 'form="answers" name="show_in"' in page_of(browser.get(reverse("tablet")))
        page = page_of(browser.post(reverse("tablet"), sent | {"show_in": "es"}))
        assert WORDS["es"].questions[0] in page
        assert len(marked(page)) == 5
        assert not QuestionnaireResponse.objects.exists()
    with at(before(visit) + timedelta(minutes=31)):
        browser.post(reverse("tablet"), sent | {"show_in": "es"})
    assert QuestionnaireResponse.objects.count() == 1, "shown no more, and not lost"
