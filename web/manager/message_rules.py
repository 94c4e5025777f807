"""The rules of messages on a page, the answers that may be sent with one press, and where trials go."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications import clinic_section
from notifications.models import QuickReply
from notifications.notice_facts import ChannelName
from notifications.quick_replies import ReplyRefused, approve_reply, let_reply_go
from notifications.trial_message import NotAnAddress, set_own_contact
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.registration import rules_of
from web.manager.rules_form import RulesForm

TRIALS = {channel.value: channel for channel in (ChannelName.SMS, ChannelName.EMAIL)}


def message_rules(request: ClinicRequest) -> HttpResponse:
    """When reminders go, when it is quiet, under which name, how many at most: all of the clinic file's section."""
    form = RulesForm(request.POST) if request.method == "POST" else RulesForm.of(rules_of(request.clinic))
    if request.method == "POST" and form.is_valid():
        changed = clinic_section.apply(form.section, clinic=request.clinic, by=actor(request), now=timezone.now())
        words = _("Saved. What is planned follows it.") if changed else _("It was so before.")
        messages.success(request, words)
        return redirect("wording")
    return TemplateResponse(request, "manager/message_rules.html", {"form": form})


def new_reply(request: ClinicRequest) -> HttpResponse:
    """Approve an answer."""
    language = "es" if request.POST.get("language") == "es" else "en"
    body = request.POST.get("body", "")[:1000]
    try:
        approve_reply(clinic=request.clinic, language=language, body=body, by=actor(request), now=timezone.now())
    except ReplyRefused as refusal:
        messages.error(request, " ".join(refusal.faults))
    else:
        messages.success(request, _("Approved: the desk may send it with one press."))
    return redirect("wording")


def end_reply(request: ClinicRequest, reply_id: int) -> HttpResponse:
    """Let an answer go."""
    rows = QuickReply.objects.filter(clinic=request.clinic).select_related("clinic")
    let_reply_go(reply=get_object_or_404(rows, pk=reply_id), by=actor(request), now=timezone.now())
    messages.success(request, _("Nobody sends it any more."))
    return redirect("wording")


def own_contact(request: ClinicRequest) -> HttpResponse:
    """Where this person gets trials."""
    channel = TRIALS.get(request.POST.get("channel", ""), ChannelName.SMS)
    raw = request.POST.get("value", "")[:254]
    try:
        set_own_contact(
            user=request.user, clinic=request.clinic, channel=channel, raw=raw, by=actor(request), now=timezone.now()
        )
    except NotAnAddress:
        messages.error(request, _("This can't be a number or mailbox. Look at it once more."))
    else:
        messages.success(request, _("Written down."))
    return redirect("wording")
