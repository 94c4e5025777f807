"""Rows that are written as one JSON value read back as if Django had bound each field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import TimestamptzRange

from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, AppointmentPhase, Claim, Event, EventToSeal, Role
from scheduling.new_rows import insert_rows
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
AWKWARD = 'a, "b" \\ {c} [d) é 三'


@pytest.fixture
def visit() -> Iterator[Appointment]:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    [booked] = book_series(order=order, clinic=clinic, picks=[Pick(1, NOW + timedelta(hours=3))], by=by, now=NOW)
    # Half a visit's rows would be refused at commit; these tests take theirs back.
    with transaction.atomic():
        yield booked
        transaction.set_rollback(True)


def phase(visit: Appointment, position: int) -> AppointmentPhase:
    return AppointmentPhase(
        appointment=visit,
        position=position,
        name="chat",
        period=TimestamptzRange(NOW, NOW + timedelta(seconds=1.5), "[)"),
        features=["window", AWKWARD],
        actual_start_at=NOW,
    )


def test_rows_read_back_as_they_were_given(visit: Appointment) -> None:
    given = [phase(visit, 20), phase(visit, 21)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        written = insert_rows(given)
    assert len(queries) == 1
    read = AppointmentPhase.objects.in_bulk([row.pk for row in written])
    for row in given:
        fields = AppointmentPhase._meta.concrete_fields
        assert [getattr(read[row.pk], one.attname) for one in fields] == [getattr(row, one.attname) for one in fields]
    assert [row.position for row in written] == [20, 21]
    assert not written[0]._state.adding


def test_data_and_words_survive_as_json(visit: Appointment) -> None:
    data = {"words": AWKWARD, "number": 3, "nothing": None, "list": [1, {"deep": True}]}
    [event] = insert_rows(
        [
            Event(
                organisation_id=visit.organisation_id,
                appointment=visit,
                verb="tried",
                actor_kind="system",
                actor_name="tests",
                happened_at=NOW,
                recorded_at=NOW,
                reason=AWKWARD,
                data=data,
            )
        ]
    )
    event.refresh_from_db()
    assert (event.data, event.reason, event.happened_at) == (data, AWKWARD, NOW)
    # The database says which transaction wrote it.
    assert event.written_in > 0
    [to_seal] = insert_rows([EventToSeal(event_id=event.pk)])
    assert EventToSeal.objects.get(pk=event.pk) == to_seal


def test_what_the_database_computes_comes_back(visit: Appointment) -> None:
    assert visit.live is True


def test_no_rows_need_no_statement() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert insert_rows(Claim() for _ in ()) == []
    assert len(queries) == 0


def test_a_value_without_a_word_in_json_is_refused(visit: Appointment) -> None:
    row = phase(visit, 22)
    row.name = b"bytes"  # type: ignore[assignment]
    with pytest.raises(TypeError, match="bytes"):
        insert_rows([row])
