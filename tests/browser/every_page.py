"""Every page of the route table with something on it, served at the time of its example, and what each page must be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker

from scheduling.models import Role
from tests import databases, factories
from tests.browser.server import serving
from tests.counts import count
from tests.factories import NOW
from tests.web.matrix.example import Example
from tests.web.matrix.examples import make_example
from tests.web.matrix.sending import address, under_way
from web.access import PUBLIC, Route
from web.routes import ROUTES

# Whoever is not signed in, and the patient whose link was opened with their birth date.
STRANGER, EVERYBODY = "stranger", "everybody"
# What is no page of its own: files, and what a page fetches.
NO_PAGE: Final = frozenset(
    {
        "calendar_linked",
        "calendar_feed",
        "robots",
        "setup_yaml",
        "board_changes",
        "station_changes",
        "today_changes",
        "list_changes",
        "list_counts",
        "change_bar",
        "visit_places",
        "refused_form",
    }
)
ALL_RULES: Final = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
COLOURS_ALONE: Final = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
# What moves is let come to rest before it is looked at.
DRAWN: Final = """async () => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  await Promise.allSettled(document.getAnimations().map((each) => each.finished));
}"""
# A stop of the keyboard shows where it is and is not beneath something that stays on top.
STOP: Final = """() => {
  const one = document.activeElement;
  window.stops ??= new WeakSet();
  if (!one || one === document.body || window.stops.has(one)) return null;
  window.stops.add(one);
  const shown = one.matches("[type=checkbox], [type=radio]") ? one.closest("label") || one : one;
  const box = shown.getBoundingClientRect();
  const around = [one, ...one.querySelectorAll("*"), one.closest("label")].filter(Boolean);
  const beside = around.map((each) => getComputedStyle(each));
  const marked = beside.some((each) => (each.outlineStyle !== "none" && parseFloat(each.outlineWidth) >= 2)
    || each.boxShadow !== "none");
  const [x, y] = [Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 2), box.y + box.height / 2];
  const spots = [[x, y], [x, box.top + 2], [x, box.bottom - 2], [box.left + 2, y]];
  const seen = spots.some(([left, top]) => {
    const top_most = document.elementFromPoint(left, top);
    return top_most && (one.contains(top_most) || top_most.contains(one) || shown.contains(top_most));
  });
  return { html: one.outerHTML.slice(0, 120), marked, seen };
}"""
MOST_STOPS: Final = 70


@dataclass(frozen=True)
class Site:
    """Where it is served, what is on it, and the cookies of everybody who may come."""

    url: str
    example: Example
    cookies: dict[str, list[dict[str, str]]]

    def page(self, browser: Browser, person: str, *, width: int = 1280) -> Page:
        """A page of this person's own browser; what its console says is an error of the page."""
        context = browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            color_scheme="light",
        )
        context.add_cookies(self.cookies[person])  # type: ignore[arg-type]  # playwright's own record
        return context.new_page()


@contextmanager
def served_site(blocker: DjangoDbBlocker) -> Iterator[Site]:
    """The example in a database of its own, at its own time, with a server in this process."""
    database = databases.clone(databases.next_name())
    with blocker.unblock(), databases.default_connection_at(database.name), time_machine.travel(NOW, tick=False):
        example = make_example(factories.create_organisation("Ours"), "seen")
        under_way(example)
        with serving() as url:
            yield Site(url, example, {person: cookies_of(example, person, url) for person in people()})
    databases.drop(database.name)


def people() -> list[str]:
    """Somebody with every role sees every page; the desk and nurses see some of them without what others may do."""
    return [EVERYBODY, STRANGER, Role.FRONT_DESK, Role.NURSE]


def cookies_of(example: Example, person: str, url: str) -> list[dict[str, str]]:
    client = Client()
    if person == STRANGER:
        client.post(f"/v/{example.values['token']}/birth-date/", {"birth_date": "1980-02-03"})
    else:
        roles = list(Role) if person == EVERYBODY else [Role(person)]
        client.force_login(factories.create_user(example.clinic, *roles, username=f"sees-{person}"))
    return [{"name": name, "value": morsel.value, "url": url} for name, morsel in client.cookies.items()]


def pages_of(person: str) -> list[Route]:
    """The pages that the table opens for somebody: what everybody may open is looked at as a stranger alone."""
    pages = [route for route in ROUTES if "GET" in route.methods and route.name not in NO_PAGE]
    if person == STRANGER:
        return [route for route in pages if route.roles is PUBLIC]
    held = set(Role) if person == EVERYBODY else {Role(person)}
    inside = [route for route in pages if route.roles is not PUBLIC]
    return [route for route in inside if not isinstance(route.roles, frozenset) or route.roles & held]


def opened(page: Page, site: Site, route: Route) -> list[str]:
    """Opens it; what is wrong with the answer."""
    path = address(site.example, route)
    answer = page.goto(path)
    count("pages opened in Chromium")
    if answer is None or answer.status >= 500 or answer.status in (403, 423):
        return [f"{path}: {answer and answer.status}"]
    return []


def broken_rules(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """What axe finds, with targets of 24 pixels; axe leaves in-line links and those with room around them."""
    page.evaluate(DRAWN)
    found = Axe().run(page, options=options or ALL_RULES).response["violations"]
    count("pages that axe looked at")
    return [
        f"{rule['id']}: {' | '.join(' '.join(node['html'].split())[:160] for node in rule['nodes'][:4])}"
        for rule in found
    ]


def looked_at(page: Page, *, phone: bool = False) -> list[str]:
    """What is wrong with a page in light and dark, and, where it must fit a phone, at 320 pixels."""
    wrong = broken_rules(page)
    page.emulate_media(color_scheme="dark")
    wrong += [f"in the dark {said}" for said in broken_rules(page, COLOURS_ALONE)]
    page.emulate_media(color_scheme="light")
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        wrong.append("is scrolled sideways at 1280")
    if phone:
        page.set_viewport_size({"width": 320, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wrong.append("is scrolled sideways at 320")
        wrong += [f"at 320 {said}" for said in broken_rules(page)]
        page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def walked_through(page: Page) -> list[str]:
    """Stops of the keyboard that nobody sees."""
    page.evaluate("document.activeElement?.blur(), window.scrollTo(0, 0)")
    wrong: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        page.evaluate(DRAWN)
        stop = page.evaluate(STOP)
        if stop is None:
            break
        count("stops of the keyboard looked at")
        if not stop["marked"]:
            wrong.append(f"no mark of focus: {stop['html']}")
        if not stop["seen"]:
            wrong.append(f"focus hidden: {stop['html']}")
    return wrong
