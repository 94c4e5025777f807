"""What is on each of the desk's lists, in words, in the order in which it is to be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from notifications.desk_work import DeskList, on_lists
from notifications.models import CallKind, CallTask, InboundMessage, Intent
from scheduling.chasing import not_ready
from scheduling.events import Actor
from scheduling.models import Appointment, Clinic, RowKind
from web.frontdesk.calls import KINDS, visits_of
from web.frontdesk.inbox_rows import MEANINGS
from web.frontdesk.list_orders import missed, places, to_book, waiting
from web.frontdesk.list_rows import CALL, VISIT, Action, Facts, Hand, Mark
from web.frontdesk.not_ready import by_one_press
from web.spoken import clock, said, soon, visit_name
from web.templatetags.visit_marks import late_words


def facts_of(clinic: Clinic, by: Actor, *, now: datetime) -> dict[DeskList, list[Facts]]:
    """Everything on the lists, what can wait included."""
    on = on_lists(clinic, now)
    [open_replies], [to_call], [cant_be_reached] = on[DeskList.REPLIES], on[DeskList.CALLS], on[DeskList.UNREACHABLE]
    [visits], [with_missed], [waits] = on[DeskList.UNCONFIRMED], on[DeskList.MISSED], on[DeskList.PRESCRIBER]
    ending, asked_about = on[DeskList.KEPT]
    return {
        DeskList.REPLIES: list(replies(open_replies, now)),
        DeskList.CALLS: list(calls(to_call, by, now)),
        DeskList.UNCONFIRMED: list(unconfirmed(visits, by, clinic, now)),
        DeskList.KEPT: [*kept(ending, by), *places(asked_about, now)],
        DeskList.UNREACHABLE: list(calls(cant_be_reached, by, now)),
        DeskList.NOT_READY: list(lacking(clinic, by, now)),
        DeskList.MISSED: missed(with_missed, clinic, now),
        DeskList.TO_BOOK: to_book(on[DeskList.TO_BOOK], clinic, now),
        DeskList.PRESCRIBER: waiting(waits, clinic, now),
    }


def replies(rows: QuerySet[InboundMessage], now: datetime) -> Iterable[Facts]:
    for one in rows.select_related("patient").order_by("received_at", "pk"):
        yield Facts(
            RowKind.REPLY, one.pk, one.patient, reverse("reply", args=[one.pk]),
            Truncator(one.text or one.subject).chars(90), Action(_("Read it"), reverse("reply", args=[one.pk])),
            one.received_at, moment(one.received_at, now),
            () if one.intent == Intent.OTHER else (Mark("neutral", "reply", MEANINGS[one.intent]),),
        )  # fmt: skip


def calls(rows: QuerySet[CallTask], by: Actor, now: datetime) -> Iterable[Facts]:
    tasks = list(rows.select_related("patient", "visit", "notice", "taken_by").order_by("due_at", "pk"))
    about = visits_of(tasks)
    for task in tasks:
        visits = about[task.pk]
        when = moment(visits[0].period.lower, now) if visits else moment(task.opened_at, now)
        url = reverse("patient", args=[task.patient_id]) if task.patient_id else reverse("calls")
        yield Facts(
            CALL, task.pk, task.patient, url, KINDS[task.kind], Action(_("Call")), task.due_at, when,
            late_mark(visits[0]) if visits else (),
            words=task.words, language=task.language, hand=hand_of(task, by, now),
        )  # fmt: skip


def unconfirmed(rows: QuerySet[Appointment], by: Actor, clinic: Clinic, now: datetime) -> Iterable[Facts]:
    visits = list(with_names(rows).order_by("period", "pk"))
    open_calls = CallTask.objects.filter(clinic=clinic, visit__in=visits, closed_at=None, kind=CallKind.NOT_CONFIRMED)
    of_visit = {call.visit_id: call for call in open_calls.select_related("taken_by")}
    for visit in visits:
        call = of_visit.get(visit.pk)
        yield Facts(
            VISIT, visit.pk, visit.patient, reverse("visit", args=[visit.pk]), visit_name(visit),
            Action(_("Is coming"), reverse("work_row"), {"do": "coming"}), visit.period.lower,
            moment(visit.period.lower, now), late_mark(visit), hand=hand_of(call, by, now) if call else Hand(),
            told_version=visit.told_version,
        )  # fmt: skip


def kept(rows: QuerySet[Appointment], by: Actor) -> Iterable[Facts]:
    for visit in with_names(rows.select_related("booked_by")).order_by("held_until", "pk"):
        if visit.asked_for_id:
            action = Action(_("See the question"), reverse("questions"))
        elif visit.order_id:
            action = Action(_("Book or let go"), reverse("series", args=[visit.order_id]))
        else:
            action = Action(_("Book or let go"), reverse("visit", args=[visit.pk]))
        holder = visit.booked_by
        ends = visit.held_until
        yield Facts(
            RowKind.KEPT_TIMES, visit.pk, visit.patient, action.url, visit_name(visit), action, ends,
            _("kept until %(time)s") % {"time": clock(ends) if ends else ""},
            (Mark("neutral", "hourglass", visit.held_with),) if visit.held_with else (),
            hand=Hand(holder, visit.booked_at, holder is not None and holder.pk == by.user_id),
        )  # fmt: skip


def lacking(clinic: Clinic, by: Actor, now: datetime) -> Iterable[Facts]:
    for one in not_ready(clinic=clinic, now=now):
        visit, url = one.visit, reverse("before_visits", args=[one.visit.order_id])
        single = one.lacks[0] if len(one.lacks) == 1 and by_one_press(one.lacks[0], by) else None
        sends = {"do": "met", "code": single.needs.code, "back": "lists"} if single else None
        words = _("It is there") if single else (_("Look at it") if len(one.lacks) == 1 else _("Look at them"))
        yield Facts(
            RowKind.NOT_READY, visit.pk, visit.patient, reverse("visit", args=[visit.pk]), visit_name(visit),
            Action(words, url, sends), visit.period.lower, moment(visit.period.lower, now),
            [*late_mark(visit), *(Mark("warning", "hourglass", said(lack.words)) for lack in one.lacks)],
        )  # fmt: skip


def late_mark(visit: Appointment) -> Sequence[Mark]:
    """That the patient said they come late, and when they are expected; nothing for any other visit."""
    words = late_words(visit)
    return (Mark("warning", "clock-alert", words),) if words else ()


def hand_of(task: CallTask, by: Actor, now: datetime) -> Hand:
    """Who makes the call, and until when it was put off."""
    return Hand(
        task.taken_by,
        None,
        task.taken_by_id is not None and task.taken_by_id == by.user_id,
        task.due_at if task.due_at > now else None,
    )


def with_names(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    return rows.select_related("patient", "visit_type", "order__current_version")


def moment(instant: datetime, now: datetime) -> str:
    """10:15 AM today; with its day otherwise."""
    return soon(instant, timezone.localdate(now))
