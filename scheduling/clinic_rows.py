"""What a clinic has, read in one statement: resources, shifts, absences, opening hours and closures."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from scheduling.clinic_time import WallRange
from scheduling.intervals import Interval
from scheduling.models import Clinic

# One statement and one parse: five sets of objects took longer to make than the search took.
READ = """
SELECT json_build_object(
  'resources', (SELECT json_agg(json_build_array(r.id, r.kind, r.features, r.watch_places, r.watch_while_attending)
                                ORDER BY r.id)
    FROM scheduling_resource r WHERE r.clinic_id = %(clinic)s AND r.is_active),
  'shifts', (SELECT json_agg(json_build_array(s.resource_id, s.weekday, date_part('epoch', s.starts) / 60,
                                              date_part('epoch', s.ends) / 60, s.from_date, s.until_date) ORDER BY s.id)
    FROM scheduling_shift s WHERE s.clinic_id = %(clinic)s),
  'absences', (SELECT json_agg(json_build_array(a.resource_id, date_part('epoch', lower(a.period)),
                                                date_part('epoch', upper(a.period))) ORDER BY a.id)
    FROM scheduling_absence a WHERE a.clinic_id = %(clinic)s AND a.period && tstzrange(%(start)s, %(end)s)
      AND (a.release_at IS NULL OR a.release_at > %(now)s)),
  'hours', (SELECT json_agg(json_build_array(h.weekday, date_part('epoch', h.opens) / 60,
                                             date_part('epoch', h.closes) / 60) ORDER BY h.id)
    FROM scheduling_clinichours h WHERE h.clinic_id = %(clinic)s),
  'closures', (SELECT json_agg(json_build_array(date_part('epoch', lower(c.period)),
                                                date_part('epoch', upper(c.period))) ORDER BY c.id)
    FROM scheduling_closure c WHERE c.clinic_id = %(clinic)s AND c.period && tstzrange(%(start)s, %(end)s))
)::text
"""


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A resource in use; `watch` and `watch_while_attending` are a nurse's."""

    pk: int
    kind: str
    features: frozenset[str]
    watch: int
    watch_while_attending: int

    @property
    def id(self) -> str:
        """As the search names it."""
        return str(self.pk)


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """Being there on a weekday, from a clinic-local day until a day (both counted)."""

    hours: WallRange
    first: date | None
    last: date | None

    def is_on(self, day: date) -> bool:
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class ClinicRows:
    """`shifts` by resource and weekday, `away` by resource (without blocks that were let go), `hours` by weekday."""

    resources: Sequence[ResourceRow]
    shifts: Mapping[int, Mapping[str, Sequence[ShiftRow]]]
    away: Mapping[int, Sequence[Interval]]
    hours: Mapping[str, Sequence[WallRange]]
    closed: Sequence[Interval]


def read_clinic(clinic: Clinic, span: Interval, *, now: datetime) -> ClinicRows:
    """The clinic's rows; absences and closures of the span alone."""
    asked: dict[str, int | datetime] = {"clinic": clinic.pk, "start": span.start, "end": span.end, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(READ, asked)
        read: dict[str, list[list[Any]] | None] = json.loads(cursor.fetchone()[0])
    shifts: dict[int, dict[str, list[ShiftRow]]] = defaultdict(lambda: defaultdict(list))
    for resource, weekday, starts, ends, first, last in read["shifts"] or ():
        shifts[resource][weekday].append(ShiftRow(_hours(starts, ends), _day(first), _day(last)))
    away: dict[int, list[Interval]] = defaultdict(list)
    for resource, start, end in read["absences"] or ():
        away[resource].append(_period(start, end))
    hours: dict[str, list[WallRange]] = defaultdict(list)
    for weekday, opens, closes in read["hours"] or ():
        hours[weekday].append(_hours(opens, closes))
    return ClinicRows(
        resources=[
            ResourceRow(pk, kind, frozenset(features), watch, others)
            for pk, kind, features, watch, others in read["resources"] or ()
        ],
        shifts=shifts,
        away=away,
        hours=hours,
        closed=[_period(start, end) for start, end in read["closures"] or ()],
    )


def _hours(starts: float, ends: float) -> WallRange:
    return WallRange(int(starts), int(ends))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _period(start: float, end: float) -> Interval:
    return Interval(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
