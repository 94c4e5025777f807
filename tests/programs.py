"""The real worker and beat, started as the runner starts them, on a test's own database and Redis."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from config import env
from config.processes import commands

T = TypeVar("T")


class NeverHappened(AssertionError):
    """What a test waited for did not come in time."""


@contextmanager
def running(name: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Program `name` of config.processes in a process group of its own; all of it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(name, folder, environment),
            env=environment | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        kill_group(process)
        print(log.read_text(errors="replace")[-4000:])


def _command(name: str, folder: Path, environment: dict[str, str]) -> list[str]:
    """The runner's own command line, at the port the environment says."""
    command = commands(folder)[name]
    return [part.replace(f":{env.port()}", f":{environment['PORT']}") for part in command] if name == "web" else command


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the program and every child of it, as a power cut would."""
    _end_group(process)
    process.wait()


def children_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The pids of what the program has started: a worker's hands, which may die while the worker lives (Linux only)."""
    try:
        pids = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return [pid for pid in pids if _is_alive(pid)]


def _is_alive(pid: int) -> bool:
    """Not gone, and not dead with nobody having asked yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _end_group(process: subprocess.Popen[bytes]) -> None:
    # The group is the child's own session, so this ends only what this module started.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_for(what: Callable[[], T], *, seconds: float, every: float = 0.1) -> T:
    """The first true answer of `what`; raises NeverHappened after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        if time.monotonic() > until:
            raise NeverHappened(f"not within {seconds} s")
        time.sleep(every)
