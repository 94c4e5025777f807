"""Yes, no and maybe from a patient's calendar, handed over as letters: what they do to the visit they name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.calendar_feeds import uid_of
from notifications.consent import consenting
from notifications.inbound import take_reply
from notifications.inbound_mail import read_mail
from notifications.models import Address, CallTask, InboundMessage, Notice
from scheduling.intervals import Interval
from scheduling.models import Appointment, Clinic, Patient, Role
from scheduling.opening_hours import record_closure
from tests import factories
from tests.fakes.smtp_server import SmtpServer
from tests.notifications.letters import pressed
from tests.notifications.replies import THEN, became, tell
from tests.notifications.world import MAILBOX, booker, clinic_that_writes, move, new_york, reachable_patient
from web.webhooks.inbound_mail import arrived

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(mail_server: SmtpServer) -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return reachable_patient(clinic, phone="", mailbox=MAILBOX)


@pytest.fixture
def visit(clinic: Clinic, rosa: Patient) -> Appointment:
    """Booked for the 14th at ten, and Rosa was told of it an hour ago."""
    visit = booker(clinic)(rosa, new_york(14, 10))
    tell()
    return visit


def press(visit: Appointment, said: str, **more: object) -> InboundMessage:
    more.setdefault("sequence", visit.told_version)
    raw = pressed(uid_of(visit), said, **more)  # type: ignore[arg-type]
    take_reply(arrived=arrived(read_mail(raw)), now=THEN)
    return InboundMessage.objects.latest("pk")


def confirmed(visit: Appointment) -> str:
    visit.refresh_from_db()
    return visit.confirmed_by if visit.confirmed_at else ""


@pytest.mark.parametrize("as_file", [False, True])
def test_yes_confirms_the_visit_and_nobody_is_told_of_pictures(visit: Appointment, *, as_file: bool) -> None:
    reply = press(visit, "ACCEPTED", as_file=as_file)
    assert became(reply) == ("confirmed", False)
    assert (confirmed(visit), reply.patient, reply.clinic) == ("reply", visit.patient, visit.clinic)
    assert not Notice.objects.filter(purpose="reply").exists()


def test_no_asks_for_a_call_and_changes_nothing(visit: Appointment) -> None:
    reply = press(visit, "DECLINED")
    assert became(reply) == ("call_opened", False)
    task = CallTask.objects.get()
    assert (task.kind, task.visit, task.patient, task.reply) == ("wants_to_move", visit, visit.patient, reply)
    visit.refresh_from_db()
    assert visit.status == "booked"


def test_another_time_asks_for_a_call_too(visit: Appointment) -> None:
    assert became(press(visit, "TENTATIVE", method="COUNTER")) == ("call_opened", False)


def test_maybe_is_for_a_person(visit: Appointment) -> None:
    assert became(press(visit, "TENTATIVE")) == ("to_read", True)
    assert (confirmed(visit), CallTask.objects.count()) == ("", 0)


def test_yes_to_a_time_that_was_moved_meanwhile_says_changed(visit: Appointment) -> None:
    before = visit.told_version
    move(visit, timedelta(hours=2), now=THEN - timedelta(minutes=1))
    assert became(press(visit, "ACCEPTED", sequence=before)) == ("changed_meanwhile", True)
    assert confirmed(visit) == ""


def test_yes_with_a_note_confirms_and_stays_to_be_read(visit: Appointment) -> None:
    assert became(press(visit, "ACCEPTED", comment="Can I eat before?")) == ("to_read", True)
    assert confirmed(visit) == "reply"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Rosa Reyes has accepted this invitation.\n\nAppointment\nThursday Jan 14, 2027", "confirmed"),
        ("Rosa Reyes ha aceptado esta invitación.", "confirmed"),
        ('Rosa Reyes has accepted this invitation with this note:\n"Can I eat before?"', "to_read"),
        ("Can I eat before?", "to_read"),
    ],
)
def test_what_a_calendar_writes_itself_needs_nobody(visit: Appointment, text: str, outcome: str) -> None:
    assert became(press(visit, "ACCEPTED", text=text))[0] == outcome
    assert confirmed(visit) == "reply"


def test_stop_beside_a_no_opts_out_as_well(visit: Appointment) -> None:
    assert became(press(visit, "DECLINED", text="unsubscribe me")) == ("opted_out", False)
    assert (CallTask.objects.get().kind, consenting([Address.objects.get().pk])) == ("wants_to_move", set())


def test_uid_says_which_of_two_patients_on_one_mailbox_it_is(clinic: Clinic, visit: Appointment) -> None:
    mother = reachable_patient(clinic, phone="", mailbox=MAILBOX)
    hers = booker(clinic)(mother, new_york(15, 10))
    tell()
    reply = press(hers, "ACCEPTED")
    assert (became(reply), reply.patient) == (("confirmed", False), mother)
    assert (confirmed(visit), confirmed(hers)) == ("", "reply")


def test_uid_of_somebody_elses_visit_does_nothing(clinic: Clinic, visit: Appointment) -> None:
    other = reachable_patient(clinic, phone="", mailbox="else@patients.test")
    theirs = booker(clinic)(other, new_york(15, 10))
    assert became(press(theirs, "ACCEPTED")) == ("to_read", True)
    assert confirmed(theirs) == ""


def test_yes_to_a_visit_that_is_over_was_not_asked_for(visit: Appointment) -> None:
    raw = pressed(uid_of(visit), "ACCEPTED", sequence=visit.told_version)
    take_reply(arrived=arrived(read_mail(raw)), now=new_york(20, 10))
    assert became(InboundMessage.objects.get()) == ("nothing_asked", True)
    assert confirmed(visit) == ""


def test_the_same_letter_again_does_nothing_more(visit: Appointment) -> None:
    for _ in range(2):
        press(visit, "DECLINED")
    assert (InboundMessage.objects.count(), CallTask.objects.count()) == (1, 1)


def test_yes_to_a_visit_that_the_clinic_is_closed_over_is_for_a_person(visit: Appointment, clinic: Clinic) -> None:
    manager = factories.create_actor(clinic, Role.MANAGER)
    snow = Interval(new_york(14, 7), new_york(14, 19))
    record_closure(clinic=clinic, period=snow, reason="snow", by=manager, now=THEN - timedelta(minutes=1))
    assert became(press(visit, "ACCEPTED")) == ("to_read", True)
    assert confirmed(visit) == ""
