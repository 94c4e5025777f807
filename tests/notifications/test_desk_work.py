"""The desk's lists agree with the facts: generated worlds, and each list by hand."""

from __future__ import annotations

from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from notifications.desk_work import CANNOT_REACH, KINDS, DeskList, counts, to_do
from notifications.models import CallTask
from scheduling.chasing import not_ready
from scheduling.models import Appointment, Clinic, DeskRow
from tests.counts import count
from tests.notifications.desk_world import Found, World, by_hand
from web.frontdesk.desk_lists import lists_of

pytestmark = pytest.mark.django_db


def found_by_query(clinic: Clinic, now: datetime) -> Found:
    """What the queries behind the counts find, named as rows are."""
    found: Found = {which: set() for which in DeskList}
    for which, queries in to_do(clinic, now).items():
        for index, query in enumerate(queries):
            for thing in query:
                kind = "call" if isinstance(thing, CallTask) else "visit" if which == "unconfirmed" else ""
                found[which].add((kind or str(KINDS[which][index]), thing.pk))
    later = {row.subject for row in DeskRow.objects.filter(kind="not_ready", snoozed_until__gt=now)}
    found[DeskList.NOT_READY] = {
        ("not_ready", one.visit.pk) for one in not_ready(clinic=clinic, now=now) if one.visit.pk not in later
    }
    return found


def agrees(seed: int) -> Found:
    world = World(seed)
    expected = by_hand(world.clinic, world.now)
    assert found_by_query(world.clinic, world.now) == expected
    assert counts(clinic=world.clinic, now=world.now).of == {which: len(rows) for which, rows in expected.items()}
    shown = lists_of(world.clinic, world.desk, now=world.now)
    assert {one.which: {(row.facts.kind, row.facts.subject) for row in one.now} for one in shown} == expected
    everything = by_hand(world.clinic, world.now, with_later=True)
    listed = {one.which: {(row.facts.kind, row.facts.subject) for row in (*one.now, *one.later)} for one in shown}
    assert listed == everything, "what can wait is on the page too"
    count("rows on the desk's lists compared with the facts", sum(map(len, everything.values())))
    return expected


@pytest.mark.parametrize("seed", range(3))
def test_lists_agree_with_the_facts(seed: int) -> None:
    agrees(seed)


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(3, 23))
def test_lists_agree_with_the_facts_in_many_worlds(seed: int) -> None:
    agrees(seed)


def test_all_counts_take_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    world = World(1)
    with django_assert_num_queries(2):
        counted = counts(clinic=world.clinic, now=world.now)
    assert counted.total > 5
    assert CallTask.objects.filter(kind__in=CANNOT_REACH).exists()
    assert Appointment.objects.exists()
