"""Only what Twilio signed is taken from it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from notifications.channels.sms import Gateway

View = Callable[[HttpRequest], HttpResponse]


def signed_by_twilio(view: View) -> View:
    """Answers 404 where texts do not go by Twilio, and 403 to what it has not signed."""

    @csrf_exempt
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if urlsplit(settings.SMS_URL).scheme != "twilio":
            raise Http404
        # Twilio signs the address it was given, which is the public one, whatever stands in front of this server.
        url = settings.PUBLIC_URL.rstrip("/") + request.get_full_path()
        signature = request.headers.get("X-Twilio-Signature", "")
        if not Gateway.from_url(settings.SMS_URL).is_signed(url=url, form=request.POST, signature=signature):
            return HttpResponse(status=403)
        return view(request)

    return checked
