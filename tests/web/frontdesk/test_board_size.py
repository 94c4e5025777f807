"""A large clinic's day: thirty chairs, eighty visits, few questions to the database, and a page that is light."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from bench.clinics import BenchClinic, create_signer, in_series
from bench.databases import clone
from bench.loading import load_series
from scheduling.models import Clinic, ResourceKind, Role
from tests import databases, factories
from tests.factories import NOW
from tests.plugin_servers import run_places
from tests.web.pages import page_of, signed_in

CHAIRS, NURSES, VISITS = 30, 10, 80
TODAY = date(2027, 1, 4)


@pytest.fixture(scope="module")
def desk(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Client]:
    """Somebody at the desk of the clinic. All patients have names alike, so that each block has its mark too."""
    places = run_places()
    with (
        django_db_blocker.unblock(),
        clone(places) as database,
        databases.default_connection_at(database.name),
        time_machine.travel(NOW, tick=False),
    ):
        clinic = factories.create_clinic(
            chairs=CHAIRS, nurses=NURSES, time_zone="UTC", opens=time(8), closes=time(18)
        )  # fmt: skip
        _, signer = create_signer(clinic, NOW)
        chairs, nurses = (ids_of(clinic, kind) for kind in (ResourceKind.CHAIR, ResourceKind.NURSE))
        # Waves of thirty, a quarter hour of one-to-one each: three patients a nurse.
        visits = [
            (0, 9 * (number // CHAIRS) + number % CHAIRS // NURSES, number % CHAIRS, number % NURSES)
            for number in range(VISITS)
        ]
        booked = BenchClinic(clinic, chairs, nurses).places(TODAY, visits)
        place = BenchClinic(clinic, chairs, nurses)
        load_series(database, [place.series(one) for one in in_series(booked)], signer=signer, now=NOW)
        yield signed_in(clinic, Role.FRONT_DESK)


def ids_of(clinic: Clinic, kind: ResourceKind) -> tuple[int, ...]:
    return tuple(clinic.resources.filter(kind=kind).order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize("view", ["chairs", "list"])
def test_a_large_day_takes_six_queries_and_less_than_150_kilobytes(
    desk: Client, view: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(6):
        page = page_of(desk.get(f"/?day={TODAY}&view={view}"))
    assert page.count('data-visit="') == VISITS
    assert page.count("board__chair") == (CHAIRS if view == "chairs" else 0)
    assert len(page.encode()) < 150_000
    with django_assert_num_queries(5):
        assert page_of(desk.get(f"/?day={TODAY}&view={view}")).count('data-visit="') == VISITS, "drawn before"
