"""What patients text back, as Twilio hands it over."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from notifications.inbound import Arrived, take_reply
from notifications.notice_facts import ChannelName
from scheduling.typed_numbers import read_number
from web.webhooks.signed_by_twilio import signed_by_twilio

# Twilio sends what this says back to the patient: nothing. Answers go as messages of their own, which are kept.
SAYS_NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@signed_by_twilio
def twilio_inbound(request: HttpRequest) -> HttpResponse:
    """Keeps a signed text and answers 200 with nothing to say, the same for one that came before; 403 for a forged one.

    Pictures stay with Twilio: they are counted and never fetched.
    """
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
        pictures=read_number(pictures) or 0,
        # Set where the account's own opt-out words have fired, which may be others than ours.
        opted_out=form.get("OptOutType", "").upper() == "STOP",
    )
    take_reply(arrived=arrived, now=timezone.now())
    return HttpResponse(SAYS_NOTHING, content_type="text/xml")
