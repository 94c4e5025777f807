"""A visit under way: it takes longer, goes to another chair or nurse. What that does to others is shown before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.models import PATIENT_IS_THERE, Appointment, Resource, ResourceKind
from scheduling.running_visits import ChairInUse, change_chair, effect_of_chair, hand_over, record_overrun
from scheduling.visit_changes import effect_of, new_nurse, overrun
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, NotThen
from web.at_clinic import actor, version_sent, visit_or_404
from web.current_clinic import ClinicRequest
from web.nurse.effect import EffectLine, effect_lines
from web.spoken import visit_name
from web.visit_steps import instant_of, words_for_refusal

TIME = forms.TimeInput(attrs={"type": "time"})
SEATS = (ResourceKind.CHAIR, ResourceKind.BAY)
NOT_THEN = _("It can't be then. Write a time of the visit's day, after the step before it.")

TITLES: Mapping[str, str | Promise] = {
    "longer": _("Stays longer"),
    "chair": _("Another chair"),
    "nurse": _("Another nurse"),
}


class LongerForm(forms.Form):
    """Until when the patient stays."""

    what = forms.CharField(widget=forms.HiddenInput, initial="longer")
    until = forms.TimeField(label=_("Stays until"), widget=TIME)


class OtherForm(forms.Form):
    """Another chair or nurse, and since when; of a nurse also until when."""

    what = forms.CharField(widget=forms.HiddenInput)
    resource = forms.TypedChoiceField(label="", coerce=int)
    at = forms.TimeField(label=_("Since"), required=False, widget=TIME, help_text=_("Empty: from now on."))

    def __init__(self, *args: Any, resources: list[Resource], label: str | Promise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["resource"])
        field.label, field.choices = str(label), [(one.pk, one.name) for one in resources]


class NurseForm(OtherForm):
    """Another nurse; a lunch has an end."""

    until = forms.TimeField(label=_("Until"), required=False, widget=TIME, help_text=_("Empty: to the end."))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked: one of "longer", "chair", "nurse" with its resource and times."""

    what: str
    resource: Resource | None
    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says of a change that was asked: its effect on others, or why it can't be (`refused`)."""

    lines: tuple[EffectLine, ...] = ()
    refused: str | Promise = ""
    other: Appointment | None = None


def under_way(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Ask for a change by the address and show what it does to others; a POST records it."""
    visit, now = visit_or_404(request, visit_id), timezone.now()
    if visit.status not in PATIENT_IS_THERE:
        messages.warning(request, words_for_refusal(NotPossibleFromHere(visit.status)))
        return redirect("visit", visit.pk)
    rows = Resource.objects.filter(clinic=request.clinic, kind__in=(*SEATS, ResourceKind.NURSE), is_active=True)
    resources = {one.pk: one for one in rows.order_by("-kind", "pk")}
    said = request.POST if request.method == "POST" else request.GET
    what = said.get("what", "")
    asked = forms_for(resources, said, what)
    form, wanted, shown = asked.get(what), None, None
    if form is not None and form.is_valid():
        wanted = wanted_from(what, form.cleaned_data, resources, visit, now)
        if request.method == "POST":
            answer = write(request, visit, wanted, now)
            if isinstance(answer, HttpResponse):
                return answer
            shown = answer
        else:
            shown = preview(visit, wanted, {pk: one.name for pk, one in resources.items()}, now)
    context = {
        "visit": visit,
        "name": visit_name(visit),
        "forms": [(kind, TITLES[kind], one) for kind, one in asked.items()],
        "what": what,
        "form": form if form is not None and form.errors else None,
        "wanted": wanted,
        "sent": list(form.cleaned_data.items()) if form is not None and wanted else [],
        "shown": shown,
    }
    status = 409 if request.method == "POST" else 200
    return TemplateResponse(request, "nurse/under_way.html", context, status=status)


def forms_for(resources: Mapping[int, Resource], said: Mapping[str, Any], what: str) -> dict[str, forms.Form]:
    """The three forms, the one that was sent with what was said."""
    chairs = [one for one in resources.values() if one.kind in SEATS]
    nurses = [one for one in resources.values() if one.kind == ResourceKind.NURSE]

    def of(kind: str) -> dict[str, Any]:
        return {"data": said if kind == what else None, "auto_id": f"{kind}-%s", "initial": {"what": kind}}

    return {
        "longer": LongerForm(**of("longer")),
        "chair": OtherForm(**of("chair"), resources=chairs, label=_("Which chair?")),
        "nurse": NurseForm(**of("nurse"), resources=nurses, label=_("Which nurse?")),
    }


def wanted_from(
    what: str, said: Mapping[str, Any], resources: Mapping[int, Resource], visit: Appointment, now: datetime
) -> Wanted:
    """The change with instants on the visit's day."""

    def instant(name: str) -> datetime | None:
        wall: time | None = said.get(name)
        return instant_of(wall, visit, now) if wall else None

    return Wanted(what, resources.get(said.get("resource", 0)), instant("at") or now, instant("until"))


def preview(visit: Appointment, wanted: Wanted, names: Mapping[int, str], now: datetime) -> Shown:
    """What the change would do to others, by the read that its verb writes from."""
    try:
        if wanted.what == "chair" and wanted.resource:
            effect = effect_of_chair(appointment=visit, chair=wanted.resource, at=wanted.at, now=now)
        elif wanted.what == "nurse" and wanted.resource:
            change = new_nurse(wanted.resource, at=wanted.at, until=wanted.until)
            effect = effect_of(appointments=[visit], change=change, now=now)
        else:
            effect = effect_of(appointments=[visit], change=overrun(until=wanted.until, now=now), now=now)
    except NotThen:
        return Shown(refused=NOT_THEN)
    except ChairInUse as refusal:
        return Shown(refused=in_use(refusal.visit), other=refusal.visit)
    return Shown(effect_lines(effect, names))


def write(request: ClinicRequest, visit: Appointment, wanted: Wanted, now: datetime) -> HttpResponse | Shown:
    """Record the change and lead back to the nurse's day, or say why it can't be."""
    row_version, by = version_sent(request), actor(request)
    try:
        if wanted.what == "chair" and wanted.resource:
            change_chair(
                appointment=visit, chair=wanted.resource, at=wanted.at, row_version=row_version, by=by, now=now
            )
        elif wanted.what == "nurse" and wanted.resource:
            hand_over(appointments=[visit], nurse=wanted.resource, at=wanted.at, until=wanted.until, by=by, now=now)
        else:
            record_overrun(appointment=visit, until=wanted.until, row_version=row_version, by=by, now=now)
    except ChairInUse as refusal:
        return Shown(refused=in_use(refusal.visit), other=refusal.visit)
    except NotThen:
        return Shown(refused=NOT_THEN)
    except ChangedMeanwhile:
        messages.warning(request, _("Someone changed this visit since you opened it. It is shown as it is now."))
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    else:
        messages.success(request, _("Written down."))
        return redirect("today")
    return redirect("visit_under_way", visit.pk)


def in_use(other: Appointment) -> str:
    """Who is in the chair by the records."""
    words = gettext("%(name)s is in this chair by the records. Say first where they are.")
    return words % {"name": other.patient.shown_name}
