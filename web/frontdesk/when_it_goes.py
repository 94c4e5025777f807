"""When news goes, in words: in a few minutes, or once the night is over; one place, so that pages agree."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext

from web.spoken import clock, short_day

A_FEW_MINUTES = timedelta(minutes=15)


def when_it_goes(at: datetime, now: datetime) -> str:
    """in a few minutes; today at 9:00 AM, tomorrow at 9:00 AM, on Mon, Dec 7 at 9:00 AM on the clock of the page."""
    if at - now <= A_FEW_MINUTES:
        return gettext("in a few minutes")
    days = (timezone.localdate(at) - timezone.localdate(now)).days
    if days == 0:
        return gettext("today at %(time)s") % {"time": clock(at)}
    if days == 1:
        return gettext("tomorrow at %(time)s") % {"time": clock(at)}
    return gettext("on %(day)s at %(time)s") % {"day": short_day(at), "time": clock(at)}
