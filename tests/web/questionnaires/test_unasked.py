"""Whatever became of a questionnaire while it was being answered, what is sent is kept: by link, on the tablet, by
phone. The static text on help stands there for all."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from notifications.links import visits_told
from notifications.models import Message
from scheduling.models import Clinic, ClinicianTask, Order, Patient, Questionnaire, QuestionnaireResponse, Role
from scheduling.questionnaires.by_hand import ask, withdraw
from tests import factories
from tests.scheduling.questionnaires.world import DAY_BEFORE, booked, by_link, one_asked, order_that_asks
from tests.web.pages import NURSE, page_of, signed_in
from tests.web.patient.world import body_of, knowing
from tests.web.questionnaires.world import asking_link, at, before, sent_answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
HELP = "In an emergency call 911"
NINTH = {f"q{number}": "0" for number in range(1, 9)} | {"q9": "1"}
HALF = {"q9": "1"}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def the_patient() -> Patient:
    return Message.objects.latest("written_at").patient


def withdrawn(order: Order, now: datetime) -> str:
    """The key of a sheet that a clinician asked and took back."""
    clinic = order.sites.get()
    nurse = factories.create_actor(clinic, Role.NURSE)
    row = ask(order=order, clinic=clinic, instrument="phq-9", days=3, by=nurse, now=now)
    withdraw(questionnaire=row, by=nurse, now=now)
    return row.ask_key


def kept_apart() -> QuestionnaireResponse:
    response = QuestionnaireResponse.objects.select_related("questionnaire").latest("pk")
    assert response.questionnaire.voided_at is not None
    assert ClinicianTask.objects.get(response=response).is_urgent
    return response


@pytest.mark.parametrize("marks", [NINTH, HALF], ids=["whole", "half"])
def test_by_link_what_was_withdrawn_is_kept_and_help_is_shown(marks: dict[str, str]) -> None:
    path, [_, visit, *_] = asking_link()
    now = before(visit)
    with at(now):
        assert visit.order is not None
        sent = {"asked": withdrawn(visit.order, now), "language": "en", **marks}
        answer = knowing(path).post(f"{path}questions/", sent)

    page = body_of(page_of(answer))
    assert answer.status_code == 200
    assert "What you answered is kept all the same" in page
    assert HELP in page
    assert kept_apart().how == "link"


def test_by_link_other_answers_than_the_first_are_kept_beside_them() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser, sent = knowing(path), sent_answers(the_patient(), before(visit))
        browser.post(f"{path}questions/", sent)
        again = browser.post(f"{path}questions/", sent | {"q9": "3"})

    assert "Those answers stay." in page_of(again)
    assert "What you sent now is kept beside them." in page_of(again)
    assert kept_apart().answers[-1] == 3


def test_an_empty_sheet_after_an_answer_says_when_it_was_answered() -> None:
    path, [_, visit, *_] = asking_link()
    with at(before(visit)):
        browser, sent = knowing(path), sent_answers(the_patient(), before(visit))
        browser.post(f"{path}questions/", sent)
        again = browser.post(f"{path}questions/", {"asked": sent["asked"]})

    assert again.status_code == 409
    assert "Those answers stay." in page_of(again)


def test_a_link_that_was_over_before_the_answers_came_takes_them_for_a_week_and_opens_nothing() -> None:
    path, [first, *_] = asking_link()
    asking, over = sent_answers(the_patient(), before(first)), _link_over(Message.objects.latest("written_at"))
    for days, status, kept in ((1, 200, 1), (8, 404, 1)):
        with at(over + timedelta(days=days)):
            browser = Client()
            assert browser.get(f"{path}questions/").status_code == 404
            gate = browser.post(f"{path}questions/", asking | {"q9": str(days)})
            answer = browser.post(f"{path}questions/", asking | {"q9": str(days), "birth_date": "1980-02-03"})
        assert gate.status_code == answer.status_code == status
        assert QuestionnaireResponse.objects.count() == kept
    assert QuestionnaireResponse.objects.get().needs_clinician


def _link_over(message: Message) -> datetime:
    ends: list[datetime] = [visit.period.upper for visit in visits_told(message)]
    return max(ends)


def test_on_the_tablet_what_was_withdrawn_is_kept(clinic: Clinic) -> None:
    order = order_that_asks(clinic)
    booked(order, clinic)
    with at(DAY_BEFORE):
        browser = _with_tablet(clinic, order)
        answer = browser.post(reverse("tablet"), {"asked": withdrawn(order, DAY_BEFORE), **HALF})

    assert answer.status_code == 200
    assert "What you answered is kept all the same" in page_of(answer)
    assert kept_apart().entered_by is not None


def test_a_tablet_whose_half_hour_is_over_takes_what_was_marked_and_shows_nothing(clinic: Clinic) -> None:
    order = order_that_asks(clinic)
    booked(order, clinic)
    with at(DAY_BEFORE):
        browser, asking = _with_tablet(clinic, order), one_asked(order.patient, DAY_BEFORE)
    with at(DAY_BEFORE + timedelta(minutes=31)):
        answer = browser.post(reverse("tablet"), {"asked": asking.key, **HALF})
        assert browser.get(reverse("tablet")).status_code == 410

    assert "We have your answers." in page_of(answer)
    assert QuestionnaireResponse.objects.get().needs_clinician


def test_by_phone_half_of_what_was_withdrawn_is_kept_and_the_text_to_read_out_is_shown(clinic: Clinic) -> None:
    order = order_that_asks(clinic)
    with at(DAY_BEFORE):
        browser, key = signed_in(clinic, NURSE), withdrawn(order, DAY_BEFORE)
        opened = browser.post(reverse("enter_answers", args=[order.patient_id]), {"asked": key}, follow=True)
        sent = {"asked": key, "language": "en", "how": "phone", "send": "whole", **HALF}
        answer = browser.post(reverse("enter_answers", args=[order.patient_id]), sent, follow=True)

    assert "Nothing was changed." in page_of(opened)
    page = unescape(page_of(answer))
    assert "kept apart" in page
    assert HELP in page
    assert "Sent when it was not asked any more" in page
    assert kept_apart().how == "phone"


def test_by_phone_the_text_to_read_out_is_shown_whatever_was_answered(clinic: Clinic) -> None:
    patient = factories.create_patient(clinic, language="es")
    order = order_that_asks(clinic, patient)
    booked(order, clinic)
    with at(DAY_BEFORE):
        browser, key = signed_in(clinic, NURSE), one_asked(patient, DAY_BEFORE).key
        zeros = {f"q{number}": "0" for number in range(1, 10)}
        sent = {"asked": key, "language": "es", "how": "phone", "send": "whole", **zeros}
        answer = browser.post(reverse("enter_answers", args=[patient.pk]), sent, follow=True)

    assert "Read this out at the end" in page_of(answer)
    assert "911" in page_of(answer)


def test_the_chart_leaves_them_out_and_the_response_says_so(clinic: Clinic) -> None:
    order = order_that_asks(clinic)
    booked(order, clinic)
    by_link(one_asked(order.patient, DAY_BEFORE), [1] * 9, DAY_BEFORE)
    with at(DAY_BEFORE):
        browser = signed_in(clinic, NURSE)
        sent = {"asked": withdrawn(order, DAY_BEFORE), "how": "phone", "send": "whole", **NINTH}
        page = page_of(browser.post(reverse("enter_answers", args=[order.patient_id]), sent, follow=True))
        response = page_of(browser.get(reverse("response", args=[kept_apart().pk])))

    assert page.count('class="chart__sum"') == 1
    assert "(sent when it was not asked any more)" in response


def _with_tablet(clinic: Clinic, order: Order) -> Client:
    browser = signed_in(clinic, NURSE)
    browser.post(reverse("hand_over", args=[order.patient_id]))
    return browser


def test_a_stranger_to_the_sheet_keeps_nothing(clinic: Clinic) -> None:
    order = order_that_asks(clinic)
    booked(order, clinic)
    key = one_asked(order.patient, DAY_BEFORE).key
    with at(DAY_BEFORE):
        other = order_that_asks(clinic)
        browser = _with_tablet(clinic, other)
        answer = browser.post(reverse("tablet"), {"asked": key, **NINTH})

    assert answer.status_code == 409
    assert not Questionnaire.objects.exists()
