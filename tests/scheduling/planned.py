"""What tests of the planned verbs share: starts that keep the rules of `factories.SIX`, and what a refusal says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from scheduling.booking import Pick, book_series
from scheduling.events import Actor
from scheduling.models import Appointment, Clinic, Event, EventToPlan, Order, Role, Status
from scheduling.picks import AnyPick
from scheduling.problems import Refused
from scheduling.visits import record_step
from tests import factories
from tests.factories import NOW, checks_for

# Two or three days apart, in New York, from the Wednesday after NOW.
DAYS = ("2027-01-06", "2027-01-08", "2027-01-11", "2027-01-13", "2027-01-15", "2027-01-18")
WITH_REVIEW: dict[str, Any] = {
    **deepcopy(factories.SIX), "reviews": [{"after": 3, "method": "video", "minutes": 15}],
}  # fmt: skip


def at(day: str, wall: str = "09:00") -> datetime:
    """An instant by the clock of New York, in January."""
    return datetime.fromisoformat(f"{day}T{wall}-05:00")


def picks(*numbers: int, wall: str = "09:00") -> list[AnyPick]:
    """These infusions on their day of DAYS."""
    return [Pick(number, at(DAYS[number - 1], wall)) for number in numbers]


def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


def booked(order: Order, clinic: Clinic, *numbers: int, wall: str = "09:00") -> list[Appointment]:
    """These infusions booked, and nothing left to tell of it."""
    visits = book_series(order=order, clinic=clinic, picks=picks(*numbers, wall=wall), by=desk(clinic), now=NOW)
    EventToPlan.objects.all().delete()
    return visits


@contextmanager
def refused(*rules: str) -> Iterator[None]:
    """What happens inside is refused for exactly these reasons, and writes nothing that is told."""
    before = written()
    with pytest.raises(Refused) as refusal:
        yield
    assert sorted({problem.rule for problem in refusal.value.problems}) == sorted(rules)
    assert all(problem.message for problem in refusal.value.problems)
    assert written() == before


def written() -> tuple[int, int]:
    """How many visits there are, and events about them."""
    return Appointment.objects.count(), Event.objects.filter(appointment__isnull=False).count()


def meets_the_constraints() -> None:
    """What the database asks at commit, asked now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def events_of(visit: Appointment) -> list[str]:
    """The verbs recorded for a visit, in order."""
    return list(Event.objects.filter(appointment=visit).order_by("pk").values_list("verb", flat=True))


def told() -> int:
    """How many events wait to be told."""
    return EventToPlan.objects.count()


def give(visit: Appointment, clinic: Clinic) -> None:
    """The patient comes, is seated and the infusion starts, at the planned time."""
    nurse = factories.create_actor(clinic, Role.NURSE)
    when = visit.period.lower
    for step in (Status.ARRIVED, Status.SEATED, Status.INFUSING):
        record_step(appointment=visit, to=step, checks=checks_for(step), happened_at=when, by=nurse, now=when)
