"""Three calendar programs read a file alike, also over the days on which clocks change."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject

from notifications.calendar import CalendarVisit, Standing, write_calendar
from tests.fakes.shared_inputs import read_json

READER = Path(__file__).resolve().parents[1] / "calendar_readers"
NOW = datetime(2027, 1, 4, 12, tzinfo=UTC)
NAMES = UUID("00000000-0000-4000-8000-000000000000")


class Read(NamedTuple):
    """One event as a reader understood it."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    status: str
    summary: str
    place: str


def over_every_change() -> list[CalendarVisit]:
    """A visit at nine the day before, on and after each change of clocks in every zone of the shared facts."""
    visits: list[CalendarVisit] = []
    for zone, facts in read_json("real/time/dst_2024_2030.json")["zones"].items():
        for change in facts["transitions"]:
            day = datetime.fromisoformat(change["utc"]).astimezone(ZoneInfo(zone))
            for days in (-1, 0, 1):
                nine = day.replace(tzinfo=None, hour=9, minute=0, second=0) + timedelta(days=days)
                start = nine.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
                number = len(visits)
                visits.append(
                    CalendarVisit(
                        str(uuid5(NAMES, str(number))), number % 7, start, start + timedelta(hours=2),
                        list(Standing)[number % 3], "Cita", f"Calle {number}; piso 2, «á»",
                    )
                )  # fmt: skip
    return visits


@pytest.fixture(scope="module")
def visits() -> list[CalendarVisit]:
    return over_every_change()


@pytest.fixture(scope="module")
def file(visits: Sequence[CalendarVisit]) -> bytes:
    return write_calendar(visits, organiser="Harbor", mailbox="no-reply@clinic.test", now=NOW)


def wanted(visits: Sequence[CalendarVisit]) -> list[Read]:
    return [
        Read(one.uid, one.sequence, one.starts_at, one.ends_at, one.standing, one.summary, one.place) for one in visits
    ]


def test_icalendar_reads_it(visits: list[CalendarVisit], file: bytes) -> None:
    calendar: Any = icalendar.Calendar.from_ical(file)
    assert calendar["METHOD"] == "PUBLISH"
    assert len(visits) > 100
    assert [
        Read(
            str(event["UID"]), event["SEQUENCE"], event.start.astimezone(UTC), event.end.astimezone(UTC),
            str(event["STATUS"]), str(event["SUMMARY"]), str(event["LOCATION"]),
        )
        for event in calendar.walk("VEVENT")
    ] == wanted(visits)  # fmt: skip


def test_vobject_reads_it(visits: list[CalendarVisit], file: bytes) -> None:
    calendar = vobject.readOne(file.decode())
    assert calendar.method.value == "PUBLISH"
    assert [
        Read(
            event.uid.value, int(event.sequence.value), event.dtstart.value.astimezone(UTC),
            event.dtend.value.astimezone(UTC), event.status.value, event.summary.value, event.location.value,
        )
        for event in calendar.vevent_list
    ] == wanted(visits)  # fmt: skip


@pytest.mark.calendar_readers
def test_ical_js_reads_it(visits: list[CalendarVisit], file: bytes) -> None:
    node = shutil.which("node")
    assert node is not None, "ical.js needs Node.js, which is not on this machine"
    there = (READER / "node_modules" / "ical.js").is_dir()
    assert there, "ical.js is not there: npm install --ignore-scripts --no-package-lock in tests/calendar_readers"
    answer = subprocess.run([node, str(READER / "read.mjs")], input=file, capture_output=True, check=True)
    events = json.loads(answer.stdout)
    assert {event["method"] for event in events} == {"PUBLISH"}
    assert [
        Read(
            event["uid"], event["sequence"], datetime.fromtimestamp(event["start"], UTC),
            datetime.fromtimestamp(event["end"], UTC), event["status"], event["summary"], event["place"],
        )
        for event in events
    ] == wanted(visits)  # fmt: skip
