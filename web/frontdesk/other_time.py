"""A day and a time that somebody says, on the clinic's wall clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime, NonexistentTime
from scheduling.models import Clinic

# No visit is so far off, and near the ends of the calendar there is no day before or after to look at.
FAR = timedelta(days=3650)


class OtherTimeForm(forms.Form):
    """A day and a time; once valid `cleaned_data["start"]` is the instant."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}))

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        # It may stand beside a form of wishes, which has a time too.
        super().__init__(*args, **{"auto_id": "other-%s", **kwargs})
        self.clock = ClinicTime(clinic.time_zone)

    def clean(self) -> dict[str, Any]:
        """On the day the clocks change a doubled time means the first one, and a skipped one is no time."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("day") and abs(said["day"] - self.clock.local_day(timezone.now())) > FAR:
            self.add_error("day", _("That day is more than ten years off. Look at the year."))
        elif said.get("day") and said.get("time"):
            try:
                said["start"] = self.clock.at_wall(said["day"], said["time"], which="first")
            except NonexistentTime:
                self.add_error("time", _("The clocks skip this time on that day."))
        return said


def instant_from(text: str) -> datetime | None:
    """The instant that a form of a page of ours sends; None for nonsense, without an offset, and FAR off."""
    try:
        instant = parse_datetime(text)
    except ValueError:
        return None
    return instant if instant and instant.tzinfo and abs(instant - timezone.now()) < FAR else None
