"""An infusion that was broken off: the prescriber says whether it counts or is given again, and may say so anew."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.exit_rulings import (
    LaterWasGiven,
    NothingToRule,
    RepeatStands,
    RuledMeanwhile,
    repeat_of,
    rule_on_exit,
    rulings_of,
)
from scheduling.models import Appointment, CheckKind, Role
from scheduling.visit_checks import latest_checks
from scheduling.visit_steps import NotThen
from web.at_clinic import actor
from web.clinician.ruling_form import COUNTS, HeardRulingForm, RulingForm
from web.current_clinic import ClinicRequest
from web.nurse.exit_form import WHY
from web.spoken import clock, short_day, visit_name


def rule_exit(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """How it ended, why, and what was ruled; a POST rules. A nurse writes down what a prescriber said."""
    orders = Appointment.objects.filter(order__sites=request.clinic, organisation=request.clinic.organisation_id)
    rows = orders.select_related("patient", "clinic", "order__current_version", "visit_type").distinct()
    visit = get_object_or_404(rows, pk=visit_id, needs_ruling=True)
    made = RulingForm if Role.PRESCRIBER in request.membership_roles else HeardRulingForm
    form = made(request.POST or None, clinic=request.clinic, user=request.user)
    if request.method == "POST" and form.is_valid() and rule(request, visit, form):
        return redirect("rule_exit", visit.pk)
    why = latest_checks([visit.pk]).get((visit.pk, CheckKind.EXIT))
    rulings = rulings_of(visit)
    context = {
        "visit": visit,
        "what": visit_name(visit),
        "why": why,
        "why_words": WHY.get(why.detail, "") if why else "",
        "rulings": rulings,
        "ruling": rulings[-1] if rulings else None,
        "again": repeat_of(visit) if visit.is_repeated else None,
        "form": form,
        "is_heard": made is HeardRulingForm,
    }
    return TemplateResponse(request, "clinician/rule_exit.html", context, status=422 if form.errors else 200)


def rule(request: ClinicRequest, visit: Appointment, form: RulingForm) -> bool:
    """Have it written down, or say what stands against it; False where what was typed is to be looked at again."""
    now, counts = timezone.now(), form.cleaned_data["ruling"] == COUNTS
    try:
        rule_on_exit(
            appointment=visit,
            counts=counts,
            word=form.word(now),
            seen=form.cleaned_data["seen"],
            by=actor(request),
            now=now,
        )
    except NotThen:
        form.add_error("heard_at", _("It can't have been said then: after the infusion began, within the last day."))
        return False
    except RuledMeanwhile:
        messages.warning(request, _("Somebody ruled on this meanwhile. It is shown as it stands."))
    except NothingToRule:
        messages.info(request, _("It stands so already. Nothing was changed."))
    except RepeatStands as refusal:
        messages.warning(request, words_for_repeat(refusal.visit))
    except LaterWasGiven:
        messages.warning(
            request,
            _("A later infusion was given already, so this one can't be given again. To give more, change the order."),
        )
    else:
        messages.success(request, _("Written down. The front desk sees what is left to book."))
    return True


def words_for_repeat(again: Appointment) -> str:
    """What to do first, before the one that was broken off counts after all."""
    at = again.period.lower
    values = {"what": visit_name(again), "day": short_day(at), "time": clock(at)}
    if again.given_at is not None:
        return gettext("%(what)s was given again on %(day)s: only one of the two counts.") % values
    return gettext("%(what)s is booked again for %(day)s at %(time)s. Cancel that visit first.") % values
