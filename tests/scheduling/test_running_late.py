"""Lateness as a verb: what it refuses, what it writes once, and what a later change makes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Clinic, Role, Status
from scheduling.moving import move
from scheduling.permissions import NotAllowed
from scheduling.running_late import NotLate, note_late
from scheduling.taking_changes_back import last_change, take_change_back
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from scheduling.visits import confirm
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at, booked, desk, events_of

pytestmark = pytest.mark.django_db
MORNING = at("2027-01-06", "08:30")


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return booked(factories.create_order(clinic), clinic, 1)[0]


def note(visit: Appointment, clinic: Clinic, minutes: int, **more: int) -> Appointment:
    return note_late(appointment=visit, minutes=minutes, how="desk", by=desk(clinic), now=MORNING, **more)


def test_lateness_is_written_once(clinic: Clinic, visit: Appointment) -> None:
    version = note(visit, clinic, 20).row_version
    assert note(visit, clinic, 20).row_version == version
    assert events_of(visit).count("appointment.expected_late") == 1


@pytest.mark.parametrize("minutes", [-1, 241])
def test_impossible_lateness_is_refused(clinic: Clinic, visit: Appointment, minutes: int) -> None:
    with pytest.raises(NotLate):
        note(visit, clinic, minutes)


def test_old_page_and_a_visit_that_is_over_are_refused(clinic: Clinic, visit: Appointment) -> None:
    with pytest.raises(ChangedMeanwhile):
        note(visit, clinic, 20, row_version=visit.row_version + 1)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="staff_away", by=desk(clinic), now=MORNING)
    with pytest.raises(NotPossibleFromHere):
        note(visit, clinic, 20)


def test_a_visit_that_moves_is_late_no_more(clinic: Clinic, visit: Appointment) -> None:
    note(visit, clinic, 20)
    moved = move(appointment=visit, start=at("2027-01-06", "11:00"), by=desk(clinic), now=MORNING)
    assert moved.expected_at is None


def test_the_database_keeps_lateness_after_the_start(visit: Appointment) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=visit.pk).update(expected_at=visit.period.lower)


def test_only_clinical_roles_cancel_for_a_clinical_reason(clinic: Clinic, visit: Appointment) -> None:
    def cancel_as(role: Role) -> None:
        by = factories.create_actor(clinic, role)
        cancel(appointment=visit, side=CancelledBy.CLINICIAN, reason="results", by=by, now=NOW)

    with pytest.raises(NotAllowed):
        cancel_as(Role.FRONT_DESK)
    cancel_as(Role.NURSE)
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED


def test_a_move_is_taken_back_once_and_what_came_after_it_stays(clinic: Clinic, visit: Appointment) -> None:
    assert last_change(visit) is None
    was = visit.period.lower
    moved = move(appointment=visit, start=at("2027-01-07"), by=desk(clinic), now=NOW)
    change = last_change(moved)
    assert change is not None
    assert change.was_at == {visit.pk: was}
    [back] = take_change_back(appointment=moved, row_version=moved.row_version, by=desk(clinic), now=NOW)
    assert back.period.lower == was
    with pytest.raises(ChangedMeanwhile):
        take_change_back(appointment=back, row_version=moved.row_version, by=desk(clinic), now=NOW)
    cancel(
        appointment=back, side=CancelledBy.CLINIC, reason="staff_away", by=desk(clinic), now=NOW + timedelta(hours=1)
    )
    [again] = take_change_back(appointment=back, row_version=None, by=desk(clinic), now=NOW)
    assert (again.status, again.period.lower) == (Status.BOOKED, was)


def test_what_was_confirmed_is_confirmed_again_when_a_change_is_taken_back(clinic: Clinic, visit: Appointment) -> None:
    by = desk(clinic)
    confirm(appointment=visit, how="link", by=by, now=NOW)
    moved = move(appointment=visit, start=at("2027-01-07"), by=by, now=NOW)
    assert moved.confirmed_at is None
    [back] = take_change_back(appointment=moved, row_version=moved.row_version, by=by, now=NOW)
    assert back.confirmed_by == "link"
    cancel(appointment=back, side=CancelledBy.CLINIC, reason="staff_away", by=by, now=NOW + timedelta(hours=1))
    [again] = take_change_back(appointment=back, row_version=None, by=by, now=NOW + timedelta(hours=1))
    assert again.confirmed_by == "link"
