"""The rows of claims: which numbered place each visit takes of each resource, written in few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection
from psycopg.types.range import TimestamptzRange

from scheduling.capacity import Busy
from scheduling.intervals import Interval
from scheduling.models import Appointment, Claim
from scheduling.new_rows import insert_rows
from scheduling.places import Numbered, deal_anew, first_fit

# For each wanted claim how many places there are, and what stands in its way; a row without a claim where nothing does.
IN_THE_WAY = """
SELECT DISTINCT w.resource_id, w.role,
  (SELECT count(*) FROM scheduling_place p WHERE p.resource_id = w.resource_id AND p.role = w.role),
  c.id, c.place, lower(c.period), upper(c.period)
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[]) AS w(resource_id, role, starts, ends)
LEFT JOIN scheduling_claim c ON c.live AND c.resource_id = w.resource_id AND c.role = w.role
  AND c.period && tstzrange(w.starts, w.ends)
"""
# A cancel takes its visit's row and then its claims: the same way here, or each could wait for the other.
LOCK_VISITS = """
SELECT id FROM scheduling_appointment WHERE id IN (SELECT appointment_id FROM scheduling_claim WHERE id = ANY(%s))
ORDER BY id FOR NO KEY UPDATE
"""
MOVE_PLACES = """
UPDATE scheduling_claim c SET place = m.place FROM unnest(%s::bigint[], %s::int[]) AS m(id, place) WHERE c.id = m.id
"""
Group = tuple[int, str]


def write_claims(wanted: Sequence[tuple[Appointment, Busy]]) -> None:
    """Numbers the claims per resource and role against those that stand, which move where numbers are fragmented."""
    groups: dict[Group, list[tuple[Appointment, Busy]]] = defaultdict(list)
    for appointment, claim in wanted:
        groups[int(claim.resource_id), claim.role].append((appointment, claim))
    if not groups:
        return
    places, standing = _in_the_way([claim for _, claim in wanted])
    rows, moved = [], []
    for (resource, role), claims in groups.items():
        periods = [claim.period for _, claim in claims]
        dealt = first_fit(standing[resource, role], periods, places[resource, role])
        if dealt is None:
            dealt = _dealt_anew(resource, role, periods, places[resource, role])
        for (appointment, claim), numbered in zip(claims, dealt, strict=False):
            rows.append(
                Claim(
                    appointment=appointment,
                    resource_id=resource,
                    role=role,
                    place=numbered.place,
                    period=as_range(claim.period),
                )
            )
        moved += dealt[len(claims) :]
    _move(moved)
    insert_rows(rows)


def resources_of(appointments: Iterable[Appointment]) -> dict[int, frozenset[str]]:
    """The ids of what each visit takes or took, as the search names them."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = Claim.objects.filter(appointment__in=[appointment.pk for appointment in appointments])
    for appointment_id, resource_id in rows.values_list("appointment_id", "resource_id"):
        found[appointment_id].add(str(resource_id))
    return {pk: frozenset(resources) for pk, resources in found.items()}


def _in_the_way(wanted: Sequence[Busy]) -> tuple[dict[Group, int], dict[Group, list[Numbered]]]:
    """How many places there are, and the claims that overlap a wanted one, by resource and role."""
    places: dict[Group, int] = {}
    found: dict[Group, list[Numbered]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            IN_THE_WAY,
            [
                [int(claim.resource_id) for claim in wanted],
                [claim.role for claim in wanted],
                [claim.period.start for claim in wanted],
                [claim.period.end for claim in wanted],
            ],
        )
        for resource, role, count, pk, place, start, end in cursor.fetchall():
            places[resource, role] = count
            if pk is not None:
                found[resource, role].append(Numbered(pk, Interval(start, end), place))
    return places, found


def _dealt_anew(resource: int, role: str, wanted: list[Interval], places: int) -> list[Numbered]:
    """Numbers for the wanted periods, and for the standing claims that have to change theirs."""
    span = Interval(min(period.start for period in wanted), max(period.end for period in wanted))
    standing = _standing(resource, role, span)
    # A claim that is dealt a new number may run past the span: widen it until no claim does.
    while standing:
        wider = Interval(
            min(span.start, *(one.period.start for one in standing)),
            max(span.end, *(one.period.end for one in standing)),
        )
        if wider == span:
            break
        span, standing = wider, _standing(resource, role, wider)
    return deal_anew(standing, wanted, places)


def _standing(resource: int, role: str, span: Interval) -> list[Numbered]:
    rows = Claim.objects.filter(live=True, resource=resource, role=role, period__overlap=as_range(span))
    return [
        Numbered(pk, Interval(period.lower, period.upper), place)
        for pk, place, period in rows.values_list("pk", "place", "period")
    ]


def _move(moved: Sequence[Numbered]) -> None:
    """One statement, so that the exclusion constraint looks only when all numbers have changed."""
    if moved:
        ids = [one.claim_id for one in moved]
        with connection.cursor() as cursor:
            cursor.execute(LOCK_VISITS, [ids])
            cursor.execute(MOVE_PLACES, [ids, [one.place for one in moved]])


def as_range(period: Interval) -> TimestamptzRange:
    """A period as the database takes it."""
    return TimestamptzRange(period.start, period.end, "[)")
