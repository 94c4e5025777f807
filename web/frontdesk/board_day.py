"""A day of the board as pages show it: its version, and its drawing, for the desk and for the station display."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.template.loader import render_to_string
from django.utils.translation import get_language

from scheduling.clinic_time import ClinicTime, minutes_between
from scheduling.models import Clinic
from web.frontdesk.board_layout import lay_out
from web.frontdesk.board_rows import read_day
from web.frontdesk.day_frame import read_frame
from web.frontdesk.drawn_days import Drawn, DrawnDays
from web.live import day_version

VIEWS = ("chairs", "list")
DAYS = DrawnDays()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at: a local day as one of VIEWS; `by_initials` without names, `is_station` without links."""

    clinic: Clinic
    day: date
    view: str
    by_initials: bool = False
    is_station: bool = False


def version_of(asked: Asked, now: datetime) -> str:
    """A word that changes with all that the board shows of the day. Two queries."""
    bounds = ClinicTime(asked.clinic.time_zone).day_bounds(asked.day)
    return f"{day_version(asked.clinic, bounds, now)}-{read_frame(asked.clinic, asked.day, now).word}"


def draw(asked: Asked, now: datetime) -> Drawn:
    """The day as it is. Two queries where it is kept as drawn, three else.

    The version is read first: what changes meanwhile comes with the next poll.
    """
    clock = ClinicTime(asked.clinic.time_zone)
    frame = read_frame(asked.clinic, asked.day, now)
    version = f"{day_version(asked.clinic, clock.day_bounds(asked.day), now)}-{frame.word}"
    today = clock.local_day(now)

    def drawn() -> Drawn:
        rows = read_day(clinic=asked.clinic, day=asked.day, now=now, frame=frame)
        board = lay_out(rows, now=now, by_initials=asked.by_initials)
        context = {
            "board": board, "asked": asked, "day": asked.day, "view": asked.view, "version": version, "now": now,
            "is_today": asked.day == today,
        }  # fmt: skip
        name = "frontdesk/board_list.html" if asked.view == "list" else "frontdesk/board_chairs.html"
        return Drawn(render_to_string("frontdesk/board_facts.html", context), render_to_string(name, context))

    # What is said of times hangs on the present too ("kept until 10:12"), and on the database in tests of several.
    five_minutes = minutes_between(clock.day_start(today), now) // 5
    key = (connection.settings_dict["NAME"], asked.clinic.pk, asked, version, today, five_minutes, get_language())
    return DAYS.get(key, drawn)
