"""The inputs shared between projects: a folder `shared` beside the checkout, or where INFUSION_SHARED says."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

BESIDE = Path(__file__).resolve().parents[3] / "shared"


def shared_file(name: str) -> Path:
    """The path of a shared input; a test that needs one fails with this sentence when it is missing."""
    path = Path(os.environ.get("INFUSION_SHARED") or BESIDE) / name
    if not path.exists():
        raise AssertionError(f"{path} is missing: put the folder `shared` beside the checkout or set INFUSION_SHARED.")
    return path


@cache
def read_json(name: str) -> Any:
    """A shared JSON file; do not change what you get."""
    return json.loads(shared_file(name).read_text())
