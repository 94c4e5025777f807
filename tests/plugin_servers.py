"""Loaded first by pytest: picks a folder for the servers of this run, names them in the environment, shuts the network.

The servers start when the first test needs one (tests.databases, tests.redis_servers).
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.embedded import places

HERE = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "", None}  # noqa: S104 -- names of this machine


class NetworkIsOff(Exception):
    """A test tried to leave this machine."""


def run_folder() -> Path:
    """The folder of this run; the servers' account may pass through it."""
    return Path(os.environ["INFUSION_TEST_FOLDER"])


def run_places() -> places.Places:
    folder = run_folder()
    return replace(places.of_checkout(), data=folder, sockets=folder / "run")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    # Before pytest-django reads the settings.
    folder = tempfile.mkdtemp(prefix="infusion-test-")
    early_config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ["INFUSION_TEST_FOLDER"] = folder
    os.environ.update(
        DATABASE_URL=run_places().database_url("infusion_app"),
        DATABASE_OWNER_URL=run_places().database_url("infusion_owner"),
        # Nothing listens there: a test that needs Redis asks for `redis_server`.
        REDIS_URL=run_places().redis_url,
        EMAIL_URL="outbox:",
        SMS_URL="outbox:",
        PUBLIC_URL="http://testserver",
        SECRET_KEY="a key for tests",
    )
    sys.addaudithook(stay_on_this_machine)
    yield


def stay_on_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: it sees every connection and look-up that Python code of this process tries."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        refuse_unless_here(arguments[1][0])
    elif event == "socket.getaddrinfo":
        refuse_unless_here(arguments[0])


def refuse_unless_here(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name not in HERE:
        raise NetworkIsOff(f"a test tried to reach {name}")
