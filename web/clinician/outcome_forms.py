"""What was done about a task; of missed visits also whose word it was, where a nurse heard it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from scheduling.covers import prescribers_of
from scheduling.models import Clinic, User
from scheduling.word_of_mouth import Word
from web.heard import PersonField, heard_then, wall_clock


class OutcomeForm(forms.Form):
    """What was done, for clinical staff alone."""

    outcome = forms.CharField(
        label=_("What was done?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only clinical staff read this."),
        error_messages={"required": _("Write down what was done, then close it.")},
    )  # fmt: skip

    def heard(self, now: datetime) -> Word | None:
        """Whose word it was, where it was heard; ask it of a valid form alone."""
        return None


class HeardOutcomeForm(OutcomeForm):
    """What a prescriber decided about missed visits, as a nurse heard it and read it back."""

    decided_by = PersonField(queryset=User.objects.none(), label=_("Who decided it"), empty_label=_("Choose"))
    heard_at = forms.TimeField(
        label=_("When you heard it"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("A time that is still to come today means yesterday."),
    )
    read_back = forms.BooleanField(
        label=_("I read it back and it was confirmed"),
        error_messages={"required": _("Read it back first. It counts only then.")},
    )
    field_order = ("decided_by", "heard_at", "outcome", "read_back")

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("PersonField", self.fields["decided_by"]).queryset = prescribers_of(clinic.organisation_id)
        self.fields["heard_at"].initial = wall_clock(clinic)
        self.fields["outcome"].label = _("What was decided?")
        self.clinic = clinic

    def heard(self, now: datetime) -> Word:
        said = self.cleaned_data
        heard_at = heard_then(said["heard_at"], self.clinic, now)
        return Word(said["decided_by"], heard_at=heard_at, read_back=said["read_back"])
