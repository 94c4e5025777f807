"""Two tabs, two presses: answers given in the same moment are kept once, and their task is one. Everybody is held where
the answers are written until all are there, so that the controls fail each time: without what makes them wait for one
another, all are kept."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from unittest.mock import patch

import psycopg
import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from scheduling.events import record
from scheduling.locking import BusyNow
from scheduling.models import AnsweredHow, ClinicianTask, Event, Questionnaire, QuestionnaireResponse
from scheduling.questionnaires.answering import AlreadyAnswered, entry_about
from scheduling.questionnaires.asking import Asking
from tests import factories
from tests.counts import count
from tests.databases import Committed
from tests.notifications.test_at_once import WORKERS, at_once, beside
from tests.scheduling.questionnaires.world import DAY_BEFORE, booked, by_link, one_asked, order_that_asks

LATER = DAY_BEFORE + timedelta(minutes=1)
# Shorter than a verb waits for a lock.
LONGEST_HELD = 2.0
PATIENCE = 30.0
WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
UNIQUE = """
SELECT conname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
WHERE c.conrelid = %s::regclass AND c.contype = 'u' AND a.attname = %s
"""


@pytest.fixture
def asking(committed_database: Committed) -> Asking:
    """What nobody has opened yet: it has no row of its own."""
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)
    return one_asked(order.patient, DAY_BEFORE)


def with_row(asking: Asking) -> Asking:
    """The same once it has a row: only the lock on it makes the second wait."""
    with transaction.atomic():
        row = Questionnaire.objects.create(
            ask_key=asking.key, clinic=asking.clinic, patient=asking.order.patient, order=asking.order,
            appointment=asking.visit, instrument=asking.instrument.code, opens_at=asking.period.start,
            closes_at=asking.period.end,
        )  # fmt: skip
        entries = [entry_about("questionnaire.opened", row)]
        record(organisation_id=asking.clinic.organisation_id, entries=entries, by=factories.system(), now=DAY_BEFORE)
    return asking


def press(asking: Asking) -> Callable[[], str]:
    """What one press meets: kept, told of the answers before, told to press again, or a fault."""

    def pressed() -> str:
        try:
            by_link(asking, [*[0] * 8, 1], LATER)
        except (AlreadyAnswered, BusyNow, IntegrityError) as error:
            return type(error).__name__
        return "kept"

    return pressed


def pressed_together(asking: Asking, database: Committed) -> Counter[str]:
    """What everybody met who pressed before anybody's answers were written: they are held there until all wait, for
    that or for one another."""
    with psycopg.connect(database.owner_url, autocommit=True) as looking, psycopg.connect(database.owner_url) as holds:
        holds.execute("LOCK TABLE scheduling_questionnaireresponse IN SHARE ROW EXCLUSIVE MODE")
        met = beside(lambda: at_once(press(asking)))
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and looking.execute(WAITING).fetchone() == (0,):
            time.sleep(0.01)
        until = time.monotonic() + LONGEST_HELD
        while time.monotonic() < until and looking.execute(WAITING).fetchone() != (WORKERS,):
            time.sleep(0.01)
        holds.commit()
        return Counter(met.result(PATIENCE))


def without_unique(database: Committed, table: str, column: str) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        row = owner.execute(UNIQUE, [table, column]).fetchone()
        assert row is not None
        owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{row[0]}"'.encode())


def without_the_row_lock() -> AbstractContextManager[object]:
    return patch.object(QuerySet, "select_for_update", lambda rows, **_: rows)


@pytest.mark.parametrize("opened", [False, True], ids=["nobody opened it yet", "it has a row"])
def test_many_presses_keep_one_answer(committed_database: Committed, asking: Asking, *, opened: bool) -> None:
    met = pressed_together(with_row(asking) if opened else asking, committed_database)
    count("answers pressed in the same moment", WORKERS)
    assert met["kept"] == 1
    assert met.keys() <= {"kept", "AlreadyAnswered", "BusyNow"}
    assert QuestionnaireResponse.objects.get().how == AnsweredHow.LINK
    assert Questionnaire.objects.count() == ClinicianTask.objects.count() == 1
    assert Event.objects.filter(verb="questionnaire.answered").count() == 1
    assert WORKERS > 1


def test_without_its_key_all_would_be_kept(committed_database: Committed, asking: Asking) -> None:
    """Control: a first press is waited for at the key of what is asked."""
    without_unique(committed_database, "scheduling_questionnaire", "ask_key")
    assert pressed_together(asking, committed_database)["kept"] > 1
    assert QuestionnaireResponse.objects.count() == ClinicianTask.objects.count() > 1


def test_without_the_lock_the_others_meet_a_fault(committed_database: Committed, asking: Asking) -> None:
    """Control: the database still keeps one, but the others are not told of the answers that were there first."""
    with without_the_row_lock():
        met = pressed_together(with_row(asking), committed_database)
    assert met["kept"] == QuestionnaireResponse.objects.count() == 1
    assert met["IntegrityError"]


def test_without_the_lock_and_what_is_unique_all_would_be_kept(committed_database: Committed, asking: Asking) -> None:
    """Control."""
    without_unique(committed_database, "scheduling_questionnaireresponse", "questionnaire_id")
    with without_the_row_lock():
        assert pressed_together(with_row(asking), committed_database)["kept"] > 1
    assert QuestionnaireResponse.objects.count() == ClinicianTask.objects.count() > 1
