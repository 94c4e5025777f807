"""Somebody is here who is not on today's list: where and when they are booked, at whichever clinic."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.response import TemplateResponse
from django.utils import timezone

from scheduling.models import Appointment, Patient, Status, VisitKind
from web.current_clinic import ClinicRequest
from web.frontdesk.patient_forms import SearchForm
from web.patient_search import look_for
from web.spoken import look_alikes, visit_name


@dataclass(frozen=True, slots=True)
class Expected:
    """A patient with the next visit they are booked for, if any, and where."""

    patient: Patient
    visit: Appointment | None
    what: str
    is_today: bool
    is_here: bool


def not_on_the_list(request: ClinicRequest) -> TemplateResponse:
    """Search, by POST, so that no name is ever part of an address."""
    form = SearchForm(request.POST or None)
    context: dict[str, object] = {"form": form, "found": None}
    if request.method == "POST" and form.is_valid():
        found = look_for(organisation=request.clinic.organisation, text=form.cleaned_data["text"]).everybody
        context |= {"found": expected(request, found), "alike": look_alikes(found)}
    return TemplateResponse(request, "nurse/not_on_the_list.html", context)


def expected(request: ClinicRequest, patients: list[Patient]) -> list[Expected]:
    """The next visit from today on of each of them. One query."""
    now = timezone.now()
    day_start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    visits = Appointment.objects.filter(patient__in=patients, live=True, period__startswith__gte=day_start)
    visits = visits.exclude(kind=VisitKind.KEPT).exclude(status=Status.HELD, held_until__lte=now)
    following: dict[int, Appointment] = {}
    for visit in visits.select_related("clinic", "visit_type", "order__current_version").order_by("period"):
        following.setdefault(visit.patient_id, visit)
    return [_expected(request, one, following.get(one.pk)) for one in patients]


def _expected(request: ClinicRequest, patient: Patient, visit: Appointment | None) -> Expected:
    today = timezone.localdate()
    return Expected(
        patient,
        visit,
        visit_name(visit) if visit else "",
        is_today=visit is not None and timezone.localdate(visit.period.lower) == today,
        is_here=visit is not None and visit.clinic_id == request.clinic.pk,
    )
