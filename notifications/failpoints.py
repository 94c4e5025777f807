"""Named places in a send where a test can hold a worker still and kill it. Off unless settings say this is a test."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

from django.conf import settings

Name = Literal["after_claim", "after_attempt", "after_accept", "before_record", "after_record"]
LONGEST_HOLD_SECONDS = 120


def reach(name: Name) -> None:
    """Where INFUSION_FAILPOINTS is a folder with a file `name` in it, the first to come renames that to `name.reached`
    and waits here until the test takes it away."""
    folder = str(getattr(settings, "FAILPOINTS", ""))
    if not getattr(settings, "TESTING", False) or not folder:
        return
    reached = Path(folder) / f"{name}.reached"
    try:
        reached.with_suffix("").rename(reached)
    except FileNotFoundError:
        return
    until = time.monotonic() + LONGEST_HOLD_SECONDS
    while reached.exists() and time.monotonic() < until:
        time.sleep(0.01)
