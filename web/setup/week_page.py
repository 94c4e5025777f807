"""Opening hours, and the shifts of a nurse or prescriber: what a new week affects is shown before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.absences import change_shifts, if_shifts_were
from scheduling.affected_visits import affected_by
from scheduling.events import Actor
from scheduling.losses import Loss
from scheduling.models import ClinicHours, ResourceKind, Shift
from scheduling.opening_hours import change_hours, if_hours_were
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.manager.losing import MOST_SEARCHED, AffectedLine, lines_of
from web.setup.resources import resource_or_404
from web.setup.week_form import DAY_NAMES, Spans, WeekForm, copied, mark_of, week_of

PEOPLE = (ResourceKind.NURSE, ResourceKind.PRESCRIBER)


@dataclass(frozen=True, slots=True)
class Week:
    """One week that can be changed: what it is like now, what a new one would lose, and the verb that writes it."""

    title: str | Promise
    lead: str | Promise
    back: str
    now: Spans
    loss: Callable[[Spans, datetime], Loss]
    write: Callable[[Spans, Actor, datetime], None]
    dated: tuple[Shift, ...] = ()


def hours(request: ClinicRequest) -> HttpResponse:
    """When the clinic takes patients."""
    clinic = request.clinic
    rows = ClinicHours.objects.filter(clinic=clinic).values_list("weekday", "opens", "closes")
    return week_page(
        request,
        Week(
            _("Opening hours"),
            _("When the clinic takes patients, from now on. For a single day close the clinic or open it again under "
              "“Staff and chairs”."),
            reverse("setup"),
            week_of(rows),
            lambda week, _now: if_hours_were(clinic=clinic, hours=week),
            lambda week, by, now: change_hours(clinic=clinic, hours=week, by=by, now=now),
        ),
    )  # fmt: skip


def shifts(request: ClinicRequest, resource_id: int) -> HttpResponse:
    """When a nurse post is filled, or a prescriber is there."""
    resource = resource_or_404(request, resource_id)
    if resource.kind not in PEOPLE:
        raise Http404
    rows = Shift.objects.filter(resource=resource, clinic=request.clinic).order_by("from_date", "weekday", "starts")
    weekly = [(row.weekday, row.starts, row.ends) for row in rows if not (row.from_date or row.until_date)]
    is_nurse = resource.kind == ResourceKind.NURSE
    return week_page(
        request,
        Week(
            _("Shifts of %(name)s") % {"name": resource.name},
            _("Every week from now on. The gap between two spans is the break. Visits that lose their nurse get "
              "another one at their own time where one is free."),
            reverse("setup_nurses" if is_nurse else "setup_prescribers"),
            week_of(weekly),
            lambda week, now: if_shifts_were(resource=resource, shifts=week, now=now),
            lambda week, by, now: change_shifts(resource=resource, shifts=week, by=by, now=now),
            tuple(row for row in rows if row.from_date or row.until_date),
        ),
    )  # fmt: skip


def week_page(request: ClinicRequest, week: Week) -> HttpResponse:
    """Ask; `do=copy` fills Tuesday to Friday as Monday, `do=look` shows what the week would affect, `do=save` writes it
    and `do=change` asks again. A week that somebody changed meanwhile is looked at once more."""
    step, now, mark = request.POST.get("do", ""), timezone.now(), mark_of(week.now)
    typed = request.POST if request.method == "POST" else None
    if typed is not None and step == "copy":
        form = WeekForm(week=week.now)
        filled = copied({name: typed.get(name, "") for name in form.fields})
        form = WeekForm(filled, week=week.now)
        return shown(request, week, form, None, mark)
    form = WeekForm(typed, week=week.now)
    if typed is None or not form.is_valid() or step not in ("look", "save"):
        return shown(request, week, form, None, mark)
    is_stale = typed.get("mark", mark) != mark
    if step == "save" and not is_stale:
        week.write(form.week, actor(request), now)
        messages.success(request, _("Saved. It holds from now on."))
        return redirect(week.back)
    if is_stale:
        messages.warning(request, _("Somebody else changed these times meanwhile. Yours are kept: look once more."))
    loss = week.loss(form.week, now)
    lines = lines_of(affected_by(clinic=request.clinic, loss=loss, now=now), loss, now)
    return shown(request, week, form, lines, mark)


def shown(
    request: ClinicRequest, week: Week, form: WeekForm, looked: list[AffectedLine] | None, mark: str
) -> HttpResponse:
    sent = [(name, request.POST.get(name, "")) for name in form.fields] if looked is not None else []
    said = [(name, form.week.get(day, [])) for day, name in DAY_NAMES.items()]
    context = {
        "week": week, "form": form, "looked": looked, "sent": sent, "said": said, "mark": mark, "most": MOST_SEARCHED,
    }  # fmt: skip
    return TemplateResponse(request, "setup/week.html", context, status=422 if form.errors else 200)
