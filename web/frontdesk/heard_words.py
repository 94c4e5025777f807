"""What was understood of when a patient can come, said back: so that nobody books by a misunderstanding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from scheduling.can_come import ALL, ANY_TIME, CanCome, Hours
from scheduling.clinic_time import MINUTES_A_DAY, WEEKDAYS
from scheduling.models import Weekday
from web.frontdesk.wish_form import WEEKDAYS as SHORT
from web.spoken import short_day, wall_clock


def said_back(can: CanCome) -> list[str]:
    """Phrases, each of one thing: Mon and Wed, before 12:00 PM; not on Mon, Dec 14; from Sat, Dec 5."""
    said = _weekdays(can)
    if can.not_on:
        days = get_text_list([short_day(day) for day in sorted(can.not_on)], gettext("and"))
        said.append(gettext("not on %(days)s") % {"days": days})
    if can.first is not None and can.first == can.last:
        said.append(gettext("only on %(day)s") % {"day": short_day(can.first)})
        return said + _best_and_number(can)
    if can.first is not None:
        said.append(gettext("from %(day)s") % {"day": short_day(can.first)})
    if can.last is not None:
        said.append(gettext("until %(day)s") % {"day": short_day(can.last)})
    return said + _best_and_number(can)


def _best_and_number(can: CanCome) -> list[str]:
    said = []
    if can.at is not None:
        said.append(gettext("best at %(time)s") % {"time": wall_clock(can.at)})
    if can.how_many == ALL:
        said.append(gettext("all that is left"))
    elif can.how_many is not None:
        said.append(ngettext("the next one", "the next %(n)s", can.how_many) % {"n": can.how_many})
    return said


def _weekdays(can: CanCome) -> list[str]:
    if can.weekdays is None:
        return [words] if (words := _hours(next(iter(can.hours.values()), ANY_TIME))) else []
    if not can.weekdays:
        return [gettext("no weekday is left")]
    return [f"{days}, {words}" if words else days for days, words in _by_hours(can.weekdays, can.hours)]


def _by_hours(weekdays: frozenset[str], hours: Mapping[str, Hours]) -> list[tuple[str, str]]:
    groups: dict[Hours, list[str]] = {}
    for key in WEEKDAYS:
        if key in weekdays:
            groups.setdefault(hours.get(key, ANY_TIME), []).append(str(SHORT[Weekday(key)]))
    return [(get_text_list(days, gettext("and")), _hours(one)) for one, days in groups.items()]


def _hours(one: Hours) -> str:
    said = []
    if one.first > 0:
        said.append(gettext("comes from %(time)s on") % {"time": _clock(one.first)})
    if one.before < MINUTES_A_DAY:
        said.append(gettext("comes before %(time)s") % {"time": _clock(one.before)})
    if one.over_by < MINUTES_A_DAY:
        said.append(gettext("is done by %(time)s") % {"time": _clock(one.over_by)})
    return ", ".join(said)


def _clock(minute: int) -> str:
    return wall_clock(time(minute // 60, minute % 60))
