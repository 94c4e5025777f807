"""A day is said with its year where the year does not go without saying."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone, translation
from psycopg.types.range import TimestamptzRange

from scheduling.why_not import WhyNot
from web import spoken

pytestmark = pytest.mark.usefixtures("before_opening")
NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2027, 1, 4), "Mon, Jan 4"),
        (date(2026, 12, 30), "Wed, Dec 30"),
        (date(2027, 7, 5), "Mon, Jul 5"),
        (date(2027, 7, 6), "Tue, Jul 6, 2027"),
        (date(2028, 1, 5), "Wed, Jan 5, 2028"),
        (date(2026, 7, 5), "Sun, Jul 5, 2026"),
        (date(9999, 12, 31), "Fri, Dec 31, 9999"),
        (date(1, 1, 1), "Mon, Jan 1, 1"),
    ],
)
def test_year_is_said_of_days_more_than_half_a_year_away(day: date, words: str) -> None:
    with timezone.override(NEW_YORK), translation.override("en"):
        assert spoken.short_date(day) == words


def test_moment_has_the_year_of_its_day_at_the_clinic() -> None:
    new_year = datetime(2029, 1, 1, 3, tzinfo=UTC)
    with timezone.override(NEW_YORK), translation.override("en"):
        assert spoken.long_date(new_year) == "Sunday, December 31, 2028"
        assert spoken.span(TimestamptzRange(new_year, datetime(2029, 1, 1, 5, tzinfo=UTC))) == (
            "Sun, Dec 31, 2028, 10:00 PM – 12:00 AM"
        )


def test_spanish_says_it_its_own_way() -> None:
    with timezone.override(NEW_YORK), translation.override("es"):
        assert spoken.long_date(date(2028, 1, 6)) == "jueves 6 de enero de 2028"


def test_reason_says_the_year_of_its_days() -> None:
    reason = WhyNot("overdue", 2, None, "by %(latest)s at the latest", {"latest": date(2028, 1, 21)})
    with translation.override("en"):
        assert spoken.said(reason) == "by Fri, Jan 21, 2028 at the latest"


def test_lists_and_boards_say_a_day_without_its_year() -> None:
    with translation.override("en"):
        assert (spoken.short_day(date(2028, 1, 6)), spoken.long_day(date(2028, 1, 6))) == (
            "Thu, Jan 6", "Thursday, January 6",
        )  # fmt: skip
