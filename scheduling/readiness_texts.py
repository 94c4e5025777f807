"""How it is said where something a visit needs stands: sentences with named places, which a page translates."""

from __future__ import annotations

from typing import Final

# `name` is what the plan calls it. Days are days of the clinic.
STANDING_TEXTS: Final = {
    "there": "%(name)s: there",
    "there_until": "%(name)s: there until %(last)s",
    "there_for": "%(name)s: there, used by %(used)s of %(visits)s visits so far",
    "there_until_for": "%(name)s: there until %(last)s, used by %(used)s of %(visits)s visits so far",
    "waived": "%(name)s: not needed",
    "waived_once": "%(name)s: not needed for this visit",
    "waived_until": "%(name)s: not needed until %(last)s",
    "missing": "%(name)s: not there yet",
    "withdrawn": "%(name)s: no longer there",
    "not_yet": "%(name)s: good from %(first)s on, after this visit",
    "runs_out": "%(name)s: ended %(last)s, before this visit",
    "used_up": "%(name)s: used up, it was for %(visits)s visits",
    "late": "%(name)s: came less than %(hours)s hours before",
    "overdue": "%(name)s: not there, and it had to be by %(day)s, %(time)s",
}
# The same before a visit is booked: it warns, and never stands in the way.
BOOKING_TEXTS: Final = {
    "missing": "%(name)s: not there yet, needed before infusion %(number)s.",
    "withdrawn": "%(name)s: no longer there, needed before infusion %(number)s.",
    "not_yet": "%(name)s: good from %(first)s on, after infusion %(number)s.",
    "runs_out": "%(name)s: ends %(last)s, before infusion %(number)s.",
    "used_up": "%(name)s: for %(visits)s visits, used up before infusion %(number)s.",
    "late": "%(name)s: came less than %(hours)s hours before infusion %(number)s.",
    "overdue": "%(name)s: not there yet, and needed %(hours)s hours before infusion %(number)s.",
}
FAST_BEGUN: Final = (
    "Infusion %(number)s: ordered is nothing to eat for %(hours)s hours before it, and those have begun. "
    "Ask what they ate and drank last."
)
