"""Mail that comes to the address our mail is from, as the mail server or Postmark hands it over; and bounces."""

from __future__ import annotations

import json
from base64 import b64encode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt

from notifications.inbound import Arrived, take_reply
from notifications.inbound_mail import InboundMail, MailKind, Unreadable, read_mail
from notifications.mail_reports import STATUS, take_mail_report, take_provider_event
from notifications.notice_facts import ChannelName
from notifications.postmark_events import read_event
from notifications.postmark_letters import letter_of

# Pictures make letters large, and are let go of; more than this no mail server sends.
LARGEST = 30 * 1024 * 1024


@csrf_exempt
def inbound_mail(request: HttpRequest) -> HttpResponse:
    """Takes a letter's raw MIME from who knows the secret (`Authorization: Bearer …`) and answers 200, the same for one
    that came before; 403 without the secret, 400 for what is no letter, 413 for one that is too large.
    """
    if not settings.INBOUND_MAIL_SECRET:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.INBOUND_MAIL_SECRET}"):
        return HttpResponse(status=403)
    raw = request.read(LARGEST + 1)
    if len(raw) > LARGEST:
        return HttpResponse(status=413)
    return take_letter(raw)


@csrf_exempt
def postmark(request: HttpRequest) -> HttpResponse:
    """Takes Postmark's JSON, with the secret as the password of `postmark` (HTTP Basic): what became of a letter, or
    one that came in. 200 for every event that is understood or changes nothing; 400 for a letter that nobody has sent,
    which Postmark tries again and then shows as failed.
    """
    if not settings.INBOUND_MAIL_SECRET:
        raise Http404
    wanted = b64encode(f"postmark:{settings.INBOUND_MAIL_SECRET}".encode()).decode()
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Basic {wanted}"):
        return HttpResponse(status=403)
    raw = request.read(LARGEST + 1)
    try:
        payload = json.loads(raw) if len(raw) <= LARGEST else None
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    if not isinstance(payload, dict):
        return HttpResponse(status=413 if payload is None else 400)
    if (letter := letter_of(payload)) is not None:
        return take_letter(letter)
    event = read_event(payload)
    if event is not None:
        take_provider_event(provider="postmark", event=event, now=timezone.now())
    return HttpResponse(status=200)


def take_letter(raw: bytes) -> HttpResponse:
    """Reads a letter and takes it as a reply or a report; 400 for what is no letter."""
    try:
        mail = read_mail(raw)
    except Unreadable:
        return HttpResponse(status=400)
    if mail.kind in STATUS:
        take_mail_report(mail=mail, now=timezone.now())
    else:
        take_reply(arrived=arrived(mail), now=timezone.now())
    return HttpResponse(status=200)


def arrived(mail: InboundMail) -> Arrived:
    """The letter as the inbox takes it; its pictures and files are a number."""
    return Arrived(
        provider="email",
        reference=mail.reference,
        channel=ChannelName.EMAIL,
        sender=mail.sender,
        to=mail.to,
        text=mail.text,
        pictures=mail.attachments,
        ours=mail.ours,
        subject=mail.subject,
        calendar=mail.calendar,
        is_automatic=mail.kind is MailKind.AUTOMATIC,
    )
