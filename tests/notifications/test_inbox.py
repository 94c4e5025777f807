"""What the desk does with replies: says who wrote, is done, and sees its own clinic's alone."""

from __future__ import annotations

import pytest

from notifications.inbox import NotOfThisPlace, mark_done, replies_at, say_who
from notifications.models import MessageRules
from scheduling.events import Actor
from scheduling.models import Clinic, Event, Patient, Role
from scheduling.permissions import NotAllowed
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.replies import THEN, became, tell, text_back
from tests.notifications.world import booker, clinic_that_writes, new_york, reachable_patient

pytestmark = pytest.mark.django_db
STRANGER = "+12125550777"


@pytest.fixture
def clinic(gateway: TwilioGateway) -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


@pytest.fixture
def two(clinic: Clinic) -> list[Patient]:
    """Rosa and her mother, on one number, both told of a visit."""
    people = [reachable_patient(clinic) for _ in range(2)]
    for day, patient in zip((14, 15), people, strict=True):
        booker(clinic)(patient, new_york(day, 10))
    tell()
    return people


def test_yes_confirms_once_it_is_known_whose_it_was(clinic: Clinic, two: list[Patient], desk: Actor) -> None:
    reply = text_back("yes")
    assert became(reply) == ("who_is_it", True)
    say_who(reply=reply, patient=two[1], clinic=clinic, by=desk, now=THEN)
    assert became(reply) == ("confirmed", False)
    assert [patient.appointments.get().confirmed_by for patient in two] == ["", "reply"]
    assert Event.objects.get(verb="reply.assigned").patient == two[1]


def test_free_text_stays_to_be_read_once_it_is_known_whose_it_is(
    clinic: Clinic, two: list[Patient], desk: Actor
) -> None:
    reply = text_back("can I eat?")
    say_who(reply=reply, patient=two[0], clinic=clinic, by=desk, now=THEN)
    assert became(reply) == ("to_read", True)
    assert reply.patient == two[0]


def test_saying_who_it_is_twice_does_nothing_for_a_second_patient(
    clinic: Clinic, two: list[Patient], desk: Actor
) -> None:
    reply = text_back("yes")
    for patient in (two[0], two[1]):
        say_who(reply=reply, patient=patient, clinic=clinic, by=desk, now=THEN)
    assert [patient.appointments.get().confirmed_by for patient in two] == ["reply", ""]


def test_a_stranger_gets_a_name(clinic: Clinic, two: list[Patient], desk: Actor) -> None:
    reply = text_back("it is me, my new number", sender=STRANGER)
    say_who(reply=reply, patient=two[0], clinic=clinic, by=desk, now=THEN)
    reply.refresh_from_db()
    assert (reply.patient, reply.answers) == (two[0], None)


def test_nobody_of_another_organisation_can_be_meant(clinic: Clinic, two: list[Patient], desk: Actor) -> None:
    other = factories.create_patient(clinic_that_writes())
    with pytest.raises(NotOfThisPlace):
        say_who(reply=text_back("yes"), patient=other, clinic=clinic, by=desk, now=THEN)


def test_the_first_who_is_done_closes_it(clinic: Clinic, two: list[Patient], desk: Actor) -> None:
    reply = text_back("can I eat?")
    assert [mark_done(reply=reply, clinic=clinic, by=desk, now=THEN) for _ in range(2)] == [True, False]
    assert became(reply) == ("done", False)
    assert Event.objects.filter(verb="reply.handled").count() == 1


def test_auditors_and_other_clinics_are_done_with_nothing(clinic: Clinic, two: list[Patient]) -> None:
    reply, elsewhere = text_back("can I eat?"), clinic_that_writes()
    for actor in (factories.create_actor(elsewhere, Role.FRONT_DESK), factories.create_actor(clinic, Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            mark_done(reply=reply, clinic=clinic, by=actor, now=THEN)


def test_a_clinic_sees_its_own_replies(clinic: Clinic, two: list[Patient]) -> None:
    elsewhere = clinic_that_writes()
    reply = text_back("can I eat?")
    assert list(replies_at(clinic)) == [reply]
    assert list(replies_at(elsewhere)) == []


def test_a_strangers_text_to_nobodys_number_is_seen_where_no_number_is_ones_own(clinic: Clinic) -> None:
    elsewhere, shares = clinic_that_writes(), clinic_that_writes()
    MessageRules.objects.filter(clinic=elsewhere).update(text_number="+12125550199")
    reply = text_back("hello", sender=STRANGER)
    assert reply.clinic is None
    assert [list(replies_at(one)) for one in (clinic, elsewhere, shares)] == [[reply], [], [reply]]


def test_a_strangers_text_is_seen_everywhere_where_every_clinic_has_a_number(clinic: Clinic) -> None:
    elsewhere = clinic_that_writes()
    for number, one in enumerate((clinic, elsewhere)):
        MessageRules.objects.filter(clinic=one).update(text_number=f"+1212555019{number}")
    reply = text_back("hello", sender=STRANGER)
    assert [list(replies_at(one)) for one in (clinic, elsewhere)] == [[reply], [reply]]
