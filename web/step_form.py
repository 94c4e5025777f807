"""What is said with a step of a visit: who it is, fasting, the ride home, when it happened, a prescriber's word."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms

from scheduling.covers import prescribers_of
from scheduling.models import CheckKind, Clinic, Status, User
from scheduling.visit_checks import Said
from scheduling.visit_demands import EXIT_REASONS, SECOND_IDENTIFIERS
from scheduling.word_of_mouth import Word
from web.heard import heard_then

STEPS = (
    Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING, Status.COMPLETED, Status.NO_SHOW,
    Status.STOPPED_EARLY, Status.TRANSFERRED, Status.LEFT_UNCLEARED, Status.TURNED_AWAY,
)  # fmt: skip
LONGEST_WORDS = 1000


class StepForm(forms.Form):
    """Which step, what was looked at, when it happened if not just now, and where to go afterwards."""

    to = forms.ChoiceField(choices=[(status.value, status.label) for status in STEPS])
    happened_at = forms.TimeField(required=False)
    back = forms.ChoiceField(choices=[("visit", ""), ("today", "")], required=False)
    row_version = forms.IntegerField(required=False)
    identity = forms.ChoiceField(choices=[(code, code) for code in SECOND_IDENTIFIERS], required=False)
    fasting = forms.ChoiceField(choices=[("kept", ""), ("broken", "")], required=False)
    ride = forms.ChoiceField(choices=[("settled", ""), ("open", "")], required=False)
    why = forms.ChoiceField(choices=[(code, code) for code in EXIT_REASONS], required=False)
    words = forms.CharField(required=False, max_length=LONGEST_WORDS)
    prescriber = forms.ModelChoiceField(User.objects.none(), required=False)
    heard_at = forms.TimeField(required=False)
    read_back = forms.BooleanField(required=False)

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        people = prescribers_of(clinic.organisation_id)
        cast("forms.ModelChoiceField[User]", self.fields["prescriber"]).queryset = people

    @property
    def checks(self) -> list[Said]:
        """What was looked at, as the verb takes it."""
        data = self.cleaned_data
        found = [Said(CheckKind.IDENTITY, detail=data["identity"])] if data["identity"] else []
        why = [Said(CheckKind.EXIT, is_met=False, detail=data["why"], words=data["words"])] if data["why"] else []
        return found + self.answers + why

    @property
    def answers(self) -> list[Said]:
        """What was said of fast and ride home, which holds for the day; who it is, is asked anew each time."""
        data = self.cleaned_data
        found = [Said(CheckKind.FASTING, is_met=data["fasting"] == "kept")] if data["fasting"] else []
        return found + ([Said(CheckKind.RIDE, is_met=data["ride"] == "settled")] if data["ride"] else [])

    def word(self, now: datetime) -> Word | None:
        """The word that was heard of a prescriber, if any."""
        said = self.cleaned_data
        if not said["prescriber"]:
            return None
        heard_at = heard_then(said["heard_at"], self.clinic, now)
        return Word(said["prescriber"], heard_at=heard_at, read_back=said["read_back"])
