"""A step that is refused: what was answered is not asked again, and what was typed is still there, with what is wrong
at its field."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from scheduling.models import Appointment, Clinic, Status, User, VisitCheck
from scheduling.visits import record_step
from tests import factories
from tests.factories import WHO
from tests.scheduling.running import NINE, book, minutes, nurse
from tests.scheduling.test_step_demands import bring
from tests.web.nurse.test_step_page import STRICT, at, at_half_past, client, clinic, press
from tests.web.pages import PRESCRIBER, page_of, shows

__all__ = ["at_half_past", "client", "clinic"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_half_past")]
CONSENT: dict[str, Any] = {"code": "consent", "name": "consent and forms", "kind": "form"}
NOT_THEN = "It can't have happened then."


@pytest.fixture
def doctor(clinic: Clinic) -> User:
    return factories.create_user(clinic, PRESCRIBER)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    """Seated at ten past nine; nobody has asked about fast and ride."""
    return seated(book(clinic, template=STRICT))


def seated(visit: Appointment) -> Appointment:
    for to, checks, at_minute in ((Status.ARRIVED, WHO, 0), (Status.SEATED, (), 10)):
        then = NINE + minutes(at_minute)
        record_step(appointment=visit, to=to, happened_at=then, checks=checks, by=nurse(visit.clinic), now=then)
    return visit


def answers(visit: Appointment) -> list[tuple[str, str, bool]]:
    rows = VisitCheck.objects.filter(appointment=visit, kind__in=["fasting", "ride"]).order_by("pk")
    return [(row.kind, row.step, row.is_met) for row in rows]


def send(client: Client, visit: Appointment, to: Status, **said: str) -> str:
    """The answer itself, which has to be a page to go on with."""
    sent = {"to": to.value, "back": "today", "row_version": visit.row_version, **said}
    answer = client.post(at(visit, "step"), sent)
    assert answer.status_code == 409
    visit.refresh_from_db()
    return page_of(answer)


def field_of(page: str, name: str) -> str:
    """An input by its name, which is at fault."""
    [found] = re.findall(rf'<input [^>]*name="{name}"[^>]*aria-invalid="true"[^>]*>', page)
    return str(found)


def test_what_was_in_order_of_a_refused_start_is_written_down_and_not_asked_again(
    client: Client, visit: Appointment
) -> None:
    page = press(client, visit, Status.INFUSING, identity="birth_date", fasting="kept", ride="open")
    assert "The infusion is not started." in page
    assert answers(visit) == [("fasting", "seated", True), ("ride", "seated", False)]
    assert re.search(r'<p class="quiet small">Kept, [^<]+, 9:30 AM</p>', page)
    assert 'name="fasting" value="kept">' in page, "it is not required any more"
    press(client, visit, Status.INFUSING, identity="birth_date", ride="settled")
    assert visit.status == Status.INFUSING


def test_a_start_that_waits_for_something_needed_before_keeps_the_answers_and_leads_there(
    clinic: Clinic, client: Client
) -> None:
    visit = seated(book(clinic, template={**STRICT, "prerequisites": [CONSENT]}))
    said = {"identity": "birth_date", "fasting": "kept", "ride": "settled", "happened_at": "09:25"}
    page = press(client, visit, Status.INFUSING, **said)
    assert visit.status == Status.SEATED
    assert answers(visit) == [("fasting", "seated", True), ("ride", "seated", True)]
    assert 'name="happened_at" value="09:25"' in page
    way = f'<a href="/series/{visit.order_id}/before/">What is needed before</a>'
    assert way in page.split('aria-label="consent and forms')[1].split("</section>")[0]
    assert client.get(f"/series/{visit.order_id}/before/").status_code == 200


@pytest.mark.parametrize("wrong", ["23:59", "nine"])
def test_an_arrival_at_a_time_that_can_not_be_stays_on_its_page(clinic: Clinic, client: Client, wrong: str) -> None:
    visit = book(clinic, NINE + minutes(45), template=STRICT)
    page = send(client, visit, Status.ARRIVED, identity="phone", ride="settled", happened_at=wrong)
    assert f'value="{wrong}"' in field_of(page, "happened_at")
    assert '<details class="step__when" open>' in page
    says = NOT_THEN if wrong == "23:59" else "That time was not understood."
    assert shows(page.split('id="happened-at-error">')[1].split("</p>")[0], says)
    assert 'name="ride" value="settled" checked' in page
    assert visit.status == Status.BOOKED


def test_a_start_at_a_time_that_can_not_be_keeps_what_was_answered_in_the_form(
    client: Client, visit: Appointment
) -> None:
    said = {"identity": "birth_date", "fasting": "kept", "ride": "settled"}
    page = send(client, visit, Status.INFUSING, happened_at="15:00", **said)
    assert 'value="15:00"' in field_of(page, "happened_at")
    assert 'name="fasting" value="kept" required checked' in page
    assert 'name="ride" value="settled" checked' in page
    assert f'name="row_version" value="{visit.row_version}"' in page
    assert answers(visit) == []
    assert visit.status == Status.SEATED
    press(client, visit, Status.INFUSING, happened_at="09:20", **said)
    assert visit.given_at == NINE + minutes(20)


def test_nobody_asked_who_it_is_and_the_answers_stay(client: Client, visit: Appointment) -> None:
    page = send(client, visit, Status.INFUSING, fasting="kept", ride="settled", happened_at="09:20")
    assert "Ask who it is first" in page
    assert 'name="fasting" value="kept" required checked' in page
    assert 'name="happened_at" value="09:20"' in page


def test_what_was_typed_on_a_page_of_before_does_not_pass_for_new(client: Client, visit: Appointment) -> None:
    old = str(visit.row_version - 1)
    page = send(client, visit, Status.INFUSING, identity="phone", happened_at="x", row_version=old)
    assert f'name="row_version" value="{old}"' in page.split('aria-label="Start infusion"')[1]


def test_a_wrong_time_beside_the_board_or_of_another_step_is_said_there(client: Client, visit: Appointment) -> None:
    sent = {"to": "infusing", "identity": "phone", "happened_at": "15:00"}
    answer = client.post(at(visit, "step"), sent, headers={"HX-Request": "true"})
    assert answer.headers["Location"] == f"/visits/{visit.pk}/"
    answer = client.post(at(visit, "step"), sent | {"to": "no_such_step", "back": "today"})
    assert answer.headers["Location"] == "/today/"


def test_a_discharge_by_a_word_that_can_not_have_been_heard_then_keeps_whose_word_it_was(
    clinic: Clinic, client: Client, doctor: User
) -> None:
    visit = book(clinic, NINE - minutes(45), template=STRICT)
    bring(visit, nurse(clinic), Status.RECOVERING)
    heard = {"prescriber": str(doctor.pk), "read_back": "1", "heard_at": "07:30"}
    with time_machine.travel(NINE + minutes(70), tick=False):
        page = send(client, visit, Status.COMPLETED, **heard)
        assert 'value="07:30"' in field_of(page, "heard_at")
        assert "after the infusion was over" in page.split('id="heard-clear-error">')[1].split("</p>")[0]
        assert f'<option value="{doctor.pk}" selected>' in page
        assert 'name="read_back" value="1" required checked' in page
        press(client, visit, Status.COMPLETED, **heard | {"heard_at": "10:05"})
    assert visit.status == Status.COMPLETED


def test_a_word_about_a_fast_says_which_day_a_time_still_to_come_was_taken_for(
    client: Client, visit: Appointment, doctor: User
) -> None:
    press(client, visit, Status.INFUSING, identity="birth_date", fasting="broken")
    said = {"kind": "fasting", "reason": "black coffee", "prescriber": str(doctor.pk), "read_back": "1"}
    page = page_of(client.post(at(visit, "pass"), {**said, "heard_at": "x"}))
    assert shows(page.split('id="heard-fasting-error">')[1].split("</p>")[0], "That time was not understood.")
    assert 'value="black coffee"' in page
    assert not VisitCheck.objects.filter(appointment=visit, passed_by=doctor).exists()
    page = page_of(client.post(at(visit, "pass"), {**said, "heard_at": "23:50"}, follow=True))
    assert "Written down as heard Monday, January 4 at 11:50 PM. If it was today, write it down once more." in page
    page = page_of(client.post(at(visit, "pass"), {**said, "heard_at": "08:50"}, follow=True))
    assert "Written down." in page
