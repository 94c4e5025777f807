"""Writes a .mo beside each .po that is newer; polib does it, so gettext's tools need not be on the machine."""

from __future__ import annotations

import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent


def main(root: Path = ROOT) -> int:
    for source in stale(root):
        try:
            polib.pofile(str(source), check_for_duplicates=True).save_as_mofile(str(source.with_suffix(".mo")))
        except (OSError, ValueError) as problem:
            print(f"{source.relative_to(root)} cannot be compiled: {problem}", file=sys.stderr)
            return 1
        print(f"setup: compiled {source.relative_to(root)}", flush=True)
    return 0


def stale(root: Path) -> list[Path]:
    """The sources whose compiled form is missing or older."""
    return [
        source
        for source in sorted(root.glob("*/locale/*/LC_MESSAGES/*.po"))
        if not source.with_suffix(".mo").exists() or source.with_suffix(".mo").stat().st_mtime < source.stat().st_mtime
    ]


if __name__ == "__main__":
    sys.exit(main())
