"""What is read out on the telephone: the times of a series, and which of them wait for a review."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from scheduling.models import Appointment
from web.spoken import clock, infusions, long_day


def read_aloud(starts: Sequence[datetime], reviews: Sequence[datetime] = (), waiting: Collection[datetime] = ()) -> str:
    """The sentence for the telephone: each day and time, in order, and which of them are reviews. Of the starts those
    `waiting` for a review come last, and are not promised."""
    firm = _read_out([start for start in starts if start not in waiting], reviews)
    if not waiting:
        return firm
    kept = gettext("Kept for you, and not firm before the review: %(times)s") % {"times": _read_out([*waiting], ())}
    return f"{firm}. {kept}" if firm else kept


def _read_out(starts: Sequence[datetime], reviews: Sequence[datetime]) -> str:
    words = {False: gettext("%(day)s at %(time)s"), True: gettext("%(day)s at %(time)s for the review")}
    visits = sorted([*((start, False) for start in starts), *((start, True) for start in reviews)])
    times = [words[review] % {"day": long_day(start), "time": clock(start)} for start, review in visits]
    return get_text_list(times, gettext("and"))


def waits_for_review(numbers: Sequence[int], word: str = "") -> str:
    """Which infusions wait for a review, and what that means; empty for none."""
    if not numbers:
        return ""
    words = ngettext(
        "%(infusions)s waits for review. Its time is kept, and is not firm before the prescriber has looked.",
        "%(infusions)s wait for review. Their times are kept, and are not firm before the prescriber has looked.",
        len(numbers),
    )
    return words % {"infusions": infusions(numbers, word)}


def booked_words(visits: Sequence[Appointment], word: str = "") -> str:
    """That they are booked, and which of them wait for a review."""
    numbers = [visit.dose_number for visit in visits if visit.dose_number]
    if not numbers:
        return gettext("Booked.")
    booked = gettext("%(infusions)s: booked.") % {"infusions": infusions(numbers, word)}
    waiting = [visit.dose_number for visit in visits if visit.dose_number and visit.is_tentative]
    return f"{booked} {waits_for_review(waiting, word)}".strip()
