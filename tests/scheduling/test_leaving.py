"""Somebody leaves today: no way in, and tasks, follow-ups, reviews and covers go to a named person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from scheduling.clinician_tasks import open_task, take
from scheduling.covering import arrange_cover
from scheduling.covers import covers_for
from scheduling.events import Actor, record
from scheduling.inviting import NoManagerLeft
from scheduling.leaving import NotThatPerson, in_hand, leave
from scheduling.models import Clinic, ClinicianTask, Event, FollowUp, Role, TaskKind, User
from scheduling.permissions import NotAllowed
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def priya(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.MANAGER)


def taken(clinic: Clinic, user: User) -> ClinicianTask:
    patient = factories.create_patient(clinic)
    with transaction.atomic():
        entries = open_task(
            TaskKind.WISH, f"k{patient.pk}", clinic=clinic, patient=patient, by=factories.system(), now=NOW
        )
        record(organisation_id=clinic.organisation_id, entries=entries, by=factories.system(), now=NOW)
    task = ClinicianTask.objects.get(patient=patient)
    take(task=task, by=Actor.staff(user, clinic), now=NOW)
    return task


def test_who_left_is_signed_out_everywhere(clinic: Clinic, priya: Actor) -> None:
    dana = factories.create_user(clinic, Role.FRONT_DESK)
    browser = Client()
    browser.force_login(dana)
    assert browser.get("/patients/").status_code == 200
    leave(user=dana, clinic=clinic, heir=None, today=TODAY, by=priya, now=NOW)
    assert browser.get("/patients/").status_code == 302
    assert not browser.login(username=dana.username, password="password")
    assert Event.objects.get(verb="staff.left").data["user"] == dana.pk


def test_tasks_and_follow_ups_go_to_the_heir(clinic: Clinic, priya: Actor) -> None:
    ben, kim = (factories.create_user(clinic, Role.NURSE) for _ in range(2))
    task = taken(clinic, ben)
    found = in_hand(user=ben, clinic=clinic, today=TODAY)
    assert (found.tasks, found.needs_heir) == (1, True)
    with pytest.raises(NotThatPerson):
        leave(user=ben, clinic=clinic, heir=None, today=TODAY, by=priya, now=NOW)
    leave(user=ben, clinic=clinic, heir=kim, today=TODAY, by=priya, now=NOW)
    task.refresh_from_db()
    assert task.acknowledged_by == kim
    assert Event.objects.get(verb="task.handed_over").data == {"task": task.pk, "to": kim.pk}
    assert FollowUp.objects.filter(taken_by=ben).count() == 0


def test_task_of_somebody_who_is_here_stays_theirs(clinic: Clinic) -> None:
    """Control: only what a leaver had is given to another, and the database says so."""
    ben, kim = (factories.create_user(clinic, Role.NURSE) for _ in range(2))
    task = taken(clinic, ben)
    with pytest.raises(DatabaseError, match="stays until one closes it"), transaction.atomic():
        ClinicianTask.objects.filter(pk=task.pk).update(acknowledged_by=kim)


def test_prescribers_reviews_are_covered_by_a_prescriber(clinic: Clinic, priya: Actor) -> None:
    cole, okafor, away = (factories.create_user(clinic, Role.PRESCRIBER) for _ in range(3))
    nurse = factories.create_user(clinic, Role.NURSE)
    until = TODAY + timedelta(days=7)
    arrange_cover(prescriber=away, cover=cole, first_day=TODAY, last_day=until, today=TODAY, by=priya, now=NOW)
    for wrong in (None, nurse, cole):
        with pytest.raises(NotThatPerson):
            leave(user=cole, clinic=clinic, heir=wrong, today=TODAY, by=priya, now=NOW)
    leave(user=cole, clinic=clinic, heir=okafor, today=TODAY, by=priya, now=NOW)
    assert covers_for(okafor, TODAY) == [away, cole] or covers_for(okafor, TODAY) == [cole, away]
    assert covers_for(okafor, TODAY + timedelta(days=300)) == [cole]
    assert covers_for(cole, TODAY) == []


def test_heir_who_is_away_is_no_heir(clinic: Clinic, priya: Actor) -> None:
    cole, okafor, third = (factories.create_user(clinic, Role.PRESCRIBER) for _ in range(3))
    until = TODAY + timedelta(days=7)
    arrange_cover(prescriber=okafor, cover=third, first_day=TODAY, last_day=until, today=TODAY, by=priya, now=NOW)
    with pytest.raises(NotThatPerson):
        leave(user=cole, clinic=clinic, heir=okafor, today=TODAY, by=priya, now=NOW)
    cole.refresh_from_db()
    assert cole.is_active


def test_nobody_shuts_the_clinic_out_of_itself(clinic: Clinic, priya: Actor) -> None:
    assert priya.user_id
    manager = User.objects.get(pk=priya.user_id)
    with pytest.raises(NotThatPerson):
        leave(user=manager, clinic=clinic, heir=None, today=TODAY, by=priya, now=NOW)
    with pytest.raises(NoManagerLeft):
        leave(user=manager, clinic=clinic, heir=None, today=TODAY, by=factories.system(), now=NOW)
    stranger = factories.create_user(factories.create_clinic(), Role.NURSE)
    with pytest.raises(NotThatPerson):
        leave(user=stranger, clinic=clinic, heir=None, today=TODAY, by=priya, now=NOW)


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER, Role.AUDITOR])
def test_only_managers_say_who_leaves(clinic: Clinic, role: Role) -> None:
    with pytest.raises(NotAllowed):
        leave(
            user=factories.create_user(clinic, Role.NURSE), clinic=clinic, heir=None, today=TODAY,
            by=factories.create_actor(clinic, role), now=NOW,
        )  # fmt: skip


def test_who_works_at_another_clinic_too_stays_there(clinic: Clinic, priya: Actor) -> None:
    ben, kim = (factories.create_user(clinic, Role.NURSE) for _ in range(2))
    other = factories.create_clinic(clinic.organisation)
    factories.join(ben, other, Role.NURSE)
    task = taken(clinic, ben)
    browser = Client()
    browser.force_login(ben)
    leave(user=ben, clinic=clinic, heir=kim, today=TODAY, by=priya, now=NOW)
    ben.refresh_from_db()
    task.refresh_from_db()
    assert ben.is_active
    assert task.acknowledged_by == kim
    assert list(ben.memberships.values_list("clinic", flat=True)) == [other.pk]
    assert browser.get("/patients/").status_code == 200


def test_prescriber_of_two_clinics_keeps_their_reviews(clinic: Clinic, priya: Actor) -> None:
    cole = factories.create_user(clinic, Role.PRESCRIBER)
    factories.join(cole, factories.create_clinic(clinic.organisation), Role.PRESCRIBER)
    assert not in_hand(user=cole, clinic=clinic, today=TODAY).needs_heir
    leave(user=cole, clinic=clinic, heir=None, today=TODAY, by=priya, now=NOW)
    assert not cole.covered_by.exists()
