"""The duty list: which clinician is alerted when, who is the back-up, and where an alert reaches them."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.duty import ON_DUTY_ROLES, NoContact, NotForDuty, end_duty, put_on_duty, set_contact
from notifications.models import DutyShift, StaffContact
from notifications.notice_facts import ChannelName
from scheduling.models import User
from scheduling.permissions import may
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.manager.loss_forms import SpanForm

MOST_SHOWN = 100


class DutyForm(SpanForm):
    """Who is on duty from when to when."""

    person = forms.ChoiceField(label=_("Who?"))
    is_backup = forms.BooleanField(
        label=_("Back-up"), required=False, help_text=_("Is alerted where the others do not answer in five minutes.")
    )
    field_order = ("person",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        clinic = kwargs["clinic"]
        super().__init__(*args, **kwargs)
        people = User.objects.filter(memberships__clinic=clinic, memberships__role__in=ON_DUTY_ROLES, is_active=True)
        self.people = {str(one.pk): one for one in people.distinct().order_by("display_name", "username")}
        field = cast("forms.ChoiceField", self.fields["person"])
        field.choices = [(key, one.shown_name) for key, one in self.people.items()]


class ContactForm(forms.Form):
    """Where alerts reach me."""

    phone = forms.CharField(
        label=_("Mobile phone"), max_length=60, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.CharField(
        label=_("E-mail"), max_length=254, required=False, widget=forms.TextInput(attrs={"inputmode": "email"})
    )


def duty(request: ClinicRequest) -> TemplateResponse:
    """Who is on duty now and later."""
    return page(request, DutyForm(clinic=request.clinic), ContactForm(initial=contacts_of(request)))


def add_duty(request: ClinicRequest) -> HttpResponse:
    """Put somebody on the list."""
    form = DutyForm(request.POST, clinic=request.clinic)
    if form.is_valid():
        said = form.cleaned_data
        try:
            put_on_duty(
                clinic=request.clinic,
                user=form.people[said["person"]],
                starts_at=said["period"].start,
                ends_at=said["period"].end,
                is_backup=said["is_backup"],
                by=actor(request),
                now=timezone.now(),
            )
        except NotForDuty:
            form.add_error("to_day", _("This time is over."))
        else:
            messages.success(request, _("Written down."))
            return redirect("duty")
    return page(request, form, ContactForm(initial=contacts_of(request)))


def end_shift(request: ClinicRequest, shift_id: int) -> HttpResponse:
    """Take somebody off the list, from now on."""
    shift = get_object_or_404(DutyShift.objects.select_related("clinic"), pk=shift_id, clinic=request.clinic)
    end_duty(shift=shift, by=actor(request), now=timezone.now())
    messages.success(request, _("Written down."))
    return redirect("duty")


def set_own_contact(request: ClinicRequest) -> HttpResponse:
    """Where alerts reach the person who is signed in: both are written down, or neither."""
    form = ContactForm(request.POST)
    if form.is_valid():
        with transaction.atomic():
            write_contacts(request, form)
            transaction.set_rollback(bool(form.errors))
        if not form.errors:
            messages.success(request, _("Written down."))
            return redirect("duty")
    return page(request, DutyForm(clinic=request.clinic), form)


def write_contacts(request: ClinicRequest, form: ContactForm) -> None:
    """Write what is in the form; what no alert could reach becomes an error of its field."""
    for name, channel in (("phone", ChannelName.SMS), ("email", ChannelName.EMAIL)):
        try:
            set_contact(
                user=request.user,
                clinic=request.clinic,
                channel=channel,
                raw=form.cleaned_data[name],
                by=actor(request),
                now=timezone.now(),
            )
        except NoContact:
            form.add_error(name, _("No alert could reach this: please look again."))


def page(request: ClinicRequest, form: DutyForm, contact_form: ContactForm) -> TemplateResponse:
    """The list with its forms."""
    now = timezone.now()
    shifts = DutyShift.objects.filter(clinic=request.clinic, ends_at__gt=now).select_related("user")
    reachable = set(StaffContact.objects.values_list("user_id", flat=True))
    context = {
        "shifts": [
            (shift, shift.starts_at <= now, shift.user_id in reachable)
            for shift in shifts.order_by("starts_at", "is_backup", "pk")[:MOST_SHOWN]
        ],
        "form": form,
        "contact_form": contact_form,
        "may_set": may(actor(request), "duty.set"),
        "is_clinical": may(actor(request), "alert.acknowledge"),
    }
    return TemplateResponse(request, "manager/duty.html", context)


def contacts_of(request: ClinicRequest) -> dict[str, str]:
    """The contacts of the person who is signed in, by field."""
    fields = {ChannelName.SMS.value: "phone", ChannelName.EMAIL.value: "email"}
    rows = StaffContact.objects.filter(user=request.user, channel__in=fields)
    return {fields[row.channel]: row.value for row in rows}
