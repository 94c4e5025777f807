"""A patient comes late, or has not come: noted by one press, with what it does to others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scheduling.clinic_time import ClinicTime
from scheduling.models import Appointment, Clinic, Resource, Status
from scheduling.running_late import NotLate, effect_of_lateness, nobody_came, note_late
from scheduling.typed_numbers import read_number
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from web.at_clinic import actor, version_sent, visit_or_404
from web.current_clinic import ClinicRequest
from web.nurse.effect import EffectLine, effect_lines
from web.visit_steps import words_for_refusal

MINUTES = (10, 15, 20, 30, 45, 60)


@dataclass(frozen=True, slots=True)
class Lateness:
    """How a visit of today stands with its patient not here yet. `late`: minutes they said, 0 for none; `waited`: how
    long it has been its time, where nobody has come and the clinic waits no longer; `effect` on others."""

    late: int
    expected_at: datetime | None
    waited: int
    effect: tuple[EffectLine, ...]


def lateness_of(visit: Appointment, clinic: Clinic, now: datetime) -> Lateness | None:
    """For a booked visit of this day; None for any other. Reads others only where the patient said they come late."""
    wall = ClinicTime(visit.time_zone)
    if visit.status != Status.BOOKED or wall.local_day(visit.period.lower) != wall.local_day(now):
        return None
    late = int((visit.expected_at - visit.period.lower).total_seconds() // 60) if visit.expected_at else 0
    waited = int((now - visit.period.lower).total_seconds() // 60) if nobody_came(visit, clinic, now) else 0
    lines: tuple[EffectLine, ...] = ()
    if late:
        effect = effect_of_lateness(appointment=visit, minutes=late, now=now)
        lines = effect_lines(effect, dict(Resource.objects.filter(clinic=clinic).values_list("pk", "name")))
    return Lateness(late, visit.expected_at, waited, lines)


def visit_late(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """The patient says how many minutes late they come; 0: in time after all."""
    shown = visit_or_404(request, visit_id)
    minutes, now = read_number(request.POST.get("minutes", "").strip(), digits=3), timezone.now()
    if minutes is None:
        messages.warning(request, _("Say how many minutes late, as a number."))
        return redirect("visit", shown.pk)
    try:
        note_late(
            appointment=shown,
            minutes=minutes,
            how="desk",
            row_version=version_sent(request),
            by=actor(request),
            now=now,
        )
    except NotLate:
        messages.warning(request, _("That is too late for this visit: find another time for it."))
    except ChangedMeanwhile:
        messages.warning(request, _("Someone changed this visit since you opened it. It is shown as it is now."))
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    else:
        words = ngettext("Noted: %(n)s minute late.", "Noted: %(n)s minutes late.", minutes) % {"n": minutes}
        messages.success(request, words if minutes else _("Noted: they come in time."))
    return redirect("visit", shown.pk)
