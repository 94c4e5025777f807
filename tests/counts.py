"""How much the proofs tried, and what the long runs found: collected as they run, said at the end of the run.

Printing would be lost where several processes run the tests.
"""

from __future__ import annotations

from collections import Counter

counted: Counter[str] = Counter()
said: list[str] = []


def count(what: str, times: int = 1) -> None:
    counted[what] += times


def say(line: str) -> None:
    said.append(line)
