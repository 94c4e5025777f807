"""Who did not come is told once, calmly and by day, that there is another time; a person said so first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from notifications import caps
from notifications.dispatch import dispatch_due
from notifications.models import Notice, NoticeState
from notifications.notice_facts import ChannelName, Closing, InPerson, Purpose, Reachable, Standing, Wanted
from notifications.planning import plan_everyone, plan_patient
from notifications.telling import told_in_person
from scheduling.models import Appointment, ChangeKind, Clinic, Patient, Role, Status
from scheduling.restoring import un_no_show
from scheduling.visits import record_step
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.facts import MAILBOX, NOW, PHONE, ZONE, at, find, told, visit
from tests.notifications.world import (
    booker,
    clinic_that_writes,
    new_york,
    plan,
    reachable_patient,
)  # fmt: skip
from tests.scheduling.words import changed

HOUR = timedelta(hours=1)
MISSED = {"standing": Standing.SILENT, "was_missed": True}


def missed(found: list[Wanted]) -> list[tuple[int, ChannelName, str]]:
    """(visit, channel, New York's wall clock) of each."""
    return [
        (one.subject[0][0], one.channel, f"{one.due_at.astimezone(ZONE):%d %H:%M}")
        for one in found
        if one.purpose is Purpose.MISSED
    ]


def test_it_goes_an_hour_after_a_person_said_so_to_one_address() -> None:
    found = find(visit(1, at(1, 10), known_since=NOW, **MISSED), to=(PHONE, MAILBOX))
    assert missed(found) == [(1, ChannelName.SMS, "01 13:00")]
    [wanted] = found
    assert (wanted.step, wanted.useful_until, wanted.lapsed) == ("missed", NOW + timedelta(days=2), False)


@pytest.mark.parametrize(
    ("said", "goes"), [((1, 18, 30), "01 19:30"), ((1, 19, 30), "02 09:00"), ((1, 22, 0), "02 09:00")]
)
def test_what_is_said_in_the_evening_waits_for_the_morning_and_never_goes_before_its_hour(
    said: tuple[int, int, int], goes: str
) -> None:
    now = at(*said)
    found = find(visit(1, at(1, 17), known_since=now, **MISSED), now=now)
    assert missed(found) == [(1, ChannelName.SMS, goes)]


def test_it_is_for_whom_no_visit_is_to_come() -> None:
    one = visit(1, at(1, 10), known_since=NOW, **MISSED)
    for standing, goes in (
        (Standing.FIRM, []), (Standing.TENTATIVE, []), (Standing.CANCELLED, [1]), (Standing.SILENT, [1]),
    ):  # fmt: skip
        assert [who for who, *_ in missed(find(one, visit(2, at(4), standing=standing)))] == goes
    assert missed(find(one, visit(2, at(1, 9), standing=Standing.FIRM)))


@pytest.mark.parametrize(
    ("last", "goes"), [(Purpose.BOOKING_CONFIRMATION, True), (Purpose.MISSED, False), (Purpose.CLOSURE, False)]
)
def test_it_is_said_once_and_to_nobody_whom_we_told_to_stay_away(last: Purpose, goes: bool) -> None:
    one = visit(1, at(1, 10), known_since=NOW, **MISSED)
    said = (told(one), told(one, last, "any", said_at=NOW - HOUR))
    assert bool(missed(find(one, said=said))) == goes


def test_who_was_told_by_a_person_gets_no_message() -> None:
    one = visit(1, at(1, 10), known_since=NOW, **MISSED)
    [wanted] = find(one, in_person=[InPerson(1, 1, NOW + HOUR)])
    assert (wanted.they_know, wanted.lapsed) == (True, False)
    [wanted] = find(one, in_person=[InPerson(1, 1, NOW - HOUR)])
    assert not wanted.they_know, "that was about its time, before it was missed"


def test_who_came_or_can_not_be_reached_is_told_nothing() -> None:
    assert find(visit(1, at(1, 10), known_since=NOW, standing=Standing.SILENT)) == []
    assert find(visit(1, at(1, 10), known_since=NOW, **MISSED), to=()) == []
    called = Reachable(3, ChannelName.CALL, preferred=True, zone=ZONE)
    assert missed(find(visit(1, at(1, 10), known_since=NOW, **MISSED), to=(called, PHONE)))[0][1] is ChannelName.CALL


class Missed:
    """A patient whose visit of 6 January at 10:00 the desk writes down as missed at 10:30."""

    at = new_york(6, 10, 30)

    def __init__(self, *, language: str = "en") -> None:
        self.clinic: Clinic = clinic_that_writes()
        self.patient: Patient = reachable_patient(self.clinic, language=language)
        self.book: Callable[[Patient, datetime], Appointment] = booker(self.clinic)
        self.visit = self.book(self.patient, new_york(6, 10))
        self.desk = factories.create_actor(self.clinic, Role.FRONT_DESK)
        for sent_at in (new_york(4, 12, 3), new_york(5, 10)):
            self.send(sent_at)
        self.said(self.at)
        plan(self.at)

    def said(self, now: datetime) -> None:
        visit = Appointment.objects.get(pk=self.visit.pk)
        record_step(
            appointment=visit,
            to=Status.NO_SHOW,
            happened_at=now,
            by=self.desk,
            now=now,
        )

    def send(self, now: datetime) -> None:
        plan(now)
        dispatch_due(clock=lambda: now, until=now + timedelta(seconds=1))

    def state(self) -> list[tuple[str, str]]:
        return list(Notice.objects.filter(purpose="missed").values_list("state", "reason"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "Harbor Center: we missed you on Wed Jan 6, 10:00 AM. New time: "),
        ("es", "Harbor Center: no nos vimos el mie 6 ene, 10:00. Otra hora: "),
    ],
)
def test_the_text_is_one_calm_segment_with_a_link_and_a_number(
    gateway: TwilioGateway, language: str, says: str
) -> None:
    world = Missed(language=language)
    before = len(gateway.ledger)
    world.send(world.at + timedelta(minutes=59))
    assert len(gateway.ledger) == before
    world.send(world.at + HOUR)
    [text] = gateway.ledger[before:]
    assert text.body.startswith(says)
    assert "/v/" in text.body
    assert text.body.endswith("+1 212 555 0100")
    plan_everyone(now=world.at + 2 * HOUR)
    plan_patient(patient=world.patient, now=world.at + 2 * HOUR)
    world.send(world.at + 3 * HOUR)
    assert len(gateway.ledger) == before + 1


@pytest.mark.django_db
def test_what_was_said_by_mistake_is_told_to_nobody_and_twice_is_once(gateway: TwilioGateway) -> None:
    world = Missed()
    before = len(gateway.ledger)
    un_no_show(appointment=world.visit, by=world.desk, now=world.at + timedelta(minutes=5))
    plan(world.at + timedelta(minutes=5))
    assert world.state() == []
    world.said(world.at + timedelta(minutes=20))
    world.send(world.at + timedelta(minutes=79))
    assert len(gateway.ledger) == before
    world.send(world.at + timedelta(minutes=80))
    assert len(gateway.ledger) == before + 1


@pytest.mark.django_db
def test_taken_back_or_booked_anew_at_the_last_moment_it_does_not_go(gateway: TwilioGateway) -> None:
    world = Missed()
    before = len(gateway.ledger)
    world.book(world.patient, new_york(8, 10))
    # The sender is faster than the planner.
    at_once = world.at + HOUR
    dispatch_due(clock=lambda: at_once, until=at_once + timedelta(seconds=1))
    assert len(gateway.ledger) == before
    assert world.state() == [(NoticeState.SUPPRESSED, "settled")]


@pytest.mark.django_db
def test_it_is_told_to_nobody_whose_order_is_not_on(gateway: TwilioGateway) -> None:
    world = Missed()
    order = factories.create_order(world.clinic, world.patient)
    Appointment.objects.filter(pk=world.visit.pk).update(order=order)
    for kind, goes in ((ChangeKind.PAUSE, 0), (ChangeKind.RESUME, 1), (ChangeKind.STOP, 0)):
        changed(order, world.clinic, kind, now=world.at)
        plan_patient(patient=world.patient, now=world.at)
        assert len(world.state()) == goes


@pytest.mark.django_db
def test_somebody_who_has_called_stops_it(gateway: TwilioGateway) -> None:
    world = Missed()
    visit = Appointment.objects.get(pk=world.visit.pk)
    told_in_person(patient=world.patient, visit=visit, and_send=False, by=world.desk, now=world.at + HOUR / 2)
    plan(world.at + HOUR / 2)
    assert world.state() == [(NoticeState.SUPPRESSED, "told_in_person")]


def test_it_counts_as_routine_so_that_caps_hold_it_back() -> None:
    assert [caps.bind(Purpose.MISSED, channel) for channel in ChannelName] == [True, False, False]


def test_a_closing_does_not_matter_to_a_missed_visit_that_nobody_was_told_is_closed() -> None:
    assert missed(find(visit(1, at(1, 10), known_since=NOW, closing=Closing(7, NOW), **MISSED)))
