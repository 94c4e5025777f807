"""What the numbers were measured on, and how quiet it was: on a shared machine only ratios of one run say much."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.databases import Database

PACKAGES = ("Django", "psycopg", "gunicorn", "ortools")
QUIET_SHARE = 0.85
PATIENCE_SECONDS = 20


def description(database: Database) -> dict[str, Any]:
    """Processor, memory, versions, and the server's settings that decide what a commit costs."""
    with psycopg.connect(database.url("postgres")) as connection:
        names = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "max_connections")
        settings = {
            name: (connection.execute("SELECT current_setting(%s)", [name]).fetchone() or ("?",))[0] for name in names
        }
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "postgresql": settings,
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


class Clocks:
    """The machine's processor time so far: what was idle, and what others on the same host took (steal)."""

    def __init__(self) -> None:
        counters = Path("/proc/stat")
        line = counters.read_text().splitlines()[0].split()[1:] if counters.exists() else ["1"] * 8
        ticks = [int(word) for word in line]
        self.total, self.idle, self.steal = sum(ticks[:8]), ticks[3] + ticks[4], ticks[7]

    def since(self, before: Clocks) -> tuple[float, float]:
        """The shares that were idle and stolen since then."""
        total = max(self.total - before.total, 1)
        return (self.idle - before.idle) / total, (self.steal - before.steal) / total


def wait_for_quiet(*, patience_seconds: float = PATIENCE_SECONDS) -> float:
    """Waits until nearly all processor time is idle, but not for ever; the share that was idle at last."""
    until = time.monotonic() + patience_seconds
    while True:
        before = Clocks()
        time.sleep(0.5)
        idle, _ = Clocks().since(before)
        if idle >= QUIET_SHARE or time.monotonic() > until:
            return idle


@contextmanager
def watched(quiet_seconds: float = PATIENCE_SECONDS) -> Iterator[dict[str, float]]:
    """Notes how quiet the machine was before a benchmark, and how long it took, with what load and steal."""
    found = {"idle_before": round(wait_for_quiet(patience_seconds=quiet_seconds), 2)}
    before, began = Clocks(), time.monotonic()
    try:
        yield found
    finally:
        found["seconds"] = round(time.monotonic() - began, 1)
        found["load_1_minute"] = round(os.getloadavg()[0], 2)
        found["stolen"] = round(Clocks().since(before)[1], 3)


def about(machine: dict[str, Any], quiet: dict[str, dict[str, float]]) -> list[str]:
    """The same for people, with how quiet each benchmark was."""
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    server = ", ".join(f"{name} {value}" for name, value in machine["postgresql"].items())
    return [
        f"{machine['processors']} x {machine['processor']}, {machine['memory_gb']} GB, {machine['system']}",
        f"Python {machine['python']}, {packages}; PostgreSQL: {server}",
        *(
            f"{title}: {notes['seconds']:.0f} s; {notes['idle_before']:.0%} idle before it, "
            f"load {notes['load_1_minute']} at its end, {notes['stolen']:.1%} stolen by the host"
            for title, notes in quiet.items()
        ),
    ]
