"""Recording a loss: what it would affect is shown first, with the nearest free times for each, then it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from psycopg.types.range import TimestamptzRange

from scheduling.absences import record_absence
from scheduling.affected_visits import Affected, affected_by
from scheduling.blocks import block
from scheduling.events import Actor
from scheduling.losses import Loss, closed, without
from scheduling.models import AbsenceKind, Clinic, Status
from scheduling.opening_hours import record_closure
from scheduling.openings_to_move import nearest_openings
from scheduling.series_terms import ProposedVisit
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.manager.loss_forms import KINDS, AbsenceForm, BlockForm, ClosureForm, SpanForm
from web.spoken import clock, short_date, span, visit_name

NEAREST = 3
# Looking for free times takes a search each.
MOST_SEARCHED = 20


@dataclass(frozen=True, slots=True)
class AffectedLine:
    """A visit that would not stand any more, with the nearest free times; `is_searched`: they were looked for."""

    affected: Affected
    what: str
    nearest: tuple[ProposedVisit, ...] = ()
    is_searched: bool = False


@dataclass(frozen=True, slots=True)
class Losing:
    """One kind of loss: its page, what the clinic is like then, and the verb that records it."""

    title: str | Promise
    lead: str | Promise
    form: type[SpanForm]
    loss: Callable[[SpanForm], Loss]
    write: Callable[[Clinic, SpanForm, Actor, datetime], object]
    written: str | Promise


def losing_page(request: ClinicRequest, losing: Losing) -> HttpResponse:
    """Ask; `do=look` shows what it would affect, `do=save` records it, `do=change` asks again."""
    clinic, now, step = request.clinic, timezone.now(), request.POST.get("do", "")
    form = losing.form(request.POST or None, clinic=clinic)
    looked: list[AffectedLine] | None = None
    if request.method == "POST" and form.is_valid() and step != "change":
        if step == "save":
            losing.write(clinic, form, actor(request), now)
            messages.success(request, str(losing.written))
            return redirect("absences")
        loss = losing.loss(form)
        looked = lines_of(affected_by(clinic=clinic, loss=loss, now=now), loss, now)
    context = {
        "losing": losing,
        "form": form,
        "looked": looked,
        "sent": [(name, value) for name in form.fields for value in request.POST.getlist(name)],
        "said": said_of(form) if looked is not None else [],
        "most": MOST_SEARCHED,
    }
    return TemplateResponse(request, "manager/losing.html", context)


def names_of(found: Sequence[Affected]) -> dict[int, str]:
    """What each of these visits is, by id. A few queries however many there are."""
    prefetch_related_objects([one.visit for one in found], "order__current_version", "visit_type")
    return {one.visit.pk: visit_name(one.visit) for one in found}


def lines_of(found: Sequence[Affected], loss: Loss, now: datetime) -> list[AffectedLine]:
    """The affected visits in order of time; free times for those that can still move, the first of them only."""
    lines, names = [], names_of(found)
    for at, one in enumerate(found):
        if at >= MOST_SEARCHED or one.visit.status != Status.BOOKED:
            lines.append(AffectedLine(one, names[one.visit.pk]))
            continue
        nearest = nearest_openings(appointment=one.visit, count=NEAREST, now=now, loss=loss)
        lines.append(AffectedLine(one, names[one.visit.pk], tuple(nearest), is_searched=True))
    return lines


def said_of(form: SpanForm) -> list[tuple[str, str]]:
    """What was said, to read once more: who or what, when, and the rest."""
    said = form.cleaned_data
    period = TimestamptzRange(said["period"].start, said["period"].end)
    lines = [(gettext("When"), span(period))]
    for name in ("resource", "resources_kept"):
        if chosen := said.get(name):
            names = [form.resources[one].name for one in ([chosen] if isinstance(chosen, str) else chosen)]
            lines.insert(0, (gettext("Who or what"), ", ".join(names)))
    if kind := said.get("kind"):
        lines.append((gettext("Why"), str(dict(KINDS)[kind])))
    if note := said.get("reason") or said.get("label"):
        lines.append((gettext("Note"), note))
    if release := said.get("release_at"):
        lines.append((gettext("Let go"), f"{short_date(release)}, {clock(release)}"))
    return lines


def _write_absence(clinic: Clinic, form: SpanForm, by: Actor, now: datetime) -> object:
    said = form.cleaned_data
    resource, kind = form.resources[said["resource"]], AbsenceKind(said["kind"])
    return record_absence(resource=resource, period=said["period"], kind=kind, reason=said["reason"], by=by, now=now)


def _write_block(clinic: Clinic, form: SpanForm, by: Actor, now: datetime) -> object:
    said = form.cleaned_data
    resources = [form.resources[one] for one in said["resources_kept"]]
    return block(
        resources=resources, period=said["period"], label=said["label"], release_at=said["release_at"], by=by, now=now
    )


def _write_closure(clinic: Clinic, form: SpanForm, by: Actor, now: datetime) -> object:
    said = form.cleaned_data
    return record_closure(clinic=clinic, period=said["period"], reason=said["reason"], by=by, now=now)


ABSENCE = Losing(
    _("Somebody is away, or something is out of service"),
    _("A visit that loses its chair or nurse gets another one at its own time where that is free, if it is far enough "
      "ahead. All others stay on the list until somebody has settled them."),
    AbsenceForm,
    lambda form: without([form.cleaned_data["resource"]], form.cleaned_data["period"]),
    _write_absence,
    _("Written down."),
)  # fmt: skip
BLOCK = Losing(
    _("Keep chairs or people free"),
    _("Nobody books them until they are let go. What is booked there already stays, and is listed."),
    BlockForm,
    lambda form: without(form.cleaned_data["resources_kept"], form.cleaned_data["period"]),
    _write_block,
    _("They are kept free."),
)
CLOSURE = Losing(
    _("Close the clinic"),
    _("Nobody books then. What is booked stays on the list until somebody has moved or cancelled it."),
    ClosureForm,
    lambda form: closed([form.cleaned_data["period"]]),
    _write_closure,
    _("The clinic is closed then."),
)


def new_absence(request: ClinicRequest) -> HttpResponse:
    """Somebody or something is not there."""
    return losing_page(request, ABSENCE)


def new_block(request: ClinicRequest) -> HttpResponse:
    """Chairs or people are kept free."""
    return losing_page(request, BLOCK)


def new_closure(request: ClinicRequest) -> HttpResponse:
    """The clinic takes nobody."""
    return losing_page(request, CLOSURE)
