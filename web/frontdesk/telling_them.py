"""Somebody has told the patient themselves, or what waits is to go at once: one press on the page of the visit."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.news_waiting import goes_if_sent_now, news_waiting
from notifications.telling import send_now, told_in_person, told_of_visits
from notifications.untold import still_to_tell
from web.at_clinic import actor, order_or_404, visit_or_404
from web.current_clinic import ClinicRequest
from web.spoken import clock, short_day


def tell_of_visit(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """They know of this visit as it stands (and a message follows or not), or its message goes at once."""
    shown, by, now = visit_or_404(request, visit_id), actor(request), timezone.now()
    wanted = request.POST.get("do", "")
    if wanted == "now":
        at = goes_if_sent_now(news_waiting(shown.patient), now)
        send_now(patient=shown.patient, by=by, now=now)
        messages.success(request, went_words(at, now))
    elif wanted == "know_and_send":
        at = goes_if_sent_now(news_waiting(shown.patient, shown), now)
        told_in_person(patient=shown.patient, visit=shown, and_send=True, by=by, now=now)
        messages.success(request, f"{_('Written down: they know.')} {went_words(at, now)}")
    elif wanted == "know":
        told_in_person(patient=shown.patient, visit=shown, by=by, now=now)
        messages.success(request, _("Written down: they know. This news is not sent; reminders go as planned."))
    return redirect("visit", shown.pk)


def went_words(at: datetime | None, now: datetime) -> str:
    """What becomes of the news that waited: `at` is when it goes."""
    if at is None:
        return gettext("No news waits for this patient; reminders go as planned.")
    if at > now:
        when = {"day": short_day(at), "time": clock(at)}
        return gettext("It is night for the patient: the news goes out on %(day)s, %(time)s.") % when
    return gettext("The news that waited goes out now.")


def tell_of_order(request: ClinicRequest, order_id: int) -> HttpResponse:
    """A clinician has told them what became of the order, and a message follows or not."""
    shown = order_or_404(request, order_id)
    and_send = request.POST.get("do") == "know_and_send"
    told_in_person(patient=shown.patient, order=shown, and_send=and_send, by=actor(request), now=timezone.now())
    words = _("Written down: they know, and it is sent too.") if and_send else _("Written down: they know.")
    messages.success(request, words)
    return redirect("order", shown.pk)


def tell_of_freed(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Somebody has told them of the visits that were freed since a review was not decided in time: no word of a
    prescriber is behind that, so the desk may."""
    order, now = order_or_404(request, order_id), timezone.now()
    to_tell = still_to_tell(order, now=now)
    if to_tell is not None and to_tell.change is not None:
        messages.warning(request, _("A clinician tells them this. Nothing was written down."))
    else:
        told_of_visits(patient=order.patient, visits=to_tell.visits if to_tell else (), by=actor(request), now=now)
        messages.success(request, _("Written down: they know."))
    return redirect("orders")
