"""A prescriber's word that a nurse heard and wrote down: what it takes to count."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

# A word that was heard is written down within the day.
WRITTEN_DOWN_WITHIN: Final = timedelta(days=1)


class NotReadBack(Exception):
    """What was heard by word of mouth counts only when it was read back."""


class NotHeardThen(Exception):
    """It can't have been heard then: ahead, or longer ago than a day."""


class ReasonMissing(Exception):
    """A pause and a stop say why, for clinical staff."""
