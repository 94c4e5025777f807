"""What the desk does with replies: says who wrote, is done, and sees its own clinic's alone."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command

from notifications.inbox import (
    NamedAlready,
    NotOfThisPlace,
    give_to_clinic,
    mark_done,
    replies_at,
    replies_of_nobody,
    say_who,
)
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


def test_whoever_names_another_patient_meanwhile_is_told_who_named_whom(
    clinic: Clinic, two: list[Patient], desk: Actor
) -> None:
    reply, other = text_back("yes"), factories.create_actor(clinic, Role.FRONT_DESK)
    say_who(reply=reply, patient=two[0], clinic=clinic, by=desk, now=THEN)
    for showed in (None, two[1].pk):
        with pytest.raises(NamedAlready) as refusal:
            say_who(reply=reply, patient=two[1], clinic=clinic, by=other, now=THEN, instead_of=showed)
        assert refusal.value.patient == two[0]
        assert refusal.value.user is not None
        assert refusal.value.user.pk == desk.user_id
    reply.refresh_from_db()
    assert reply.patient == two[0]
    assert Event.objects.filter(verb="reply.assigned").count() == 1


def test_a_reply_known_by_its_address_was_named_by_nobody(clinic: Clinic, desk: Actor) -> None:
    rosa, other = reachable_patient(clinic), factories.create_patient(clinic)
    reply = text_back("can I eat?")
    with pytest.raises(NamedAlready) as refusal:
        say_who(reply=reply, patient=other, clinic=clinic, by=desk, now=THEN)
    assert (refusal.value.patient, refusal.value.user) == (rosa, None)


def test_a_corrected_name_does_nothing_for_the_second_patient(clinic: Clinic, two: list[Patient], desk: Actor) -> None:
    reply = text_back("yes")
    say_who(reply=reply, patient=two[0], clinic=clinic, by=desk, now=THEN)
    say_who(reply=reply, patient=two[1], clinic=clinic, by=desk, now=THEN, instead_of=two[0].pk)
    reply.refresh_from_db()
    assert reply.patient == two[1]
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
    elsewhere, shares = (factories.create_clinic(clinic.organisation) for _ in range(2))
    MessageRules.objects.create(clinic=elsewhere, text_number="+12125550199")
    reply = text_back("hello", sender=STRANGER)
    assert reply.clinic is None
    assert [list(replies_at(one)) for one in (clinic, elsewhere, shares)] == [[reply], [], [reply]]


def test_a_strangers_text_is_seen_everywhere_where_every_clinic_has_a_number(clinic: Clinic) -> None:
    elsewhere = factories.create_clinic(clinic.organisation)
    for number, one in enumerate((clinic, elsewhere)):
        MessageRules.objects.update_or_create(clinic=one, defaults={"text_number": f"+1212555019{number}"})
    reply = text_back("hello", sender=STRANGER)
    assert [list(replies_at(one)) for one in (clinic, elsewhere)] == [[reply], [reply]]


def test_a_strangers_text_to_nobodys_number_is_seen_in_no_inbox_where_organisations_share(clinic: Clinic) -> None:
    elsewhere = clinic_that_writes()
    reply = text_back("I am Rosa, of your six o'clock", sender=STRANGER)
    assert [list(replies_at(one)) for one in (clinic, elsewhere)] == [[], []]
    assert list(replies_of_nobody()) == [reply]
    assert give_to_clinic(reply=reply, clinic=elsewhere, by=factories.system(), now=THEN)
    assert not give_to_clinic(reply=reply, clinic=clinic, by=factories.system(), now=THEN)
    assert [list(replies_at(one)) for one in (clinic, elsewhere)] == [[], [reply]]
    assert list(replies_of_nobody()) == []
    assert Event.objects.get(verb="reply.given").clinic == elsewhere


def test_no_clinics_staff_give_away_what_is_nobodys(clinic: Clinic, desk: Actor) -> None:
    clinic_that_writes()
    with pytest.raises(NotAllowed):
        give_to_clinic(reply=text_back("hello", sender=STRANGER), clinic=clinic, by=desk, now=THEN)


def test_a_patient_of_another_organisation_is_a_stranger_to_whose_number_it_is(
    clinic: Clinic, two: list[Patient]
) -> None:
    elsewhere = clinic_that_writes()
    MessageRules.objects.filter(clinic=elsewhere).update(text_number="+12125550199")
    reply = text_back("hello", to="+12125550199")
    assert (reply.clinic, reply.patient, reply.address, reply.answers) == (elsewhere, None, None, None)


def test_whoever_runs_the_server_reads_and_gives_what_is_nobodys(clinic: Clinic) -> None:
    elsewhere = clinic_that_writes()
    reply, place = text_back("hello", sender=STRANGER), f"{elsewhere.organisation.slug}/{elsewhere.slug}"
    out = io.StringIO()
    call_command("replies_of_nobody", stdout=out)
    [row] = json.loads(out.getvalue())
    assert (row["id"], row["sender"], row["text"]) == (reply.pk, STRANGER, "hello")
    for ident, where in (("x", place), (str(reply.pk), "no/where")):
        with pytest.raises(SystemExit):
            call_command("replies_of_nobody", "--give", ident, where, stderr=io.StringIO())
    call_command("replies_of_nobody", "--give", str(reply.pk), place, stderr=io.StringIO())
    assert list(replies_at(elsewhere)) == [reply]
