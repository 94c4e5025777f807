"""The clinic's own words: refused with reasons, kept version by version, used by what goes out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.blanks import needed_in
from notifications.dispatch import dispatch_due
from notifications.models import ClinicWording, Message
from notifications.notice_facts import ChannelName, Purpose
from notifications.rendering import render, template_names
from notifications.segments import measure
from notifications.wording import (
    NoSuchWording,
    WordingChanged,
    WordingRefused,
    faults_of,
    own_versions,
    previews,
    save_wording,
    shipped_text,
    texts_there_are,
    wording_for,
)
from notifications.wording_samples import samples_for
from scheduling.models import Clinic, Event, Role
from scheduling.permissions import NotAllowed
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.prepared import infusion
from tests.notifications.world import NOON, booker, clinic_that_writes, new_york, plan, reachable_patient

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)
OURS = "{sender} here: see you {when}. {next} {link}"


@pytest.fixture
def clinic() -> Clinic:
    return clinic_that_writes(quiet=False)


def save(
    clinic: Clinic,
    body: str = OURS,
    *,
    after: int = 0,
    subject: str = "",
    channel: ChannelName = ChannelName.SMS,
    purpose: Purpose = Purpose.BOOKING_CONFIRMATION,
    language: str = "en",
    role: Role = Role.MANAGER,
) -> ClinicWording:
    return save_wording(
        clinic=clinic, purpose=purpose, channel=channel, language=language, subject=subject, body=body,
        after_version=after, by=factories.create_actor(clinic, role), now=NOON,
    )  # fmt: skip


def test_message_says_it_in_the_clinics_words_and_names_their_version(clinic: Clinic, gateway: TwilioGateway) -> None:
    save(clinic, "{when} {link}")
    save(clinic, after=1)
    booker(clinic)(reachable_patient(clinic), new_york(20, 10))
    plan()
    dispatch_due(clock=lambda: LATER, until=LATER + timedelta(seconds=1))
    message = Message.objects.get()
    assert message.body.startswith("Harbor Center here: see you Wed Jan 20, 10:00 AM. http")
    assert gateway.ledger[0].body == message.body
    assert (message.template, message.template_version) == ("clinic/booking_confirmation/sms.en.txt", 2)


def test_other_clinics_channels_and_languages_keep_the_shipped_words(clinic: Clinic) -> None:
    save(clinic)
    purpose, sms = Purpose.BOOKING_CONFIRMATION, ChannelName.SMS
    assert wording_for(clinic, purpose, sms, "en-US") is not None
    for elsewhere in (
        (clinic, purpose, sms, "es"),
        (clinic, purpose, ChannelName.EMAIL, "en"),
        (clinic, Purpose.REMINDER, sms, "en"),
        (factories.create_clinic(clinic.organisation), purpose, sms, "en"),
    ):
        assert wording_for(*elsewhere) is None


def test_empty_text_goes_back_to_the_shipped_one_and_every_version_is_kept(clinic: Clinic) -> None:
    save(clinic)
    assert own_versions(clinic) == {("booking_confirmation", "sms", "en"): 1}
    save(clinic, "  ", after=1)
    assert wording_for(clinic, Purpose.BOOKING_CONFIRMATION, ChannelName.SMS, "en") is None
    assert own_versions(clinic) == {}
    assert list(ClinicWording.objects.order_by("version").values_list("version", "body")) == [(1, OURS), (2, "")]
    assert Event.objects.filter(verb="clinic.wording_set").count() == 2


def test_whoever_was_slower_overwrites_nothing(clinic: Clinic) -> None:
    save(clinic)
    with pytest.raises(WordingChanged):
        save(clinic, "{when} {link}")
    assert ClinicWording.objects.get().body == OURS


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("Your ketamine visit is {when} {link}", "“ketamine” may tell others about the patient's care."),
        ("Reply YES for {when} {link}", "“yes” must not be asked for"),
        ("{when}", "The text has to have {link} in it."),
        ("{when} {link} {patient}", "“{patient}” is no blank."),
    ],
)
def test_text_that_tells_too_much_or_lacks_a_blank_is_refused(clinic: Clinic, body: str, fault: str) -> None:
    with pytest.raises(WordingRefused) as refusal:
        save(clinic, body)
    assert refusal.value.faults[0].startswith(fault)
    assert ClinicWording.objects.count() == 0


def test_reminder_has_to_fit_one_segment_with_its_blanks_filled(clinic: Clinic) -> None:
    short = "{sender}: {when}. {link}"
    save(clinic, short, purpose=Purpose.REMINDER)
    with pytest.raises(WordingRefused, match="must fit one SMS segment"):
        save(clinic, short + " Please bring everything you were asked to bring, and be here a little before your time.",
             purpose=Purpose.REMINDER, after=1)  # fmt: skip
    with pytest.raises(WordingRefused, match="Spanish texts do without"):
        save(clinic, "Le esperamos aquí el {when}. Gracias. {link}", purpose=Purpose.REMINDER, language="es")


def test_subject_of_a_mail_is_looked_at_too(clinic: Clinic) -> None:
    with pytest.raises(WordingRefused, match="infusion"):
        save(clinic, subject="Your infusion {when}", channel=ChannelName.EMAIL)
    save(clinic, subject="See you {when}", channel=ChannelName.EMAIL)
    [(_, one), *_] = previews(
        clinic, Purpose.BOOKING_CONFIRMATION, ChannelName.EMAIL, "en", subject="See you {when}", body=OURS, now=NOON
    )
    assert one.subject == "See you Sun Jan 10, 10:30 AM"


def test_only_what_clinics_word_is_taken(clinic: Clinic) -> None:
    for purpose, channel, language in (
        (Purpose.REMINDER, ChannelName.CALL, "en"),
        (Purpose.REMINDER, ChannelName.SMS, "vi"),
    ):
        with pytest.raises(NoSuchWording):
            save(clinic, purpose=purpose, channel=channel, language=language)


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER])
def test_managers_alone_word_messages(clinic: Clinic, role: Role) -> None:
    with pytest.raises(NotAllowed):
        save(clinic, role=role)


def test_every_shipped_text_that_is_written_may_be_worded(clinic: Clinic) -> None:
    worded = {f"{purpose}/{channel}.{language}.txt" for purpose, channel, language in texts_there_are()}
    assert worded == {name for name in template_names() if "/call." not in name}
    assert len(worded) == 44


def test_instructions_may_not_leave_out_until_when_to_eat(clinic: Clinic) -> None:
    with pytest.raises(WordingRefused, match=r"has to have \{prepare\} in it"):
        save(clinic, "{sender}: see you {when}. {link}", purpose=Purpose.INSTRUCTIONS)


def test_instructions_go_out_in_the_clinics_words_with_their_clock_times(
    clinic: Clinic, gateway: TwilioGateway
) -> None:
    save(clinic, "{sender} here, see you {when}! {prepare} More: {link}", purpose=Purpose.INSTRUCTIONS)
    infusion(clinic, reachable_patient(clinic), new_york(14, 10))
    plan()
    day_before = new_york(13, 10)
    dispatch_due(clock=lambda: day_before, until=day_before + timedelta(seconds=1))
    message = Message.objects.get(purpose="instructions")
    assert message.body.startswith(
        "Harbor Center here, see you Thu Jan 14, 10:00 AM! No food after 4:00 AM. Clear drinks until 8:00 AM."
        " Somebody has to drive you home: tell us who. More: http"
    )
    assert message.template == "clinic/instructions/sms.en.txt"


def test_answers_go_out_in_the_clinics_frame(clinic: Clinic) -> None:
    save(clinic, "{words} {sender}", purpose=Purpose.REPLY)
    with pytest.raises(WordingRefused, match=r"has to have \{words\} in it"):
        save(clinic, "Thank you", purpose=Purpose.REPLY, after=1)
    own = wording_for(clinic, Purpose.REPLY, ChannelName.SMS, "en")
    [(_, sample)] = samples_for(clinic, Purpose.REPLY, "en", now=NOON)
    text = render(purpose=Purpose.REPLY, channel=ChannelName.SMS, language="en", wording=sample, own=own)
    assert text.body == "Thank you. We will call you today. Harbor Center"


def test_each_shipped_text_is_a_sound_beginning_for_ones_own(clinic: Clinic) -> None:
    for purpose, channel, language in texts_there_are():
        shipped = shipped_text(clinic, purpose, channel, language, now=NOON)
        assert [name for name in needed_in(purpose) if f"{{{name}}}" not in shipped.body] == []
        assert faults_of(
            clinic, purpose, channel, language, subject=shipped.subject, body=shipped.body, now=NOON
        ) == [], (purpose, channel, language)  # fmt: skip
        # With one visit the text with blanks says what the shipped one says.
        for name, sample in samples_for(clinic, purpose, language, now=NOON):
            if name in ("one", "driver"):
                theirs = render(purpose=purpose, channel=channel, language=language, wording=sample)
                ours = dict(previews(
                    clinic, purpose, channel, language, subject=shipped.subject, body=shipped.body, now=NOON
                ))[name]  # fmt: skip
                assert (ours.subject, ours.body) == (theirs.subject, theirs.body)


def test_sample_reminder_takes_as_much_room_as_a_real_one(clinic: Clinic) -> None:
    [(_, sample), *_] = samples_for(clinic, Purpose.REMINDER, "en", now=NOON)
    assert len(sample.link.rstrip("/").rpartition("/")[2]) == 22
    text = render(purpose=Purpose.REMINDER, channel=ChannelName.SMS, language="en", wording=sample)
    assert measure(text.body).count == 1
