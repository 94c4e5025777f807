"""Benchmarks run on the server of the run: small, quick, and with no word about how long anything took."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from config.embedded.places import Places
from tests.plugin_servers import run_places


@pytest.fixture
def places(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Places]:
    """Where the run's server is; benchmarks make their databases there by themselves."""
    with django_db_blocker.unblock():
        yield run_places()
