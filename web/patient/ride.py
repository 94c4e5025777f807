"""The ride home: who drives, and what the driver needs to know: a time and a place, nothing else."""

from __future__ import annotations

from urllib.parse import quote

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.rides import is_number
from scheduling.models import Appointment
from web.spoken import clock, long_day

NO_NUMBER = _("Write their phone number in digits, such as 212 555 0100, or leave it empty.")


class DriverForm(forms.Form):
    """Who drives, and a number in case they are late."""

    driver = forms.CharField(
        label=_("Who drives you home?"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write down who drives you home.")},
    )
    phone = forms.CharField(
        label=_("Their phone number"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )

    def clean_phone(self) -> str:
        """Refuses what nobody could dial."""
        phone = str(self.cleaned_data["phone"])
        if phone and not is_number(phone):
            raise forms.ValidationError(NO_NUMBER)
        return phone


def driver_text(visit: Appointment) -> str:
    """What to send the driver."""
    with timezone.override(visit.time_zone):
        facts = {
            "day": long_day(visit.period.upper),
            "time": clock(visit.period.upper),
            "place": visit.clinic.address,
        }
    if not facts["place"]:
        return gettext("Please pick me up on %(day)s at about %(time)s.") % facts
    return gettext("Please pick me up on %(day)s at about %(time)s, at %(place)s.") % facts


def text_link(text: str) -> str:
    """Opens the phone's own messages with this text; both kinds of phone take this form."""
    return f"sms:?&body={quote(text)}"
