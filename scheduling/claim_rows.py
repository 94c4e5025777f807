"""The rows of claims: which numbered place each visit takes of each resource, written in few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection
from psycopg.types.range import TimestamptzRange

from scheduling.capacity import Busy
from scheduling.intervals import Interval
from scheduling.models import Appointment, Claim, Place
from scheduling.new_rows import insert_rows
from scheduling.places import Numbered, deal_anew, first_fit

# Everything that stands in the way of any wanted claim, in one statement however many are wanted.
STANDING = """
SELECT DISTINCT c.resource_id, c.role, c.id, lower(c.period), upper(c.period), c.place
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[]) AS wanted(resource, role, starts, ends)
  JOIN scheduling_claim c ON c.live AND c.resource_id = wanted.resource AND c.role = wanted.role
    AND c.period && tstzrange(wanted.starts, wanted.ends)
"""
Group = tuple[int, str]


def write_claims(wanted: Sequence[tuple[Appointment, Busy]]) -> None:
    """Numbers the claims per resource and role against those that stand, which move where numbers are fragmented."""
    groups: dict[Group, list[tuple[Appointment, Busy]]] = defaultdict(list)
    for appointment, claim in wanted:
        groups[int(claim.resource_id), claim.role].append((appointment, claim))
    if not groups:
        return
    resources = {resource for resource, _ in groups}
    places: dict[Group, int] = defaultdict(int)
    for resource, role in Place.objects.filter(resource__in=resources).values_list("resource_id", "role"):
        places[resource, role] += 1
    standing = _standing([(group, claim.period) for group, claims in groups.items() for _, claim in claims])
    rows, moved = [], []
    for group, claims in groups.items():
        resource, role = group
        dealt = _numbers(group, [claim.period for _, claim in claims], standing[group], places[group])
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


def _numbers(group: Group, wanted: list[Interval], standing: list[Numbered], places: int) -> list[Numbered]:
    """Numbers for the wanted periods, and for the standing claims that have to change theirs. `standing` are those that
    overlap one that is wanted."""
    dealt = first_fit(standing, wanted, places)
    if dealt is not None:
        return dealt
    # A claim that is dealt a new number may run past the span: widen it until no claim does.
    span = _hull(wanted)
    while True:
        standing = _standing([(group, span)])[group]
        wider = _hull([span, *(one.period for one in standing)])
        if wider == span:
            return deal_anew(standing, wanted, places)
        span = wider


def _hull(periods: Sequence[Interval]) -> Interval:
    return Interval(min(period.start for period in periods), max(period.end for period in periods))


def _standing(wanted: Sequence[tuple[Group, Interval]]) -> dict[Group, list[Numbered]]:
    """The live claims on each resource in each role that overlap what is wanted of it."""
    found: dict[Group, list[Numbered]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            STANDING,
            [
                [resource for (resource, _), _ in wanted],
                [role for (_, role), _ in wanted],
                [period.start for _, period in wanted],
                [period.end for _, period in wanted],
            ],
        )
        for resource, role, pk, starts, ends, place in cursor.fetchall():
            found[resource, role].append(Numbered(pk, Interval(starts, ends), place))
    return found


def _move(moved: Sequence[Numbered]) -> None:
    """One statement, so that the exclusion constraint looks only when all numbers have changed."""
    if moved:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE scheduling_claim c SET place = m.place FROM unnest(%s::bigint[], %s::int[]) AS m(id, place)"
                " WHERE c.id = m.id",
                [[one.claim_id for one in moved], [one.place for one in moved]],
            )


def as_range(period: Interval) -> TimestamptzRange:
    """A period as the database takes it."""
    return TimestamptzRange(period.start, period.end, "[)")
