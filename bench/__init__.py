"""Benchmarks: each measures ours and a yardstick in turn, in one run (`make bench`; see README.md)."""

from __future__ import annotations

import os
from pathlib import Path

# Where the yardsticks are; see README.md.
FOLDER = Path(os.environ.get("INFUSION_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "bench"
