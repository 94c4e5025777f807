"""What became of a text, as Twilio reports it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from notifications.receipts import take_twilio_status
from web.webhooks.signed_by_twilio import signed_by_twilio


@signed_by_twilio
def twilio_status(request: HttpRequest) -> HttpResponse:
    """Stores a signed report and answers 200, the same for one that came before; 403 for a forged one."""
    if not request.POST.get("MessageSid") or not request.POST.get("MessageStatus"):
        return HttpResponse(status=400)
    form = {key: request.POST[key] for key in request.POST}
    take_twilio_status(form=form, message_id=request.GET.get("message", ""), now=timezone.now())
    return HttpResponse(status=200)
