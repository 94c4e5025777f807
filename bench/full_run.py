"""Which benchmarks a full run has, with their sizes. All of them take less than ten minutes on two processors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from django.core.management import call_command
from django.db import connection

from bench import (
    day_board,
    dispatch,
    growth,
    one_opening,
    search_from_rows,
    search_in_memory,
    search_through_http,
    series_booking,
)
from bench.databases import clone
from bench.harness import Line
from bench.loading import in_haste
from bench.searched_clinics import create_searched
from bench.web_server import web_server
from config.embedded.places import Places

SEEDS = range(1, 11)
# Each of these is a clinic in the database.
SEEDS_IN_ROWS = range(1, 6)
SOLVER_SEEDS = range(1, 4)


def benchmarks(places: Places, names: list[str]) -> dict[str, Callable[[], list[Line]]]:
    """Title to benchmark, for the names that were asked for."""
    every: dict[str, tuple[str, Callable[[], list[Line]]]] = {
        "memory": ("search in memory", search_memory),
        "rows": ("search from rows", partial(search_rows, places)),
        "http": ("search through HTTP", partial(search_http, places)),
        "board": ("day board of 100 visits", partial(board, places)),
        "booking": ("booking a series of six", partial(book, places)),
        "opening": ("64 clients, one opening", partial(one_opening.run, places, clients=64, rounds=20)),
        "dispatch": (
            "messages to a gateway that answers in 50 ms",
            partial(dispatch.run, places, messages=5000, tasks=400, turns=2, mails=300),
        ),
        "growth": ("growth", partial(growth.run, places, clinics=100, steps=80)),
    }
    return {title: run for name, (title, run) in every.items() if name in names}


def migrate(places: Places) -> None:
    """The template that every benchmark's database is a copy of."""
    with in_haste(places):
        call_command("migrate", interactive=False, verbosity=0)
        connection.close()


def search_memory() -> list[Line]:
    return search_in_memory.run(seeds=SEEDS, turns=25, solver_seeds=SOLVER_SEEDS, solver_seconds=10)


def search_rows(places: Places) -> list[Line]:
    now = datetime.now(UTC)
    with clone(places) as database:
        with in_haste(places):
            searched, _ = create_searched(database, SEEDS_IN_ROWS, now)
        return search_from_rows.run(database, searched, turns=25, now=now)


def search_http(places: Places) -> list[Line]:
    with clone(places) as database:
        with in_haste(places):
            searched, user = create_searched(database, SEEDS_IN_ROWS, datetime.now(UTC))
        with web_server(database) as port:
            return search_through_http.run(database, searched, port, user, turns=25)


def board(places: Places) -> list[Line]:
    with clone(places) as database:
        return day_board.run(
            database, now=datetime.now(UTC), browsers=8, pages=80, turns=5, settings="config.settings"
        )  # fmt: skip


def book(places: Places) -> list[Line]:
    return series_booking.run(places, connections=(1, 8, 32), clinics=(1, 8), series=120, turns=3)
