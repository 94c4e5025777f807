"""The dates that orders of the field must come out at, found by the search itself."""

from __future__ import annotations

import pytest

from scheduling.series_search import Wish
from scheduling.spacing import Back, Spacing
from tests.scheduling.one_start_a_day import MON_TO_FRI, dates, exactly, given_on, searched


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            lambda: searched(
                5,
                (
                    exactly(2, "first", 14),
                    exactly(3, "first", 42),
                    exactly(4, "previous", 56),
                    exactly(5, "previous", 56),
                ),
            ),
            "01-05 01-19 02-16 04-13 06-08",
        ),
        (lambda: searched(3, (exactly(2, "first", 14), exactly(3, "first", 168))), "01-05 01-19 06-22"),
        (
            lambda: searched(
                6, (Spacing("each", "previous", 2, 2, 3),), wish=Wish(weekdays=frozenset({"mon", "wed", "fri"}))
            ),
            "01-05 01-07 01-09 01-12 01-14 01-16",
        ),
        (lambda: searched(6, (Spacing("each", "previous", 3),), per_week=2), "01-05 01-08 01-12 01-15 01-19 01-22"),
        (
            lambda: searched(
                12,
                (Spacing("each", "previous", 3), *(Spacing(number, "previous", 7) for number in (10, 11, 12))),
                per_week=2,
            ),
            "01-05 01-08 01-12 01-15 01-19 01-22 01-26 01-29 02-02 02-09 02-16 02-23",
        ),
        (
            lambda: searched(10, (Spacing("each", "previous", 1, 1, 1, "open_days"),), weekdays=MON_TO_FRI),
            "01-05 01-06 01-07 01-08 01-09 01-12 01-13 01-14 01-15 01-16",
        ),
        (
            lambda: searched(
                6,
                (
                    exactly(2, "first", 7),
                    exactly(3, "first", 14),
                    exactly(4, "first", 28),
                    exactly(5, 4, 7),
                    exactly(6, 4, 14),
                ),
            ),
            "01-05 01-12 01-19 02-02 02-09 02-16",
        ),
        (
            lambda: searched(6, (exactly(2, 1, 7), exactly(3, 1, 14), Spacing("each", Back(3), 28, 28, 28))),
            "01-05 01-12 01-19 02-02 02-09 02-16",
        ),
        (lambda: searched(2, (Spacing(2, "previous", 3, None, 8),)), "01-05 01-08"),
        (lambda: searched(2, (Spacing(2, "previous", 7),)), "01-05 01-12"),
        (lambda: searched(5, (Spacing("each", "previous", 2),), within_days=14), "01-05 01-07 01-09 01-11 01-13"),
    ],
    ids=[
        "infliximab",
        "ocrelizumab",
        "mon-wed-fri",
        "twice a week",
        "esketamine",
        "ten weekdays",
        "chemo",
        "chemo by back",
        "ferumoxytol",
        "carboxymaltose",
        "five in fourteen",
    ],
)
def test_search_comes_out_at_the_worked_dates(found: object, expected: str) -> None:
    assert callable(found)
    assert found() == dates(expected)


def test_what_was_given_moves_what_follows() -> None:
    given = given_on("01-05 01-19 02-21")
    assert searched(4, (exactly(4, "previous", 56),), given=given) == dates("04-18")
    assert searched(4, (exactly(4, "first", 98),), given=given) == dates("04-13")
    late = given_on("01-05 01-19 07-06")
    assert searched(4, (exactly(4, "previous", 168),), given=late) == dates("12-21")
