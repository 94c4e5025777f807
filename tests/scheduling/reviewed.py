"""What tests of reviews share: series whose review is due, and a prescriber's or a nurse's word on it."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any

from scheduling.events import Actor
from scheduling.gates import Seen, decide
from scheduling.models import Clinic, Decision, GateDecision, Order, Role, User
from tests import factories
from tests.scheduling.planned import at, booked, give

# After the third infusion, on Monday 11 January.
AFTER_THREE = at("2027-01-11", "16:00")


def with_limit(days: int | None, at_limit: str = "keep", *, after: int = 3) -> dict[str, Any]:
    review = {"after": after, "method": "at_chair", "at_limit": at_limit}
    if days is not None:
        review["decide_within_days"] = days
    return {**deepcopy(factories.SIX), "reviews": [review]}


def reviewed(clinic: Clinic, *more: int, template: dict[str, Any] | None = None) -> Order:
    """An order whose first three infusions were given, with `more` of them booked: its review is due."""
    order = factories.create_order(clinic, template=template)
    for visit in booked(order, clinic, 1, 2, 3, *more)[:3]:
        give(visit, clinic)
    return order


def prescriber(clinic: Clinic, name: str = "") -> User:
    return factories.create_user(clinic, Role.PRESCRIBER, username=name)


def say(
    order: Order,
    decision: Decision,
    who: User,
    clinic: Clinic,
    *,
    after: int = 3,
    note: str = "because",
    now: datetime = AFTER_THREE,
    seen: Seen | None = None,
) -> GateDecision:
    """A prescriber's own decision."""
    by = Actor.staff(who, clinic)
    return decide(
        order=order, after_number=after, decision=decision, decided_by=who, note=note, seen=seen, by=by, now=now
    )


def hear(
    order: Order,
    decision: Decision,
    who: User,
    nurse: User,
    clinic: Clinic,
    *,
    said_at: datetime | None = None,
    now: datetime = AFTER_THREE,
    seen: Seen | None = None,
) -> GateDecision:
    """A decision that a nurse heard and read back."""
    return decide(
        order=order, after_number=3, decision=decision, decided_by=who, note="said so", heard_by_word_of_mouth=True,
        read_back=True, said_at=said_at, seen=seen, by=Actor.staff(nurse, clinic), now=now,
    )  # fmt: skip
