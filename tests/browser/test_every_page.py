"""Axe finds nothing on any page of any role, in light and dark; lists and patient pages fit a phone; the keyboard's
focus is seen everywhere. A few pages in the browser lane, all of them in the long one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker

from tests.browser.every_page import (
    EVERYBODY,
    STRANGER,
    Site,
    broken_rules,
    looked_at,
    opened,
    pages_of,
    people,
    served_site,
    walked_through,
)
from web.access import PUBLIC, Route
from web.routes import ROUTES

pytestmark = pytest.mark.browser
# Lists, patients and series, and whatever a patient opens, are read on a phone as well.
ON_A_PHONE = frozenset({
    "patients", "patient", "series", "orders", "inbox", "reply", "calls", "not_ready", "questions", "messages", "lists",
    "tasks", "visit_tasks", "follow_up_calls", "today", "huddle", "visit", "absences", "new_patient", "clinician",
})  # fmt: skip
# The pages that the desk lives in.
SHORT = ("home", "patients", "patient", "series", "inbox", "linked_visits")


@pytest.fixture(scope="module")
def site(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    with served_site(django_db_blocker) as one:
        yield one


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """The pages that the long run has looked at."""
    return set()


def fits_a_phone(route: Route) -> bool:
    return route.name in ON_A_PHONE or route.roles is PUBLIC


def faults_of(browser: Browser, site: Site, person: str, route: Route, *, seen: set[str] | None = None) -> list[str]:
    """What is wrong with a page; one whose words and parts were `seen` as somebody else sees them is not looked at."""
    page = site.page(browser, person)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(f"an error: {error}"))
    page.on("console", lambda word: said.append(word.text) if "Content Security" in word.text else None)
    wrong = opened(page, site, route)
    if not wrong and is_new(page, seen):
        wrong = [*looked_at(page, phone=fits_a_phone(route)), *walked_through(page)]
    page.context.close()
    return [f"{route.name} as {person}: {fault}" for fault in [*wrong, *said]]


def is_new(page: Page, seen: set[str] | None) -> bool:
    """Whether the page is another than those that were seen; the bar around it counts for itself."""
    parts = page.evaluate("[document.querySelector('.bar')?.textContent, document.querySelector('main').innerHTML]")
    new = {re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", part) for part in parts if part} - (seen or set())
    if seen is not None:
        seen |= new
    return bool(new)


@pytest.mark.parametrize("name", SHORT)
def test_the_desks_pages_are_accessible(browser: Browser, site: Site, name: str) -> None:
    route = next(route for route in ROUTES if route.name == name)
    wrong = faults_of(browser, site, STRANGER if route.roles is PUBLIC else EVERYBODY, route)
    assert not wrong, "\n".join(wrong)


@pytest.mark.faults
@pytest.mark.parametrize("person", people())
def test_every_page_is_accessible(browser: Browser, site: Site, seen: set[str], person: str) -> None:
    wrong = [fault for route in pages_of(person) for fault in faults_of(browser, site, person, route, seen=seen)]
    assert not wrong, "\n".join(wrong)


def test_what_is_wrong_would_be_found(browser: Browser, site: Site) -> None:
    """Control: a button without a name, one too small, grey on grey, something too wide, and a bar over all."""
    page = site.page(browser, STRANGER)
    page.goto("/sign-in/")
    page.evaluate("""() => {
      document.getElementById("main").insertAdjacentHTML("beforeend",
        '<button></button><p><button class="small">x</button><button class="small">y</button></p>'
        + '<a id="lost" href="/">lost</a>' + '<p class="grey">grey</p><div class="wide">wide</div>');
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`.small { width: 12px; height: 12px; padding: 0; margin: 0; border: 0 }
        .grey { color: #999; background: #aaa } .wide { width: 1400px }
        .over { position: fixed; inset: 0; z-index: 99 } #lost { outline: none !important }`);
      document.adoptedStyleSheets = [sheet];
    }""")
    wrong = " ".join(broken_rules(page))
    assert all(rule in wrong for rule in ("button-name", "color-contrast", "target-size")), wrong
    assert "is scrolled sideways at 1280" in looked_at(page)
    page.evaluate("""document.body.insertAdjacentHTML("beforeend", '<div class="over"></div>')""")
    stops = " ".join(walked_through(page))
    assert 'no mark of focus: <a id="lost"' in stops
    assert "focus hidden" in stops
    page.context.close()
