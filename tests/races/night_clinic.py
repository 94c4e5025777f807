"""A clinic that is open at night, when clocks change: two chairs, two nurses, four series and somebody to talk to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from scheduling.absences import change_shifts
from scheduling.capacity import Phase
from scheduling.events import Actor
from scheduling.models import Clinic, Order, Patient, Resource, ResourceKind, Role, User, VisitType
from scheduling.opening_hours import Week, change_hours
from tests import factories

ZONE: Final = ZoneInfo("America/New_York")
# Thursdays whose Sunday has 25 and 23 hours, and when that Sunday's clocks change.
AUTUMN: Final = datetime(2026, 10, 29, 4, tzinfo=UTC)
SPRING: Final = datetime(2027, 3, 11, 5, tzinfo=UTC)
CHANGES: Final = {AUTUMN: datetime(2026, 11, 1, 6, tzinfo=UTC), SPRING: datetime(2027, 3, 14, 7, tzinfo=UTC)}
PHASES: Final[list[dict[str, Any]]] = [
    {"name": "arrive", "minutes": 10, "nurse": "watch"},
    {"name": "set up", "minutes": 15, "nurse": "attention", "prescriber": "present"},
    {"name": "infuse", "minutes": 60, "nurse": "watch"},
    {"name": "discharge", "minutes": 10, "nurse": "attention"},
    {"name": "turnover", "minutes": 15},
]
DAYS: Final = {"dose": "each", "after": "previous", "min": 2, "target": 3, "max": 4}
HOURS: Final = DAYS | {"min": 48, "target": 72, "max": 96, "unit": "hours"}
EVERY_DAY: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def nightly(*ranges: tuple[time, time]) -> Week:
    """These hours every night."""
    return {day: list(ranges) for day in EVERY_DAY}


WEEKS: Final = (
    nightly((time(0), time(6))),
    nightly((time(0), time(7, 30))),
    nightly((time(0, 30), time(2, 30)), (time(3), time(6))),
)


def series(doses: int, spacing: dict[str, Any], *reviews: int) -> dict[str, Any]:
    return {
        "doses": doses, "spacing": [spacing], "phases": PHASES,
        "reviews": [{"after": after, "method": "at_chair"} for after in reviews],
    }  # fmt: skip


TEMPLATES: Final = {
    "ana": series(3, DAYS),
    "ben": series(3, DAYS),
    "cyd": series(2, HOURS),
    "dee": series(2, DAYS, 1),
}
TALKER: Final = "eli"


@dataclass(frozen=True)
class NightClinic:
    """Its rows. Everybody may do everything: who may is asked elsewhere."""

    clinic: Clinic
    user: User
    by: Actor
    orders: dict[str, Order]
    talker: Patient
    talk: VisitType
    resources: tuple[Resource, ...]

    def phases(self, who: str) -> tuple[Phase, ...]:
        return Phase.list_from(self.talk.phases if who == TALKER else PHASES)


def build() -> NightClinic:
    """The clinic as it is before anybody books."""
    clinic = factories.create_clinic(chairs=2, nurses=2, opens=time(0), closes=time(6))
    user = factories.create_user(clinic, *Role)
    by = Actor.staff(user, clinic)
    change_hours(clinic=clinic, hours=WEEKS[0], by=by, now=factories.NOW)
    resources = tuple(Resource.objects.filter(clinic=clinic).order_by("pk"))
    for resource in resources:
        if resource.kind != ResourceKind.CHAIR:
            change_shifts(resource=resource, shifts=nightly((time(0), time(7))), by=by, now=factories.NOW)
    orders = {who: factories.create_order(clinic, template=template) for who, template in TEMPLATES.items()}
    talker, talk = factories.create_patient(clinic), factories.create_visit_type(clinic)
    return NightClinic(clinic, user, by, orders, talker, talk, resources)


def day_of(instant: datetime) -> date:
    return instant.astimezone(ZONE).date()


def at_quarter(day: date, quarter: int) -> datetime:
    """The instant at which a quarter hour after midnight is read from the wall, the first of two; a skipped one is an
    hour later."""
    wall = time(quarter // 4, quarter % 4 * 15)
    return datetime.combine(day, wall, ZONE).astimezone(UTC)


def days_later(instant: datetime, days: int) -> date:
    return day_of(instant) + timedelta(days=days)
