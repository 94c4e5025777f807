"""What every page is made of, in a real browser: accessible in both themes, usable by keyboard, within the CSP."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.people import is_accessible, is_not_scrolled_sideways

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PAGES = ("/sign-in/", "/gallery/", "/gallery/patient/", "/no/such/page/")


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The address of a server of the module's own. Its pages need no database, because nobody signs in."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", address, "--threads", "4"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    server = subprocess.Popen([*command, "--no-control-socket"], env=environment)
    try:
        wait_for(f"http://{address}/sign-in/")
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(10)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 -- our own server
        except (URLError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    context = browser.new_context(base_url=served, reduced_motion="reduce", color_scheme="light")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (320, "dark")])
def test_page_is_accessible(browser: Browser, served: str, path: str, theme: str, width: int) -> None:
    context = browser.new_context(
        base_url=served,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda message: broken.append(message.text) if "Content Security" in message.text else None)
    page.goto(path)
    is_accessible(page)
    is_not_scrolled_sideways(page)
    assert broken == []
    context.close()


def test_skip_link_comes_first_and_leads_to_the_page(page: Page) -> None:
    page.goto("/gallery/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_theme_is_changed_by_a_button_and_kept(page: Page) -> None:
    page.goto("/gallery/")
    button = page.get_by_role("button", name="Change between light and dark")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_menu_opens_by_keyboard_and_escape_gives_the_focus_back(page: Page) -> None:
    page.goto("/gallery/")
    opener = page.locator("summary", has_text="Language")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Español")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Español")).to_be_hidden()
    expect(opener).to_be_focused()


def test_language_is_changed_and_the_page_stays(page: Page) -> None:
    page.goto("/gallery/patient/")
    page.get_by_role("button", name="Español").click()
    expect(page).to_have_url(re.compile("/gallery/patient/$"))
    expect(page.get_by_role("heading", name="Su próxima visita")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_text_grows(page: Page) -> None:
    page.goto("/gallery/patient/")
    size = "parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)"
    before = page.evaluate(size)
    page.get_by_role("button", name="larger text").click()
    expect(page.get_by_role("button", name="larger text")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(size) == pytest.approx(before * 1.4)


def test_targets_are_large_enough(page: Page) -> None:
    for path in PAGES:
        page.goto(path)
        small = page.evaluate(
            """[...document.querySelectorAll("button, summary, select, input:not([type=hidden]), .button, .menu__link")]
               .filter((target) => target.checkVisibility())
               .map((target) => [target.outerHTML.slice(0, 80), target.getBoundingClientRect()])
               .filter(([, box]) => box.width && (box.width < 24 || box.height < 24)).map(([html]) => html)"""
        )
        assert small == [], path


def test_page_works_without_javascript(browser: Browser, served: str) -> None:
    context = browser.new_context(base_url=served, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in/")
    page.locator("summary", has_text="Language").click()
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", name="Iniciar sesión")).to_be_visible()
    context.close()
