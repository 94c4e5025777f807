"""Where the unsubscribe button of a mail program, and the link behind it, lead. Opening it changes nothing."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt

from notifications.models import Message
from notifications.unsubscribing import NoSuchUnsubscription, find_unsubscribed, is_unsubscribed, unsubscribe
from web.patient.linked import PRIVATE


# Mail programs post without a page before (RFC 8058, 3.1): the token alone says that they may.
@csrf_exempt
def unsubscribe_linked(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button; its POST, or a mail program's, withdraws consent of that mailbox. 404 for a token that is
    none of ours.
    """
    try:
        is_press = request.method == "POST"
        message = unsubscribe(token=token, now=timezone.now()) if is_press else find_unsubscribed(token)
    except NoSuchUnsubscription:
        return TemplateResponse(request, "patient/no_such_link.html", status=404, headers=PRIVATE)
    _speak_as(request, message)
    context = {"token": token, "clinic": message.clinic, "is_over": is_unsubscribed(message)}
    return TemplateResponse(request, "patient/unsubscribe.html", context, headers=PRIVATE)


def _speak_as(request: HttpRequest, message: Message) -> None:
    known = {code for code, _name in settings.LANGUAGES}
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and message.language in known:
        translation.activate(message.language)
