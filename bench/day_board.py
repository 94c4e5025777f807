"""The day board of a hundred visits under gunicorn, eight browsers at once, against a plain Django page of the day."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from statistics import median

from bench.databases import Database
from bench.harness import Line, quantile, ratio_at_least, ratio_at_most
from bench.large_day import create_large
from bench.web_server import Browser, web_server
from web.frontdesk.drawn_days import MOST

VISITS = 100
# More than a process keeps as drawn: who asks for one after the other never meets a kept one.
DAYS = MOST + 8
Ask = Callable[[int], str]


def run(
    database: Database, *, now: datetime, browsers: int, pages: int, turns: int, days: int = DAYS, settings: str
) -> list[Line]:
    """Rates and latencies of the same day again and again, and of another day each time. Every page is looked at: it
    has a hundred visits, or this fails."""
    monday = now.date() - timedelta(days=now.weekday()) + timedelta(days=7)
    clinic, user = create_large(database, visits=VISITS, days=days, monday=monday, now=now)
    with (
        web_server(database, settings="bench.plain_settings") as plain,
        web_server(database, settings=settings) as ours,
    ):
        theirs, mine = (Browser.signed_in(port, user, clinic) for port in (plain, ours))

        def same(browser: Browser, visit: str) -> Ask:
            return lambda _number: looked_at(browser.get(f"/?day={monday}"), visit)

        def other(browser: Browser, visit: str) -> Ask:
            return lambda number: looked_at(browser.get(f"/?day={monday + timedelta(days=number % days)}"), visit)

        marks = ("/visits/", 'data-visit="')
        lines = []
        for case, ask in (("one day", same), ("another day each time, never drawn before", other)):
            sides = [ask(browser, mark) for browser, mark in zip((theirs, mine), marks, strict=True)]
            lines += compare(case, sides, browsers, pages, turns)
    return lines


def looked_at(page: str, visit: str) -> str:
    """The page; refuses one that does not have each visit once (AssertionError)."""
    if page.count(visit) != VISITS:
        raise AssertionError(f"{page.count(visit)} visits in place of {VISITS}")
    return page


def compare(case: str, sides: Sequence[Ask], browsers: int, pages: int, turns: int) -> list[Line]:
    """Both in turn; who goes first changes from turn to turn, and one turn before is not counted."""
    rates: tuple[list[float], list[float]] = ([], [])
    each: tuple[list[float], list[float]] = ([], [])
    numbers = count()
    for turn in range(-1, turns):
        for side in (0, 1) if turn % 2 else (1, 0):
            rate, seconds = race(sides[side], browsers, pages, numbers)
            if turn >= 0:
                rates[side].append(rate)
                each[side].extend(seconds)
    ratios = [ours / theirs for theirs, ours in zip(*rates, strict=True)]
    p95 = [quantile(seconds, 0.95) * 1e3 for seconds in each]
    p50 = [quantile(seconds, 0.5) * 1e3 for seconds in each]
    must = case == "one day"
    return [
        Line(case, "pages/s", median(rates[0]), median(rates[1]), median(ratios), (ratio_at_least(2),) if must else ()),
        Line("    p50", "ms", p50[0], p50[1], p50[1] / p50[0]),
        Line("    p95", "ms", p95[0], p95[1], p95[1] / p95[0], (ratio_at_most(0.5),) if must else ()),
    ]


def race(ask: Ask, browsers: int, pages: int, numbers: count[int]) -> tuple[float, list[float]]:
    """So many pages asked for by so many browsers at once: pages a second, and the seconds of each."""

    def timed(number: int) -> float:
        began = time.perf_counter()
        ask(number)
        return time.perf_counter() - began

    began = time.perf_counter()
    with ThreadPoolExecutor(browsers) as crowd:
        seconds = list(crowd.map(timed, [next(numbers) for _ in range(pages)]))
    return pages / (time.perf_counter() - began), seconds
