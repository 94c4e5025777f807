"""Which booked visits still fit an order that changed: each reason alone, and only what is planned is asked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from scheduling.clinic_time import ClinicTime
from scheduling.order_fit import PlannedVisit, reasons_against_visits
from scheduling.protocol_template import ProtocolTemplate
from tests.factories import SIX

CLOCK = ClinicTime("America/New_York")
FIRST = datetime.fromisoformat("2027-01-05T09:00-05:00")


def visit(number: int, days: int, **said: Any) -> PlannedVisit:
    values = {"site": "harbor", "zone": CLOCK.zone_name, "has_same_phases": True, **said}
    return PlannedVisit(id=number * 10, number=number, start=FIRST + timedelta(days=days), **values)


def reasons(*visits: PlannedVisit, given: dict[int, datetime] | None = None, **said: Any) -> dict[int, tuple[str, ...]]:
    plan = ProtocolTemplate.from_dict({**SIX, "sites": ["harbor"], **said})
    return reasons_against_visits(plan, visits, given or {}, CLOCK)


def test_what_fits_has_no_reasons() -> None:
    assert reasons(visit(1, 0), visit(2, 3), visit(3, 6)) == {}


@pytest.mark.parametrize(
    ("second", "said", "reason"),
    [
        (visit(2, 3), {"doses": 1, "reviews": []}, "number"),
        (visit(2, 3, site="north"), {}, "site"),
        (visit(2, 3, has_same_phases=False), {}, "phases"),
        (visit(2, 3), {"not_after": "2027-01-07"}, "days"),
        (visit(2, 3), {"not_before": "2027-01-09"}, "days"),
        (visit(2, 1), {}, "spacing"),
        (visit(2, 5), {}, "spacing"),
        (visit(2, -1), {}, "order"),
        (visit(2, 25), {"spacing": []}, "within_days"),
        (visit(2, 2), {"per_week": 1}, "per_week"),
    ],
)
def test_each_reason_is_said_of_the_visit_it_is_about(second: PlannedVisit, said: dict[str, Any], reason: str) -> None:
    assert reason in reasons(visit(1, 0), second, **said)[second.id]


def test_last_day_counts_by_the_clinics_clock() -> None:
    late = PlannedVisit(10, 1, datetime.fromisoformat("2027-01-08T02:00+00:00"), "harbor", CLOCK.zone_name, True)
    assert CLOCK.local_day(late.start) == date(2027, 1, 7)
    assert reasons(late, not_after="2027-01-07") == {}


def test_what_was_given_is_counted_from_and_never_asked() -> None:
    given = {1: FIRST, 2: FIRST + timedelta(days=1)}
    assert reasons(visit(3, 4), given=given) == {}
    assert reasons(visit(3, 2), given=given) == {30: ("spacing",)}


def test_soft_sides_and_exceptions_are_no_reason() -> None:
    soft = [{"dose": "each", "after": "previous", "min": 2, "max": 4, "soft": ["min", "max"]}]
    assert reasons(visit(1, 0), visit(2, 1), spacing=soft) == {}
    assert reasons(visit(1, 0), visit(2, 1, allowed=frozenset({"spacing"}))) == {}
