"""Cover while a prescriber is away: "cover me 3-10 Jan: Dr Okafor"; and what is arranged."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.covering import (
    CoveredAlready,
    CoverIsOver,
    CoversOneself,
    NoPrescriber,
    NotThoseDays,
    TooFarAhead,
    arrange_cover,
    end_cover,
)
from scheduling.covers import covers_ahead
from scheduling.models import PrescriberCover, Role
from web.at_clinic import actor
from web.clinician.cover_form import CoverForm, why_not
from web.current_clinic import ClinicRequest
from web.spoken import short_date


def cover(request: ClinicRequest) -> HttpResponse:
    """What is arranged, and the form to arrange more."""
    own = None if Role.MANAGER in request.membership_roles else request.user
    form = CoverForm(request.POST or None, clinic=request.clinic, away=own)
    today = timezone.localdate()
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        away, who = form.people.get(said["away"], request.user), form.people[said["cover"]]
        try:
            arrange_cover(
                prescriber=away, cover=who, first_day=said["first_day"], last_day=said["last_day"], today=today,
                by=actor(request), now=timezone.now(),
            )  # fmt: skip
        except (CoversOneself, NotThoseDays, TooFarAhead, NoPrescriber, CoveredAlready) as refusal:
            form.add_error(*why_not(refusal))
        else:
            words = gettext("%(who)s decides for %(away)s from %(first)s to %(last)s.")
            days = {"first": short_date(said["first_day"]), "last": short_date(said["last_day"])}
            messages.success(request, words % {"who": who.shown_name, "away": away.shown_name, **days})
            return redirect("cover")
    context = {
        "form": form,
        "own": own,
        "arranged": [
            (one, one.first_day <= today, own is None or one.prescriber_id == own.pk)
            for one in covers_ahead(request.clinic.organisation_id, today)
        ],
    }
    return TemplateResponse(request, "clinician/cover.html", context)


def take_cover_back(request: ClinicRequest, cover_id: int) -> HttpResponse:
    """End a cover, or take back one that has not begun."""
    rows = PrescriberCover.objects.filter(organisation=request.clinic.organisation_id).select_related("prescriber")
    one = get_object_or_404(rows, pk=cover_id)
    try:
        end_cover(cover=one, today=timezone.localdate(), by=actor(request), now=timezone.now())
    except CoverIsOver:
        messages.info(request, _("This cover is over already."))
    else:
        messages.success(request, gettext("%(name)s decides again.") % {"name": one.prescriber.shown_name})
    return redirect("cover")
