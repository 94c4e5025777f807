"""Mail that comes to the address our mail is from: the mail server pipes each letter here as it is."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt

from notifications.inbound import Arrived, take_reply
from notifications.inbound_mail import InboundMail, MailKind, Unreadable, read_mail
from notifications.mail_reports import STATUS, take_mail_report
from notifications.notice_facts import ChannelName

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
        is_automatic=mail.kind is MailKind.AUTOMATIC,
    )
