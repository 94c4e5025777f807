"""Each purpose on real rows: from the event that calls for it to the words that go out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from notifications.closure_by_night import NotThatSoon, tell_closure_by_night
from notifications.dispatch import dispatch_due
from notifications.lapsed_calls import settle_what_lapsed
from notifications.models import (
    CallTask,
    ContactWishes,
    DutyShift,
    MessageRules,
    Notice,
    NoticeState,
    PatientAddress,
    RideHome,
)  # fmt: skip
from notifications.planning import plan_after_commit, plan_everyone, plan_patient, plan_waiting
from notifications.unsent import ask_to_call_about_unsent
from scheduling.cancelling import cancel
from scheduling.events import Actor, Entry, record
from scheduling.intervals import Interval
from scheduling.models import (
    Appointment,
    CancelledBy,
    Clinic,
    Event,
    EventToPlan,
    FollowUp,
    FollowUpState,
    Patient,
    Role,
    Status,
)
from scheduling.opening_hours import end_closure, record_closure
from scheduling.permissions import NotAllowed
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.prepared import infusion
from tests.notifications.world import (
    NOON,
    agree,
    booker,
    clinic_that_writes,
    move,
    new_york,
    notices,
    plan,
    reachable_patient,
)
from tests.web.pages import bring_to

pytestmark = pytest.mark.django_db
GRACE = timedelta(minutes=3)


def send(at: datetime) -> None:
    plan(at)
    dispatch_due(clock=lambda: at, until=at + timedelta(seconds=1))


def driver(visit: Appointment, *, now: datetime) -> None:
    """Somebody says who drives; what the page does is its own affair."""
    with transaction.atomic():
        RideHome.objects.create(visit=visit, driver="Her sister", said_at=now)
        entry = Entry("appointment.ride_said", appointment_id=visit.pk, patient_id=visit.patient_id, tell=True)
        record(organisation_id=visit.organisation_id, entries=[entry], by=factories.system(), now=now)


def test_an_order_with_fasting_and_a_ride_is_told_on_the_days_before(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    infusion(clinic, reachable_patient(clinic), new_york(14, 10))
    plan()
    assert [notice[:2] for notice in notices()] == [
        ("booking_confirmation", "now"), ("reminder", "72h"), ("ride", "ride"), ("instructions", "24h"),
    ]  # fmt: skip
    for at in (NOON + GRACE, new_york(11, 10), new_york(12, 10), new_york(13, 10)):
        send(at)
    when = "Thu Jan 14, 10:00 AM"
    reminder, ride, instructions = (text.body.rpartition(": http")[0] for text in gateway.ledger[1:])
    assert reminder == f"Harbor Center: your visit is {when}. Confirm"
    assert ride == (
        f"Harbor Center: we don't know yet who drives you home from your visit on {when}. Please tell us here"
    )
    assert instructions == (
        f"Harbor Center: your visit is {when}. No food after 4:00 AM. Clear drinks until 8:00 AM."
        " Somebody has to drive you home: tell us who. Confirm"
    )


def test_in_a_dense_series_the_text_of_the_day_before_says_how_to_prepare_and_what_comes_next(
    gateway: TwilioGateway,
) -> None:
    clinic = clinic_that_writes()
    infusion(clinic, reachable_patient(clinic), new_york(14, 10), new_york(18, 10))
    plan()
    for at in (NOON + GRACE, new_york(12, 10), new_york(13, 10)):
        send(at)
    assert gateway.ledger[-1].body.rpartition(": http")[0] == (
        "Harbor Center: your visit is Thu Jan 14, 10:00 AM. No food after 4:00 AM. Clear drinks until 8:00 AM."
        " Somebody has to drive you home: tell us who. Next: Mon Jan 18, 10:00 AM. Confirm"
    )
    assert len(gateway.ledger) == 2


def test_a_driver_who_is_known_is_asked_for_no_more(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    [visit] = infusion(clinic, reachable_patient(clinic, language="es"), new_york(14, 10))
    send(NOON + GRACE)
    driver(visit, now=new_york(5, 12))
    plan(new_york(5, 12))
    assert not Notice.objects.filter(purpose="ride").exists()
    send(new_york(13, 10))
    assert gateway.ledger[-1].body.startswith(
        "Harbor Center: su visita es el jue 14 ene, 10:00. No coma a partir de: 04:00. Bebidas claras hasta: 08:00."
        " Recuerde quién le lleva a casa. Confirme: "
    )


def test_a_driver_named_at_the_last_moment_stops_the_question_that_is_due(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    [visit] = infusion(clinic, reachable_patient(clinic), new_york(14, 10))
    send(NOON + GRACE)
    RideHome.objects.create(visit=visit, driver="Her sister", said_at=NOON)
    dispatch_due(clock=lambda: new_york(12, 10), until=new_york(12, 11))
    [ride] = Notice.objects.filter(purpose="ride")
    assert (ride.state, ride.reason) == (NoticeState.SUPPRESSED, "settled")


def roster(clinic: Clinic, *shifts: tuple[int, int, int]) -> None:
    """A prescriber on duty on these days of January, from and until these hours."""
    doctor = factories.create_user(clinic, Role.PRESCRIBER)
    for day, starts, ends in shifts:
        DutyShift.objects.create(
            clinic=clinic, user=doctor, starts_at=new_york(day, starts), ends_at=new_york(day, ends)
        )  # fmt: skip


def test_a_check_in_is_asked_two_days_after_the_infusion_and_says_when_answers_are_read(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    roster(clinic, (8, 8, 17))
    MessageRules.objects.update(answer_hours="Mon to Fri, 8 to 5")
    patient = reachable_patient(clinic)
    [visit] = infusion(clinic, patient, new_york(6, 10))
    plan()
    given = new_york(6, 10, 30)
    bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=given)
    plan(given)
    asked = Notice.objects.get(purpose="check_in")
    assert (asked.step, asked.due_at) == ("day2", new_york(8, 10, 30))
    bring_to(visit, Status.RECOVERING, Status.COMPLETED, clinic=clinic, now=new_york(6, 13))
    plan(new_york(6, 13))
    dispatch_due(clock=lambda: new_york(8, 10, 30), until=new_york(8, 11))
    assert gateway.ledger[-1].body == (
        "Harbor Center: how have you been since your visit on Wed Jan 6, 10:00 AM? Please write back or call"
        " +1 212 555 0100. We read answers Mon to Fri, 8 to 5. In an emergency call 911."
    )
    plan_everyone(now=new_york(8, 12))
    assert Notice.objects.filter(purpose="check_in").count() == 1


def test_a_check_in_that_was_held_meanwhile_is_asked_no_more(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    [visit] = infusion(clinic, reachable_patient(clinic), new_york(6, 10))
    bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=new_york(6, 10))
    plan(new_york(6, 11))
    FollowUp.objects.filter(kind="check_in").update(state=FollowUpState.DONE, settled_at=new_york(7, 9))
    dispatch_due(clock=lambda: new_york(8, 12), until=new_york(8, 13))
    asked = Notice.objects.get(purpose="check_in")
    assert (asked.state, asked.reason) == (NoticeState.SUPPRESSED, "settled")


def test_a_check_in_waits_until_a_clinician_is_on_duty_to_read_the_answer() -> None:
    clinic = clinic_that_writes()
    [visit] = infusion(clinic, reachable_patient(clinic), new_york(6, 10))
    roster(clinic, (7, 8, 17), (8, 13, 17), (9, 8, 17))
    bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=new_york(6, 10))
    plan(new_york(6, 11))
    assert Notice.objects.get(purpose="check_in").due_at == new_york(8, 13)


def test_a_check_in_ordered_for_the_night_is_asked_in_the_morning_by_whoever_is_on_duty_then() -> None:
    clinic = clinic_that_writes()
    [visit] = infusion(clinic, reachable_patient(clinic), new_york(6, 8))
    roster(clinic, (7, 8, 20), (8, 8, 17))
    bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=new_york(6, 8))
    plan(new_york(6, 9))
    assert Notice.objects.get(purpose="check_in").due_at == new_york(8, 9), "not on the evening before, nor at eight"


@pytest.mark.parametrize("with_roster", [False, True])
def test_a_check_in_nobody_would_read_is_a_call_when_it_is_due(gateway: TwilioGateway, with_roster: bool) -> None:
    clinic = clinic_that_writes()
    [visit] = infusion(clinic, reachable_patient(clinic), new_york(6, 10))
    roster(clinic, *([(7, 8, 17)] if with_roster else []))
    bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=new_york(6, 10))
    plan(new_york(6, 11))
    asked = Notice.objects.get(purpose="check_in")
    assert (asked.state, asked.due_at) == (NoticeState.PLANNED, new_york(8, 10)), "somebody may be on duty by then"
    before = len(gateway.ledger)
    send(new_york(8, 10))
    asked.refresh_from_db()
    assert (asked.state, asked.reason, len(gateway.ledger)) == (NoticeState.LAPSED, "nobody_on_duty", before)
    ask_to_call_about_unsent(by=factories.system(), now=new_york(8, 10, 1))
    call = CallTask.objects.get(notice=asked)
    assert (call.patient_id, call.reason, call.closed_at) == (visit.patient_id, "nobody_on_duty", None)
    settle_what_lapsed(clinic=clinic, by=factories.system(), now=new_york(9, 10))
    call.refresh_from_db()
    assert call.closed_at is None, "it is of use for days"


def test_a_check_in_whose_clinician_went_off_duty_goes_with_the_next_one(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    [visit] = infusion(clinic, reachable_patient(clinic), new_york(6, 10))
    roster(clinic, (8, 8, 17), (9, 11, 17))
    bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=new_york(6, 10))
    plan(new_york(6, 11))
    DutyShift.objects.filter(starts_at=new_york(8, 8)).update(ends_at=new_york(8, 9))
    before = len(gateway.ledger)
    send(new_york(8, 10))
    asked = Notice.objects.get(purpose="check_in")
    assert (asked.state, asked.due_at, len(gateway.ledger)) == (NoticeState.PLANNED, new_york(9, 11), before)
    send(new_york(9, 11))
    assert len(gateway.ledger) == before + 1


class Snow:
    """Two patients of a clinic that a manager closes over their visits of 6 January."""

    def __init__(self) -> None:
        self.clinic = clinic_that_writes()
        self.manager: Actor = factories.create_actor(self.clinic, Role.MANAGER)
        book: Callable[[Patient, datetime], Appointment] = booker(self.clinic)
        self.rosa, self.elena = (reachable_patient(self.clinic, phone=f"+1212555017{number}") for number in (1, 2))
        self.visits = [
            book(self.rosa, new_york(6, 8)),
            book(self.rosa, new_york(6, 15)),
            book(self.elena, new_york(6, 11)),
        ]
        send(NOON + GRACE)

    def close(self, now: datetime) -> Any:
        period = Interval(new_york(6, 7), new_york(6, 19))
        return record_closure(clinic=self.clinic, period=period, reason="snow", by=self.manager, now=now)


def test_a_closure_is_one_message_a_patient_and_their_reminders_are_dropped(gateway: TwilioGateway) -> None:
    snow = Snow()
    before = len(gateway.ledger)
    now = new_york(5, 9, 30)
    snow.close(now)
    plan(now)
    assert not Notice.objects.filter(purpose="reminder", state=NoticeState.PLANNED).exists()
    send(now + GRACE)
    assert sorted(text.body.partition(" Please")[0] for text in gateway.ledger[before:]) == [
        "Harbor Center: we are closed at the time of 2 of your visits, the first on Wed Jan 6, 8:00 AM.",
        "Harbor Center: we are closed at the time of your visit on Wed Jan 6, 11:00 AM.",
    ]
    plan_everyone(now=now + timedelta(hours=1))
    assert not Notice.objects.filter(state=NoticeState.PLANNED).exists()


def test_a_closure_is_planned_by_the_sweep_and_not_in_the_request_that_made_it(gateway: TwilioGateway) -> None:
    snow = Snow()
    now = new_york(5, 9, 30)
    snow.close(now)
    [event] = EventToPlan.objects.values_list("pk", flat=True)
    plan_after_commit(event_ids=[event], now=now)
    assert not Notice.objects.filter(purpose="closure").exists()
    assert plan_waiting(now=now) == 1
    assert Notice.objects.filter(purpose="closure").count() == 3


def test_what_did_not_go_while_it_was_of_use_is_said_to_be_lost() -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    plan_patient(patient=patient, now=new_york(15, 10))
    # The last reminder asks for a person; the one before it asks for none beside.
    assert [(notice[1], notice[3]) for notice in notices()] == [
        ("now", "lapsed"), ("72h", "suppressed"), ("24h", "lapsed"),
    ]  # fmt: skip


def test_after_an_outage_a_reminder_that_a_later_one_says_asks_nobody_to_call(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    booker(clinic)(patient, new_york(14, 10))
    send(NOON + GRACE)
    after = new_york(13, 12)
    plan_patient(patient=patient, now=after)
    assert [notice[3] for notice in notices()] == ["sent", "suppressed", "planned"]
    assert Notice.objects.get(step="72h").reason == "said_later"
    send(after)
    assert len(gateway.ledger) == 2
    assert not Notice.objects.needs_person().exists()


@pytest.mark.parametrize(("day", "hour", "state"), [(13, 12, "sent"), (14, 9, "lapsed")])
def test_a_sender_that_comes_back_late_calls_only_for_what_no_later_text_says(
    gateway: TwilioGateway, day: int, hour: int, state: str
) -> None:
    clinic = clinic_that_writes()
    infusion(clinic, reachable_patient(clinic), new_york(14, 10))
    send(NOON + GRACE)
    at = new_york(day, hour)
    dispatch_due(clock=lambda: at, until=at + timedelta(seconds=1))
    states = dict(Notice.objects.values_list("step", "state"))
    assert (states["72h"], states["24h"]) == ("suppressed", state)
    assert Notice.objects.needs_person().exists() == (state == "lapsed")


def test_a_cancellation_is_told_after_consent_was_taken_back_and_given_again(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    visit = booker(clinic)(patient, new_york(14, 10))
    send(NOON + GRACE)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    later = NOON + timedelta(hours=1)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="other", by=desk, now=later)
    plan(later)
    phone = PatientAddress.objects.get(patient=patient).address
    for granted in (False, True):
        agree(phone, granted=granted, now=later)
        plan(later)
    send(later + GRACE)
    assert "is cancelled" in gateway.ledger[-1].body


def test_a_closure_that_ends_confirms_the_visits_it_was_told_of(gateway: TwilioGateway) -> None:
    snow = Snow()
    now = new_york(5, 9, 30)
    closure = snow.close(now)
    send(now + GRACE)
    before = len(gateway.ledger)
    end_closure(closure=closure, by=snow.manager, now=now + timedelta(hours=2))
    send(now + timedelta(hours=2))
    assert sorted(text.body.partition(" Details")[0] for text in gateway.ledger[before:]) == [
        "Harbor Center: your 2 visits are booked, the first for Wed Jan 6, 8:00 AM.",
        "Harbor Center: your visit is booked for Wed Jan 6, 11:00 AM.",
    ]


def test_a_visit_moved_before_its_closure_was_told_is_told_as_moved_alone(gateway: TwilioGateway) -> None:
    snow = Snow()
    now = new_york(5, 9, 30)
    snow.close(now)
    plan(now)
    before = len(gateway.ledger)
    move(snow.visits[2], timedelta(days=1), now=now + timedelta(minutes=2))
    send(now + timedelta(minutes=6))
    assert [text.body.partition(" Details")[0] for text in gateway.ledger[before:] if text.to.endswith("72")] == [
        "Harbor Center: your visit is now Thu Jan 7, 11:00 AM."
    ]


def test_snow_before_dawn_wakes_only_when_a_named_person_says_so_and_why(gateway: TwilioGateway) -> None:
    snow = Snow()
    now = new_york(6, 5, 40)
    snow.close(now)
    before = len(gateway.ledger)
    send(now + GRACE)
    assert gateway.ledger[before:] == []
    states = Notice.objects.filter(purpose="closure").order_by("told_visits__starts_at")
    # Whoever would come before the morning is on the desk's list; the others hear at nine.
    assert list(states.values_list("state", flat=True)) == ["lapsed", "planned", "planned"]


def test_a_closure_by_night_goes_at_once_with_who_and_why(gateway: TwilioGateway) -> None:
    snow = Snow()
    now = new_york(6, 5, 40)
    closure = snow.close(now)
    desk = factories.create_actor(snow.clinic, Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        tell_closure_by_night(closure=closure, reason="ice on the roads", by=desk, now=now)
    for reason, at in ((" ", now), ("ice on the roads", now - timedelta(days=2))):
        with pytest.raises(NotThatSoon):
            tell_closure_by_night(closure=closure, reason=reason, by=snow.manager, now=at)
    tell_closure_by_night(closure=closure, reason="ice on the roads", by=snow.manager, now=now)
    before = len(gateway.ledger)
    send(now + GRACE)
    assert len(gateway.ledger[before:]) == 2
    assert Notice.objects.filter(purpose="closure", state=NoticeState.SENT).count() == 3
    event = Event.objects.get(verb="clinic.closure_told_by_night")
    assert (event.user_id, event.reason) == (snow.manager.user_id, "ice on the roads")


def test_who_asked_for_it_is_reminded_on_the_day(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    MessageRules.objects.update(day_of_minutes=90)
    patient = reachable_patient(clinic)
    ContactWishes.objects.create(patient=patient, wants_day_of=True, changed_at=NOON)
    booker(clinic)(patient, new_york(14, 14))
    plan()
    assert [notice[1] for notice in notices()] == ["now", "72h", "24h", "day"]
    assert Notice.objects.get(step="day").due_at == new_york(14, 12, 30)


def test_planning_every_purpose_twice_changes_nothing() -> None:
    snow = Snow()
    infusion(snow.clinic, snow.elena, new_york(14, 10), now=NOON + timedelta(hours=1))
    snow.close(new_york(5, 9))
    plan_waiting(now=new_york(5, 9))
    before = list(Notice.objects.order_by("pk").values())
    assert {row["purpose"] for row in before} >= {"closure", "instructions", "ride", "booking_confirmation"}
    plan_everyone(now=new_york(5, 9))
    assert list(Notice.objects.order_by("pk").values()) == before
