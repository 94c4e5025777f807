"""Worlds for the desk's lists: patients at every point of their way, dealt by a seed; and what of it is on which list,
said in plain loops over everything that there is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Final

from notifications.calls import CallEnd, TryEnd, ask_to_call, put_off, record_try, settle_call
from notifications.desk_work import KINDS, DeskList
from notifications.models import CallKind, CallTask, InboundMessage
from notifications.unconfirmed import call_about, key_of
from scheduling.amendment_effects import orders_not_fitting
from scheduling.cancelling import cancel
from scheduling.chasing import not_ready
from scheduling.clinic_time import ClinicTime
from scheduling.desk_rows import RowOf, put_row_off
from scheduling.drafting import drafts_to_sign
from scheduling.events import Actor
from scheduling.follow_ups_due import reviews_to_book
from scheduling.holding import hold_series
from scheduling.models import (
    Appointment,
    CancelledBy,
    Clinic,
    ClinicianTask,
    DeskRow,
    Order,
    Role,
    RowKind,
    Status,
    TaskKind,
    VisitKind,
)
from scheduling.patients import record_death
from scheduling.picks import BookingRefused, Pick
from scheduling.proposals import propose_series
from scheduling.reviews import reviews_due
from scheduling.series_terms import Wish
from scheduling.visits import confirm, record_step
from scheduling.withdrawing import withdraw
from tests import factories
from tests.factories import NOW, SIX
from tests.scheduling.running import walk
from tests.web.pages import book

ASKED: Final = [{"code": "labs", "name": "labs", "kind": "labs", "met_by": ["nurse"]}]
HOUR: Final = timedelta(hours=1)
SYSTEM: Final = Actor.system("tests")
ENDS: Final = (CallEnd.SPOKE, CallEnd.NOT_NEEDED, CallEnd.NOT_REACHED)
CALLS: Final = (CallKind.CANNOT_REACH, CallKind.WRONG_NUMBER, CallKind.ASKED_FOR_CALL, CallKind.SAY_INSTEAD)
Found = dict[DeskList, set[tuple[str, int]]]


class World:
    """A clinic with some patients. `now` is the Monday before opening, or later in that week."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.clinic = factories.create_clinic(chairs=4, nurses=2)
        self.desk, self.nurse = (factories.create_actor(self.clinic, role) for role in (Role.FRONT_DESK, Role.NURSE))
        self.now = NOW + self.dice.choice((0, 1, 1, 2)) * timedelta(days=1) + self.dice.randrange(10) * HOUR
        for number in range(7):
            self.patient(number)
        self.calls_and_replies()
        self.put_some_off()

    def patient(self, number: int) -> None:
        template = SIX | ({"prerequisites": ASKED} if self.dice.random() < 0.4 else {})
        if self.dice.random() < 0.15:
            factories.create_draft(self.clinic, template=template)
            return
        order = factories.create_order(self.clinic, template=template)
        booked = book(order, self.clinic, how_many=count) if (count := self.dice.randrange(4)) else []
        if not booked and self.dice.random() < 0.7:
            self.keep(order)
        for visit in booked:
            self.live_through(visit)
        fate = self.dice.random()
        if fate < 0.12:
            record_death(patient=order.patient, died_at=self.now, by=self.nurse, now=self.now)
        elif fate < 0.24:
            withdraw(order=order, by=self.desk, now=self.now)

    def keep(self, order: Order) -> None:
        # Starts some hours ahead: the longest of these ends before the first.
        found = propose_series(
            order=order, clinic=self.clinic, wish=Wish(), how_many=2, count=1, now=self.now + 6 * HOUR
        )
        picks = [Pick(one.number, one.start) for one in found.proposals[0].visits]
        minutes = self.dice.choice((10, 60, 119, 121, 300))
        # Half an hour ago somebody else may have had the nurse.
        with suppress(BookingRefused):
            hold_series(
                order=order, clinic=self.clinic, picks=picks, minutes=minutes, by=self.desk,
                now=self.now - self.dice.choice((0, 30)) * timedelta(minutes=1),
            )  # fmt: skip

    def live_through(self, visit: Appointment) -> None:
        """What happened to a visit by now."""
        act, starts = self.dice.random(), visit.period.lower
        is_past = visit.period.upper + timedelta(hours=1) < self.now
        if act < 0.25:
            cancel(appointment=visit, side=CancelledBy.PATIENT, reason="sick", by=self.desk, now=NOW)
        elif is_past and act < 0.6:
            at = starts + timedelta(minutes=30)
            record_step(appointment=visit, to=Status.NO_SHOW, happened_at=at, by=self.desk, now=at)
        elif is_past and self.may_start(visit):
            walk(visit, self.nurse, Status.COMPLETED)
        elif act < 0.5 and not visit.is_tentative:
            confirm(appointment=visit, how="desk", by=self.desk, now=NOW)
        elif act < 0.65 and starts > self.now:
            self.called_about(visit)

    def may_start(self, visit: Appointment) -> bool:
        """Whether nothing is in the way: what is asked for beforehand never comes in these worlds."""
        before = Appointment.objects.filter(order=visit.order, pk__lt=visit.pk)
        asks = visit.order and visit.order.current_version and visit.order.current_version.content.get("prerequisites")
        return not asks and all(one.given_at for one in before)

    def called_about(self, visit: Appointment) -> None:
        call, act = call_about(visit, by=self.desk, now=self.now), self.dice.randrange(3)
        if act == 0:
            record_try(task=call, ended=TryEnd.VOICEMAIL, by=self.desk, now=self.now - self.dice.choice((0, 2)) * HOUR)
        elif act == 1:
            settle_call(task=call, ended=self.dice.choice(ENDS), by=self.dice.choice((self.desk, SYSTEM)), now=self.now)

    def calls_and_replies(self) -> None:
        for number, order in enumerate(Order.objects.order_by("pk")):
            kind = self.dice.choice(CALLS)
            until = self.dice.choice((None, self.now, self.now + HOUR))
            call = ask_to_call(
                key=f"k{number}", kind=kind, clinic=self.clinic, patient=order.patient, useful_until=until,
                by=SYSTEM, now=self.now - HOUR,
            )  # fmt: skip
            if self.dice.random() < 0.3:
                put_off(task=call, until=self.now + self.dice.choice((0, 1)) * HOUR, by=self.desk, now=self.now - HOUR)
            InboundMessage.objects.create(
                provider="twilio", reference=f"r{number}", channel="sms", sender="+12125550199", patient=order.patient,
                clinic=self.clinic, text="Hello", intent="other", received_at=self.now - HOUR,
                handled_at=self.dice.choice((None, None, self.now)),
            )  # fmt: skip

    def put_some_off(self) -> None:
        """Some of the rows of each list wait: for an hour, or until just now."""
        for which, found in by_hand(self.clinic, self.now, with_later=True).items():
            for kind, subject in sorted(found):
                if which in KINDS and self.dice.random() < 0.25:
                    until = self.now + self.dice.choice((0, 1)) * HOUR
                    row = RowOf(RowKind(kind), subject, self.clinic)
                    put_row_off(row=row, until=until, by=self.desk, now=self.now - HOUR)


def by_hand(clinic: Clinic, now: datetime, *, with_later: bool = False) -> Found:
    """What is on each list, by going through everything there is."""
    later = {(row.kind, row.subject) for row in DeskRow.objects.all() if row.snoozed_until and row.snoozed_until > now}
    on: dict[DeskList, set[tuple[str, int]]] = {
        DeskList.REPLIES: {("reply", one.pk) for one in InboundMessage.objects.all() if one.handled_at is None},
        DeskList.CALLS: calls(now, lambda kind: kind in CALLS[2:], with_later),
        DeskList.UNREACHABLE: calls(now, lambda kind: kind in CALLS[:2], with_later),
        DeskList.UNCONFIRMED: unconfirmed(clinic, now, with_later),
        DeskList.KEPT: kept(now),
        DeskList.NOT_READY: {("not_ready", one.visit.pk) for one in not_ready(clinic=clinic, now=now)},
        DeskList.MISSED: {("infusion_missed", order.pk) for order, is_missed in to_book() if is_missed},
        DeskList.TO_BOOK: {("order_to_book", order.pk) for order, is_missed in to_book() if not is_missed}
        | {("review_to_book", one.pk) for one in reviews_to_book(clinic=clinic)},
        DeskList.PRESCRIBER: {("waits_for_prescriber", pk) for pk in waiting(clinic)},
    }
    return {which: found if with_later else found - later for which, found in on.items()}


def calls(now: datetime, of_list: Callable[[str], bool], with_later: bool) -> set[tuple[str, int]]:
    found = set()
    for call in CallTask.objects.select_related("patient"):
        is_use = call.useful_until is None or call.useful_until > now
        is_gone = call.patient is not None and call.patient.is_gone
        if call.closed_at is None and of_list(call.kind) and is_use and not is_gone:
            found |= {("call", call.pk)} if with_later or call.due_at <= now else set()
    return found


def unconfirmed(clinic: Clinic, now: datetime, with_later: bool) -> set[tuple[str, int]]:
    clock = ClinicTime(clinic.time_zone)
    booked = [visit for visit in Appointment.objects.select_related("patient", "order") if visit.status == "booked"]
    today = clock.local_day(now)
    days = sorted({clock.local_day(visit.period.lower) for visit in booked} - {today})
    near = {today, *[day for day in days if day > today and visits_in_time(booked, day, clock, now)][:1]}
    calls_of = {call.task_key: call for call in CallTask.objects.all()}
    found = set()
    for visit in booked:
        call = calls_of.get(key_of(visit))
        is_open = visit.period.lower > now and visit.confirmed_at is None and not visit.is_tentative
        is_settled = call is not None and call.closed_by_id is not None
        is_later = call is not None and call.closed_at is None and call.due_at > now
        if is_open and not is_settled and not visit.patient.is_gone and clock.local_day(visit.period.lower) in near:
            found |= {("visit", visit.pk)} if with_later or not is_later else set()
    return found


def visits_in_time(booked: list[Appointment], day: object, clock: ClinicTime, now: datetime) -> bool:
    return any(
        clock.local_day(one.period.lower) == day and one.period.lower < now + timedelta(days=5) for one in booked
    )


def kept(now: datetime) -> set[tuple[str, int]]:
    together: dict[object, list[Appointment]] = {}
    for visit in Appointment.objects.select_related("patient").order_by("pk"):
        if visit.status == Status.HELD and visit.held_until and visit.held_until > now and not visit.patient.is_gone:
            key = (visit.order_id, visit.kind == VisitKind.KEPT, visit.asked_for_id)
            together.setdefault(key, []).append(visit)
    return {
        ("kept_times", visits[0].pk)
        for visits in together.values()
        if (ends := visits[0].held_until)
        and ends <= now + 2 * HOUR
        and ends - visits[0].booked_at > timedelta(minutes=20)
    }


def to_book() -> list[tuple[Order, bool]]:
    """Orders that the desk can book, and whether an infusion of theirs was missed."""
    found = []
    for order in Order.objects.filter(state="active").select_related("patient", "current_version"):
        asked = ClinicianTask.objects.filter(order=order, closed_at=None)
        if order.patient.is_gone or asked.filter(kind__in=(TaskKind.WITHDREW, TaskKind.MISSED)).exists():
            continue
        visits = list(Appointment.objects.filter(order=order))
        had = {
            visit.dose_number
            for visit in visits
            if visit.status in ("booked", "arrived", "seated", "infusing", "recovering") or visit.given_at
        }
        doses = order.current_version.doses if order.current_version else 0
        left = set(range(1, doses + 1)) - had
        missed = {visit.dose_number for visit in visits if visit.status in ("no_show", "turned_away")}
        if left:
            found.append((order, bool(left & missed)))
    return found


def waiting(clinic: Clinic) -> set[int]:
    drafts, stale = drafts_to_sign(clinic=clinic), orders_not_fitting(clinic=clinic)
    due = [review.order for review in reviews_due(clinic=clinic)]
    tasks = ClinicianTask.objects.filter(closed_at=None, kind__in=("withdrew", "missed"), order__isnull=False)
    asked = [task.order for task in tasks.select_related("order__patient") if task.order]
    return {order.pk for order in (*drafts, *stale, *due, *asked) if not order.patient.is_gone}
