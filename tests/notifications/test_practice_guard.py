"""A practice clinic never sends: whatever is written there stays on this machine, and the database keeps it one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from notifications.channels.practice_guard import PracticeGuard
from notifications.dispatch import dispatch_due
from notifications.duty import set_contact
from notifications.inbox import replies_at, replies_of_nobody
from notifications.invite_letters import mail_invite
from notifications.models import InboundMessage, Message, MessageRules
from notifications.notice_facts import ChannelName
from notifications.rendering import Text
from notifications.reply_matching import find_origin
from notifications.trial_message import send_trial, set_own_contact
from scheduling.events import Actor
from scheduling.models import Clinic, Role
from scheduling.permissions import NotAllowed
from scheduling.practising import open_practice_clinic, practice_of, tutor_of
from tests import factories
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import (
    MAILBOX,
    NOON,
    PHONE,
    booker,
    clinic_that_writes,
    new_york,
    plan,
    reachable_patient,
)

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)


@pytest.fixture
def real() -> Clinic:
    clinic = clinic_that_writes(quiet=False)
    factories.create_protocol(clinic)
    return clinic


@pytest.fixture
def practice(real: Clinic) -> Clinic:
    made = open_practice_clinic(like=real, by=factories.create_actor(real, Role.MANAGER), now=NOON)
    rules = {"quiet_from": "00:00", "quiet_until": "00:00", "texts_per_minute": 0}
    MessageRules.objects.create(clinic=made, sender_name="Harbor Center", **rules)
    return made


def visit_told(clinic: Clinic) -> None:
    booker(clinic)(reachable_patient(clinic, mailbox=MAILBOX), new_york(8, 10))
    plan(NOON)
    dispatch_due(clock=lambda: LATER, until=LATER + timedelta(seconds=1))


def test_nothing_written_there_leaves_the_machine(
    practice: Clinic, gateway: TwilioGateway, mail_server: SmtpServer
) -> None:
    visit_told(practice)
    assert sorted(Message.objects.values_list("channel", flat=True)) == ["email", "sms"]
    # Learners see it as sent.
    assert set(Message.objects.values_list("attempts__outcomes__gateway_reference", flat=True)) == {
        f"outbox:{message.pk}" for message in Message.objects.all()
    }
    assert len(gateway.ledger) == 0
    assert len(mail_server.ledger) == 0


def test_without_the_guard_it_would(practice: Clinic, gateway: TwilioGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: the guard alone keeps it here."""
    monkeypatch.setattr(PracticeGuard, "send", lambda self, outgoing: self.outside.send(outgoing))
    visit_told(practice)
    assert len(gateway.ledger) == 1


def test_trials_and_invites_stay_here_too(practice: Clinic, gateway: TwilioGateway, mail_server: SmtpServer) -> None:
    user = factories.create_user(practice, Role.MANAGER)
    user.email = "ana@clinic.test"
    by = Actor.staff(user, practice)
    mine = set_own_contact(user=user, clinic=practice, channel=ChannelName.SMS, raw="(212) 555-0177", by=by, now=NOON)
    send_trial(contact=mine, clinic=practice, text=Text("x", 1, "en", "", "Hello."), by=by, now=NOON)
    assert mail_invite(user=user, clinic=practice, link="https://x.test/i/1/", now=NOON)
    set_contact(user=user, clinic=practice, channel=ChannelName.SMS, raw="", by=by, now=NOON)
    assert len(gateway.ledger) == len(mail_server.ledger) == 0


def test_a_real_reply_never_ends_there(real: Clinic, practice: Clinic) -> None:
    """A learner gave a made-up patient a number that a real one has."""
    reachable_patient(real)
    visit_told(practice)
    origin = find_origin(channel=ChannelName.SMS, sender=PHONE, to=(), now=LATER)
    assert {one.organisation_id for one in origin.addresses} == {real.organisation_id}
    assert origin.answers is None
    InboundMessage.objects.create(
        provider="twilio", reference="r", channel="sms", sender="+12125550199", text="Hello", intent="other",
        received_at=NOON,
    )  # fmt: skip
    assert replies_at(real).count() == 1
    assert replies_at(practice).count() == replies_of_nobody().count() == 0


def test_it_is_like_the_clinic_and_knows_none_of_its_patients(real: Clinic, practice: Clinic) -> None:
    assert practice_of(real) == practice
    assert practice.is_practice
    assert not real.is_practice
    assert practice.organisation_id != real.organisation_id
    for name in ("hours", "resources", "shifts"):
        assert getattr(practice, name).count() == getattr(real, name).count() > 0
    manager = real.memberships.get(role=Role.MANAGER).user
    assert practice.memberships.filter(user=manager, role=Role.MANAGER).exists()
    tutor = tutor_of(practice)
    assert Role.PRESCRIBER in tutor.roles
    assert tutor.user_id
    assert not practice.memberships.filter(user_id=tutor.user_id)[0].user.has_usable_password()


def test_pressed_again_it_is_brought_to_the_clinic_as_it_is(real: Clinic, practice: Clinic) -> None:
    factories.create_chair(real, "chair-9")
    again = open_practice_clinic(like=real, by=factories.create_actor(real, Role.MANAGER), now=NOON)
    assert again == practice
    assert practice.resources.filter(code="chair-9").exists()


def test_a_clinic_stays_what_it_is(real: Clinic, practice: Clinic) -> None:
    for clinic, flag in ((real, True), (practice, False)):
        with pytest.raises(DatabaseError, match="stays one"), transaction.atomic():
            Clinic.objects.filter(pk=clinic.pk).update(is_practice=flag)


def test_who_may_open_one(real: Clinic, practice: Clinic) -> None:
    for role in (Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            open_practice_clinic(like=real, by=factories.create_actor(real, role), now=NOON)
    with pytest.raises(NotAllowed):
        open_practice_clinic(like=practice, by=factories.create_actor(practice, Role.MANAGER), now=NOON)
