"""The page on which the desk gets proposals, under gunicorn with a signed-in session, against the floor from rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from html import unescape
from urllib.parse import urlencode

import psycopg
from django.urls import reverse

from bench.databases import Database
from bench.harness import Line, milliseconds, over_seeds, ratio_at_most, take_turns
from bench.searched_clinics import FloorFromRows, Searched
from bench.web_server import Browser
from bench.yardsticks import ORDER, QUARTER, ranks_of_floor, wish_of
from scheduling.models import User

PICK = re.compile(r'name="pick" value="(\d+)@([^"]+)"')
WARM_UP = 6


def run(database: Database, searched: Sequence[Searched], port: int, user: User, *, turns: int) -> list[Line]:
    """The best of the floor is among the page's proposals, or this fails."""
    lines = []
    with psycopg.connect(database.url("infusion_app")) as raw:
        for one in searched:
            floor, path = FloorFromRows(raw, one), page_of(one)
            browser = Browser.signed_in(port, user, one.clinic)
            get = partial(browser.get, path)
            for _ in range(WARM_UP):
                get()
            best, shown = ranks_of_floor(floor.find())[0], proposals_on(get(), one)
            if best not in shown:
                raise AssertionError(f"seed {one.seed}: the floor's best is {best}, the page shows {shown}")
            lines.append(milliseconds(f"seed {one.seed}", *take_turns(floor.find, get, turns)))
    return [over_seeds("proposals page, floor on one raw query", lines, ratio_at_most(4))]


def page_of(one: Searched) -> str:
    """The address of the page for the instance's wish, and all six infusions."""
    wish = wish_of(one.instance)
    asked = {
        "time": f"{wish.time:%H:%M}",
        "weekdays": sorted(wish.weekdays or ()),
        "how_many": ORDER["doses"],
    }
    return f"{reverse('book_series', args=[one.order_id])}?{urlencode(asked, doseq=True)}"


def proposals_on(page: str, one: Searched) -> set[tuple[int, int]]:
    """Finish day and quarter hours off the wish of each proposal on the page."""
    wished = wish_of(one.instance).time
    assert wished is not None
    found: set[tuple[int, int]] = set()
    off = 0
    for number, instant in PICK.findall(page):
        start = datetime.fromisoformat(unescape(instant))
        off = (0 if number == "1" else off) + abs(start.hour * 60 + start.minute - wished.hour * 60 - wished.minute)
        if int(number) == ORDER["doses"]:
            found.add(((start.date() - one.monday).days, off // QUARTER))
    return found
