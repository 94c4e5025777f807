"""A clinic's Tuesday for tests of what happens to visits: booked infusions, walked along their steps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import F, Q

from scheduling.booking import Pick, book_series
from scheduling.events import Actor
from scheduling.models import Appointment, Claim, Clinic, Event, Resource, Role, Status
from scheduling.visits import record_step
from tests import factories
from tests.factories import NOW, SIX, checks_for

NINE: Final = datetime.fromisoformat("2027-01-05T09:00-05:00")
# An infusion of the factory's phases holds its chair for 135 minutes, the last 15 after the patient left.
WHOLE: Final = 135
# The same with a pump, and a recovery that may be spent in a bay.
WITH_BAY: Final[dict[str, Any]] = {
    **SIX,
    "phases": [
        {"name": "arrive", "minutes": 10, "nurse": "watch"},
        {"name": "set up", "minutes": 15, "nurse": "attention", "prescriber": "present"},
        {"name": "infuse", "minutes": 40, "nurse": "watch", "equipment": ["pump"]},
        {"name": "recover", "minutes": 55, "nurse": "watch", "place": "bay"},
        {"name": "turnover", "minutes": 15},
    ],
}
# When each step is due, in minutes after the start.
PLAN: Final = {
    Status.ARRIVED: 0,
    Status.SEATED: 10,
    Status.INFUSING: 25,
    Status.RECOVERING: 65,
    Status.COMPLETED: 120,
}


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def book(clinic: Clinic, start: datetime = NINE, *, template: dict[str, Any] | None = None) -> Appointment:
    """The first infusion of a new patient's order."""
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    order = factories.create_order(clinic, template=template)
    [visit] = book_series(order=order, clinic=clinic, picks=[Pick(1, start)], by=by, now=NOW)
    return visit


def nurse(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.NURSE)


def walk(visit: Appointment, by: Actor, until: Status, *, late: int = 0) -> None:
    """On from where it stands up to `until`, each step at its planned time and `late` minutes."""
    steps = list(PLAN)
    done = steps.index(Status(visit.status)) + 1 if visit.status in PLAN else 0
    for step in steps[done : steps.index(until) + 1]:
        at = visit.period.lower + minutes(PLAN[step] + late)
        record_step(appointment=visit, to=step, checks=checks_for(step), happened_at=at, by=by, now=at)


def hold_true() -> None:
    """Asks the database what it asks at commit, and that a visit without a place uses none unless it is under way."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    not_started = Q(appointment__status__in=[Status.HELD, Status.BOOKED])
    assert not Claim.objects.filter(not_started, live=True, appointment__is_placed=False).exists()
    assert not Claim.objects.exclude(live=F("appointment__live")).exists()


def chairs_of(visit: Appointment) -> list[tuple[str, int, int]]:
    """Which chair it has, from and to so many minutes after the planned start."""
    return uses_of(visit, "seat")


def nurses_of(visit: Appointment) -> list[tuple[str, int, int]]:
    return uses_of(visit, "watch", "attention")


def uses_of(visit: Appointment, *roles: str) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    for claim in Claim.objects.filter(appointment=visit, role__in=roles).select_related("resource").order_by("period"):
        start, end = (
            int((at - visit.period.lower).total_seconds() // 60) for at in (claim.period.lower, claim.period.upper)
        )
        if found and found[-1][0] == claim.resource.code and found[-1][2] == start:
            start = found.pop()[1]
        found.append((claim.resource.code, start, end))
    return found


def waiting(clinic: Clinic) -> list[Appointment]:
    """Visits that hold no chair or nurse any more, and those under way whose chair nobody said."""
    return list(Appointment.objects.filter(clinic=clinic, live=True, is_placed=False).order_by("period", "pk"))


def chair(clinic: Clinic, number: int) -> Resource:
    return Resource.objects.get(clinic=clinic, code=f"chair-{number}")


def nurse_of(clinic: Clinic, number: int) -> Resource:
    return Resource.objects.get(clinic=clinic, code=f"nurse-{number}")


def verbs(visit: Appointment) -> list[str]:
    return list(Event.objects.filter(appointment=visit).order_by("pk").values_list("verb", flat=True))
