"""Visits, addresses and things told as the pure rules want them, for tests that need no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from notifications.notice_facts import (
    ChannelName,
    ClinicRules,
    Purpose,
    Reachable,
    Standing,
    Told,
    Visit,
    Wanted,
)  # fmt: skip
from notifications.notice_rules import find_wanted

ZONE = ZoneInfo("America/New_York")
CLINIC = 1
NOW = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)  # Tuesday noon in New York
LONG_AGO = NOW - timedelta(days=30)
PHONE = Reachable(1, ChannelName.SMS, preferred=False, zone=ZONE)
MAILBOX = Reachable(2, ChannelName.EMAIL, preferred=False, zone=ZONE)


def at(day: int, hour: int = 10, minute: int = 0) -> datetime:
    """December 2026 on New York's wall clock."""
    return datetime(2026, 12, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def visit(number: int, starts_at: datetime, **changes: object) -> Visit:
    facts = Visit(number, CLINIC, ZONE, starts_at, 1, Standing.FIRM, LONG_AGO)
    return replace(facts, **changes)  # type: ignore[arg-type]


def told(one: Visit, purpose: Purpose = Purpose.BOOKING_CONFIRMATION, step: str = "now", **changes: object) -> Told:
    fact = Told(one.id, purpose, step, ChannelName.SMS, one.starts_at, one.clinic_id, LONG_AGO + timedelta(minutes=3))
    return replace(fact, **changes)  # type: ignore[arg-type]


def find(
    *visits: Visit, said: tuple[Told, ...] = (), to: tuple[Reachable, ...] = (PHONE,), now: datetime = NOW,
    rules: ClinicRules | None = None, **more: Any,
) -> list[Wanted]:  # fmt: skip
    rules_of = {CLINIC: rules or ClinicRules()}
    return find_wanted(visits=visits, rules_of=rules_of, reachable=to, told=said, now=now, **more)


def brief(found: list[Wanted]) -> list[tuple[int, str, str]]:
    return sorted((one.subject[0][0], one.purpose.value, one.step) for one in found)
