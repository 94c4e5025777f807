"""Reasons why not, as data: the page shows them, a verb refuses with them, an API translates them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """What a problem does to a booking."""

    BLOCKER = "blocker"
    NEEDS_OVERRIDE = "needs_override"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason: the rule's code, the infusion and resource it binds at, and plain words with a way on.

    `text` is the sentence with named places for `values`, so that pages can translate it.
    """

    rule: str
    number: int | None
    resource: str | None
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    level: Level = Level.BLOCKER

    @property
    def message(self) -> str:
        """The sentence in English, filled in."""
        return self.text % self.values


class Refused(Exception):
    """A verb refuses with its problems; nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(problem.rule for problem in problems))
