"""A large clinic whose days are full: thirty chairs, ten nurses, so many visits on each of so many days."""

from __future__ import annotations

from datetime import date, datetime, time

from bench.clinics import BenchClinic, create_signer, in_series
from bench.databases import Database
from bench.loading import load_series
from scheduling.models import Clinic, ResourceKind, User
from tests import factories

CHAIRS, NURSES = 30, 10
# Quarter hours from the begin of one wave to the next: a visit takes eight, and begins in one of three.
WAVE = 10


def create_large(database: Database, *, visits: int, days: int, monday: date, now: datetime) -> tuple[Clinic, User]:
    """The clinic, and somebody who works at its desk. All patients have names alike, so that each has the mark too."""
    clinic = factories.create_clinic(chairs=CHAIRS, nurses=NURSES, time_zone="UTC", opens=time(8), closes=time(18))
    user, signer = create_signer(clinic, now)
    chairs, nurses = (_ids(clinic, kind) for kind in (ResourceKind.CHAIR, ResourceKind.NURSE))
    large = BenchClinic(clinic, chairs, nurses)
    booked = large.places(monday, [visit for day in range(days) for visit in _full_day(day, visits)])
    load_series(database, [large.series(one) for one in in_series(booked)], signer=signer, now=now)
    return clinic, user


def _full_day(day: int, visits: int) -> list[tuple[int, int, int, int]]:
    """Waves of thirty; in each a nurse begins one patient a quarter hour, three in all."""
    return [
        (day, WAVE * (number // CHAIRS) + number % CHAIRS // NURSES, number % CHAIRS, number % NURSES)
        for number in range(visits)
    ]


def _ids(clinic: Clinic, kind: ResourceKind) -> tuple[int, ...]:
    return tuple(clinic.resources.filter(kind=kind).order_by("pk").values_list("pk", flat=True))
