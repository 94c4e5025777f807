"""How far ahead a scenario is searched."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from scheduling.scenario.horizon import FARTHEST, FREE_DAYS, LONGEST_WAIT
from scheduling.scenario.scenario import read_scenario
from tests.scheduling.scenario.small_scenario import faults, scenario

TODAY = date(2026, 1, 5)
# Nothing dated, so that only the order's rules count.
EMPTY: dict[str, Any] = {
    "booked": [],
    "clinic__closed": [],
    "clinic__chairs": [{"id": "c"}],
    "clinic__nurses": [],
    "order__gates": [],
    "order__within_days": None,
}


def days(**parts: Any) -> tuple[int, int]:
    """The first and last day that are searched, in days after today."""
    known = read_scenario(scenario(**EMPTY | parts)).clinic.open
    return (min(known) - TODAY).days, (max(known) - TODAY).days


def test_sixty_days_and_the_longest_way_of_the_rules() -> None:
    # The first infusion may wait for a week more than 60 days, for the patient may have one day a week.
    start = FREE_DAYS + 7
    assert days(order__spacing=[{"min": 2, "max": 4}]) == (0, start + 5 * 4)
    assert days(order__spacing=[{"after": "first", "max": 30}]) == (0, start + 30)
    assert days(order__spacing=[{"min": 48, "max": 50, "unit": "hours"}]) == (0, start + 5 * 3)
    assert days(order__spacing=[{"min": 168}], order__doses=2) == (0, start + 168 + 7)
    assert days(order__spacing=[], order__within_days=21) == (0, start + 21)


def test_what_is_dated_pushes_the_sixty_days_ahead() -> None:
    assert days(patient__busy=[["2026-03-01T00:00Z", "2026-04-15T00:00Z"]], order__doses=1) == (0, 99 + FREE_DAYS + 7)
    assert days(clinic__closed=["2199-01-01"], order__doses=1) == (0, LONGEST_WAIT + FREE_DAYS + 7)
    assert days(order__not_before="2027-01-05", order__doses=1) == (0, 365 + FREE_DAYS + 7)


def test_ten_years_at_most() -> None:
    assert days(order__spacing=[{"min": 10_000}]) == (0, FARTHEST)
    far = TODAY + timedelta(days=FARTHEST + 1)
    assert faults(scenario(order__not_before=str(far))) == {
        "order.not_before": f"order.not_before is more than {FARTHEST} days after now"
    }


def test_open_days_are_counted_back_to_what_stands() -> None:
    given = [{"dose": 1, "at": "2025-12-01T15:00Z"}]
    assert days(order__given=given)[0] == 0
    assert days(order__given=given, order__spacing=[{"min": 1, "unit": "open_days"}])[0] == -35
