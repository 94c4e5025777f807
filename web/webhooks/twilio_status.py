"""What became of a text, as Twilio reports it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from notifications.channels.sms import Gateway
from notifications.receipts import take_twilio_status


@csrf_exempt
def twilio_status(request: HttpRequest) -> HttpResponse:
    """Stores a signed report and answers 200, the same for one that came before; 403 for a forged one."""
    if urlsplit(settings.SMS_URL).scheme != "twilio":
        raise Http404
    # Twilio signs the address it was given, which is the public one, whatever stands in front of this server.
    url = settings.PUBLIC_URL.rstrip("/") + request.get_full_path()
    signature = request.headers.get("X-Twilio-Signature", "")
    if not Gateway.from_url(settings.SMS_URL).is_signed(url=url, form=request.POST, signature=signature):
        return HttpResponse(status=403)
    if not request.POST.get("MessageSid") or not request.POST.get("MessageStatus"):
        return HttpResponse(status=400)
    form = {key: request.POST[key] for key in request.POST}
    take_twilio_status(form=form, message_id=request.GET.get("message", ""), now=timezone.now())
    return HttpResponse(status=200)
