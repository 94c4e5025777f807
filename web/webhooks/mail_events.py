"""What became of letters, as the mail provider in use reports it. Postmark has an address of its own."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from notifications.mail_reports import take_provider_event
from notifications.provider_events import NoSuchProvider, NotSigned, NotUnderstood, read_events


@csrf_exempt
def mail_events(request: HttpRequest, provider: str) -> HttpResponse:
    """Takes the events of the provider that EMAIL_URL names, which signs in as `PROVIDER:secret` (HTTP Basic) and signs
    where it can: 200 for all that is understood, 403 for a forged one, 400 for what is no event, 404 for any other
    provider.
    """
    url, secret = settings.EMAIL_URL, settings.INBOUND_MAIL_SECRET
    try:
        events = read_events(request, provider=provider, email_url=url, secret=secret)
    except NoSuchProvider:
        raise Http404 from None
    except NotSigned:
        return HttpResponse(status=403)
    except NotUnderstood:
        return HttpResponse(status=400)
    for event in events:
        take_provider_event(provider=provider, event=event, now=timezone.now())
    return HttpResponse(status=200)
