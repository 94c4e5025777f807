"""The demo clinic is open when opened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from scheduling import clinic_section
from scheduling.clinic_time import ClinicTime, WallRange, weekday_key
from scheduling.marked_yaml import Lines
from web.clinic_file import read_file
from web.demo.clinic import example_file
from web.demo.opening import open_now

CLOCK = ClinicTime("America/New_York")


def opened(now: datetime) -> dict[str, Any]:
    data, _ = read_file(example_file())
    del data["messages"]
    return open_now(data, now)


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 24, 15, 0, tzinfo=UTC),  # a Tuesday morning
        datetime(2026, 11, 22, 23, 30, tzinfo=UTC),  # a Sunday evening
        datetime(2026, 11, 26, 17, 0, tzinfo=UTC),  # Thanksgiving
        datetime(2026, 11, 25, 4, 58, tzinfo=UTC),  # two minutes before midnight
        datetime(2026, 11, 25, 5, 1, tzinfo=UTC),  # a minute after it
        datetime(2027, 3, 14, 7, 5, tzinfo=UTC),  # the hour the clocks jumped over
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC),  # the hour that comes twice
    ],
)
def test_it_is_open_with_everyone_there_around_now(now: datetime) -> None:
    section = opened(now)
    assert clinic_section.check(section, Lines({})) == []
    key, minute = weekday_key(CLOCK.local_day(now)), min(CLOCK.minute_of_day(now), 23 * 60 + 54)
    ranges = [WallRange.from_text(text) for text in section["clinic"]["hours"][key]]
    assert any(one.start <= minute < one.end for one in ranges)
    day = CLOCK.local_day(now).isoformat()
    for nurse in section["nurses"]:
        dated = [shift["hours"] for shift in nurse.get("dated_shifts", []) if shift["from"] == day]
        weekly = [
            text for days, texts in nurse["shifts"].items() if key in clinic_section.weekdays(days) for text in texts
        ]
        hull = [WallRange.from_text(text) for text in dated + weekly]
        assert min(one.start for one in hull) <= minute < max(one.end for one in hull)


def test_an_ordinary_hour_changes_nothing_but_the_day_s_own_entry() -> None:
    section = opened(datetime(2026, 11, 24, 17, 0, tzinfo=UTC))
    assert section["clinic"]["hours"]["tue"] == ["08:00-18:00"]
    assert section["clinic"]["last_end"] == "18:00"
    assert not any("dated_shifts" in nurse for nurse in section["nurses"])


def test_doing_it_again_changes_nothing() -> None:
    now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert open_now(opened(now), now) == opened(now)


def test_hours_are_never_narrowed_and_old_shifts_go() -> None:
    sunday, monday = datetime(2026, 11, 22, 23, 30, tzinfo=UTC), datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    later = open_now(opened(sunday), monday)
    assert later["clinic"]["hours"]["sun"] == opened(sunday)["clinic"]["hours"]["sun"]
    assert not any("dated_shifts" in nurse for nurse in later["nurses"])
