"""Until when something can wait: later today, tomorrow morning, or a time of today that somebody names."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime, NonexistentTime
from scheduling.models import Clinic

LATER_TODAY: Final = timedelta(hours=2)
MORNING: Final = time(9)


class SnoozeForm(forms.Form):
    """What was pressed; once valid `cleaned_data["until"]` is the instant. A time that has passed means tomorrow's."""

    do = forms.ChoiceField(choices=[("later", ""), ("tomorrow", ""), ("at", "")])
    time = forms.TimeField(required=False)

    def __init__(self, *args: Any, clinic: Clinic, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clock, self.now = ClinicTime(clinic.time_zone), now

    def clean(self) -> dict[str, Any]:
        """An hour that the clocks skip is no time; one they show twice is the first."""
        said: dict[str, Any] = super().clean() or {}
        do, today = said.get("do"), self.clock.local_day(self.now)
        try:
            if do == "later":
                said["until"] = self.now + LATER_TODAY
            elif do == "tomorrow":
                said["until"] = self.clock.at_wall(today + timedelta(days=1), MORNING, which="first")
            elif said.get("time"):
                until = self.clock.at_wall(today, said["time"], which="first")
                said["until"] = until if until > self.now else until + timedelta(days=1)
            else:
                self.add_error("time", _("Until when? Please say a time."))
        except NonexistentTime:
            self.add_error("time", _("The clocks skip this time on that day."))
        return said
