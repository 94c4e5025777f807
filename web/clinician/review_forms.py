"""What a review's page sends: the decision, a note, what was read; of what was heard also whose word, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime, NonexistentTime
from scheduling.covers import prescribers_of
from scheduling.keeping_places import MOST_DAYS
from scheduling.models import Clinic, Decision

TODAY, YESTERDAY = "today", "yesterday"


class DecisionForm(forms.Form):
    """The prescriber's own decision. `latest` and `effect` say what the page had shown."""

    note = forms.CharField(
        label=_("Note for clinical staff"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 1})
    )
    keep_days = forms.IntegerField(
        label=_("Ask after so many days whether the times stay kept"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=_("Empty: the clinic's own number of days."),
    )
    decision = forms.ChoiceField(choices=Decision.choices, required=False, widget=forms.HiddenInput)
    latest = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    effect = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    @property
    def said(self) -> dict[str, Any]:
        return self.cleaned_data


class HeardForm(DecisionForm):
    """A decision that a nurse heard: from whom, when, and that it was read back."""

    who = forms.ChoiceField(label=_("Who decided?"))
    day = forms.ChoiceField(
        label=_("When was it said?"), choices=[(TODAY, _("Today")), (YESTERDAY, _("Yesterday"))], initial=TODAY
    )
    time = forms.TimeField(label=_("At what time?"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    read_back = forms.BooleanField(
        label=_("I read it back, and they said yes"),
        error_messages={"required": _("It counts only when it was read back.")},
    )

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        self.people = {str(one.pk): one for one in prescribers_of(clinic.organisation_id)}
        # Nobody is chosen beforehand: one press must not say what nobody meant.
        choices = [("", _("Choose")), *((key, one.shown_name) for key, one in self.people.items())]
        cast("forms.ChoiceField", self.fields["who"]).choices = choices

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("time") is not None and said.get("day"):
            clock = ClinicTime(self.clinic.time_zone)
            day = clock.local_day(timezone.now()) - timedelta(days=said["day"] == YESTERDAY)
            try:
                said["said_at"] = clock.at_wall(day, said["time"], which="first")
            except NonexistentTime:
                self.add_error("time", _("The clocks were put forward then: that time did not exist."))
        return said
