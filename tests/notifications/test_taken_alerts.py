"""What a clinician took and did not close comes back: to them and the back-up, each time the clinic's while is over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.models import DutyShift, MessageRules, StaffAlert
from notifications.staff_alerts import send_due_alerts
from notifications.taken_alerts import remind_who_took
from notifications.task_alerts import close_task, raise_missing, take_task, unanswered
from scheduling.events import Actor
from scheduling.models import Clinic, ClinicianTask, Event, Patient, User
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.replies import THEN
from tests.notifications.test_task_alerts import COLE_PHONE, LEE_PHONE, WORDS, clinic, clinician, commit, rosa, urgent

__all__ = ["clinic", "rosa"]
pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def cole(clinic: Clinic) -> User:
    return clinician(clinic, COLE_PHONE)


@pytest.fixture
def lee(clinic: Clinic) -> User:
    return clinician(clinic, LEE_PHONE, is_backup=True)


@pytest.fixture
def taken(clinic: Clinic, rosa: Patient, cole: User, lee: User) -> ClinicianTask:
    commit(urgent(clinic, rosa))
    task = ClinicianTask.objects.select_related("clinic").get()
    take_task(task=task, by=Actor.staff(cole, clinic), now=THEN)
    return task


def remind_at(now: datetime) -> int:
    return remind_who_took(clock=lambda: now, until=now + timedelta(seconds=1))


def texts(gateway: TwilioGateway) -> tuple[int, int]:
    return len(gateway.to(COLE_PHONE)), len(gateway.to(LEE_PHONE))


def test_who_took_it_and_the_back_up_are_reminded_each_time_the_while_is_over(
    taken: ClinicianTask, gateway: TwilioGateway
) -> None:
    assert (remind_at(THEN + HOUR - timedelta(seconds=1)), texts(gateway)) == (0, (0, 0))
    assert (remind_at(THEN + HOUR), remind_at(THEN + HOUR), texts(gateway)) == (1, 0, (1, 1))
    assert (remind_at(THEN + 2 * HOUR), texts(gateway)) == (1, (2, 2))
    assert [event.data["task"] for event in Event.objects.filter(verb="task.reminded")] == [taken.pk, taken.pk]


def test_a_reminder_says_nothing_of_the_patient_and_leads_to_the_task(
    taken: ClinicianTask, gateway: TwilioGateway
) -> None:
    remind_at(THEN + HOUR)
    body = gateway.to(COLE_PHONE)[0].body
    assert f"/clinician/tasks/{taken.pk}/" in body
    for secret in (taken.patient.given_name, taken.patient.family_name, WORDS, "answers"):
        assert secret not in body


def test_once_it_is_closed_nobody_is_reminded_and_the_reminder_is_answered(
    clinic: Clinic, taken: ClinicianTask, lee: User, gateway: TwilioGateway
) -> None:
    remind_at(THEN + HOUR)
    close_task(task=taken, outcome="Called", by=Actor.staff(lee, clinic), now=THEN + HOUR)
    assert (remind_at(THEN + 3 * HOUR), texts(gateway)) == (0, (1, 1))
    reminder = StaffAlert.objects.get(alert_key=f"taken/{taken.pk}")
    assert (reminder.acknowledged_by, reminder.acknowledged_at) == (lee, THEN + HOUR)


def test_a_reminder_is_none_of_the_alerts_that_go_every_five_minutes(
    taken: ClinicianTask, gateway: TwilioGateway
) -> None:
    remind_at(THEN + HOUR)
    later = THEN + HOUR + timedelta(minutes=6)
    raise_missing(now=later)
    assert send_due_alerts(clock=lambda: later, until=later + timedelta(seconds=1)) == 0
    assert StaffAlert.objects.get(alert_key=f"taken/{taken.pk}").acknowledged_at is None
    assert texts(gateway) == (1, 1)


@pytest.mark.parametrize(("minutes", "at"), [(0, None), (15, timedelta(minutes=15)), (240, timedelta(hours=4))])
def test_the_clinic_says_after_how_long(
    taken: ClinicianTask, gateway: TwilioGateway, minutes: int, at: timedelta | None
) -> None:
    MessageRules.objects.update(remind_after_minutes=minutes)
    if at is None:
        assert remind_at(THEN + timedelta(days=2)) == 0
    else:
        assert (remind_at(THEN + at - timedelta(seconds=1)), remind_at(THEN + at)) == (0, 1)


def test_a_clinic_that_says_nothing_has_an_hour(taken: ClinicianTask, gateway: TwilioGateway) -> None:
    MessageRules.objects.all().delete()
    assert (remind_at(THEN + HOUR - timedelta(seconds=1)), remind_at(THEN + HOUR)) == (0, 1)


def test_where_who_took_it_left_whoever_is_on_duty_hears_of_it(
    clinic: Clinic, taken: ClinicianTask, cole: User, gateway: TwilioGateway
) -> None:
    User.objects.filter(pk=cole.pk).update(is_active=False)
    DutyShift.objects.update(is_backup=False)
    assert (remind_at(THEN + HOUR), texts(gateway)) == (1, (0, 1))


def test_the_mark_on_every_page_comes_back(clinic: Clinic, taken: ClinicianTask, gateway: TwilioGateway) -> None:
    assert unanswered(clinics=[clinic], now=THEN + HOUR - timedelta(seconds=1)) == []
    [late] = unanswered(clinics=[clinic], now=THEN + HOUR)
    assert (late.task, late.is_alerted) == (taken, True)
