"""How much the proofs tried: counted as they run and said at the end."""

from __future__ import annotations

from collections import Counter

counted: Counter[str] = Counter()


def count(what: str, times: int = 1) -> None:
    counted[what] += times
