"""When a patient, and whoever drives them, can come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from scheduling.models import Clinic, ClinicHours, Weekday
from scheduling.series_terms import Wish
from web.spoken import wall_clock

WEEKDAYS = {
    Weekday.MONDAY: _("Mon"), Weekday.TUESDAY: _("Tue"), Weekday.WEDNESDAY: _("Wed"), Weekday.THURSDAY: _("Thu"),
    Weekday.FRIDAY: _("Fri"), Weekday.SATURDAY: _("Sat"), Weekday.SUNDAY: _("Sun"),
}  # fmt: skip


class WishForm(forms.Form):
    """Weekdays and a time of day, both as one likes. The choices are the clinic's own days and hours."""

    weekdays = forms.MultipleChoiceField(
        label=_("When can you and your driver come?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    time = forms.ChoiceField(label=_("Around what time?"), required=False)

    def __init__(self, *args: Any, clinic: Clinic, hours: Sequence[ClinicHours] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = self.hours = list(ClinicHours.objects.filter(clinic=clinic)) if hours is None else hours
        open_days = {row.weekday for row in rows}
        self.choose("weekdays", [(key.value, words) for key, words in WEEKDAYS.items() if key.value in open_days])
        first, last = (
            min((row.opens.hour for row in rows), default=8),
            max((row.closes.hour for row in rows), default=18),
        )
        anytime = pgettext("any time of day", "any time")
        self.choose(
            "time", [("", anytime), *((f"{hour:02}:00", wall_clock(time(hour))) for hour in range(first, last))]
        )

    def choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """Offer these choices."""
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def choices_of(self, name: str) -> list[tuple[str, Any]]:
        """What is offered."""
        return list(cast("Any", self.fields[name]).choices)

    @property
    def wish(self) -> Wish:
        """What the search is asked for; no wish where nothing, or nonsense, was asked."""
        if not self.is_valid():
            return Wish()
        at, days = self.cleaned_data["time"], self.cleaned_data["weekdays"]
        return Wish(time.fromisoformat(at) if at else None, frozenset(days) or None)
