"""Named places in a send where a test can hold a worker still and kill it. Off unless settings say this is a test."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

from django.conf import settings

Name = Literal["after_claim", "after_attempt", "after_accept", "before_record", "after_record"]


def reach(name: Name) -> None:
    """Where INFUSION_FAILPOINT is `<name>:<file>`, writes the file and waits there for the end."""
    if not getattr(settings, "TESTING", False):
        return
    armed, _, file = str(getattr(settings, "FAILPOINT", "")).partition(":")
    if armed == name:
        Path(file).touch()
        time.sleep(120)
