"""Each benchmark runs, agrees with its yardstick, and gives the lines of its table."""

from __future__ import annotations

from datetime import UTC, datetime

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
from bench.searched_clinics import create_searched
from bench.web_server import web_server
from config.embedded.places import Places

NOW = datetime.now(UTC)


def cases(lines: list[Line]) -> list[str]:
    assert all(line.yardstick > 0 and line.ours > 0 and line.ratio > 0 for line in lines)
    return [line.case for line in lines]


def test_search_in_memory_finds_what_the_floor_and_or_tools_find() -> None:
    lines = search_in_memory.run(seeds=(1, 8), turns=1, solver_seeds=(2,), solver_seconds=2)
    assert cases(lines) == [
        "floor, where there are proposals (1 seeds)",
        "floor, where there are none (ours says why) (1 seeds)",
        "OR-tools, best series only (1 seeds)",
    ]


def test_search_from_rows_and_the_page_find_what_the_floor_finds(places: Places) -> None:
    with clone(places) as database:
        searched, user = create_searched(database, [1], NOW)
        from_rows = search_from_rows.run(database, searched, turns=1, now=NOW)
        with web_server(database, settings="tests.settings") as port:
            on_the_page = search_through_http.run(database, searched, port, user, turns=1)
    assert cases(from_rows) == [
        "floor on one raw query (1 seeds)",
        "queries that read the clinic",
        "queries in all (order, patient, clinic)",
    ]
    assert from_rows[1].verdict == "holds"
    assert cases(on_the_page) == ["proposals page, floor on one raw query (1 seeds)"]


def test_the_board_and_the_plain_page_show_the_same_visits(places: Places) -> None:
    with clone(places) as database:
        lines = day_board.run(database, now=NOW, browsers=2, pages=2, turns=1, days=2, settings="tests.settings")
    latencies = ["    p50", "    p95"]
    assert cases(lines) == ["one day", *latencies, "another day each time, never drawn before", *latencies]


def test_both_sides_book_the_same_rows(places: Places) -> None:
    lines = series_booking.run(places, connections=(2,), clinics=(1,), series=4, turns=1)
    latencies = ["    p50", "    p95"]
    once, planned = "one clinic, 2 connections", "one clinic, 2 connections, messages planned"
    assert cases(lines) == [once, *latencies, planned, *latencies]


def test_the_series_of_several_clinics_come_in_turn(places: Places) -> None:
    with clone(places) as database:
        series = series_booking.create_half_booked(database, 2, 4)
    assert len({one.clinic_id for one in series[:2]}) == 2
    assert [one.clinic_id for one in series[:2]] == [one.clinic_id for one in series[2:]]


def test_one_client_gets_the_opening_on_both_sides(places: Places) -> None:
    lines = one_opening.run(places, clients=3, rounds=1)
    assert cases(lines) == ["one winner a round, p50", "p95", "longest"]
    raw, ours = lines[1].detail["said"]
    assert raw == {"booked": 1, "taken_by_other": 2}
    assert ours["booked"] == 1
    assert sum(ours.values()) == 3


def test_growth_books_the_same_in_both_databases(places: Places) -> None:
    lines = growth.run(places, clinics=2, steps=2)
    assert cases(lines)[1:] == ["search p95", "booking p50", "booking p95"]


def test_sweep_bare_loop_and_tasks_send_all_messages(places: Places) -> None:
    lines = dispatch.run(places, messages=40, tasks=4, turns=1, mails=3)
    assert cases(lines) == [
        "bare loop, 16 in flight",
        "a Celery task a message, 2 processes",
        "mail over one connection, smtplib",
    ]
