"""A prescriber's word: their own act, or heard by a nurse who read it back; and what it takes to count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from scheduling import permissions
from scheduling.events import Actor
from scheduling.models import User
from scheduling.visit_steps import NotThen

# A word that was heard is written down within the day.
WRITTEN_DOWN_WITHIN: Final = timedelta(days=1)
# What is said by word of mouth is said to the minute.
A_MINUTE: Final = timedelta(minutes=1)


class NotReadBack(Exception):
    """What was heard by word of mouth counts only when it was read back."""


class NotHeardThen(NotThen):
    """It can't have been heard then: ahead, longer ago than a day, or before what it is about had happened."""


class ReasonMissing(Exception):
    """A pause and a stop say why, for clinical staff."""


@dataclass(frozen=True, slots=True)
class Word:
    """A prescriber's word and why. `heard_at`: when a nurse heard it by word of mouth, None for the prescriber's own
    act; it counts only when it was `read_back`."""

    decided_by: User
    reason: str = ""
    heard_at: datetime | None = None
    read_back: bool = False

    @property
    def is_heard(self) -> bool:
        return self.heard_at is not None


def check_said(word: Word, verb: str, *, by: Actor, now: datetime) -> None:
    """Refuses with NotAllowed (of `verb`) an own word that is not of `by`; of a word that was heard with NotReadBack,
    and with NotHeardThen a time ahead or longer ago than a day."""
    if word.heard_at is None:
        if by.user_id != word.decided_by.pk:
            raise permissions.NotAllowed(verb)
        return
    if not word.read_back:
        raise NotReadBack
    if not now - WRITTEN_DOWN_WITHIN <= word.heard_at <= now:
        raise NotHeardThen


def is_heard_before(heard_at: datetime | None, since: datetime | None) -> bool:
    """Whether something was heard before what it is about; that may be yet to come (None)."""
    return heard_at is not None and (since is None or heard_at + A_MINUTE <= since)


def check_heard_since(word: Word, since: datetime | None) -> None:
    """Refuses with NotHeardThen what was heard before what it is about; that may be yet to come (None)."""
    if is_heard_before(word.heard_at, since):
        raise NotHeardThen
