"""A trial goes through the real channel to its writer, and leaves no patient's message behind."""

from __future__ import annotations

import pytest

from notifications.channels.outcomes import Accepted, Refused, Unknown
from notifications.models import Message, StaffContact
from notifications.notice_facts import ChannelName
from notifications.rendering import Text
from notifications.trial_message import NotAnAddress, send_trial, set_own_contact
from scheduling.events import Actor
from scheduling.models import Clinic, Event, Role, User
from scheduling.permissions import NotAllowed
from tests import factories
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.twilio_gateway import Mode, TwilioGateway
from tests.notifications.world import NOON, clinic_that_writes

pytestmark = pytest.mark.django_db
TEXT = Text("changed/sms.en.txt", 3, "en", "", "Harbor Center: see you.")


@pytest.fixture
def clinic() -> Clinic:
    return clinic_that_writes()


def contact(clinic: Clinic, channel: ChannelName, raw: str) -> tuple[StaffContact, User]:
    user = factories.create_user(clinic, Role.MANAGER)
    by = Actor.staff(user, clinic)
    return set_own_contact(user=user, clinic=clinic, channel=channel, raw=raw, by=by, now=NOON), user


def test_trial_text_arrives_and_is_no_patients_message(clinic: Clinic, gateway: TwilioGateway) -> None:
    mine, user = contact(clinic, ChannelName.SMS, "(212) 555-0177")
    outcome = send_trial(contact=mine, clinic=clinic, text=TEXT, by=Actor.staff(user, clinic), now=NOON)
    assert isinstance(outcome, Accepted)
    assert [(text.to, text.body) for text in gateway.ledger] == [("+12125550177", TEXT.body)]
    assert Message.objects.count() == 0
    event = Event.objects.get(verb="clinic.trial_sent")
    assert event.data == {"channel": "sms", "template": TEXT.template, "version": 3, "came": "accepted"}


@pytest.mark.parametrize(("mode", "kind"), [(Mode.REFUSE, Refused), (Mode.RESET, Unknown)])
def test_trial_says_what_the_provider_made_of_it(
    clinic: Clinic, gateway: TwilioGateway, mode: Mode, kind: type
) -> None:
    gateway.mode = mode
    mine, user = contact(clinic, ChannelName.SMS, "(212) 555-0177")
    outcome = send_trial(contact=mine, clinic=clinic, text=TEXT, by=Actor.staff(user, clinic), now=NOON)
    assert isinstance(outcome, kind)
    assert Event.objects.get(verb="clinic.trial_sent").data["came"] == kind.__name__.lower()


def test_trial_mail_is_from_the_discreet_name(clinic: Clinic, mail_server: SmtpServer) -> None:
    mine, user = contact(clinic, ChannelName.EMAIL, "Priya@Clinic.test")
    text = Text("changed/email.en.txt", 1, "en", "A subject", "Words\n")
    outcome = send_trial(contact=mine, clinic=clinic, text=text, by=Actor.staff(user, clinic), now=NOON)
    assert isinstance(outcome, Accepted)
    assert mine.value == "priya@clinic.test"


def test_own_contact_is_one_a_channel_and_has_to_make_sense(clinic: Clinic) -> None:
    first, user = contact(clinic, ChannelName.SMS, "212 555 0177")
    by = Actor.staff(user, clinic)
    second = set_own_contact(user=user, clinic=clinic, channel=ChannelName.SMS, raw="212 555 0178", by=by, now=NOON)
    assert (first.pk, second.value) == (second.pk, "+12125550178")
    with pytest.raises(NotAnAddress):
        set_own_contact(user=user, clinic=clinic, channel=ChannelName.EMAIL, raw="priya", by=by, now=NOON)


def test_managers_alone_send_trials(clinic: Clinic) -> None:
    mine, _ = contact(clinic, ChannelName.SMS, "212 555 0177")
    with pytest.raises(NotAllowed):
        send_trial(contact=mine, clinic=clinic, text=TEXT, by=factories.create_actor(clinic, Role.FRONT_DESK), now=NOON)
