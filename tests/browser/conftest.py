"""A server on the test's own database, and the browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright
from pytest_django import Settings

from scheduling.models import Clinic
from tests.browser.test_shell import CHROMIUM, FLAGS, wait_for
from tests.databases import Committed


@pytest.fixture
def served(clinic: Clinic, committed_database: Committed, settings: Settings) -> Iterator[str]:
    """The address of a server on the test's own database; links in messages lead there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    settings.PUBLIC_URL = f"http://{address}"
    environment = os.environ | committed_database.environment
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "PUBLIC_URL": settings.PUBLIC_URL}
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", address, "--threads", "4"]
    server = subprocess.Popen([*command, "--no-control-socket"], env=environment)
    try:
        wait_for(f"http://{address}/sign-in/")
        yield settings.PUBLIC_URL
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        # In the loop of the browser Django has connections of its own, and the test's database is about to go.
        connections.close_all()
        chromium.close()
