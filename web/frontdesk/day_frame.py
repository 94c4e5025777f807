"""A clinic's day without its visits, read in one statement: chairs, nurses, who is away, hours, counts of the week."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import connection

from scheduling.clinic_time import ClinicTime, WallRange, week_start, weekday_key
from scheduling.intervals import Interval
from scheduling.models import Clinic, ResourceKind, Status
from web.live import SHOWN

# As the day itself counts: a kept time is nobody's visit yet.
COUNTED = tuple(str(status) for status in SHOWN if status != Status.HELD)
# One statement: the board may ask seven questions, and a poll asks this one every 1.5 seconds.
READ = """
SELECT json_build_object(
  'resources', (SELECT json_agg(json_build_array(r.id, r.kind, r.name, r.is_active, r.watch_places,
                                                 r.watch_while_attending, n.name) ORDER BY r.kind DESC, r.id)
    FROM scheduling_resource r LEFT JOIN scheduling_postname n ON n.post_id = r.id AND n.day = %(day)s
    WHERE r.clinic_id = %(clinic)s AND r.kind IN ('chair', 'bay', 'nurse')),
  'shifts', (SELECT json_agg(json_build_array(s.resource_id, date_part('epoch', s.starts) / 60,
                                              date_part('epoch', s.ends) / 60) ORDER BY s.starts, s.id)
    FROM scheduling_shift s WHERE s.clinic_id = %(clinic)s AND s.weekday = %(weekday)s
      AND coalesce(s.from_date <= %(day)s, true) AND coalesce(s.until_date >= %(day)s, true)),
  'absences', (SELECT json_agg(json_build_array(a.resource_id, date_part('epoch', lower(a.period)),
                                                date_part('epoch', upper(a.period)), a.kind, a.reason,
                                                date_part('epoch', a.release_at)) ORDER BY a.period, a.id)
    FROM scheduling_absence a WHERE a.clinic_id = %(clinic)s AND a.period && tstzrange(%(start)s, %(end)s)
      AND (a.release_at IS NULL OR a.release_at > %(now)s)),
  'hours', (SELECT json_agg(json_build_array(h.weekday, date_part('epoch', h.opens) / 60,
                                             date_part('epoch', h.closes) / 60) ORDER BY h.opens, h.id)
    FROM scheduling_clinichours h WHERE h.clinic_id = %(clinic)s),
  'closures', (SELECT json_agg(json_build_array(date_part('epoch', lower(c.period)),
                                                date_part('epoch', upper(c.period)), c.reason) ORDER BY c.period, c.id)
    FROM scheduling_closure c WHERE c.clinic_id = %(clinic)s AND c.period && tstzrange(%(monday)s, %(sunday)s)),
  'visits', (SELECT json_agg(json_build_array(days.day, days.visits) ORDER BY days.day)
    FROM (SELECT (lower(v.period) AT TIME ZONE %(zone)s)::date AS day, count(*) AS visits
          FROM scheduling_appointment v
          WHERE v.clinic_id = %(clinic)s AND v.given_where = '' AND v.status = ANY(%(counted)s)
            AND v.period && tstzrange(%(monday)s, %(sunday)s)
          GROUP BY 1) days)
)::text
"""


@dataclass(frozen=True, slots=True)
class Away:
    """A span in which a chair or nurse is not there; `reason` is what staff wrote, `release_at` when a block ends."""

    period: Interval
    kind: str
    reason: str
    release_at: datetime | None


@dataclass(frozen=True, slots=True)
class Chair:
    """A chair or recovery bay."""

    pk: int
    name: str
    is_active: bool
    away: tuple[Away, ...]


@dataclass(frozen=True, slots=True)
class Nurse:
    """A nurse (or a post, by the name of who fills it that day), how many she may watch, and her shifts of the day."""

    pk: int
    name: str
    watch: int
    watch_while_attending: int
    shifts: tuple[WallRange, ...]
    away: tuple[Away, ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """A closure with what staff wrote of it."""

    period: Interval
    reason: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One day's frame, and of its week the hours, closures and numbers of visits. `word` changes with any of it."""

    word: str
    chairs: tuple[Chair, ...]
    nurses: tuple[Nurse, ...]
    hours: Mapping[str, Sequence[WallRange]]
    closures: tuple[Closed, ...]
    visits: Mapping[date, int]


def read_frame(clinic: Clinic, day: date, now: datetime) -> Frame:
    """The frame of a clinic-local day; blocks that were let go are no longer in it. One query."""
    clock, monday = ClinicTime(clinic.time_zone), week_start(day)
    bounds = clock.day_bounds(day)
    asked: dict[str, Any] = {
        "clinic": clinic.pk, "zone": clinic.time_zone, "day": day, "weekday": weekday_key(day), "now": now,
        "start": bounds.start, "end": bounds.end, "counted": list(COUNTED),
        "monday": clock.day_start(monday), "sunday": clock.day_start(monday + timedelta(days=7)),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(READ, asked)
        text: str = cursor.fetchone()[0]
    return _frame(json.loads(text), sha256(text.encode()).hexdigest()[:12])


def _frame(read: dict[str, list[list[Any]] | None], word: str) -> Frame:
    away: dict[int, list[Away]] = defaultdict(list)
    for resource, start, end, kind, reason, release in read["absences"] or ():
        away[resource].append(Away(_period(start, end), kind, reason, _instant(release) if release else None))
    shifts: dict[int, list[WallRange]] = defaultdict(list)
    for resource, starts, ends in read["shifts"] or ():
        shifts[resource].append(WallRange(int(starts), int(ends)))
    hours: dict[str, list[WallRange]] = defaultdict(list)
    for weekday, opens, closes in read["hours"] or ():
        hours[weekday].append(WallRange(int(opens), int(closes)))
    resources = read["resources"] or ()
    return Frame(
        word=word,
        chairs=tuple(
            Chair(pk, name, is_active, tuple(away[pk]))
            for pk, kind, name, is_active, *_ in resources
            if kind != ResourceKind.NURSE
        ),
        nurses=tuple(
            Nurse(pk, named or name, watch, attending, tuple(shifts[pk]), tuple(away[pk]))
            for pk, kind, name, is_active, watch, attending, named in resources
            if kind == ResourceKind.NURSE and is_active
        ),
        hours=hours,
        closures=tuple(Closed(_period(start, end), reason) for start, end, reason in read["closures"] or ()),
        visits={date.fromisoformat(day): number for day, number in read["visits"] or ()},
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _period(start: float, end: float) -> Interval:
    return Interval(_instant(start), _instant(end))
