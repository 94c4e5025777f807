"""Until when times are kept, and with whom that was agreed."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime
from scheduling.models import Clinic
from web.spoken import wall_clock

# The end of a working day, while it lies ahead.
THIS_EVENING = time(17)


class KeepForm(forms.Form):
    """For the clinic's own minutes, or until the evening."""

    until = forms.ChoiceField(label=_("How long?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, clinic: Clinic, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        minutes = clinic.hold_minutes
        choices = [("minutes", ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes})]
        if ClinicTime(clinic.time_zone).local(now).time() < THIS_EVENING:
            choices.append(("evening", gettext("until %(time)s today") % {"time": wall_clock(THIS_EVENING)}))
        self.choices = choices
        cast("forms.ChoiceField", self.fields["until"]).choices = choices
        self.fields["until"].initial = "minutes"

    @property
    def ends(self) -> time | None:
        """As `hold_series` wants it; None for the clinic's own minutes, and where nonsense was sent."""
        return THIS_EVENING if self.is_valid() and self.cleaned_data["until"] == "evening" else None


class KeepWithForm(KeepForm):
    """The same, or until a time of today that was named; and with whom."""

    until_time = forms.TimeField(required=False)
    held_with = forms.CharField(label=_("Kept with whom?"), required=False, max_length=120)

    @property
    def ends(self) -> time | None:
        named: time | None = self.cleaned_data["until_time"] if self.is_valid() else None
        return named or super().ends

    @property
    def with_whom(self) -> str:
        return str(self.cleaned_data["held_with"]) if self.is_valid() else ""
