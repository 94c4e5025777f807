"""Finding what is behind a link, for every page and action there: one answer to whoever has none."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.translation import gettext

from notifications.clinic_rules import answer_hours, sender_name
from notifications.links import NoSuchLink, find_message, is_superseded
from notifications.models import Message

# Same-origin rather than no-referrer: with the latter browsers call the page's own POST foreign. Others get no address.
PRIVATE = {"Cache-Control": "no-store, private", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "same-origin"}


@dataclass(frozen=True, slots=True)
class Link:
    """An open link: its token, the message it stood in, and the time of the request. `is_over`: lately open."""

    token: str
    message: Message
    now: datetime
    is_over: bool = False

    def around(self) -> dict[str, object]:
        """What every page behind a link shows: from whom, discreetly, and whom to call when."""
        message = self.message
        language = translation.get_language() or message.language
        return {
            "token": self.token,
            "sender": sender_name(message.clinic, language),
            "phone": message.clinic.phone,
            "answer_hours": answer_hours(message.clinic, language),
        }


# A page stays open in a browser for longer than its link: what is written on it is taken for so long.
TAKEN_FOR = timedelta(days=7)

LinkedView = Callable[[HttpRequest, Link], HttpResponse]
TokenView = Callable[[HttpRequest, str], HttpResponse]


def no_such_link(request: HttpRequest) -> TemplateResponse:
    """The one page for every link that leads nowhere, for whatever reason."""
    return TemplateResponse(request, "patient/no_such_link.html", status=404, headers=PRIVATE)


def reading(view: LinkedView) -> TokenView:
    """For a page: finds the link, speaks its language. A superseded link shows that it is, and nothing else."""
    return _behind_link(view, status_of_superseded=200)


def fetching(view: LinkedView) -> TokenView:
    """For a file: as `reading`, but whoever fetches it is told in plain text, as no page, that it is no more."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        link = _open(request, token)
        if link is None:
            words, status = gettext("This link no longer works"), HTTPStatus.NOT_FOUND
        elif is_superseded(link.message, now=link.now):
            words, status = gettext("Something has changed. Open the newest message from us."), HTTPStatus.GONE
        else:
            return view(request, link)
        return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8", headers=PRIVATE)

    return wrapped


def acting(view: LinkedView) -> TokenView:
    """For an action: as `reading`, but only a POST acts; whoever loads its address anew gets the page."""
    behind = _behind_link(view, status_of_superseded=409)

    @functools.wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        return behind(request, token) if request.method == "POST" else redirect("linked_visits", token)

    return wrapped


def of_a_superseded(view: LinkedView) -> TokenView:
    """For the one action that a superseded link has."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        if request.method != "POST":
            return redirect("linked_visits", token)
        link = _open(request, token)
        return no_such_link(request) if link is None else view(request, link)

    return wrapped


def sending(view: LinkedView) -> TokenView:
    """For what a patient wrote on a page: it is taken also where the link has changed since, or is over since a while.
    Nothing else opens behind it then."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        link = _open(request, token) or _open(request, token, over_for=TAKEN_FOR)
        return no_such_link(request) if link is None else view(request, link)

    return wrapped


def changed_page(
    request: HttpRequest, link: Link, *, status: int = 200, said: str = "", failed: bool = False
) -> TemplateResponse:
    """That a visit has changed since this message, and never what it became. `said`: when the news goes; `failed`: it
    can't be sent."""
    context = {**link.around(), "said": said, "failed": failed, "was_pressed": status != HTTPStatus.OK}
    return TemplateResponse(request, "patient/changed.html", context, status=status, headers=PRIVATE)


def _behind_link(view: LinkedView, *, status_of_superseded: int) -> TokenView:
    @functools.wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        link = _open(request, token)
        if link is None:
            return no_such_link(request)
        if is_superseded(link.message, now=link.now):
            return changed_page(request, link, status=status_of_superseded)
        return view(request, link)

    return wrapped


def _open(request: HttpRequest, token: str, *, over_for: timedelta = timedelta()) -> Link | None:
    now = timezone.now()
    try:
        message = find_message(token=token, now=now - over_for)
    except NoSuchLink:
        return None
    speak_as(request, message)
    return Link(token, message, now, is_over=bool(over_for))


def speak_as(request: HttpRequest, message: Message) -> None:
    """The language of the message, unless the person has chosen another one here."""
    known = {code for code, _name in settings.LANGUAGES}
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and message.language in known:
        translation.activate(message.language)
