"""The outbox of the embedded mode: what patients would have got. Nothing leaves this machine."""

from __future__ import annotations

from django.template.response import TemplateResponse

from notifications.models import Message, Notice, NoticeState
from notifications.notice_facts import ChannelName
from web.current_clinic import ClinicRequest

SHOWN_AT_MOST = 60


def outbox(request: ClinicRequest) -> TemplateResponse:
    """The clinic's messages, newest first, texts and e-mails apart; and what goes out next."""
    messages = Message.objects.filter(clinic=request.clinic).select_related("address", "patient")
    newest = list(messages.order_by("-written_at", "-pk")[:SHOWN_AT_MOST])
    waiting = Notice.objects.filter(clinic=request.clinic, state=NoticeState.PLANNED).order_by("due_at")
    context = {
        "texts": [message for message in newest if message.channel == ChannelName.SMS],
        "mails": [message for message in newest if message.channel == ChannelName.EMAIL],
        "waiting": waiting.count(),
        "next": waiting.first(),
    }
    return TemplateResponse(request, "outbox/outbox.html", context)
