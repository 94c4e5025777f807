"""What a series needs before its visits: what was said of it, and the forms to say it anew, for whom the plan names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor
from scheduling.models import Appointment, Order, PrerequisiteAnswer
from scheduling.prerequisite_rows import prerequisites_of
from scheduling.prerequisites import (
    FarOff,
    NoSuchPrerequisite,
    NotForYou,
    NotItsDays,
    record_met,
    waive,
    withdraw,
)
from scheduling.protocol_parts import Prerequisite
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.list_answers import back_to_lists
from web.frontdesk.prerequisite_cards import MET, WAIVED, WITHDRAWN, booked_of, cards_of, roles_said
from web.frontdesk.prerequisite_form import SayForm
from web.spoken import word_of

SAID = {
    MET: _("Written down: it is there."),
    WAIVED: _("Written down: it is not needed."),
    WITHDRAWN: _("Written down: it is no longer there."),
}


def before_visits(request: ClinicRequest, order_id: int) -> HttpResponse:
    """All that the order asks for before its visits; a POST says of one thing that it is there, not needed or gone."""
    order = order_or_404(request, order_id)
    by, now = actor(request), timezone.now()
    booked = booked_of(order)
    wrong: SayForm | None = None
    if request.method == "POST":
        answer = say(request, order, booked, by, now)
        if isinstance(answer, HttpResponse):
            return answer
        wrong = answer
    context = {
        "order": order,
        "patient": order.patient,
        "word": word_of(order.current_version),
        "cards": cards_of(order, booked, by, wrong, request.POST.get("code", "")),
        "next": booked[0] if booked else None,
        "form": wrong,
    }
    return TemplateResponse(request, "frontdesk/before_visits.html", context, status=422 if wrong else 200)


def say(
    request: ClinicRequest, order: Order, booked: Sequence[Appointment], by: Actor, now: datetime
) -> HttpResponse | SayForm | None:
    """Write down what was said and lead back; the form where it makes no sense."""
    needs = next((one for one in prerequisites_of(order) if one.code == request.POST.get("code")), None)
    if needs is None:
        messages.warning(request, _("The order does not ask for this any more. This is what it asks for now."))
        return redirect("before_visits", order.pk)
    form = SayForm(request.POST, needs=needs, booked=booked)
    if not form.is_valid():
        return form
    chosen = next((one for one in booked if str(one.pk) == form.cleaned_data["visit"]), None)
    try:
        answer = write(order, needs, form.cleaned_data, chosen, request.POST.get("do", ""), by=by, now=now)
    except NotItsDays:
        form.add_error("last", gettext("The last day lies before the first."))
        return form
    except FarOff:
        form.add_error("first", gettext("This day lies before the patient's birth, or a hundred years away."))
        return form
    except NotForYou as refusal:
        words = gettext("The order names who may say so: %(roles)s. Nothing was written down.")
        messages.warning(request, words % {"roles": roles_said(refusal.roles)})
    except NoSuchPrerequisite:
        messages.warning(request, _("The order does not ask for this any more. This is what it asks for now."))
    else:
        messages.success(request, SAID[answer])
    back = request.POST.get("back")
    if back == "lists":
        return back_to_lists(request)
    return redirect(back) if back == "not_ready" else redirect("before_visits", order.pk)


def write(
    order: Order,
    needs: Prerequisite,
    said: dict[str, Any],
    chosen: Appointment | None,
    do: str,
    *,
    by: Actor,
    now: datetime,
) -> PrerequisiteAnswer:
    """One of the three verbs; gives what was said."""
    today = ClinicTime(chosen.time_zone).local_day(now) if chosen else timezone.localdate(now)
    first: date = said["first"] or today
    about: dict[str, Any] = {
        "order": order, "code": needs.code, "first": first, "appointment": chosen, "note": said["note"], "by": by,
        "now": now,
    }  # fmt: skip
    if do == "waive":
        waive(last=said["last"], **about)
        return WAIVED
    if do == "withdraw":
        withdraw(**about)
        return WITHDRAWN
    record_met(last=said["last"], visits=said.get("visits"), **about)
    return MET
