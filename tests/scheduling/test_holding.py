"""Keeping times: a whole series at once, seen by everybody, a second option beside it, and how it becomes a booking."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from scheduling.booking import Pick
from scheduling.holding import hold_series
from scheduling.kept_times import book_held
from scheduling.models import Role
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

WEDNESDAY = datetime.fromisoformat("2027-01-06T09:00-05:00")


def every_three_days(start: datetime, *numbers: int) -> list[Pick]:
    return [Pick(number, start + timedelta(days=2 * index)) for index, number in enumerate(numbers)]


def test_smoke() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    first = hold_series(order=order, clinic=clinic, picks=every_three_days(WEDNESDAY, 1, 2), by=by, now=NOW)
    assert [v.status for v in first] == ["held", "held"]
    second = hold_series(
        order=order,
        clinic=clinic,
        picks=every_three_days(WEDNESDAY + timedelta(minutes=30), 1, 2),
        by=by,
        now=NOW,
        until=time(17),
    )
    assert [v.kind for v in second] == ["kept", "kept"]
    booked = book_held(visits=second, by=by, now=NOW)
    assert [v.kind for v in booked] == ["infusion"] * 2
    for v in first:
        v.refresh_from_db()
        assert v.status == "released"
