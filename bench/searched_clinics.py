"""A database of clinics filled as the instances are, each with a signed order that waits to be booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from bench import yardsticks
from bench.clinics import BenchClinic, as_in, create_clinic, create_signer, employ, set_up_as_in
from bench.databases import Database
from bench.loading import load_series
from scheduling.clinic_time import week_start
from scheduling.models import Clinic, User
from tests import factories

# One row a visit: chair, nurse and start in whole minutes.
BOOKED = """
SELECT seat.resource_id, nurse.resource_id, (extract(epoch FROM lower(seat.period)) / 60)::int
FROM scheduling_claim seat
JOIN scheduling_claim nurse ON nurse.appointment_id = seat.appointment_id AND nurse.role = 'attention'
WHERE seat.live AND seat.role = 'seat' AND seat.resource_id = ANY(%s) AND seat.period && tstzrange(%s, %s)
"""


@dataclass(frozen=True, slots=True)
class Searched:
    """A filled clinic, the instance it was filled from, and the order to book there."""

    seed: int
    instance: Any
    place: BenchClinic
    order_id: int
    monday: date

    @property
    def clinic(self) -> Clinic:
        return self.place.clinic


def create_searched(database: Database, seeds: Sequence[int], now: datetime) -> tuple[list[Searched], User]:
    """A clinic a seed, its instance beginning on the Monday after `now`; and someone of the first clinic's desk.

    The desk asks for weekdays and a time of day, not for hours, so the patients can come all day.
    """
    today = now.astimezone(UTC).date()
    monday = week_start(today) + timedelta(days=7)
    organisation = factories.create_organisation()
    instances = [yardsticks.any_time_of_day(yardsticks.make_instance(seed)) for seed in seeds]
    places = [create_clinic(organisation, prescribers=0) for _ in seeds]
    user, signer = create_signer(places[0].clinic, now)
    booked = [series for one, place in zip(instances, places, strict=True) for series in as_in(one, place, monday)]
    for instance, place in zip(instances, places, strict=True):
        employ(user, place.clinic)
        set_up_as_in(instance, place.clinic, monday, today)
    to_book = [place.series() for place in places]
    ids = load_series(database, [*to_book, *booked], signer=signer, now=now)
    searched = [
        Searched(seed, instance, place, order_id, monday)
        for seed, instance, place, order_id in zip(seeds, instances, places, ids, strict=False)
    ]
    return searched, user


class FloorFromRows:
    """The floor on what one raw query reads from the same tables: whole minutes, no objects."""

    def __init__(self, connection: psycopg.Connection, searched: Searched) -> None:
        self.connection, self.searched = connection, searched
        self.chairs = {pk: number for number, pk in enumerate(searched.place.chairs)}
        self.nurses = {pk: number for number, pk in enumerate(searched.place.nurses)}
        self.span = [yardsticks.at(searched.monday, day, 0) for day in (0, searched.instance.H)]
        self.opens = int(self.span[0].timestamp()) // 60

    def find(self) -> list[Any]:
        """The ten best, as `solvers.bitset` gives them."""
        instance, opens = self.searched.instance, self.opens
        rows = self.connection.execute(BOOKED, [list(self.chairs), *self.span], prepare=True).fetchall()
        self.connection.rollback()
        chairs, nurses = self.chairs, self.nurses
        instance.appts = [
            (chairs[chair], nurses[nurse], (minute - opens) // 1440, (minute - opens) % 1440 // 15)
            for chair, nurse, minute in rows
        ]
        found: list[Any] = yardsticks.solvers().bitset(instance)
        return found
