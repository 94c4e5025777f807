"""The calls to make, the oldest need first: why, whom, at which number, in which language, and what to say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.calls import (
    CallEnd,
    CallIsMade,
    TryEnd,
    calls_to_make,
    give_call_back,
    put_off,
    record_try,
    settle_call,
    take_call,
)
from notifications.ledger import sentence
from notifications.models import Address, AddressKind, CallKind, CallTask, ContactWishes, NoticeVisit, PatientAddress
from notifications.wrong_number import record_wrong_number
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor
from scheduling.in_hand import HadByAnother
from scheduling.models import Appointment
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.contact import link_or_404
from web.frontdesk.had_by import had_by, words_for

KINDS: Mapping[str, str | Promise] = {
    CallKind.CANNOT_REACH: _("Can't be reached by message"),
    CallKind.SAY_INSTEAD: _("To be told by telephone"),
    CallKind.ASKED_FOR_CALL: _("Asked for a call"),
    CallKind.WANTS_TO_MOVE: _("Wants another time"),
    CallKind.WANTS_TO_CANCEL: _("Wants to cancel"),
    CallKind.UNSUBSCRIBED: _("Wants no more messages: ask what they would like"),
    CallKind.WRONG_NUMBER: _("Wrong number: find the right one"),
    CallKind.NOT_CERTAIN: _("May not have arrived: check with them"),
    CallKind.NOT_CONFIRMED: _("Has not confirmed the visit"),
}
SETTLED: Mapping[CallEnd, str | Promise] = {
    CallEnd.SPOKE: _("Done: you spoke with them."),
    CallEnd.NOT_REACHED: _("Taken off the list: nobody was reached."),
    CallEnd.NOT_NEEDED: _("Taken off the list: not needed any more."),
}
TRIED: Mapping[TryEnd, str | Promise] = {
    TryEnd.NO_ANSWER: _("Written down: no answer. It comes back in an hour."),
    TryEnd.VOICEMAIL: _("Written down: left a voicemail. It comes back in an hour."),
}
PUT_OFF_HOURS = {"hour": 1, "later": 4}
MORNING = time(9)


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call as the list shows it. `numbers` are what to dial; `only` is where alone the patient may be reached."""

    task: CallTask
    kind: str | Promise
    why: str
    numbers: Sequence[PatientAddress]
    only: Address | None
    visits: Sequence[Appointment]
    mine: bool


def calls(request: ClinicRequest) -> TemplateResponse:
    """Calls that are due, then those that were put off."""
    now = timezone.now()
    tasks = list(calls_to_make(clinic=request.clinic).filter(Q(useful_until=None) | Q(useful_until__gt=now)))
    rows = rows_of(tasks, request.user.pk)
    context = {
        "due": [row for row in rows if row.task.due_at <= now],
        "later": [row for row in rows if row.task.due_at > now],
    }
    return TemplateResponse(request, "frontdesk/calls.html", context)


def rows_of(tasks: Sequence[CallTask], user_id: int) -> list[CallRow]:
    """The calls with all that is needed to make them; three queries, however many they are."""
    numbers, only = numbers_of({task.patient_id for task in tasks if task.patient_id})
    visits = visits_of(tasks)
    return [
        CallRow(
            task=task,
            kind=KINDS.get(task.kind, task.kind),
            why=sentence(task.reason),
            numbers=numbers.get(task.patient_id or 0, ()),
            only=only.get(task.patient_id or 0),
            visits=visits[task.pk],
            mine=task.taken_by_id == user_id,
        )
        for task in tasks
    ]


def numbers_of(patients: Collection[int]) -> tuple[dict[int, list[PatientAddress]], dict[int, Address | None]]:
    """By patient the numbers that may be dialled, and where alone they may be reached if they asked for that."""
    links: defaultdict[int, list[PatientAddress]] = defaultdict(list)
    phones = PatientAddress.objects.filter(patient__in=patients, ended_at=None, address__kind=AddressKind.PHONE)
    for link in phones.select_related("address").order_by("-preferred", "pk"):
        links[link.patient_id].append(link)
    asked = ContactWishes.objects.filter(patient__in=patients, only_address__isnull=False)
    only = {wish.patient_id: wish.only_address for wish in asked.select_related("only_address")}
    return {patient: allowed(links[patient], only.get(patient)) for patient in patients}, only


def allowed(links: Sequence[PatientAddress], only: Address | None) -> list[PatientAddress]:
    """The numbers that may be dialled: with a request for confidential communication that one alone."""
    return [link for link in links if only is None or link.address_id == only.pk]


def visits_of(tasks: Iterable[CallTask]) -> dict[int, list[Appointment]]:
    """By call the visits it is about, by time."""
    found: dict[int, list[Appointment]] = {task.pk: [task.visit] if task.visit else [] for task in tasks}
    of_notice = {task.notice_id: task.pk for task in tasks if task.notice_id and not task.visit_id}
    told = NoticeVisit.objects.filter(notice__in=of_notice).select_related("appointment").order_by("starts_at")
    for one in told:
        found[of_notice[one.notice_id]].append(one.appointment)
    return found


def work_call(request: ClinicRequest, call_id: int) -> HttpResponse:
    """One press on a call: take it, give it back, tried, put off, or done with how it ended."""
    rows = CallTask.objects.filter(clinic=request.clinic).select_related("clinic", "patient", "notice", "reply")
    task = get_object_or_404(rows, pk=call_id)
    wanted, by, now = request.POST.get("do", ""), actor(request), timezone.now()
    try:
        words = do_with(task, wanted, request.POST.get("address", ""), had_by(request.POST), by=by, now=now)
    except HadByAnother as other:
        messages.warning(request, words_for(wanted, other.user))
    except CallIsMade:
        messages.info(request, _("Somebody settled this call before; nothing was changed."))
    else:
        messages.success(request, str(words))
    return redirect("calls")


def do_with(
    task: CallTask, wanted: str, address_id: str, instead_of: int | None, *, by: Actor, now: datetime
) -> str | Promise:
    """Does what was pressed, and says what that was. A button that is none changes nothing. `instead_of` is who had it
    when the page was drawn."""
    if wanted in {end.value for end in TryEnd}:
        record_try(task=task, ended=TryEnd(wanted), by=by, now=now, instead_of=instead_of)
        return TRIED[TryEnd(wanted)]
    if wanted == CallEnd.WRONG_NUMBER:
        return wrong_number(task, address_id, by=by, now=now)
    if wanted in {end.value for end in SETTLED}:
        settle_call(task=task, ended=CallEnd(wanted), by=by, now=now, instead_of=instead_of)
        return SETTLED[CallEnd(wanted)]
    if wanted in PUT_OFF_HOURS or wanted == "tomorrow":
        put_off(task=task, until=put_off_until(wanted, task, now), by=by, now=now, instead_of=instead_of)
        return _("Put off. It comes back by itself.")
    return hand(task, wanted, instead_of, by=by, now=now)


def hand(task: CallTask, wanted: str, instead_of: int | None, *, by: Actor, now: datetime) -> str | Promise:
    """Whose call it is; who takes it over says from whom: the person that the page showed."""
    if wanted == "take":
        take_call(task=task, by=by, now=now, instead_of=instead_of)
        return _("It is yours.")
    if wanted == "back":
        give_call_back(task=task, by=by, now=now)
        return _("Somebody else may make it.")
    return _("Nothing was changed.")


def put_off_until(wanted: str, task: CallTask, now: datetime) -> datetime:
    """In some hours, or tomorrow morning on the clinic's clock."""
    if wanted in PUT_OFF_HOURS:
        return now + timedelta(hours=PUT_OFF_HOURS[wanted])
    clock = ClinicTime(task.clinic.time_zone)
    return clock.at_wall(clock.local_day(now) + timedelta(days=1), MORNING, which="first")


def wrong_number(task: CallTask, address_id: str, *, by: Actor, now: datetime) -> str | Promise:
    """Somebody else answered at one of the patient's numbers."""
    link = link_or_404(task.patient, address_id)
    record_wrong_number(address=link.address, clinic=task.clinic, call=task, by=by, now=now)
    return _("Nothing goes to that number any more. Find the right one: it is on the list.")
