"""What patients hear when an order is paused, goes on, or ends: a person first, then the text or none."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications import reply_outcomes
from notifications.confirming import confirm_told
from notifications.dispatch import dispatch_due
from notifications.models import CallKind, CallTask, Notice
from notifications.notice_facts import ChannelName
from notifications.order_news import messages_of
from notifications.telling import told_in_person
from notifications.untold import still_to_tell, untold_at
from scheduling.booking import Pick, book_series
from scheduling.events import Actor
from scheduling.models import Appointment, ChangeKind, Clinic, Event, Order, Patient, Role
from scheduling.order_effects import effect_of
from scheduling.paused_places import settle_places
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import NOON, clinic_that_writes, new_york, plan, reachable_patient
from tests.scheduling.words import changed

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LATER = NOON + 30 * MINUTE
NOT_BEFORE = "please do not come before we have called you"


class World:
    """A patient with infusions on 8, 11 and 13 January, nine o'clock; it is Monday the fourth, half past noon."""

    def __init__(self, gateway: TwilioGateway, *, phone: str = "+12125550123", language: str = "en") -> None:
        self.gateway = gateway
        self.clinic: Clinic = clinic_that_writes()
        self.patient: Patient = reachable_patient(self.clinic, phone=phone, language=language)
        self.order: Order = factories.create_order(self.clinic, self.patient)
        self.nurse: Actor = factories.create_actor(self.clinic, Role.NURSE)
        picks = [Pick(number, new_york(day, 9)) for number, day in ((1, 8), (2, 11), (3, 13))]
        desk = factories.create_actor(self.clinic, Role.FRONT_DESK)
        self.visits: list[Appointment] = book_series(
            order=self.order, clinic=self.clinic, picks=picks, by=desk, now=NOON
        )

    def heard(self) -> World:
        """They have had the confirmation."""
        assert len(self.texts(NOON + 3 * MINUTE)) == (1 if self.patient.addresses.exists() else 0)
        return self

    def say(self, kind: ChangeKind, now: datetime) -> None:
        changed(self.order, self.clinic, kind, now=now)

    def texts(self, now: datetime) -> list[str]:
        """What goes out once all is planned then, without the link."""
        before = len(self.gateway.ledger)
        plan(now)
        dispatch_due(clock=lambda: now, until=now + timedelta(seconds=1))
        return [text.body.partition(" Details")[0] for text in self.gateway.ledger[before:]]

    def told(self, now: datetime, *, and_send: bool = False) -> None:
        told_in_person(patient=self.patient, order=self.order, and_send=and_send, by=self.nurse, now=now)


@pytest.fixture
def world(gateway: TwilioGateway) -> World:
    return World(gateway).heard()


def test_a_pause_is_told_by_a_person_or_by_one_text_after_a_while_and_nothing_reminds(world: World) -> None:
    world.say(ChangeKind.PAUSE, LATER)
    assert world.texts(LATER + 119 * MINUTE) == []
    [text] = world.texts(LATER + 2 * HOUR)
    assert text.startswith("Harbor Center: about 3 of your visits, the first on Fri Jan 8, 9:00 AM")
    assert NOT_BEFORE in text
    for later in (new_york(5, 10), new_york(7, 10), new_york(8, 7), new_york(10, 10)):
        assert world.texts(later) == []


@pytest.mark.parametrize(("and_send", "texts"), [(True, 1), (False, 0)])
def test_once_they_were_told_of_the_pause_the_text_goes_at_once_or_never(
    world: World, and_send: bool, texts: int
) -> None:
    world.say(ChangeKind.PAUSE, LATER)
    world.texts(LATER)
    at = LATER + 10 * MINUTE
    world.told(at, and_send=and_send)
    assert len(world.texts(at)) == texts
    assert world.texts(LATER + 3 * HOUR) == []
    reasons = set(Notice.objects.filter(purpose="order_paused").values_list("reason", flat=True))
    assert reasons == ({""} if and_send else {"told_in_person"})


def test_what_was_said_before_the_pause_does_not_count(world: World) -> None:
    world.told(LATER - MINUTE)
    world.say(ChangeKind.PAUSE, LATER)
    assert len(world.texts(LATER + 2 * HOUR)) == 1


def test_a_sender_that_is_faster_than_the_planner_sees_that_they_know_and_that_it_goes_on(world: World) -> None:
    world.say(ChangeKind.PAUSE, LATER)
    plan(LATER)
    world.say(ChangeKind.RESUME, LATER + HOUR)
    at = LATER + 2 * HOUR
    before = len(world.gateway.ledger)
    dispatch_due(clock=lambda: at, until=at + timedelta(seconds=1))
    assert world.gateway.ledger[before:] == []
    assert set(Notice.objects.filter(purpose="order_paused").values_list("reason", flat=True)) == {"visit_changed"}


def test_a_pause_that_ends_before_anybody_heard_of_it_tells_nothing_and_loses_no_reminder(world: World) -> None:
    world.say(ChangeKind.PAUSE, LATER)
    world.texts(LATER)
    world.say(ChangeKind.RESUME, LATER + HOUR)
    assert world.texts(LATER + 3 * HOUR) == []
    [reminder] = world.texts(new_york(7, 10))
    assert "Fri Jan 8, 9:00 AM" in reminder


def test_a_reminder_whose_time_passed_during_the_pause_is_sent_when_it_goes_on(world: World) -> None:
    world.say(ChangeKind.PAUSE, new_york(7, 8, 45))
    assert world.texts(new_york(7, 10)) == []
    world.say(ChangeKind.RESUME, new_york(7, 10, 30))
    [reminder] = world.texts(new_york(7, 10, 31))
    assert "Fri Jan 8, 9:00 AM" in reminder
    assert world.texts(new_york(7, 15)) == []


def test_who_was_told_of_the_pause_in_person_hears_that_it_goes_on_and_is_reminded_of_the_next(world: World) -> None:
    world.say(ChangeKind.PAUSE, new_york(5, 8, 30))
    world.told(new_york(5, 9))
    assert world.texts(new_york(5, 10)) == []
    world.say(ChangeKind.RESUME, new_york(6, 12))
    found = [text for hour in (13, 16) for text in world.texts(new_york(6, hour))]
    assert ["Jan 8, 9:00 AM" in text for text in found] == [True], "once, of all three"
    [reminder] = world.texts(new_york(10, 10))
    assert "Mon Jan 11, 9:00 AM" in reminder


def test_who_heard_of_the_pause_hears_that_it_goes_on_once(world: World) -> None:
    world.say(ChangeKind.PAUSE, LATER)
    world.texts(LATER + 2 * HOUR)
    world.say(ChangeKind.RESUME, LATER + 3 * HOUR)
    [text] = world.texts(LATER + 3 * HOUR + 3 * MINUTE)
    assert "Fri Jan 8, 9:00 AM" in text
    assert NOT_BEFORE not in text
    assert world.texts(LATER + 4 * HOUR) == []


def test_paused_again_is_told_again(world: World) -> None:
    for start in (LATER, LATER + 4 * HOUR):
        world.say(ChangeKind.PAUSE, start)
        assert [NOT_BEFORE in text for text in world.texts(start + 2 * HOUR)] == [True]
        world.say(ChangeKind.RESUME, start + 2 * HOUR + MINUTE)
        assert len(world.texts(start + 2 * HOUR + 4 * MINUTE)) == 1


def test_a_stop_after_a_pause_waits_anew_for_a_person(world: World) -> None:
    world.say(ChangeKind.PAUSE, LATER)
    world.told(LATER + MINUTE)
    stopped = LATER + HOUR
    world.say(ChangeKind.STOP, stopped)
    assert world.texts(stopped + 119 * MINUTE) == []
    [text] = world.texts(stopped + 2 * HOUR)
    assert text == "Harbor Center: 3 of your visits are cancelled, the first on Fri Jan 8, 9:00 AM."


def test_an_order_that_ends_before_any_message_went_is_told_to_nobody(gateway: TwilioGateway) -> None:
    world = World(gateway)
    world.say(ChangeKind.STOP, NOON + MINUTE)
    for later in (NOON + 5 * MINUTE, NOON + 5 * HOUR, new_york(7, 10)):
        assert world.texts(later) == []


def test_a_stop_on_the_day_itself_is_told_at_once_while_there_is_time(world: World) -> None:
    now = new_york(8, 7)
    world.texts(new_york(7, 10))
    changed(world.order, world.clinic, ChangeKind.STOP, now=now)
    # It is quiet until nine, when the patient would be there: somebody has to call, and does.
    assert world.texts(now + 3 * MINUTE) == []
    to_tell = still_to_tell(world.order, now=now)
    assert to_tell is not None
    assert to_tell.is_overdue(now)


def test_nobody_who_can_not_be_reached_is_forgotten(gateway: TwilioGateway) -> None:
    world = World(gateway, phone="")
    world.texts(NOON + 3 * MINUTE)
    call = CallTask.objects.get(kind=CallKind.CANNOT_REACH, closed_at=None)
    assert "Friday, January 8" in call.words
    world.say(ChangeKind.PAUSE, LATER)
    plan(LATER)
    assert not CallTask.objects.filter(kind=CallKind.CANNOT_REACH, closed_at=None).exists()
    [untold] = untold_at(world.clinic, now=LATER)
    assert (untold.order, untold.is_reachable) == (world.order, False)
    world.say(ChangeKind.RESUME, LATER + HOUR)
    plan(LATER + HOUR)
    assert CallTask.objects.filter(kind=CallKind.CANNOT_REACH, closed_at=None).count() == 1


def test_times_that_the_desk_lets_go_are_told_like_a_stop(world: World) -> None:
    world.say(ChangeKind.PAUSE, LATER)
    world.told(LATER + MINUTE)
    desk, now = factories.create_actor(world.clinic, Role.FRONT_DESK), LATER + 3 * HOUR
    settle_places(order=world.order, keep_days=None, by=desk, now=now)
    assert still_to_tell(world.order, now=now) is not None
    assert world.texts(now + 119 * MINUTE) == []
    assert ["are cancelled" in text for text in world.texts(now + 2 * HOUR)] == [True]


def test_a_yes_to_an_older_text_confirms_nothing_and_is_read(world: World) -> None:
    world.say(ChangeKind.PAUSE, LATER)
    told = [(visit.pk, visit.told_version) for visit in world.visits]
    assert confirm_told(told, LATER + MINUTE) == {reply_outcomes.TO_READ}
    assert not Event.objects.filter(verb="appointment.confirmed").exists()


def test_it_is_on_the_clinicians_list_until_a_person_has_spoken_with_them(world: World) -> None:
    assert still_to_tell(world.order, now=LATER) is None
    world.say(ChangeKind.STOP, LATER)
    waits = still_to_tell(world.order, now=LATER)
    assert waits is not None
    assert (waits.until, waits.first_visit, waits.is_reachable) == (LATER + 2 * HOUR, new_york(8, 9), True)
    assert untold_at(world.clinic, now=LATER + 119 * MINUTE) == []
    world.texts(LATER + 2 * HOUR)
    [untold] = untold_at(world.clinic, now=LATER + 2 * HOUR)
    assert untold.change is not None
    assert untold.change.kind == ChangeKind.STOP
    world.told(LATER + 3 * HOUR)
    assert untold_at(world.clinic, now=LATER + 3 * HOUR) == []
    assert untold_at(factories.create_clinic(), now=LATER + 2 * HOUR) == []


def test_who_goes_on_or_has_died_is_on_no_list(world: World) -> None:
    world.say(ChangeKind.PAUSE, LATER)
    world.say(ChangeKind.RESUME, LATER + MINUTE)
    assert still_to_tell(world.order, now=LATER + HOUR) is None


def test_in_spanish_too(gateway: TwilioGateway) -> None:
    world = World(gateway, language="es").heard()
    world.say(ChangeKind.PAUSE, LATER)
    before = len(gateway.ledger)
    world.texts(LATER + 2 * HOUR)
    assert "por favor no venga antes de que le llamemos" in gateway.ledger[before].body


def test_where_the_clinic_sends_no_texts_no_message_is_promised(world: World) -> None:
    Clinic.objects.filter(pk=world.clinic.pk).update(sends_texts=False)
    found = messages_of(world.order, effect_of(world.order, ChangeKind.STOP, now=LATER), now=LATER)
    assert (found.goes_at, found.channels) == (None, [])


@pytest.mark.parametrize("kind", [ChangeKind.PAUSE, ChangeKind.STOP])
def test_what_a_change_would_do_to_messages_is_known_before_it_is_made(world: World, kind: ChangeKind) -> None:
    found = messages_of(world.order, effect_of(world.order, kind, now=LATER), now=LATER)
    assert {notice.purpose for notice in found.withheld} == {"reminder"}
    assert found.heard == {visit.pk for visit in world.visits}
    assert (found.goes_at, found.channels) == (LATER + 2 * HOUR, [ChannelName.SMS])
    world.say(kind, LATER)
    plan(LATER)
    left = Notice.objects.filter(pk__in=[notice.pk for notice in found.withheld], state="planned")
    assert not left.exists()
    later = messages_of(world.order, effect_of(world.order, ChangeKind.RESUME, now=LATER), now=LATER)
    assert (later.withheld, later.goes_at) == ((), None)
