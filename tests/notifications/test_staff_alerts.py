"""Alerts to who is on duty: without patient data, again and again, to the back-up too, until a person has it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from notifications.duty import NoContact, NotForDuty, end_duty, on_duty, put_on_duty, set_contact
from notifications.models import DutyShift, InboundMessage, StaffAlert, StaffContact
from notifications.notice_facts import ChannelName
from notifications.staff_alerts import EVERY, NobodyOnDuty, acknowledge, hand_over, send_due_alerts
from scheduling.events import Actor
from scheduling.models import Clinic, Event, Patient, Role, User
from scheduling.permissions import NotAllowed
from tests import factories
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.twilio_gateway import Mode, TwilioGateway
from tests.notifications.replies import THEN, text_back
from tests.notifications.world import clinic_that_writes, reachable_patient

pytestmark = pytest.mark.django_db
COLE_PHONE, LEE_MAIL = "+12125550150", "lee@harbor.test"


@pytest.fixture
def clinic(gateway: TwilioGateway, mail_server: SmtpServer) -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return reachable_patient(clinic)


@pytest.fixture
def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


@pytest.fixture
def manager(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.MANAGER)


def clinician(clinic: Clinic, manager: Actor, contact: str, *, is_backup: bool = False) -> User:
    user = factories.create_user(clinic, Role.PRESCRIBER)
    channel = ChannelName.EMAIL if "@" in contact else ChannelName.SMS
    set_contact(user=user, clinic=clinic, channel=channel, raw=contact, by=manager, now=THEN)
    put_on_duty(
        clinic=clinic, user=user, starts_at=THEN - timedelta(hours=1), ends_at=THEN + timedelta(hours=10),
        is_backup=is_backup, by=manager, now=THEN,
    )  # fmt: skip
    return user


@pytest.fixture
def cole(clinic: Clinic, manager: Actor) -> User:
    return clinician(clinic, manager, COLE_PHONE)


@pytest.fixture
def lee(clinic: Clinic, manager: Actor) -> User:
    """The back-up, by e-mail."""
    return clinician(clinic, manager, LEE_MAIL, is_backup=True)


@pytest.fixture
def reply(rosa: Patient) -> InboundMessage:
    return text_back("I can't do this, I want to die")


def hand(reply: InboundMessage, by: Actor, now: datetime = THEN) -> StaffAlert:
    assert reply.clinic is not None
    return hand_over(reply=reply, clinic=reply.clinic, by=by, now=now)


def alert_at(now: datetime) -> int:
    return send_due_alerts(clock=lambda: now, until=now + timedelta(seconds=1))


def test_hand_over_alerts_who_is_on_duty_without_a_word_of_the_patient(
    reply: InboundMessage, rosa: Patient, cole: User, lee: User, desk: Actor, gateway: TwilioGateway, settings: Settings
) -> None:
    alert = hand(reply, desk)
    assert alert_at(THEN) == 1
    [text] = gateway.to(COLE_PHONE)
    assert text.body == f"Harbor Center: a message waits for you. {settings.PUBLIC_URL}/alerts/{alert.pk}/"
    for secret in (rosa.given_name, rosa.family_name, "die", reply.sender):
        assert secret not in text.body
    reply.refresh_from_db()
    assert (reply.handed_to, reply.handed_at) == (cole, THEN)
    assert Event.objects.get(verb="reply.handed_over").data["reply"] == reply.pk


def test_alert_goes_again_every_five_minutes_and_to_the_backup_from_the_second_time(
    reply: InboundMessage, cole: User, lee: User, desk: Actor, gateway: TwilioGateway, mail_server: SmtpServer
) -> None:
    hand(reply, desk)
    assert [alert_at(THEN + timedelta(minutes=minute)) for minute in (0, 1, 4, 5, 9, 10)] == [1, 0, 0, 1, 0, 1]
    assert (len(gateway.to(COLE_PHONE)), len(mail_server.to(LEE_MAIL))) == (3, 2)


def test_nobody_is_alerted_once_somebody_has_it(
    reply: InboundMessage, clinic: Clinic, cole: User, desk: Actor, gateway: TwilioGateway
) -> None:
    alert = hand(reply, desk)
    alert_at(THEN)
    by = Actor.staff(cole, clinic)
    assert [acknowledge(alert=alert, by=by, now=THEN) for _ in range(2)] == [True, False]
    assert alert_at(THEN + EVERY) == 0
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.acknowledged_at) == (cole, THEN)
    assert len(gateway.to(COLE_PHONE)) == 1


def test_the_desk_can_not_say_that_a_clinician_has_it(reply: InboundMessage, cole: User, desk: Actor) -> None:
    alert = hand(reply, desk)
    with pytest.raises(NotAllowed):
        acknowledge(alert=alert, by=desk, now=THEN)


def test_handing_over_twice_is_one_alert(reply: InboundMessage, cole: User, desk: Actor) -> None:
    assert hand(reply, desk) == hand(reply, desk, THEN + EVERY)
    assert StaffAlert.objects.count() == 1


def test_without_anybody_on_duty_the_desk_is_told(reply: InboundMessage, desk: Actor) -> None:
    with pytest.raises(NobodyOnDuty):
        hand(reply, desk)
    assert not StaffAlert.objects.exists()


def test_reply_of_no_clinic_goes_to_who_is_on_duty_where_it_is_read(
    clinic: Clinic, cole: User, desk: Actor, gateway: TwilioGateway
) -> None:
    factories.create_clinic(clinic.organisation)
    stranger = text_back("I can't do this, I want to die", sender="+12125550777")
    assert stranger.clinic is None
    hand_over(reply=stranger, clinic=clinic, by=desk, now=THEN)
    assert (alert_at(THEN), len(gateway.to(COLE_PHONE))) == (1, 1)
    stranger.refresh_from_db()
    assert stranger.handed_to == cole


def test_backup_is_alerted_at_once_where_nobody_else_is_on_duty(
    reply: InboundMessage, lee: User, desk: Actor, mail_server: SmtpServer
) -> None:
    hand(reply, desk)
    alert_at(THEN)
    assert len(mail_server.to(LEE_MAIL)) == 1


def test_gateway_that_fails_costs_one_round_only(
    reply: InboundMessage, cole: User, desk: Actor, gateway: TwilioGateway
) -> None:
    hand(reply, desk)
    gateway.mode = Mode.TOO_MANY
    assert (alert_at(THEN), gateway.to(COLE_PHONE)) == (1, [])
    gateway.mode = Mode.ACCEPT
    assert alert_at(THEN + EVERY) == 1
    assert len(gateway.to(COLE_PHONE)) == 1


def test_whoever_is_on_duty_when_it_goes_again_gets_it(
    reply: InboundMessage, clinic: Clinic, cole: User, manager: Actor, desk: Actor, gateway: TwilioGateway
) -> None:
    hand(reply, desk)
    alert_at(THEN)
    end_duty(shift=DutyShift.objects.get(user=cole), by=manager, now=THEN + timedelta(minutes=1))
    clinician(clinic, manager, "+12125550151")
    alert_at(THEN + EVERY)
    assert (len(gateway.to(COLE_PHONE)), len(gateway.to("+12125550151"))) == (1, 1)


def test_duty_is_for_clinicians_of_the_clinic_and_times_to_come(clinic: Clinic, manager: Actor) -> None:
    ours = factories.create_user(clinic, Role.NURSE)
    at_the_desk = factories.create_user(clinic, Role.FRONT_DESK)
    theirs = factories.create_user(clinic_that_writes(), Role.PRESCRIBER)
    hour = timedelta(hours=1)
    wrong = [(at_the_desk, THEN, THEN + hour), (theirs, THEN, THEN + hour), (ours, THEN - 2 * hour, THEN - hour),
             (ours, THEN + hour, THEN + hour)]  # fmt: skip
    for user, starts_at, ends_at in wrong:
        with pytest.raises(NotForDuty):
            put_on_duty(
                clinic=clinic, user=user, starts_at=starts_at, ends_at=ends_at, is_backup=False, by=manager, now=THEN
            )
    assert on_duty(clinic.pk, THEN, with_backup=True) == []


def test_only_a_manager_sets_the_duty(clinic: Clinic, cole: User, desk: Actor) -> None:
    with pytest.raises(NotAllowed):
        end_duty(shift=DutyShift.objects.get(user=cole), by=desk, now=THEN)


def test_duty_that_has_not_begun_is_taken_off_the_list(clinic: Clinic, cole: User, manager: Actor) -> None:
    later = put_on_duty(
        clinic=clinic, user=cole, starts_at=THEN + timedelta(days=1), ends_at=THEN + timedelta(days=2), is_backup=False,
        by=manager, now=THEN,
    )  # fmt: skip
    end_duty(shift=later, by=manager, now=THEN)
    assert DutyShift.objects.filter(user=cole).count() == 1
    assert on_duty(clinic.pk, THEN, with_backup=False) == [cole]


def test_contact_is_checked_changed_and_taken_away(clinic: Clinic, cole: User, desk: Actor) -> None:
    by = Actor.staff(cole, clinic)
    with pytest.raises(NoContact):
        set_contact(user=cole, clinic=clinic, channel=ChannelName.SMS, raw="12", by=by, now=THEN)
    set_contact(user=cole, clinic=clinic, channel=ChannelName.SMS, raw="(212) 555-0160", by=by, now=THEN)
    assert StaffContact.objects.get(user=cole).value == "+12125550160"
    set_contact(user=cole, clinic=clinic, channel=ChannelName.SMS, raw=" ", by=by, now=THEN)
    assert not StaffContact.objects.filter(user=cole).exists()
    with pytest.raises(NotAllowed):
        set_contact(user=cole, clinic=clinic, channel=ChannelName.SMS, raw=COLE_PHONE, by=desk, now=THEN)
    assert all("+1" not in str(event.data) for event in Event.objects.filter(verb="staff.contact_set"))
