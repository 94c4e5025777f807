"""Where a wish names hours at which the clinic is shut: which, and when it is open on those days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import time

from django.utils.text import get_text_list
from django.utils.translation import gettext

from scheduling.can_come import ANY_TIME, CanCome
from scheduling.clinic_time import WEEKDAYS
from scheduling.models import ClinicHours, Weekday
from web.frontdesk.wish_form import WEEKDAYS as SHORT
from web.spoken import wall_clock

# From when until when, as minutes after midnight.
Ranges = Sequence[tuple[int, int]]


def shut_then(can: CanCome, named: Collection[str], hours: Sequence[ClinicHours]) -> list[str]:
    """Sentences: of weekdays that were `named` in words and on which it is shut, and of hours at which it is, with
    those at which it is open. Where no weekday was wished, only what no weekday has is said."""
    opening = {
        key: sorted((_minute(row.opens), _minute(row.closes)) for row in hours if row.weekday == key)
        for key in WEEKDAYS
    }
    opening = {key: ranges for key, ranges in opening.items() if ranges}
    closed = [key for key in WEEKDAYS if key in named and key in (can.weekdays or ()) and key not in opening]
    wished = [key for key in opening if can.weekdays is None or key in can.weekdays]
    late = [key for key in wished if not _is_open(can, key, opening[key])]
    if can.weekdays is None and len(late) < len(wished):
        late = []
    said = []
    if closed:
        said.append(gettext("the clinic is shut on %(days)s") % {"days": _days(closed)})
    if late:
        said.append(gettext("the clinic is shut at that time: it is open %(hours)s") % {"hours": _open(opening, late)})
    elif closed and not wished:
        said.append(gettext("it is open %(hours)s") % {"hours": _open(opening, [*opening])})
    return said


def _is_open(can: CanCome, key: str, ranges: Ranges) -> bool:
    one = can.hours.get(key, ANY_TIME)
    at = None if can.at is None else _minute(can.at)
    return any(
        max(opens, one.first) < min(closes, one.before, one.over_by) and (at is None or opens <= at < closes)
        for opens, closes in ranges
    )


def _open(opening: Mapping[str, Ranges], days: Collection[str]) -> str:
    """Mon and Tue 8:00 AM – 6:00 PM; Fri 8:00 AM – 12:00 PM."""
    alike: dict[tuple[tuple[int, int], ...], list[str]] = {}
    for key in days:
        alike.setdefault(tuple(opening[key]), []).append(key)
    return "; ".join(
        f"{_days(same)} {get_text_list([_span(*one) for one in ranges], gettext('and'))}"
        for ranges, same in alike.items()
    )


def _days(keys: Collection[str]) -> str:
    return get_text_list([str(SHORT[Weekday(key)]) for key in keys], gettext("and"))


def _span(opens: int, closes: int) -> str:
    return f"{_clock(opens)} – {_clock(closes)}"


def _clock(minute: int) -> str:
    return wall_clock(time(minute // 60, minute % 60))


def _minute(wall: time) -> int:
    return wall.hour * 60 + wall.minute
