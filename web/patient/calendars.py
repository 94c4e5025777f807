"""A patient's visits for their own calendar: a file to add once, and a private address that stays fresh."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation

from notifications.calendar_feeds import calendar_of, feed_file, find_feed
from notifications.links import NoSuchLink, visits_behind
from web.patient.linked import PRIVATE, Link, fetching, no_such_link

CALENDAR = "text/calendar; charset=utf-8"


@fetching
def calendar_linked(request: HttpRequest, link: Link) -> HttpResponse:
    """The visits behind the link as one file."""
    visits = visits_behind(link.message, now=link.now)
    language = translation.get_language() or link.message.language
    body = calendar_of(visits, clinic=link.message.clinic, language=language, now=link.now)
    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="visits.ics"'}
    return HttpResponse(body, content_type=CALENDAR, headers=headers)


def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """What the patient's calendar fetches by itself."""
    try:
        feed = find_feed(token=token)
    except NoSuchLink:
        return no_such_link(request)
    return HttpResponse(feed_file(feed, now=timezone.now()), content_type=CALENDAR, headers=PRIVATE)


def feed_page(request: HttpRequest, link: Link, feed_token: str) -> TemplateResponse:
    """Shows the private address: to press on a phone, to copy elsewhere."""
    address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('calendar_feed', args=[feed_token])}"
    context = {**link.around(), "address": address, "subscribe": f"webcal:{address.partition(':')[2]}"}
    return TemplateResponse(request, "patient/feed.html", context, headers=PRIVATE)
