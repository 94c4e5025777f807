"""The page of an infusion that was broken off: ruled on, ruled on anew, written down by a nurse, and signed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, Clinic, ExitRuling, Role, Status, User
from scheduling.visits import record_step
from tests import factories
from tests.factories import NOT_TODAY, checks_for
from tests.scheduling.running import NINE, book, minutes, nurse
from tests.web.pages import DESK, NURSE, PRESCRIBER, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_ten")]


@pytest.fixture
def at_ten() -> Iterator[None]:
    with time_machine.travel(NINE + minutes(60), tick=False):
        yield


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=3, nurses=2)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    """Begun at a quarter past nine, and broken off five minutes later."""
    visit, by = book(clinic), nurse(clinic)
    for after, to in enumerate((Status.ARRIVED, Status.SEATED, Status.INFUSING)):
        at = NINE + minutes(13 + after)
        record_step(appointment=visit, to=to, happened_at=at, checks=checks_for(to), by=by, now=at)
    gone = NINE + minutes(20)
    record_step(appointment=visit, to=Status.STOPPED_EARLY, happened_at=gone, checks=NOT_TODAY, by=by, now=gone)
    return visit


@pytest.fixture
def lee(clinic: Clinic) -> User:
    return factories.create_user(clinic, PRESCRIBER)


@pytest.fixture
def browser(lee: User) -> Client:
    client = Client()
    client.force_login(lee)
    return client


def path_of(visit: Appointment) -> str:
    return f"/clinician/exits/{visit.pk}/"


def rule(client: Client, visit: Appointment, ruling: str, **said: object) -> str:
    """Presses a button of the page as it stands."""
    made = ExitRuling.objects.order_by("pk").last()
    sent = {"ruling": ruling, "seen": made.pk if made else 0, "reason": ""}
    return page_of(client.post(path_of(visit), {**sent, **said}, follow=True))


def test_a_prescriber_rules_and_the_desk_reads_nothing_of_why(
    clinic: Clinic, visit: Appointment, browser: Client
) -> None:
    assert "Unwell" in page_of(browser.get(path_of(visit)))
    desk = signed_in(clinic, DESK)
    assert desk.get(path_of(visit)).status_code == 403
    assert "waits for the prescriber" in page_of(desk.get(f"/series/{visit.order_id}/"))
    page = rule(browser, visit, "repeated", reason="gone at 5")
    assert "It is given again, under the same number." in page
    assert "It stands so already." in rule(browser, visit, "repeated")
    page = page_of(desk.get(f"/series/{visit.order_id}/"))
    assert page.count("Infusion 1 of 6") == 2
    assert "gone at 5" not in page


def test_what_was_ruled_is_shown_and_may_be_changed(visit: Appointment, browser: Client) -> None:
    rule(browser, visit, "repeated", reason="gone at 5")
    page = page_of(browser.get(path_of(visit)))
    assert "<summary>Change what was said</summary>" in page
    assert ('value="counts"' in page, 'value="repeated"' in page) == (True, False)
    page = rule(browser, visit, "counts", reason="no day is left")
    for words in ("gone at 5", "no day is left", "It counts.", "(earlier)"):
        assert words in page, words
    visit.refresh_from_db()
    assert not visit.is_repeated
    order = page_of(browser.get(f"/clinician/orders/{visit.order_id}/"))
    assert ("What was ruled" in order, "waits for a ruling" in order) == (True, False)


def test_a_stale_page_writes_nothing_over_a_newer_ruling(visit: Appointment, browser: Client) -> None:
    rule(browser, visit, "counts")
    page = rule(browser, visit, "repeated", seen=0)
    assert "Somebody ruled on this meanwhile." in page
    assert ExitRuling.objects.count() == 1


def test_what_is_booked_again_is_to_be_cancelled_first(clinic: Clinic, visit: Appointment, browser: Client) -> None:
    rule(browser, visit, "repeated")
    desk, friday = factories.create_actor(clinic, Role.FRONT_DESK), NINE + minutes(3 * 24 * 60)
    order = visit.order
    assert order is not None
    [again] = book_series(order=order, clinic=clinic, picks=[Pick(1, friday)], by=desk, now=NINE + minutes(60))
    page = page_of(browser.get(path_of(visit)))
    assert "It is booked again for Fri, Jan 8 at 9:00 AM: cancel that visit first" in page
    assert f'href="/visits/{again.pk}/"' in page
    assert "It counts after all" not in page
    assert "is booked again for Fri, Jan 8 at 9:00 AM. Cancel that visit first." in rule(browser, visit, "counts")


def test_a_nurse_writes_down_what_was_said_and_the_prescriber_signs_it(
    clinic: Clinic, visit: Appointment, lee: User, browser: Client
) -> None:
    client = signed_in(clinic, NURSE)
    page = page_of(client.get(path_of(visit)))
    assert "They are asked to counter-sign it." in page
    said = {"decided_by": lee.pk, "heard_at": "09:30", "reason": "half is enough"}
    assert "Read it back first. It counts only then." in rule(client, visit, "counts", **said)
    assert "after the infusion began" in rule(
        client, visit, "counts", **{**said, "heard_at": "09:05", "read_back": "1"}
    )
    page = rule(client, visit, "counts", **said, read_back="1")
    assert "Heard and read back by" in page
    made = ExitRuling.objects.get()
    assert (made.counts, made.decided_by, made.decided_at) == (True, lee, NINE + minutes(30))
    inbox = page_of(browser.get("/clinician/"))
    assert "Infusion 1 of 6 was broken off: it counts" in inbox
    assert "half is enough" in inbox
    assert f'href="{path_of(visit)}"' in inbox
    assert "Signed:" in page_of(browser.post(f"/clinician/said/ruling/{made.pk}/sign/", follow=True))
    assert "was broken off: it counts" not in page_of(browser.get("/clinician/"))
