"""A server on the test's own database, and the browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright
from pytest_django import Settings

from scheduling.models import Clinic
from tests.browser.server import serving
from tests.browser.test_shell import CHROMIUM, FLAGS
from tests.databases import Committed
from web.frontdesk import board_day
from web.frontdesk.drawn_days import DrawnDays


@pytest.fixture
def served(
    clinic: Clinic, committed_database: Committed, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The address of a server on the test's own database; links in messages lead there."""
    # A day drawn for another test's database has the same numbers.
    monkeypatch.setattr(board_day, "DAYS", DrawnDays())
    with serving() as address:
        settings.PUBLIC_URL = address
        yield address


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        # In the loop of the browser Django has connections of its own, and the test's database is about to go.
        connections.close_all()
        chromium.close()
