"""The chain over committed events: whole, told apart by clinic, and broken by any change."""

from __future__ import annotations

import psycopg
import pytest

from scheduling.models import Event, EventSeal
from scheduling.sealing import chain_of, seal_events, verify_chain
from tests import factories
from tests.databases import Committed
from tests.factories import NOW


def test_seal_events_numbers_each_clinics_events_without_gaps(committed_database: Committed) -> None:
    first, second = factories.create_clinic(), factories.create_clinic()
    factories.create_patient(first)
    factories.create_patient(second)
    count = Event.objects.count()
    assert seal_events(now=NOW, limit=3) == 3
    assert seal_events(now=NOW) == count - 3
    assert seal_events(now=NOW) == 0
    for chain in (f"clinic:{first.pk}", f"clinic:{second.pk}"):
        numbers = list(EventSeal.objects.filter(chain=chain).order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert verify_chain(chain) == []


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        ("UPDATE scheduling_event SET reason = 'other' WHERE id = {id}", "is not what was sealed"),
        ("DELETE FROM scheduling_eventseal WHERE event_id = {id}", "is missing"),
    ],
)
def test_verify_chain_finds_what_an_owner_changed(committed_database: Committed, tamper: str, found: str) -> None:
    clinic = factories.create_clinic()
    for _ in range(3):
        factories.create_patient(clinic)
    seal_events(now=NOW)
    event = Event.objects.filter(clinic=clinic).order_by("pk")[1]
    with psycopg.connect(committed_database.owner_url, autocommit=True) as owner:
        owner.execute(tamper.format(id=event.pk).encode())
    assert found in " ".join(verify_chain(chain_of(event)))
