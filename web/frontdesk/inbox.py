"""The inbox: what patients wrote back, oldest first, until somebody has dealt with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.answers import (
    AnsweredAlready,
    CannotWriteThere,
    NotApproved,
    OnlyElsewhere,
    answer_with,
    write_about,
)
from notifications.inbox import NamedAlready, mark_done, replies_at, say_who
from notifications.ledger import sent_to
from notifications.models import InboundMessage, Notice, QuickReply, StaffAlert
from notifications.staff_alerts import NobodyOnDuty, hand_over
from scheduling.models import Patient
from scheduling.permissions import may
from scheduling.typed_numbers import read_number
from web.at_clinic import actor, patient_or_404, visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.inbox_rows import ROWS, rows_of
from web.frontdesk.patient_forms import SearchForm
from web.messages_sent import PURPOSES
from web.patient_search import look_for
from web.spoken import clock, look_alikes, short_day

MOST_OPEN, MOST_OVER = 100, 20


def inbox(request: ClinicRequest) -> TemplateResponse:
    """Replies to read, what a clinician has been asked to look at, and what was dealt with lately."""
    replies = replies_at(request.clinic).select_related(*ROWS)
    to_read = list(replies.filter(handled_at=None).order_by("received_at", "pk")[:MOST_OPEN])
    over = list(replies.filter(handled_at__isnull=False).order_by("-handled_at", "-pk")[:MOST_OVER])
    handed = StaffAlert.objects.filter(clinic=request.clinic, acknowledged_at=None, reply__isnull=False)
    context = {
        "to_read": rows_of(to_read, request.clinic),
        "over": rows_of(over, request.clinic),
        "alerts": list(handed.order_by("raised_at")) if may(actor(request), "alert.acknowledge") else [],
    }
    return TemplateResponse(request, "frontdesk/inbox.html", context)


def reply(request: ClinicRequest, reply_id: int) -> TemplateResponse:
    """One reply with everything about it; a POST looks for the patient who wrote it."""
    shown = reply_or_404(request, reply_id)
    form = SearchForm(request.POST or None)
    found: list[Patient] | None = None
    if request.method == "POST" and form.is_valid():
        found = look_for(organisation=request.clinic.organisation, text=form.cleaned_data["text"]).everybody
    return reply_page(request, shown, {"form": form, "found": found, "alike": look_alikes(found or [])})


def reply_page(request: ClinicRequest, shown: InboundMessage, more: Mapping[str, Any]) -> TemplateResponse:
    """The reply with what became of it, what can be done, and `more`."""
    [row] = rows_of([shown], request.clinic)
    context: dict[str, Any] = {
        **more,
        "one": row,
        "sent_there": [
            (message, PURPOSES.get(message.purpose, message.purpose))
            for message in (sent_to(shown.address) if shown.address and row.is_wrong_number else [])
            if message.patient.organisation_id == request.clinic.organisation_id
        ],
    }
    return TemplateResponse(request, "frontdesk/reply.html", context)


def name_writer(request: ClinicRequest, reply_id: int) -> HttpResponse:
    """Somebody says which patient wrote a reply. Where a colleague named another meanwhile the page says whom, and
    takes the same press once more."""
    shown = reply_or_404(request, reply_id)
    patient = patient_or_404(request, read_number(request.POST.get("patient", "")) or 0)
    showed, by = read_number(request.POST.get("instead_of", "")), actor(request)
    try:
        say_who(reply=shown, patient=patient, clinic=request.clinic, by=by, now=timezone.now(), instead_of=showed)
    except NamedAlready as other:
        return reply_page(request, reply_or_404(request, reply_id), {"named": other, "chosen": patient})
    messages.success(request, _("Written down."))
    return redirect("reply", shown.pk) if shown.handled_at is None else redirect("inbox")


def answer_reply(request: ClinicRequest, reply_id: int) -> HttpResponse:
    """Send approved words back and be done with the reply."""
    shown, quick = reply_or_404(request, reply_id), quick_or_404(request)
    try:
        notice = answer_with(
            reply=shown, quick=quick, key=request.POST.get("key", "")[:60], by=actor(request), now=timezone.now()
        )
    except AnsweredAlready:
        messages.info(request, _("Somebody else has dealt with it already: nothing was sent."))
    except OnlyElsewhere:
        messages.warning(
            request, _("This patient asked to be written to at another address only, so nothing was sent. Please call.")
        )
    except (CannotWriteThere, NotApproved):
        messages.warning(request, _("It can't be sent there: please call."))
    else:
        messages.success(request, when_it_goes(notice, _("The answer goes out now.")))
    return redirect("inbox")


def done_with_reply(request: ClinicRequest, reply_id: int) -> HttpResponse:
    """Somebody has dealt with it."""
    shown = reply_or_404(request, reply_id)
    if mark_done(reply=shown, clinic=request.clinic, by=actor(request), now=timezone.now()):
        messages.success(request, _("Done."))
    else:
        messages.info(request, _("Somebody else was done with it before."))
    return redirect("inbox")


def hand_to_clinician(request: ClinicRequest, reply_id: int) -> HttpResponse:
    """One press: the clinician on duty is alerted until somebody has it."""
    shown = reply_or_404(request, reply_id)
    try:
        hand_over(reply=shown, clinic=request.clinic, by=actor(request), now=timezone.now())
    except NobodyOnDuty:
        messages.warning(request, _("The duty list names nobody for now. Please call a clinician yourself."))
    else:
        messages.success(request, _("The clinician on duty is alerted until somebody says “I have it”."))
    return redirect("inbox")


def write_to_patient(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Send approved words to the patient of a visit."""
    shown, quick = visit_or_404(request, visit_id), quick_or_404(request)
    try:
        notice = write_about(
            visit=shown, quick=quick, key=request.POST.get("key", "")[:60], by=actor(request), now=timezone.now()
        )
    except (CannotWriteThere, NotApproved):
        messages.warning(request, _("This patient can't be written to: please call."))
    else:
        messages.success(request, when_it_goes(notice, _("The message goes out now.")))
    return redirect("visit", shown.pk)


def when_it_goes(notice: Notice, at_once: str | Promise) -> str:
    """The sentence for words that a person sent: at once, or when the patient's quiet hours are over."""
    if notice.due_at <= notice.planned_at:
        return str(at_once)
    return _("It is too late or too early to write there now: it goes out on %(day)s at %(time)s.") % {
        "day": short_day(timezone.localtime(notice.due_at)),
        "time": clock(notice.due_at),
    }


def reply_or_404(request: ClinicRequest, reply_id: int) -> InboundMessage:
    """A reply this clinic may read."""
    return get_object_or_404(replies_at(request.clinic).select_related(*ROWS), pk=reply_id)


def quick_or_404(request: ClinicRequest) -> QuickReply:
    """The words that were pressed."""
    return get_object_or_404(QuickReply, clinic=request.clinic, pk=read_number(request.POST.get("quick", "")) or 0)
