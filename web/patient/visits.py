"""What a patient sees behind the link in a message: the next visit large, the others below, one press to confirm.

Opening a link never changes anything; only the POST does. No name and no word of treatment is on these pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone, translation

from notifications.links import NoSuchLink, find_message, visits_told
from notifications.models import Message
from scheduling.events import Actor
from scheduling.models import PATIENT_IS_THERE, Appointment, Status, VisitMode
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from scheduling.visits import confirm

# Same-origin rather than no-referrer: with the latter browsers call the page's own POST foreign. Others get no address.
PRIVATE = {"Cache-Control": "no-store, private", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "same-origin"}
TO_COME = (Status.BOOKED, *PATIENT_IS_THERE)


@dataclass(frozen=True, slots=True)
class Shown:
    """One visit as its patient may know it."""

    visit: Appointment
    can_confirm: bool

    @property
    def is_cancelled(self) -> bool:
        return self.visit.status == Status.CANCELLED

    @property
    def join_link(self) -> str:
        """Where a video visit takes place."""
        kind = self.visit.visit_type
        return kind.join_link if kind and self.visit.mode == VisitMode.VIDEO else ""


def linked_visits(request: HttpRequest, token: str) -> TemplateResponse:
    """The visits behind a link. Every link that leads nowhere, for whatever reason, gets the same page."""
    now = timezone.now()
    try:
        message = find_message(token=token, now=now)
    except NoSuchLink:
        return TemplateResponse(request, "patient/no_such_link.html", status=404, headers=PRIVATE)
    return _page(request, token, message, now=now)


def confirm_linked(request: HttpRequest, token: str) -> HttpResponse:
    """The patient says "I'm coming" to one of the visits behind the link, at the time their page showed.

    Confirms nothing where the posted `told_version` is no longer the visit's: the page is shown anew and says so.
    """
    if request.method != "POST":
        return redirect("linked_visits", token)
    now = timezone.now()
    try:
        message = find_message(token=token, now=now)
    except NoSuchLink:
        return TemplateResponse(request, "patient/no_such_link.html", status=404, headers=PRIVATE)
    wanted = request.POST.get("visit", "")
    seen = request.POST.get("told_version", "")
    for one in shown_visits(message, now=now):
        visit = one.visit
        if wanted != str(visit.pk):
            continue
        if seen != str(visit.told_version):
            return _page(request, token, message, now=now, has_changed=True)
        if one.can_confirm:
            try:
                confirm(appointment=visit, how="link", told_version=visit.told_version, by=Actor.patient(), now=now)
            except (ChangedMeanwhile, NotPossibleFromHere):  # it changed this moment
                return _page(request, token, message, now=now, has_changed=True)
    return redirect("linked_visits", token)


def _page(
    request: HttpRequest, token: str, message: Message, *, now: datetime, has_changed: bool = False
) -> TemplateResponse:
    speak_as(request, message)
    shown = shown_visits(message, now=now)
    to_come = [one for one in shown if not one.is_cancelled]
    context = {
        "token": token,
        "clinic": message.clinic,
        "next": to_come[0] if to_come else None,
        "others": [one for one in shown if one not in to_come[:1]],
        "has_changed": has_changed,
    }
    status = 409 if has_changed else 200
    return TemplateResponse(request, "patient/visits.html", context, status=status, headers=PRIVATE)


def shown_visits(message: Message, *, now: datetime) -> list[Shown]:
    """The visits the message spoke of, cancelled ones too, and the others of the series, as far as still to come."""
    told = visits_told(message)
    ours = Q(pk__in=told.values("pk")) | Q(
        order__in=told.filter(order__isnull=False).values("order"), status__in=TO_COME
    )
    visits = Appointment.objects.filter(ours, patient=message.patient, period__endswith__gt=now)
    visits = visits.filter(status__in=(*TO_COME, Status.CANCELLED)).select_related("clinic", "visit_type")
    return [Shown(visit, may_confirm(visit, now)) for visit in visits.order_by("period", "pk")]


def may_confirm(visit: Appointment, now: datetime) -> bool:
    """Booked, firm, not confirmed yet, and still to come."""
    open_yet = visit.status == Status.BOOKED and visit.confirmed_at is None and visit.period.lower > now
    return open_yet and not visit.is_tentative


def speak_as(request: HttpRequest, message: Message) -> None:
    """The language of the message, unless the person has chosen another one here."""
    known = {code for code, _name in settings.LANGUAGES}
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and message.language in known:
        translation.activate(message.language)
