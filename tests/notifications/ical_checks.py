"""Other people's rules for calendar files, as the shared validators have them: the bytes of RFC 5545, and libical."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

from tests.fakes.shared_inputs import shared_file

HAS_LIBICAL = """
import gi
gi.require_version("ICalGLib", "3.0")
"""


def byte_faults(file: bytes) -> list[str]:
    """What is wrong with the bytes of a file."""
    found: list[str] = _byte_rules().check(file)
    return found


@cache
def _byte_rules() -> ModuleType:
    spec = importlib.util.spec_from_file_location("byte_rules", shared_file("real/validators/byte_rules.py"))
    assert spec is not None
    assert spec.loader is not None
    rules = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rules)
    return rules


def libical_answers(files: Sequence[Path]) -> list[tuple[int, str]]:
    """libical's exit code and words for each file; a test that asks is marked calendar_readers."""
    here = subprocess.run(["/usr/bin/python3", "-c", HAS_LIBICAL], capture_output=True, check=False)
    assert here.returncode == 0, "libical is not on this machine: apt-get install gir1.2-ical-3.0 python3-gi"
    command = ["/usr/bin/python3", str(shared_file("real/validators/libical_check.py"))]
    answers = [
        subprocess.run([*command, str(file)], capture_output=True, text=True, env=os.environ, check=False)
        for file in files
    ]
    return [(answer.returncode, answer.stdout.strip()) for answer in answers]
