"""Caps on routine texts: so many a day of the patient's and in any seven days, and never on news of a visit."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import Min
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from notifications.caps import COUNTED, ROUTINE, WEEK, Caps, bind, count, free_at
from notifications.dispatch import dispatch_due
from notifications.models import MessageRules, Notice, NoticeState
from notifications.notice_facts import ChannelName, Purpose
from notifications.planning import plan_patient
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Role
from tests import factories
from tests.fakes.twilio_gateway import Mode, TwilioGateway
from tests.notifications.prepared import infusion
from tests.notifications.world import NOON, booker, clinic_that_writes, move, new_york, plan, reachable_patient

NEW_YORK = ZoneInfo("America/New_York")
TOLD = NOON + timedelta(minutes=3)


@pytest.mark.parametrize(
    ("sent", "caps", "at"),
    [
        ([], Caps(1, 3), new_york(12, 10)),
        ([new_york(12, 9)], Caps(1, 3), new_york(13, 0)),
        ([new_york(12, 9)], Caps(2, 3), new_york(12, 10)),
        ([new_york(12, 9)] * 9, Caps(0, 0), new_york(12, 10)),
        ([new_york(6, 9), new_york(8, 9), new_york(10, 9)], Caps(1, 3), new_york(13, 9)),
        ([new_york(5, 9), new_york(8, 9), new_york(10, 9)], Caps(1, 3), new_york(12, 10)),
        ([new_york(10, 9), new_york(11, 9), new_york(12, 9)], Caps(1, 3), new_york(17, 9)),
    ],
    ids=["none yet", "one today", "two a day", "no limit", "full week", "one fell out", "full week and today"],
)
def test_next_routine_text_may_go(sent: list[datetime], caps: Caps, at: datetime) -> None:
    assert free_at(sent, caps=caps, now=new_york(12, 10), zone=NEW_YORK) == at


@given(
    minutes=st.lists(st.integers(0, 14 * 24 * 60), max_size=30),
    a_day=st.integers(0, 3),
    a_week=st.integers(0, 5),
)
def test_texts_that_wait_for_their_turn_keep_within_both_caps(minutes: list[int], a_day: int, a_week: int) -> None:
    sent: list[datetime] = []
    for minute in sorted(minutes):
        now = max([NOON + timedelta(minutes=minute), *sent])
        sent.append(free_at(sent, caps=Caps(a_day, a_week), now=now, zone=NEW_YORK))
    days = [one.astimezone(NEW_YORK).date() for one in sent]
    assert not a_day or all(days.count(day) <= a_day for day in days)
    assert not a_week or all(sum(one - WEEK < other <= one for other in sent) <= a_week for one in sent)


def test_only_routine_texts_are_bound() -> None:
    bound = {(purpose, channel) for purpose in Purpose for channel in ChannelName if bind(purpose, channel)}
    assert bound == {(purpose, ChannelName.SMS) for purpose in ROUTINE}
    assert not ROUTINE & {
        Purpose.CHANGED, Purpose.CANCELLED, Purpose.CLOSURE, Purpose.BOOKING_CONFIRMATION, Purpose.ORDER_PAUSED,
        Purpose.REPLY, Purpose.INSTRUCTIONS,
    }  # fmt: skip


def test_instructions_take_a_place_that_nobody_can_take_from_them() -> None:
    counted = {(purpose, channel) for purpose in Purpose for channel in ChannelName if count(purpose, channel)}
    assert counted == {(purpose, ChannelName.SMS) for purpose in COUNTED}
    assert {Purpose.INSTRUCTIONS} == COUNTED - ROUTINE


def send(now: datetime) -> int:
    return dispatch_due(clock=lambda: now, until=now + timedelta(seconds=1))


@pytest.fixture
def visits(gateway: TwilioGateway) -> list[Appointment]:
    """Two far apart, each told, with a reminder that is due on the 13th at ten; the clinic allows one a day."""
    clinic = clinic_that_writes()
    MessageRules.objects.update(most_a_day=1, most_a_week=3)
    patient = reachable_patient(clinic)
    booked = [booker(clinic)(patient, new_york(day, 10)) for day in (14, 25)]
    plan()
    send(TOLD)
    Notice.objects.filter(purpose="reminder").update(due_at=new_york(13, 10))
    Notice.objects.filter(purpose="reminder", step="72h").delete()
    return booked


def reminders() -> list[tuple[str, str]]:
    rows = Notice.objects.filter(purpose="reminder").order_by("useful_until")
    return [(row.state, row.reason) for row in rows]


@pytest.mark.django_db
def test_second_routine_text_of_a_day_goes_on_the_next_morning(
    gateway: TwilioGateway, visits: list[Appointment]
) -> None:
    second = Notice.objects.filter(purpose="reminder").order_by("useful_until")[1]
    Notice.objects.filter(pk=second.pk).update(due_at=new_york(13, 11))
    before = len(gateway.ledger)
    assert send(new_york(13, 10)) == 1
    assert send(new_york(13, 11)) == 0
    assert len(gateway.ledger) == before + 1
    second.refresh_from_db()
    assert (second.state, second.due_at) == ("planned", new_york(14, 9))
    assert send(new_york(14, 9)) == 1


@pytest.mark.django_db
def test_routine_text_over_the_cap_that_would_come_too_late_lapses_and_is_for_a_person(
    gateway: TwilioGateway, visits: list[Appointment]
) -> None:
    first = Notice.objects.filter(purpose="reminder").order_by("useful_until")[0]
    Notice.objects.filter(pk=first.pk).update(due_at=new_york(13, 11))
    send(new_york(13, 10))
    assert send(new_york(13, 11)) == 0
    assert reminders() == [("lapsed", "over_cap"), ("sent", "")]
    assert Notice.objects.needs_person().count() == 1


@pytest.mark.django_db
def test_news_is_never_held_back_by_caps(gateway: TwilioGateway, visits: list[Appointment]) -> None:
    send(new_york(13, 10))
    before = len(gateway.ledger)
    moved_at = new_york(13, 10, 30)
    move(visits[1], timedelta(hours=1), now=moved_at)
    desk = factories.create_actor(visits[0].clinic, Role.FRONT_DESK)
    cancel(appointment=visits[0], side=CancelledBy.CLINIC, reason="ill", by=desk, now=moved_at)
    booker(visits[0].clinic, now=moved_at)(visits[0].patient, new_york(27, 10))
    plan(moved_at)
    send(moved_at + timedelta(minutes=3))
    said = "".join(text.body for text in gateway.ledger[before:])
    assert len(gateway.ledger) == before + 3
    assert all(words in said for words in ("is now", "is cancelled", "is booked"))


@pytest.mark.django_db
def test_text_that_was_refused_does_not_count(gateway: TwilioGateway, visits: list[Appointment]) -> None:
    second = Notice.objects.filter(purpose="reminder").order_by("useful_until")[1]
    Notice.objects.filter(pk=second.pk).update(due_at=new_york(13, 11))
    gateway.mode = Mode.REFUSE
    send(new_york(13, 10))
    gateway.mode = Mode.ACCEPT
    assert send(new_york(13, 11)) == 1
    assert reminders() == [("failed", "rejected"), ("sent", "")]


@pytest.fixture
def prepared(outbox: None) -> list[Appointment]:
    """Two infusions, whose instructions are due at ten on the 13th and on the 17th, and other visits about them."""
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    book = booker(clinic)
    for day in (15, 19):
        book(patient, new_york(day, 9))
    visits = infusion(clinic, patient, new_york(14, 10), new_york(18, 10))
    plan()
    send(TOLD)
    return visits


@pytest.mark.django_db
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    a_day=st.integers(0, 2),
    a_week=st.integers(0, 4),
    hours=st.lists(st.integers(1, 100), max_size=4, unique=True),
)
@example(a_day=1, a_week=1, hours=[48])
def test_whatever_the_caps_instructions_of_a_live_visit_never_give_way_to_them(
    prepared: list[Appointment], a_day: int, a_week: int, hours: list[int]
) -> None:
    with transaction.atomic():
        MessageRules.objects.update(
            most_a_day=a_day,
            most_a_week=a_week,
            reminder_hours=sorted(hours, reverse=True),
            quiet_until=time(0),
        )
        now: datetime | None = new_york(9, 9)
        while now:
            plan_patient(patient=prepared[0].patient, now=now)
            send(now)
            waiting = Notice.objects.filter(state=NoticeState.PLANNED, due_at__gt=now)
            now = waiting.aggregate(first=Min("due_at"))["first"]
        told = Notice.objects.filter(purpose=Purpose.INSTRUCTIONS)
        for visit in prepared:
            assert told.filter(visits=visit, state=NoticeState.SENT).count() == 1
        assert not told.exclude(state=NoticeState.SENT).exists()
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_reminder_gives_way_to_instructions_of_the_same_day_and_is_for_a_person(prepared: list[Appointment]) -> None:
    """The reminder of the 15th is due on the 14th; here it is due on the 13th, after the instructions."""
    MessageRules.objects.update(most_a_day=1)
    reminder = Notice.objects.get(purpose="reminder", visits__period__startswith=new_york(15, 9))
    Notice.objects.filter(pk=reminder.pk).update(due_at=new_york(13, 11), useful_until=new_york(13, 20))
    send(new_york(13, 10))
    send(new_york(13, 11))
    reminder.refresh_from_db()
    assert (reminder.state, reminder.reason) == ("lapsed", "over_cap")
