"""Who sits at a browser, and what every page they see must be."""

from __future__ import annotations

from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

# A visit so far ahead does not begin while a test looks at it, and there is time left to tell of it.
NOT_YET = timedelta(days=1)


def signed_in(browser: Browser, served: str, name: str, *, in_the_dark: bool = False) -> Page:
    page = browser.new_context(
        base_url=served,
        reduced_motion="reduce",
        viewport={"width": 1280, "height": 900},
        color_scheme="dark" if in_the_dark else "light",
    ).new_page()
    page.goto("/sign-in/")
    form = page.get_by_role("region", name="Sign in")
    form.get_by_label("Username").fill(name)
    form.get_by_label("Password").fill("password")
    form.get_by_role("button", name="Sign in").click()
    # Whoever goes on at once would leave before the answer with the session has come.
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    return page


def is_accessible(page: Page) -> None:
    has_come(page)
    violations = Axe().run(page).response["violations"]
    found = [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations]
    assert not found, f"{page.url}: {found}"


def has_come(page: Page) -> None:
    """A click comes back when its answer begins: what looks at the page at once may find that there is none yet."""
    page.wait_for_load_state()


def is_not_scrolled_sideways(page: Page) -> None:
    has_come(page)
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over == 0, (page.url, page.viewport_size)


def fits_a_phone(page: Page) -> None:
    """Nothing is scrolled sideways, and axe finds nothing, on a phone."""
    before = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 800})
    is_not_scrolled_sideways(page)
    is_accessible(page)
    if before:
        page.set_viewport_size(before)
