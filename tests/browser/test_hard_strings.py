"""Nothing that somebody typed runs in the browser: no dialog, no mark, no request elsewhere, nothing for the policy
to stop; and it is read as it was typed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker

from notifications.models import InboundMessage
from tests import factories
from tests.browser.every_page import EVERYBODY, Site, served_site
from tests.counts import count
from tests.factories import NOW
from tests.web.matrix.hard_strings import hard_strings
from tests.web.pages import book

pytestmark = pytest.mark.browser
# Whatever these strings call, they leave a mark.
MARK = """for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = (...words) => { console.error("RAN " + name + " " + words.join()); };"""
SAMPLE, ON_A_PAGE = 16, 40
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def site(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    with served_site(django_db_blocker) as one:
        yield one


def sorted_by_danger() -> Sequence[str]:
    """Those that hold markup or script come first."""
    words = [text for text in hard_strings() if text.strip()]
    return sorted(words, key=lambda text: not any(sign in text for sign in ("<", "javascript", "{{", "&", '"')))


def watched(browser: Browser, site: Site) -> tuple[Page, list[str]]:
    page = site.page(browser, EVERYBODY)
    ran: list[str] = []
    page.add_init_script(MARK)
    page.on("dialog", lambda dialog: ran.append(f"a dialog: {dialog.message}"))
    page.on("pageerror", lambda error: ran.append(f"an error: {error}"))
    page.on("console", lambda said: ran.append(said.text) if is_a_mark(said.text) else None)
    page.on("request", lambda asked: None if asked.url.startswith((site.url, "data:")) else ran.append(asked.url))
    page.on("popup", lambda opened: ran.append(f"a window: {opened.url}"))
    return page, ran


def is_a_mark(said: str) -> bool:
    return said.startswith("RAN") or "Content Security" in said or "XSS" in said


def written_to(site: Site, texts: Sequence[str]) -> list[int]:
    """Each is the name of a patient who has a visit and wrote it as well."""
    clinic = site.example.clinic
    InboundMessage.objects.filter(handled_at=None).update(handled_at=NOW)
    made, family = [], f"Hard{next(numbers)}"
    for number, text in enumerate(texts):
        patient = factories.create_patient(clinic, given_name=text[:120], family_name=family, preferred_name=text[:120])
        InboundMessage.objects.create(
            provider="hard", reference=f"{patient.pk}", channel="sms", sender="+12125550111", patient=patient,
            clinic=clinic, text=text, intent="other", received_at=NOW,
        )  # fmt: skip
        if not number:
            book(factories.create_order(clinic, patient), clinic, how_many=1)
        made.append(patient.pk)
    return made


def faults_of(browser: Browser, site: Site, texts: Sequence[str]) -> list[str]:
    patients = written_to(site, texts)
    page, ran = watched(browser, site)
    wrong: list[str] = []
    for path in ("/inbox/", "/", "/orders/", f"/patients/{patients[0]}/"):
        page.goto(path)
        read = squeezed(page.evaluate("document.body.textContent"))
        count("pages of hard strings opened in Chromium")
        if path == "/inbox/":
            wrong += [f"not read as typed: {text!r}" for text in texts if squeezed(text) not in read]
    page.goto("/patients/")
    for text in (texts[0], "Hard"):
        page.locator("input[type=search]").fill(text[:200])
        page.locator("form[role=search] button").click()
        page.wait_for_load_state()
    count("hard strings read in Chromium", len(texts))
    page.context.close()
    return wrong + [f"{said} with one of {texts!r}" for said in ran]


def squeezed(text: str) -> str:
    """As it is read: HTML tells no two kinds of empty space apart."""
    return "".join(text.split())


def test_no_typed_script_runs(browser: Browser, site: Site) -> None:
    """The worst of them; all in the long lane."""
    wrong = faults_of(browser, site, sorted_by_danger()[:SAMPLE])
    assert not wrong, "\n".join(wrong)


@pytest.mark.faults
def test_nothing_that_was_typed_runs(browser: Browser, site: Site) -> None:
    texts = sorted_by_danger()
    wrong = [
        fault
        for start in range(0, len(texts), ON_A_PAGE)
        for fault in faults_of(browser, site, texts[start : start + ON_A_PAGE])
    ]
    assert not wrong, "\n".join(wrong)


def test_a_script_that_ran_would_be_seen(browser: Browser, site: Site) -> None:
    """Control: markup that a page took for its own is stopped by the policy and seen here, and so is a call."""
    page, ran = watched(browser, site)
    page.goto("/orders/")
    page.evaluate("""document.body.insertAdjacentHTML("beforeend", '<img src=/none onerror="alert(1)">')""")
    page.wait_for_timeout(300)
    page.evaluate("alert(2)")
    assert any("Content Security" in said for said in ran)
    assert "RAN alert 2" in ran
    page.context.close()
