"""Instructions as clock times: by the clock that hangs in the clinic, also in a night in which it is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from psycopg.types.range import Range

from notifications.notice_facts import Preparation
from notifications.preparing import prepare
from scheduling.models import Appointment
from web.patient.instructions import instructions_of, own_words_of
from web.patient.shown import Shown


def shown(start: tuple[int, int, int, int, int], zone: str, solids: float, liquids: float) -> Shown:
    begins = datetime(*start, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    visit = Appointment(period=Range(begins, begins + timedelta(hours=2)), time_zone=zone)
    asked = prepare({"fasting": {"solids_hours": solids, "clear_liquids_hours": liquids}}, begins)
    return seen(visit, asked)


def seen(visit: Appointment, asked: Preparation | None) -> Shown:
    return Shown(
        visit=visit, can_confirm=False, can_say_no=False, cancels_at_once=False, wishes=frozenset(), preparing=asked,
        ride_is_named=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("start", "zone", "food", "drinks"),
    [
        ((2027, 1, 7, 10, 0), "America/New_York", "4:00 AM on Thursday", "8:00 AM on Thursday"),
        ((2027, 1, 7, 7, 30), "America/New_York", "1:30 AM on Thursday", "5:30 AM on Thursday"),
        ((2027, 1, 7, 5, 0), "America/New_York", "11:00 PM on Wednesday", "3:00 AM on Thursday"),
        # Midnight belongs to the evening before.
        ((2027, 1, 7, 6, 0), "America/New_York", "11:59 PM on Wednesday", "4:00 AM on Thursday"),
        # The clocks go from two to three: six hours before eight is one o'clock by the clock that hangs there then.
        ((2027, 3, 14, 8, 0), "America/New_York", "1:00 AM on Sunday", "6:00 AM on Sunday"),
        # They go from two back to one.
        ((2027, 11, 7, 8, 0), "America/New_York", "2:00 AM on Sunday", "6:00 AM on Sunday"),
        ((2027, 11, 7, 6, 0), "America/New_York", "1:00 AM on Sunday", "4:00 AM on Sunday"),
        # By half an hour, in October.
        ((2027, 10, 3, 7, 0), "Australia/Lord_Howe", "12:30 AM on Sunday", "5:00 AM on Sunday"),
    ],
)
def test_six_and_two_hours_on_the_clinics_clock(
    start: tuple[int, int, int, int, int], zone: str, food: str, drinks: str
) -> None:
    with translation.override("en"):
        said = [words for _, words in instructions_of(shown(start, zone, 6, 2))]
    assert said == [f"No food after {food}.", f"Water and other clear drinks until {drinks}, then nothing more."]


def test_only_what_was_signed_is_said() -> None:
    day = (2027, 1, 7, 10, 0)
    with translation.override("en"):
        assert [icon for icon, _ in instructions_of(shown(day, "America/New_York", 6, 0))] == ["utensils-crossed"]
        assert instructions_of(shown(day, "America/New_York", 0, 0)) == []


def test_spanish_uses_the_clock_of_24_hours() -> None:
    with translation.override("es"):
        said = [words for _, words in instructions_of(shown((2027, 1, 7, 6, 0), "America/New_York", 6, 2))]
    assert said == [
        "Nada de comer después de las 23:59 del miércoles.",
        "Agua y otras bebidas claras hasta las 04:00 del jueves; después, nada más.",
    ]


@pytest.mark.parametrize(
    ("page", "says", "expected"),
    [
        ("en", {"en": "Bring a list.", "es": "Traiga una lista."}, ("Bring a list.", "en", False)),
        ("es", {"en": "Bring a list.", "es": "Traiga una lista."}, ("Traiga una lista.", "es", False)),
        # Nobody translates on the way: English, and the offer of a call.
        ("es", {"en": "Bring a list."}, ("Bring a list.", "en", True)),
        ("en", {"es": "Traiga una lista."}, None),
        ("es", {}, None),
    ],
)
def test_orders_own_words_come_in_the_language_of_the_page(
    page: str, says: dict[str, str], expected: tuple[str, str, bool] | None
) -> None:
    one = replace(shown((2027, 1, 7, 10, 0), "America/New_York", 6, 2), plan_says=says)
    with translation.override(page):
        found = own_words_of(one)
    assert (found and (found.lines[0], found.language, found.is_other)) == expected
