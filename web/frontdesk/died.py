"""A patient has died: what that cancels is shown first; nothing is said to anybody."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.models import Notice, NoticeState
from scheduling.clinic_time import ClinicTime
from scheduling.drafts_of_gone import drafts_of
from scheduling.models import PATIENT_IS_THERE, UNDER_WAY, Appointment, ClinicianTask, Order, Patient, Status, TaskKind
from scheduling.patients import record_death
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest

# Nobody who is treated died before; a day of the year 1 has no instant everywhere.
NOBODY_BEFORE: Final = date(1900, 1, 1)


class DiedForm(forms.Form):
    """On which day, and that it is this person."""

    day = forms.DateField(
        label=_("Day of death"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Write down the day, today if you don't know it.")},
    )
    is_sure = forms.BooleanField(
        label=_("I have checked name and birth date: it is this patient"),
        error_messages={"required": _("Check name and birth date first. This can't be taken back.")},
    )

    def __init__(self, *args: Any, clock: ClinicTime, born: date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.born = born or NOBODY_BEFORE
        self.today = clock.local_day(timezone.now())
        self.fields["day"].initial = self.today

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > self.today:
            raise forms.ValidationError(_("That day is still to come."))
        if day < self.born:
            raise forms.ValidationError(_("That day is before the patient was born."))
        return day


def patient_died(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """Show what it ends, ask whether it is this patient, then write it down."""
    patient = patient_or_404(request, patient_id)
    if patient.is_gone:
        messages.info(request, _("This patient's record is closed already. Nothing was changed."))
        return redirect("patient", patient.pk)
    clock = ClinicTime(request.clinic.time_zone)
    form = DiedForm(request.POST if request.method == "POST" else None, clock=clock, born=patient.birth_date)
    if form.is_valid():
        died_at = clock.day_start(form.cleaned_data["day"])
        record_death(patient=patient, died_at=died_at, by=actor(request), now=timezone.now())
        messages.success(request, _("Written down. What was booked is free, and no message goes to the patient."))
        return redirect("patient", patient.pk)
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "frontdesk/died.html", _context(patient, form), status=status)


def _context(patient: Patient, form: DiedForm) -> dict[str, object]:
    visits = Appointment.objects.filter(patient=patient).select_related(
        "order__current_version", "visit_type", "clinic"
    )
    orders = Order.objects.filter(patient=patient, state__in=UNDER_WAY)
    answers = ClinicianTask.objects.filter(patient=patient, kind=TaskKind.ANSWERS, closed_at=None)
    return {
        "patient": patient,
        "form": form,
        "freed": list(visits.filter(status__in=(Status.HELD, Status.BOOKED)).order_by("period")),
        "there": list(visits.filter(status__in=PATIENT_IS_THERE).order_by("period")),
        "drafts": len(drafts_of(patient)),
        "notices": Notice.objects.filter(patient=patient, state=NoticeState.PLANNED).count(),
        "orders": orders.count(),
        "answers": answers.count(),
    }
