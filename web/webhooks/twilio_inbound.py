"""What patients text back, as Twilio hands it over."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from notifications.channels.sms import Gateway
from notifications.inbound import Arrived, take_reply
from notifications.notice_facts import ChannelName

# Twilio sends what this says back to the patient: nothing. Answers go as messages of their own, which are kept.
SAYS_NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@csrf_exempt
def twilio_inbound(request: HttpRequest) -> HttpResponse:
    """Keeps a signed text and answers 200 with nothing to say, the same for one that came before; 403 for a forged one.

    Pictures stay with Twilio: they are counted and never fetched.
    """
    if urlsplit(settings.SMS_URL).scheme != "twilio":
        raise Http404
    # Twilio signs the address it was given, which is the public one, whatever stands in front of this server.
    url = settings.PUBLIC_URL.rstrip("/") + request.get_full_path()
    signature = request.headers.get("X-Twilio-Signature", "")
    if not Gateway.from_url(settings.SMS_URL).is_signed(url=url, form=request.POST, signature=signature):
        return HttpResponse(status=403)
    form = request.POST
    if not form.get("MessageSid") or not form.get("From"):
        return HttpResponse(status=400)
    pictures = form.get("NumMedia", "0")
    arrived = Arrived(
        provider="twilio",
        reference=form["MessageSid"],
        channel=ChannelName.SMS,
        sender=form["From"],
        to=[form.get("To", "")],
        text=form.get("Body", ""),
        pictures=int(pictures) if pictures.isascii() and pictures.isdigit() else 0,
        # Set where the account's own opt-out words have fired, which may be others than ours.
        opted_out=form.get("OptOutType", "").upper() == "STOP",
    )
    take_reply(arrived=arrived, now=timezone.now())
    return HttpResponse(SAYS_NOTHING, content_type="text/xml")
