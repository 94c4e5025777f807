"""The web program on a benchmark's database: gunicorn with sync workers, as it runs in use, and a signed-in browser."""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.test import Client

from bench.databases import Database
from config.embedded.places import ROOT
from scheduling.models import Clinic, User
from tests.programs import free_port, kill_group, wait_for
from web.current_clinic import SESSION_KEY

WEB_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Browser:
    """Somebody at a page. Sync workers close each connection, so every page is a new one."""

    port: int
    session: str = ""

    @classmethod
    def signed_in(cls, port: int, user: User, clinic: Clinic) -> Browser:
        """Someone who works at this clinic, and has chosen it."""
        client = Client()
        client.force_login(user)
        session = client.session
        session[SESSION_KEY] = clinic.pk
        session.save()
        return cls(port, client.cookies["sessionid"].value)

    def get(self, path: str) -> str:
        """The page's text; refuses any answer but 200 (AssertionError)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={"Cookie": f"sessionid={self.session}"})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status != 200:
            raise AssertionError(f"{path} was answered with {answer.status}")
        return text


@contextmanager
def web_server(database: Database, *, settings: str = "config.settings") -> Iterator[int]:
    """Starts the web program on the database and gives its port; all of it is gone afterwards."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="infusion-bench-web-") as folder:
        environment = database.environment | {
            "DJANGO_SETTINGS_MODULE": settings,
            "PORT": str(port),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "STATIC_ROOT": str(Path(folder) / "static"),
            "RUN_FOLDER": folder,
            "WEB_PROCESSES": str(WEB_PROCESSES),
        }
        if settings == "config.settings":
            _run([sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"], environment)
        with (Path(folder) / "log").open("wb") as log:
            web = subprocess.Popen(
                [sys.executable, "-m", "config.processes", "web"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for(lambda: web.poll() is None and _answers(Browser(port)), seconds=30)
            yield port
        finally:
            web.terminate()
            try:
                web.wait(15)
            finally:
                kill_group(web)


def _answers(browser: Browser) -> bool:
    try:
        return bool(browser.get("/health/live"))
    except OSError:
        return False


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdin=subprocess.DEVNULL, capture_output=True)
