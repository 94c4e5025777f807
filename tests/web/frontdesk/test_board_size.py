"""A large clinic's day: thirty chairs, eighty visits, few questions to the database, and a page that is light."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from bench.databases import clone
from bench.large_day import CHAIRS, create_large
from scheduling.models import Role
from tests import databases
from tests.factories import NOW
from tests.plugin_servers import run_places
from tests.web.pages import page_of, signed_in

VISITS = 80
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
        clinic, _ = create_large(database, visits=VISITS, days=1, monday=TODAY, now=NOW)
        yield signed_in(clinic, Role.FRONT_DESK)


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
