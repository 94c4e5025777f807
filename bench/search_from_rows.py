"""The ten best series from a database: the floor on one raw query, and `proposals.propose_series`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection

from bench.databases import Database
from bench.harness import Line, milliseconds, ours_at_most, over_seeds, ratio_at_most, take_turns
from bench.searched_clinics import FloorFromRows, Searched
from bench.yardsticks import ORDER, Rank, ranks, ranks_of_floor, same_or_fail, wish_of
from scheduling.models import Order
from scheduling.proposals import propose_series
from scheduling.series_terms import SearchResult

COUNT = 10
# What is read of the clinic, whatever is asked of it; the rest reads the order and the patient.
OF_THE_CLINIC = ("resource", "shift", "absence", "clinichours", "closure", "claim")


def run(database: Database, searched: Sequence[Searched], *, turns: int, now: datetime) -> list[Line]:
    """Every seed gives the same on both sides, or this fails."""
    lines = []
    with psycopg.connect(database.url("infusion_app")) as raw:
        for one in searched:
            floor = FloorFromRows(raw, one)
            search = our_search(one, now)
            theirs = ranks_of_floor(floor.find())
            found = search().proposals
            makes_room = any(visit.by_repack for proposal in found for visit in proposal.visits)
            as_good_or_fail(one.seed, theirs, ranks(found, one.monday), makes_room=makes_room)
            lines.append(milliseconds(f"seed {one.seed}", *take_turns(floor.find, search, turns)))
    queries = count_queries(our_search(searched[0], now))
    of_clinic = sum(count for table, count in queries.items() if table in OF_THE_CLINIC)
    return [
        over_seeds("floor on one raw query", lines, ratio_at_most(2)),
        Line("queries that read the clinic", "queries", 1, of_clinic, of_clinic, (ours_at_most(6),), dict(queries)),
        Line("queries in all (order, patient, clinic)", "queries", 1, queries.total(), queries.total()),
    ]


def as_good_or_fail(seed: int, theirs: list[Rank], ours: list[Rank], *, makes_room: bool) -> None:
    """The same; or, where a visit is moved to another chair, which the floor can't do, nowhere worse."""
    if not makes_room:
        same_or_fail(seed, theirs, ours)
    elif any(our > their for our, their in zip(ours, theirs, strict=False)) or len(ours) < len(theirs):
        raise AssertionError(f"seed {seed}: with room made the floor still finds better: {theirs}, ours {ours}")


def our_search(one: Searched, now: datetime) -> Callable[[], SearchResult]:
    """The verb that the desk's page asks, with the order read anew as a page does."""
    wish = wish_of(one.instance)

    def search() -> SearchResult:
        order = Order.objects.select_related("patient", "current_version").get(pk=one.order_id)
        return propose_series(order=order, clinic=one.clinic, wish=wish, how_many=ORDER["doses"], count=COUNT, now=now)

    return search


def count_queries(act: Callable[[], object]) -> Counter[str]:
    """How often `act` asks the database, by the first table that a statement names."""
    found: Counter[str] = Counter()

    def counted(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        table = sql.replace('"', "").partition("FROM scheduling_")[2]
        found[table.split()[0].split(".")[0] if table else "other"] += 1
        return execute(sql, params, many, context)

    wrapper: AbstractContextManager[None] = connection.execute_wrapper(counted)
    with wrapper:
        act()
    return found
