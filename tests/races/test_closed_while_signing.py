"""A death, a merge or a start taken back while a prescriber signs or decides: one comes first, and the other reads it.

Each side is held in its transaction, after it looked, till the other has acted or waits. Controls take the lock away.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event as Signal
from types import ModuleType
from typing import Any
from unittest.mock import patch

import pytest

from scheduling import gates, merging, patients, signing, undoing
from scheduling.decisions_made import opened_reviews
from scheduling.events import Actor
from scheduling.gates import NothingToDecide
from scheduling.merging import NotThisPatient, merge_patients
from scheduling.models import Appointment, Decision, GateDecision, Order, OrderVersion, Patient, Role, Status
from scheduling.order_content import NotSignable
from scheduling.order_states import RecordClosed
from scheduling.patients import record_death
from scheduling.signing import sign_order
from scheduling.undoing import undo_step
from tests import factories
from tests.databases import Committed
from tests.factories import NOW
from tests.races.test_death_while_booking import in_thread
from tests.scheduling.reviewed import AFTER_THREE, reviewed, say

Side = Callable[[], Any]


def race(held_in: ModuleType, held_at: str, first: Side, second: Side) -> list[Future[Any]]:
    """`first` is held where it calls `held_at`, until `second` has acted or waits for it."""
    reached, may_go_on, goes_on = Signal(), Signal(), getattr(held_in, held_at)

    def late(*args: Any, **how: Any) -> Any:
        if not reached.is_set():
            reached.set()
            may_go_on.wait(10)
        return goes_on(*args, **how)

    with ThreadPoolExecutor(2) as threads, patch.object(held_in, held_at, late):
        sides = [threads.submit(in_thread(first))]
        assert reached.wait(10)
        sides.append(threads.submit(in_thread(second)))
        # Long enough for a side that waits for nobody to be done.
        Signal().wait(0.5)
        may_go_on.set()
        for side in sides:
            side.exception(15)
    return sides


def no_lock(*_: Any) -> None:
    """In place of the patient's lock."""


@pytest.fixture
def draft(committed_database: Committed) -> Order:
    return factories.create_draft(factories.create_clinic())


@pytest.fixture
def order(committed_database: Committed) -> Order:
    """Its third infusion was given, and the fourth is booked."""
    return reviewed(factories.create_clinic(), 4)


def staff(order: Order) -> Actor:
    return factories.create_actor(order.sites.get(), *Role)


def signs(order: Order, by: Actor) -> Side:
    return lambda: sign_order(order=order, reauthenticated_at=NOW, by=by, now=NOW)


def dies(order: Order, by: Actor) -> Side:
    return lambda: record_death(patient=order.patient, died_at=NOW, by=by, now=AFTER_THREE)


def merges(order: Order, by: Actor) -> Side:
    into = factories.create_patient(order.sites.get(), family_name="Other")
    return lambda: merge_patients(duplicate=Patient.objects.get(pk=order.patient_id), into=into, by=by, now=NOW)


def decides(order: Order, decision: Decision = Decision.CONTINUE) -> Side:
    clinic = order.sites.get()
    who = factories.create_user(clinic, Role.PRESCRIBER)
    return lambda: say(order, decision, who, clinic)


def takes_back(order: Order, by: Actor) -> Side:
    visit = Appointment.objects.get(order=order, dose_number=3)
    return lambda: undo_step(appointment=visit, by=by, now=AFTER_THREE)


@pytest.mark.parametrize(("closes", "held_in"), [(dies, patients), (merges, merging)])
def test_nothing_is_signed_for_a_record_that_is_being_closed(
    draft: Order, closes: Callable[[Order, Actor], Side], held_in: ModuleType
) -> None:
    by = staff(draft)
    closed, signed = race(held_in, "free_visits", closes(draft, by), signs(draft, by))
    assert closed.exception() is None
    assert isinstance(signed.exception(), NotSignable)
    assert not OrderVersion.objects.exists()


def test_control_without_the_patients_lock_it_is_signed_for_who_has_died(draft: Order) -> None:
    """Nor is the draft discarded with the record, whose row would hold the signature up as well."""
    by = staff(draft)
    with (
        patch.object(patients, "discard_drafts", lambda *_, **__: []),
        patch.object(signing, "lock_patients", no_lock),
    ):
        closed, signed = race(patients, "free_visits", dies(draft, by), signs(draft, by))
    assert (closed.exception(), signed.exception()) == (None, None)
    assert Patient.objects.get(pk=draft.patient_id).is_gone


def test_a_signature_that_comes_first_stands_and_the_record_of_an_order_is_not_merged(draft: Order) -> None:
    by = staff(draft)
    signed, merged = race(signing, "write_signed_rows", signs(draft, by), merges(draft, by))
    assert signed.exception() is None
    assert isinstance(merged.exception(), NotThisPatient)


def test_nothing_goes_on_by_a_decision_for_who_has_died(order: Order) -> None:
    by = staff(order)
    died, decided = race(patients, "free_visits", dies(order, by), decides(order))
    assert died.exception() is None
    assert isinstance(decided.exception(), RecordClosed)
    assert not GateDecision.objects.exists()


def test_an_order_of_who_has_died_may_be_stopped(order: Order) -> None:
    died, stopped = race(patients, "free_visits", dies(order, staff(order)), decides(order, Decision.STOP))
    assert (died.exception(), stopped.exception()) == (None, None)


def test_control_without_the_patients_lock_it_is_decided_for_who_has_died(order: Order) -> None:
    by = staff(order)
    with patch.object(gates, "lock_patients", no_lock), patch.object(gates, "lock_visits", no_lock):
        died, decided = race(patients, "free_visits", dies(order, by), decides(order, Decision.CONTINUE_CHANGED))
    assert (died.exception(), decided.exception()) == (None, None)


def test_a_death_waits_for_a_decision_and_frees_what_it_made_firm(order: Order) -> None:
    decided, died = race(gates, "_write", decides(order), dies(order, staff(order)))
    assert (decided.exception(), died.exception()) == (None, None)
    assert Appointment.objects.get(order=order, dose_number=4).status == Status.RELEASED


def test_nothing_is_decided_of_a_start_that_is_being_taken_back(order: Order) -> None:
    undone, decided = race(undoing, "carry_out", takes_back(order, staff(order)), decides(order))
    assert undone.exception() is None
    assert isinstance(decided.exception(), NothingToDecide)
    assert not GateDecision.objects.exists()


def test_a_start_is_taken_back_after_the_decision_which_counts_no_more(order: Order) -> None:
    decided, undone = race(gates, "_write", decides(order), takes_back(order, staff(order)))
    assert (decided.exception(), undone.exception()) == (None, None)
    assert opened_reviews([order.pk]) == set()
    assert Appointment.objects.get(order=order, dose_number=4).is_tentative


def test_control_without_the_locks_it_is_decided_of_a_start_that_is_taken_back(order: Order) -> None:
    """The database still lets nothing start on it."""

    def looks_only(order: Order, said: Any, _seen: Any) -> Order:
        gates._check_it_is_due(order, said)
        return order

    with patch.object(gates, "_enter", looks_only):
        undone, decided = race(undoing, "carry_out", takes_back(order, staff(order)), decides(order))
    assert (undone.exception(), decided.exception()) == (None, None)
    assert opened_reviews([order.pk]) == set()
