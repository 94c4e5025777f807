"""Copies of the checkout that `make run` is tried in, as a person would start and stop it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from config.embedded.places import Places, of_checkout
from tests.project.sources import ROOT

READY_SECONDS = 240
STOP_SECONDS = 60
NOT_COPIED = shutil.ignore_patterns(".venv", ".data", ".git", "__pycache__", ".*_cache", "tests")
# What the tests' own plugin put into the environment would end the embedded mode.
REPLACING = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "EMAIL_URL", "SMS_URL", "PUBLIC_URL", "SECRET_KEY")


class Checkout:
    """One copy with its own data, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
        self.folder = folder
        self.log = folder / "run.log"
        self.port = free_port()
        self.runner: subprocess.Popen[bytes] | None = None

    @property
    def places(self) -> Places:
        return of_checkout(self.folder)

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in REPLACING}
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        return kept | {"PORT": str(self.port)} | more

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        """Returns when the first page is there."""
        with self.log.open("wb") as output:
            self.runner = subprocess.Popen(
                [sys.executable, "-m", "config.embedded.run"],
                cwd=self.folder,
                env=self.environment(**environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: "ready after" in self.log.read_text() or not self.runs(), READY_SECONDS)
        assert "ready after" in self.log.read_text(), self.log.read_text()[-2000:]
        return self.runner

    def runs(self) -> bool:
        return self.runner is not None and self.runner.poll() is None

    def says(self, *command: str, **environment: str) -> tuple[int, str]:
        """Exit code and what one command printed."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.folder,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=READY_SECONDS,
        )
        return done.returncode, done.stdout + done.stderr

    def page(self, address: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{address}", timeout=10) as answer:
            return int(answer.status)

    def interrupt(self) -> int:
        """Ctrl-C, which a terminal sends to the whole process group; returns the exit code."""
        assert self.runner is not None
        os.killpg(self.runner.pid, signal.SIGINT)
        return self.runner.wait(STOP_SECONDS)

    def processes(self) -> list[str]:
        """Every process that has to do with this copy or its data."""
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        own = in_folder(self.folder)
        return own + [line for line in listed.splitlines() if str(self.places.data) in line]

    def throw_away(self) -> None:
        if self.runs():
            self.interrupt()
        wait_until(lambda: not self.processes(), STOP_SECONDS)
        shutil.rmtree(self.places.data, ignore_errors=True)


def in_folder(folder: Path) -> list[str]:
    """Command lines of processes whose working directory is the folder (Linux)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder:
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def wait_until(fulfilled: object, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if callable(fulfilled) and fulfilled():
            return True
        time.sleep(0.1)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def last_line(output: str) -> str:
    lines: Sequence[str] = output.strip().splitlines()
    return lines[-1] if lines else ""
