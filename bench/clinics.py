"""Clinics in a database, filled as the yardsticks' instances are, or by blocks in which every booking finds room."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from psycopg.types.range import TimestamptzRange

from bench.loading import Place, Series, Signer
from bench.yardsticks import CLOSES, OPENS, ORDER, QUARTER, at, on_site
from scheduling.clinic_time import WEEKDAYS
from scheduling.events import Actor, Entry, record
from scheduling.intervals import Interval, subtract
from scheduling.models import (
    Absence,
    Clinic,
    Closure,
    Membership,
    Organisation,
    Resource,
    ResourceKind,
    Role,
    Shift,
    User,
)
from scheduling.plan_approval import approve_protocol
from tests import factories

CHAIRS, NURSES = 12, 4
# (day, slot, chair, nurse) of a visit, in the instances' numbering.
Visit = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class BenchClinic:
    """A clinic and its resources in the instances' numbering."""

    clinic: Clinic
    chairs: tuple[int, ...]
    nurses: tuple[int, ...]

    def places(self, monday: date, visits: Sequence[Visit]) -> list[Place]:
        """Where the visits are, each with a watch place that is free on its nurse, in their order."""
        free_from: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
        found: dict[Visit, Place] = {}
        for visit in sorted(visits):
            day, slot, chair, nurse = visit
            busy_until = free_from[day, nurse]
            number = next(index for index, until in enumerate(busy_until) if until <= slot + 1)
            busy_until[number] = slot + 8
            found[visit] = Place(self.chairs[chair], self.nurses[nurse], number + 1, at(monday, day, slot))
        return [found[visit] for visit in visits]

    def series(self, places: Iterable[Place] = ()) -> Series:
        """A patient's series here, booked at `places`."""
        return Series(self.clinic.pk, self.clinic.organisation_id, tuple(places))


def create_clinic(organisation: Organisation, *, prescribers: int = 1) -> BenchClinic:
    """12 chairs and 4 nurses, open Monday to Friday from 8 to 18 UTC with everyone there."""
    clinic = factories.create_clinic(
        organisation,
        chairs=CHAIRS,
        nurses=NURSES,
        prescribers=prescribers,
        time_zone="UTC",
        opens=time(OPENS // 60),
        closes=time(CLOSES // 60),
    )
    ids: dict[str, list[int]] = defaultdict(list)
    for kind, pk in Resource.objects.filter(clinic=clinic).order_by("pk").values_list("kind", "pk"):
        ids[kind].append(pk)
    return BenchClinic(clinic, tuple(ids[ResourceKind.CHAIR]), tuple(ids[ResourceKind.NURSE]))


def create_signer(clinic: Clinic, now: datetime) -> tuple[User, Signer]:
    """A person of the desk who also prescribes, and the approved protocol that all orders come from."""
    user = factories.create_user(clinic, Role.FRONT_DESK, Role.PRESCRIBER)
    version = factories.create_protocol(clinic, template=ORDER)
    approve_protocol(version=version, by=Actor.staff(user, clinic), now=now)
    return user, Signer(user.pk, version.pk)


def employ(user: User, clinic: Clinic) -> None:
    """Lets the person work at the desk of this clinic too."""
    with transaction.atomic():
        Membership.objects.get_or_create(user=user, clinic=clinic, role=Role.FRONT_DESK)
        _set_up(clinic)


def _set_up(clinic: Clinic) -> None:
    entry = Entry("clinic.set_up", clinic_id=clinic.pk)
    record(organisation_id=clinic.organisation_id, entries=[entry], by=factories.system(), now=factories.NOW)


def as_in(instance: Any, clinic: BenchClinic, monday: date) -> list[Series]:
    """Every booked visit of an instance, in series of up to six that keep the ordered distances."""
    places = clinic.places(monday, [(day, slot, chair, nurse) for chair, nurse, day, slot in instance.appts])
    return [clinic.series(places) for places in in_series(places)]


def in_series(places: Sequence[Place]) -> list[list[Place]]:
    """Visits dealt to patients so that each has at most six, 2 to 4 days apart."""
    ending: dict[date, list[list[Place]]] = defaultdict(list)
    found: list[list[Place]] = []
    for place in sorted(places, key=lambda one: (one.starts, one.chair)):
        day = place.starts.date()
        waiting = next((ending[last] for gap in (3, 2, 4) if ending[last := day - timedelta(days=gap)]), None)
        series = waiting.pop() if waiting else []
        if not series:
            found.append(series)
        series.append(place)
        if len(series) < ORDER["doses"]:
            ending[day].append(series)
    return found


def set_up_as_in(instance: Any, clinic: Clinic, monday: date, today: date) -> None:
    """The instance's prescribers, and the clinic closed from today until the instance begins."""
    with transaction.atomic():
        for number in range(2):
            prescriber = Resource.objects.create(
                clinic=clinic, kind=ResourceKind.PRESCRIBER, code=f"presc-{number}", name=f"Prescriber {number}"
            )
            _roster(prescriber, on_site(instance, monday, number), [at(monday, day, 0).date() for day in instance.open])
        if today < monday:
            period = TimestamptzRange(at(today, 0, -OPENS // QUARTER), at(monday, 0, -OPENS // QUARTER), "[)")
            Closure.objects.create(clinic=clinic, period=period)
        _set_up(clinic)


def _roster(prescriber: Resource, there: Sequence[Interval], open_days: Sequence[date]) -> None:
    """A weekly shift that holds all presence of a weekday, and absences for what is missing from it."""
    for weekday, name in enumerate(WEEKDAYS):
        mine = [one for one in there if one.start.weekday() == weekday]
        if not mine:
            continue
        starts, ends = min(one.start.time() for one in mine), max(one.end.time() for one in mine)
        Shift.objects.create(resource=prescriber, clinic=prescriber.clinic, weekday=name, starts=starts, ends=ends)
        for day in (one for one in open_days if one.weekday() == weekday):
            shift = Interval(*(datetime.combine(day, wall, mine[0].start.tzinfo) for wall in (starts, ends)))
            for away in subtract([shift], mine):
                Absence.objects.create(
                    resource=prescriber, clinic=prescriber.clinic, period=TimestamptzRange(away.start, away.end, "[)")
                )


# A block lasts eleven quarter hours; four visits begin in each of its first three, so that no chair and no nurse is
# wanted twice however the visits are dealt: whoever books a start that is left over always gets it.
BLOCK_SLOTS, BLOCKS, WAVES = 11, 3, 3


def block_visits(days: Iterable[int]) -> list[Visit]:
    """All visits of a full timetable."""
    return [
        (day, BLOCK_SLOTS * block + wave, NURSES * wave + nurse, nurse)
        for day in days
        for block in range(BLOCKS)
        for wave in range(WAVES)
        for nurse in range(NURSES)
    ]


def split_blocks(seed: int, *, series: int, booked: float, days: int) -> tuple[list[Visit], list[list[Visit]]]:
    """A timetable of `days` days, split at random: visits that are booked already, and `series` to book, six each."""
    chance = random.Random(seed)
    free: dict[int, list[Visit]] = {}
    taken: list[Visit] = []
    for day in (day for day in range(days) if day % 7 < 5):
        visits = block_visits([day])
        chance.shuffle(visits)
        cut = round(booked * len(visits))
        taken += visits[:cut]
        free[day] = visits[cut:]
    found: list[list[Visit]] = []
    for _ in range(100 * series):
        if len(found) == series:
            break
        wanted = [chance.randrange(days - 20)]
        while len(wanted) < ORDER["doses"]:
            wanted.append(wanted[-1] + chance.randint(2, 4))
        if all(free.get(day) for day in wanted):
            found.append([free[day].pop() for day in wanted])
    if len(found) < series:
        raise ValueError(f"only {len(found)} of {series} series fit into {days} days")
    return taken, found
