"""What a patient sees behind the link in a message: the next visit large, the others below, one press to confirm.

Opening a link never changes anything; only a POST does. No name and no word of treatment is on these pages.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from notifications.consent import consenting
from notifications.contact_wishes import ways_open, wishes_of
from notifications.covered_questions import put_now
from scheduling.events import Actor
from scheduling.models import PATIENT_IS_THERE
from scheduling.questionnaires.asking import Asking
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from scheduling.visits import confirm
from web.patient.birth_date import BirthDateForm, knows_birth_date
from web.patient.choices import ChoiceForm
from web.patient.instructions import instructions_of, own_words_of
from web.patient.linked import PRIVATE, Link, acting, reading
from web.patient.ride import DriverForm, driver_text, text_link
from web.patient.shown import Shown, shown_visit, shown_visits
from web.patient.wishes import wish_state
from web.questionnaires.by_link import leads_to_questions


@reading
def linked_visits(request: HttpRequest, link: Link) -> HttpResponse:
    """The visits behind a link; the link of a check-in that asks something leads to the questions."""
    if "visits" not in request.GET and leads_to_questions(link):
        return redirect("questions_linked", link.token)
    return page(request, link)


@acting
def confirm_linked(request: HttpRequest, link: Link) -> HttpResponse:
    """The patient says "I'm coming" to one of the visits behind the link, at the time their page showed.

    Confirms nothing where the posted `told_version` is no longer the visit's, or where the clinic is closed then: the
    page is shown anew and says so.
    """
    one = shown_visit(link.message, request.POST.get("visit", ""), now=link.now)
    if one is None:
        return redirect("linked_visits", link.token)
    if is_stale(request, one) or one.is_closed:
        return page(request, link, stale=one)
    if one.can_confirm:
        told_version = one.visit.told_version
        try:
            confirm(appointment=one.visit, how="link", told_version=told_version, by=Actor.patient(), now=link.now)
        except (ChangedMeanwhile, NotPossibleFromHere):  # it changed this moment
            return page(request, link, stale=one)
    return redirect("linked_visits", link.token)


def is_stale(request: HttpRequest, one: Shown) -> bool:
    """Whether the page that was pressed on showed the visit otherwise than it is now."""
    return request.POST.get("told_version", "") != str(one.visit.told_version)


def page(
    request: HttpRequest,
    link: Link,
    *,
    stale: Shown | None = None,
    form: forms.Form | None = None,
) -> TemplateResponse:
    """The page, with a refused form, or what has changed since the page that was pressed on."""
    shown = shown_visits(link.message, now=link.now)
    to_come = [one for one in shown if not (one.is_cancelled or one.is_closed or one.is_missed)]
    first = to_come[0] if to_come else None
    ahead = [one for one in to_come if not one.is_under_way]
    prepared = next((one for one in ahead if one.preparing or one.plan_says), None)
    knows = knows_birth_date(request, link)
    text = driver_text(first.visit) if first and first.takes_place_there else ""
    context = {
        **link.around(),
        "next": first,
        "closed": [one for one in shown if one.is_closed],
        "missed": [] if to_come else [one for one in shown if one.is_missed],
        "others": [one for one in shown if one is not first and not (one.is_closed or one.is_missed)],
        "stale": stale and next((one for one in shown if one.visit.pk == stale.visit.pk), stale),
        "length": said_length(first.length) if first else "",
        "prepared": prepared,
        "knows": knows,
        "instructions": instructions_of(prepared) if prepared and knows else [],
        "own_words": own_words_of(prepared) if prepared and knows else None,
        "driven": next((one for one in ahead if one.needs_ride), None) if knows else None,
        "has_questions": has_questions(link),
        "refused": form,
        "birth_date_form": form if isinstance(form, BirthDateForm) else BirthDateForm(),
        "driver_form": form if isinstance(form, DriverForm) else DriverForm(),
        "driver_text": text,
        "driver_link": text_link(text),
        "choice_form": form if isinstance(form, ChoiceForm) else choice_form(link),
        "wish": wish_state(link.message),
        "gets_messages": link.message.address_id in consenting([link.message.address_id]),
    }
    status = 409 if stale else 422 if form else 200
    return TemplateResponse(request, "patient/visits.html", context, status=status, headers=PRIVATE)


def has_questions(link: Link) -> bool:
    """Whether the page leads to questions."""
    asked = put_now(link.message.patient, now=link.now).asked
    return any(not is_too_late(one, link.now) for one in asked)


def is_too_late(one: Asking, now: datetime) -> bool:
    """Whether it was asked for before a visit that has begun: nobody in their chair is sent there any more."""
    return one.is_before and one.visit is not None and one.visit.status in PATIENT_IS_THERE and one.is_late(now)


def choice_form(link: Link) -> ChoiceForm:
    """The ways and languages to choose from, with what holds now."""
    patient = link.message.patient
    ways, wished = ways_open(patient), wishes_of(patient).way
    chosen = wished if wished in ways else str(link.message.channel)
    return ChoiceForm(ways=ways, initial={"way": chosen, "language": patient.language})


def said_length(length: timedelta) -> str:
    """About 2 hours; about 1 hour 30 minutes; about 45 minutes."""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    if not hours:
        return _("about %(minutes)s minutes") % {"minutes": minutes}
    if not minutes:
        return _("about 1 hour") if hours == 1 else _("about %(hours)s hours") % {"hours": hours}
    if hours == 1:
        return _("about 1 hour %(minutes)s minutes") % {"minutes": minutes}
    return _("about %(hours)s hours %(minutes)s minutes") % {"hours": hours, "minutes": minutes}
