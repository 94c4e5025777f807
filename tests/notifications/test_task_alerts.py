"""An urgent task alerts the clinicians on duty, whatever crashes in between, until a named person has it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import transaction

from notifications import task_alerts
from notifications.duty import end_duty, put_on_duty, set_contact
from notifications.models import DutyShift, StaffAlert
from notifications.notice_facts import ChannelName
from notifications.receivers import plan_committed_events
from notifications.staff_alerts import EVERY, acknowledge, send_due_alerts
from notifications.task_alerts import close_task, count_unraised, raise_missing, take_task, unanswered
from scheduling import clinician_tasks
from scheduling.clinician_tasks import TaskIsClosed, open_task
from scheduling.events import Actor, record
from scheduling.models import Clinic, ClinicianTask, Event, EventToPlan, Patient, Role, TaskKind, User
from scheduling.permissions import NotAllowed
from tests import factories
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.replies import THEN
from tests.notifications.world import clinic_that_writes, reachable_patient

pytestmark = pytest.mark.django_db
COLE_PHONE, LEE_PHONE, MAX_MAIL = "+12125550150", "+12125550151", "max@harbor.test"
WORDS = "Answered 3 at item 9"


@pytest.fixture
def clinic(gateway: TwilioGateway, mail_server: SmtpServer) -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return reachable_patient(clinic)


def clinician(clinic: Clinic, contact: str, *, is_backup: bool = False, starts: datetime = THEN) -> User:
    user, manager = factories.create_user(clinic, Role.PRESCRIBER), factories.create_actor(clinic, Role.MANAGER)
    channel = ChannelName.EMAIL if "@" in contact else ChannelName.SMS
    set_contact(user=user, clinic=clinic, channel=channel, raw=contact, by=manager, now=THEN)
    put_on_duty(
        clinic=clinic, user=user, starts_at=starts, ends_at=starts + timedelta(hours=10), is_backup=is_backup,
        by=manager, now=THEN,
    )  # fmt: skip
    return user


def urgent(clinic: Clinic, patient: Patient, *, key: str = "answers/1", is_urgent: bool = True) -> list[int]:
    """Opens a task as a verb does; gives the events, without what happens after their commit."""
    by = Actor.system("tests")
    with transaction.atomic():
        entries = open_task(
            TaskKind.ANSWERS, key, clinic=clinic, patient=patient, is_urgent=is_urgent, words=WORDS, by=by, now=THEN
        )
        events = record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=THEN)
    return [event.pk for event in events]


def commit(event_ids: list[int]) -> None:
    """What happens right after the commit of these events."""
    with time_machine.travel(THEN, tick=False):
        plan_committed_events(event_ids=event_ids)


def alert_at(now: datetime) -> int:
    return send_due_alerts(clock=lambda: now, until=now + timedelta(seconds=1))


def test_urgent_task_alerts_who_is_on_duty_without_a_word_of_the_patient(
    clinic: Clinic, rosa: Patient, gateway: TwilioGateway
) -> None:
    clinician(clinic, COLE_PHONE)
    commit(urgent(clinic, rosa))
    [alert], [task] = StaffAlert.objects.all(), ClinicianTask.objects.all()
    assert (alert.task, alert.alert_key, alert.reply) == (task, f"task/{task.pk}", None)
    assert Event.objects.get(verb="alert.raised").data == {"alert": alert.pk, "task": task.pk}
    assert alert_at(alert.next_at) == 1
    [text] = gateway.to(COLE_PHONE)
    for secret in (rosa.given_name, rosa.family_name, WORDS, "answers"):
        assert secret not in text.body
    assert f"/alerts/{alert.pk}/" in text.body


def test_task_that_is_not_urgent_alerts_nobody(clinic: Clinic, rosa: Patient) -> None:
    commit(urgent(clinic, rosa, is_urgent=False))
    assert (raise_missing(now=THEN), StaffAlert.objects.count()) == (0, 0)


def test_alert_that_a_crash_has_lost_is_raised_by_the_sweep(
    clinic: Clinic, rosa: Patient, gateway: TwilioGateway
) -> None:
    clinician(clinic, COLE_PHONE)
    urgent(clinic, rosa)
    EventToPlan.objects.all().delete()  # planned, and the process died before it raised the alert
    later = THEN + timedelta(minutes=1)
    assert count_unraised(now=later) == {"urgent tasks without an alert": 1}
    assert [raise_missing(now=later) for _ in range(2)] == [1, 0]
    assert (count_unraised(now=later), alert_at(later), len(gateway.to(COLE_PHONE))) == ({}, 1, 1)


def test_failure_after_the_commit_costs_nobody_the_plan(
    clinic: Clinic, rosa: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("the database went away")

    events = urgent(clinic, rosa)
    with monkeypatch.context() as patched:
        patched.setattr(task_alerts, "_raise", broken)
        commit(events)
    assert not EventToPlan.objects.exists()
    assert raise_missing(now=THEN) == 1


def test_it_escalates_to_the_backup_and_stops_when_somebody_takes_the_task(
    clinic: Clinic, rosa: Patient, gateway: TwilioGateway, mail_server: SmtpServer
) -> None:
    cole = clinician(clinic, COLE_PHONE)
    clinician(clinic, MAX_MAIL, is_backup=True)
    urgent(clinic, rosa)
    raise_missing(now=THEN)
    sent = [alert_at(THEN + timedelta(minutes=minute)) for minute in (0, 4, 5, 10)]
    assert (sent, len(gateway.to(COLE_PHONE)), len(mail_server.to(MAX_MAIL))) == ([1, 0, 1, 1], 3, 2)
    [task] = ClinicianTask.objects.all()
    assert take_task(task=task, by=Actor.staff(cole, clinic), now=THEN + timedelta(minutes=11))
    [alert] = StaffAlert.objects.all()
    assert (alert.acknowledged_by, alert.acknowledged_at) == (cole, THEN + timedelta(minutes=11))
    assert alert_at(THEN + timedelta(minutes=15)) == 0


def test_saying_i_have_it_takes_the_task(clinic: Clinic, rosa: Patient) -> None:
    cole, other = clinician(clinic, COLE_PHONE), factories.create_actor(clinic, Role.NURSE)
    urgent(clinic, rosa)
    raise_missing(now=THEN)
    [alert], by = StaffAlert.objects.all(), Actor.staff(cole, clinic)
    assert acknowledge(alert=alert, by=by, now=THEN)
    [task] = ClinicianTask.objects.all()
    assert (task.acknowledged_by, task.acknowledged_at) == (cole, THEN)
    assert [event.actor_name for event in Event.objects.filter(verb="task.taken")] == [cole.username]
    assert not acknowledge(alert=StaffAlert.objects.get(), by=other, now=THEN)
    assert not take_task(task=task, by=other, now=THEN)


def test_whoever_comes_second_does_not_have_the_alert_of_a_task_that_was_taken_without_it(
    clinic: Clinic, rosa: Patient, gateway: TwilioGateway
) -> None:
    cole, other = clinician(clinic, COLE_PHONE), factories.create_actor(clinic, Role.NURSE)
    urgent(clinic, rosa)
    raise_missing(now=THEN)
    clinician_tasks.take(task=ClinicianTask.objects.get(), by=Actor.staff(cole, clinic), now=THEN)
    assert alert_at(THEN) == 0
    assert not acknowledge(alert=StaffAlert.objects.get(), by=other, now=THEN)
    assert raise_missing(now=THEN) == 0
    assert StaffAlert.objects.get().acknowledged_by == cole


def test_closing_a_task_ends_its_alert_and_closes_it_once(clinic: Clinic, rosa: Patient) -> None:
    cole = clinician(clinic, COLE_PHONE)
    urgent(clinic, rosa)
    raise_missing(now=THEN)
    [task], by = ClinicianTask.objects.all(), Actor.staff(cole, clinic)
    close_task(task=task, outcome="Spoke with her", by=by, now=THEN)
    assert (alert_at(THEN), StaffAlert.objects.get().acknowledged_by) == (0, cole)
    with pytest.raises(TaskIsClosed):
        close_task(task=task, outcome="Again", by=by, now=THEN)
    assert not acknowledge(alert=StaffAlert.objects.get(), by=factories.create_actor(clinic, Role.NURSE), now=THEN)


def test_nobody_is_alerted_after_the_one_who_takes_it_while_it_is_sent(
    clinic: Clinic, rosa: Patient, gateway: TwilioGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    cole = clinician(clinic, COLE_PHONE)
    clinician(clinic, LEE_PHONE)
    urgent(clinic, rosa)
    raise_missing(now=THEN)
    calls: list[bool] = []

    def clock() -> datetime:
        # The last look at the clock before a text goes; the first of the two on duty answers right after theirs.
        if gateway.to(COLE_PHONE) and not calls:
            calls.append(acknowledge(alert=StaffAlert.objects.get(), by=Actor.staff(cole, clinic), now=THEN))
        return THEN

    first = send_due_alerts(clock=clock, until=THEN + timedelta(seconds=1))
    assert first == 1
    assert len(gateway.to(COLE_PHONE)) == 1
    assert calls == [True]
    assert alert_at(THEN + EVERY) == 0


def test_without_anybody_on_duty_it_goes_out_as_the_next_shift_begins(
    clinic: Clinic, rosa: Patient, gateway: TwilioGateway, caplog: pytest.LogCaptureFixture
) -> None:
    begins = THEN + timedelta(minutes=62)
    clinician(clinic, COLE_PHONE, starts=begins)
    urgent(clinic, rosa)
    raise_missing(now=THEN)
    [one] = unanswered(clinics=[clinic], now=THEN)
    assert (one.is_alerted, one.nobody_until) == (False, begins)
    with caplog.at_level(logging.ERROR):
        for minute in range(62):
            alert_at(THEN + timedelta(minutes=minute))
    [alert] = StaffAlert.objects.all()
    assert (gateway.to(COLE_PHONE), alert.next_at) == ([], begins)
    said = [entry for entry in caplog.records if "nobody is on duty" in entry.message]
    assert {entry.__dict__["alert"] for entry in said} == {alert.pk}
    for secret in (rosa.given_name, rosa.family_name, WORDS):
        assert secret not in caplog.text
    assert (alert_at(begins), len(gateway.to(COLE_PHONE))) == (1, 1)
    assert [one.is_alerted for one in unanswered(clinics=[clinic], now=begins)] == [True]


def test_empty_duty_list_says_so_and_loses_nothing(clinic: Clinic, rosa: Patient, gateway: TwilioGateway) -> None:
    urgent(clinic, rosa)
    raise_missing(now=THEN)
    [one] = unanswered(clinics=[clinic], now=THEN)
    assert (one.is_alerted, one.nobody_until) == (False, None)
    assert alert_at(THEN) == 1
    cole = clinician(clinic, COLE_PHONE, starts=THEN + timedelta(minutes=1))
    assert (alert_at(THEN + EVERY), len(gateway.to(COLE_PHONE))) == (1, 1)
    end_duty(shift=DutyShift.objects.get(user=cole), by=factories.create_actor(clinic, Role.MANAGER), now=THEN + EVERY)


def test_the_desk_has_no_task_in_hand(clinic: Clinic, rosa: Patient) -> None:
    urgent(clinic, rosa)
    for role in (Role.FRONT_DESK, Role.MANAGER):
        with pytest.raises(NotAllowed):
            take_task(task=ClinicianTask.objects.get(), by=factories.create_actor(clinic, role), now=THEN)
