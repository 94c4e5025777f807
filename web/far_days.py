"""When a day is said with its year: one place, for pages on which a day may be far away. Boards, lists and messages say
it without."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import pgettext

# Within it on either side of today no day of a month comes twice, so that its year goes without saying.
GOES_WITHOUT_SAYING: Final = timedelta(days=182)


def dated(day: date, said: str) -> str:
    """`said`, a day in words, with its year where it is more than half a year away: Fri, Dec 31, 2032."""
    on = timezone.localtime(day).date() if isinstance(day, datetime) else day
    if abs(on - timezone.localdate()) <= GOES_WITHOUT_SAYING:
        return said
    return pgettext("day with its year", "%(day)s, %(year)s") % {"day": said, "year": on.year}
