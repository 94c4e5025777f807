"""The guard as we count it is the guard as the database does, and a lowered gap just lets the next infusion pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling.gap_exceptions import Guarded, smaller_gap

# What the database generates, see migration 0002.
GUARD_ENDS = """
SELECT greatest(
  ((%(start)s AT TIME ZONE 'UTC') + make_interval(mins => greatest(%(minutes)s, 1))) AT TIME ZONE 'UTC',
  ((%(start)s AT TIME ZONE %(zone)s)::date + %(days)s)::timestamp AT TIME ZONE %(zone)s)
"""
ZONES = st.sampled_from(["America/New_York", "Europe/Berlin", "America/Havana", "Asia/Kolkata", "Pacific/Apia", "UTC"])
# Steps of five minutes in two years, clock changes included.
STARTS = st.integers(0, 2 * 365 * 288).map(lambda step: datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=5 * step))


def database_says(start: datetime, zone: str, days: int, minutes: int) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(GUARD_ENDS, {"start": start, "zone": zone, "days": days, "minutes": minutes})
        ends: datetime = cursor.fetchone()[0]
        return ends


@pytest.mark.django_db
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=STARTS, zone=ZONES, days=st.integers(0, 60), minutes=st.integers(0, 4000))
def test_the_guard_ends_when_the_database_says(start: datetime, zone: str, days: int, minutes: int) -> None:
    assert Guarded(1, start, zone, days, minutes).until == database_says(start, zone, days, minutes)


@pytest.mark.django_db
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=STARTS, zone=ZONES, days=st.integers(0, 60), minutes=st.integers(0, 4000), after=st.integers(1, 60 * 288))
def test_a_smaller_gap_lets_the_next_infusion_pass_and_is_never_a_larger_one(
    start: datetime, zone: str, days: int, minutes: int, after: int
) -> None:
    earlier, later = Guarded(1, start, zone, days, minutes), start + timedelta(minutes=5 * after)
    smaller = smaller_gap(earlier, later)
    assert smaller.days <= days
    assert smaller.minutes <= minutes
    assert database_says(start, zone, smaller.days, smaller.minutes) <= later
