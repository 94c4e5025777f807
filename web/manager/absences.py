"""Who and what is not there, which visits no longer stand, and ending what is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.closure_by_night import REASON_LENGTH, SAME_DAY, NotThatSoon, tell_closure_by_night
from notifications.models import CallTask
from scheduling.absences import end_absence
from scheduling.affected_visits import affected_visits
from scheduling.blocks import release_block
from scheduling.losses import nothing_lost
from scheduling.models import Absence, AbsenceKind, Closure
from scheduling.opening_hours import end_closure
from scheduling.permissions import may
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.manager.losing import MOST_SEARCHED, AffectedLine, lines_of, names_of


@dataclass(frozen=True, slots=True)
class LostRow:
    """One absence, block or closure; `may_end`: the person who looks may end an absence or block; `is_soon`: a closure
    that can't wait for the morning to be told."""

    absence: Absence | None
    closure: Closure | None
    starts_at: datetime
    has_begun: bool
    may_end: bool = False
    is_soon: bool = False


def absences(request: ClinicRequest) -> TemplateResponse:
    """Visits that no longer stand, then, soonest first, what is, or will be, not there."""
    clinic, now, by = request.clinic, timezone.now(), actor(request)
    rows = Absence.objects.in_force(now).filter(clinic=clinic, period__endswith__gt=now).select_related("resource")
    may_end = {kind: may(by, "absence.record") for kind in AbsenceKind} | {AbsenceKind.BLOCK: may(by, "absence.block")}
    closures = Closure.objects.filter(clinic=clinic, period__endswith__gt=now).order_by("period")
    shut = [
        LostRow(None, one, start := one.period.lower, start <= now, is_soon=start - now < SAME_DAY) for one in closures
    ]
    away = [
        LostRow(one, None, one.period.lower, one.period.lower <= now, may_end[AbsenceKind(one.kind)])
        for one in rows.order_by("period", "pk")
    ]
    affected = affected_visits(clinic=clinic, now=now)
    names, with_times = names_of(affected), "times" in request.GET
    lines = [AffectedLine(one, names[one.visit.pk]) for one in affected]
    calls = CallTask.objects.filter(clinic=clinic, closed_at=None, visit__in=names)
    context = {
        # A search each: looked for when somebody asks.
        "affected": lines_of(affected, nothing_lost, now) if with_times else lines,
        "with_times": with_times,
        "most": MOST_SEARCHED,
        "may_call": may(by, "call.work"),
        "to_call": calls.count() if affected else 0,
        "key": uuid4().hex,
        "lost": sorted([*shut, *away], key=lambda row: row.starts_at),
        "reason_length": REASON_LENGTH,
        "may_record": may(by, "absence.record"),
        "may_see_duty": may(by, "duty.set") or may(by, "alert.acknowledge"),
        "may_block": may(by, "absence.block"),
        "may_close": may(by, "clinic.close"),
        "may_name": may(by, "post.name"),
    }
    return TemplateResponse(request, "manager/absences.html", context)


def end(request: ClinicRequest, absence_id: int) -> HttpResponse:
    """Somebody or something is there again, or a block is let go."""
    rows = Absence.objects.filter(clinic=request.clinic).select_related("clinic", "resource")
    absence = get_object_or_404(rows, pk=absence_id)
    by, now = actor(request), timezone.now()
    if absence.kind == AbsenceKind.BLOCK:
        release_block(blocks=[absence], by=by, now=now)
        messages.success(request, _("Let go: it may be booked."))
    else:
        end_absence(absence=absence, by=by, now=now)
        messages.success(request, _("There again from now on."))
    return redirect("absences")


def reopen(request: ClinicRequest, closure_id: int) -> HttpResponse:
    """The clinic takes patients again."""
    closure = get_object_or_404(Closure.objects.filter(clinic=request.clinic).select_related("clinic"), pk=closure_id)
    end_closure(closure=closure, by=actor(request), now=timezone.now())
    messages.success(request, _("The clinic is open again."))
    return redirect("absences")


def tell_by_night(request: ClinicRequest, closure_id: int) -> HttpResponse:
    """Patients whose visits fall into the closure are told at once, in quiet hours too."""
    closure = get_object_or_404(Closure.objects.filter(clinic=request.clinic), pk=closure_id)
    reason = request.POST.get("reason", "")
    try:
        tell_closure_by_night(closure=closure, reason=reason, by=actor(request), now=timezone.now())
    except NotThatSoon:
        messages.warning(request, _("Say why it can't wait; only a closure within a day is told at night."))
    else:
        messages.success(request, _("Patients are told at once, in quiet hours too."))
    return redirect("absences")
