"""A prescriber's word as a form takes it: their own, or what a nurse heard, from whom and when, and read back."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime, NonexistentTime
from scheduling.covers import prescribers_of
from scheduling.models import Clinic, User
from scheduling.word_of_mouth import WRITTEN_DOWN_WITHIN, Word


class PersonField(forms.ModelChoiceField[User]):
    """Persons by the name that staff know them by."""

    def label_from_instance(self, obj: User) -> str:
        return obj.shown_name


class OwnWord(forms.Form):
    """The word of the prescriber who is signed in. What it says stands in the forms that follow this one."""

    reason = forms.CharField(max_length=2000, required=False)

    def __init__(self, *args: Any, clinic: Clinic, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic, self.user = clinic, user

    def word(self, now: datetime) -> Word:
        """The word as it was given; ask it of a valid form alone."""
        return Word(self.user, self.cleaned_data["reason"])


class HeardWord(OwnWord):
    """What a nurse heard by word of mouth: from whom, when, and that it was read back."""

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

    def __init__(self, *args: Any, clinic: Clinic, user: User, **kwargs: Any) -> None:
        super().__init__(*args, clinic=clinic, user=user, **kwargs)
        cast("PersonField", self.fields["decided_by"]).queryset = prescribers_of(clinic.organisation_id)
        self.fields["heard_at"].initial = wall_clock(clinic)

    def word(self, now: datetime) -> Word:
        said = self.cleaned_data
        heard_at = heard_then(said["heard_at"], self.clinic, now)
        return Word(said["decided_by"], said["reason"], heard_at=heard_at, read_back=said["read_back"])


def wall_clock(clinic: Clinic) -> time:
    """What the clinic's clocks show now, wherever whoever looks is at work."""
    return timezone.localtime(timezone=ZoneInfo(clinic.time_zone)).time()


def heard_then(wall: time | None, clinic: Clinic, now: datetime) -> datetime:
    """When something was heard: the last time that the clinic's clocks showed this; without one, now."""
    if wall is None:
        return now
    clock = ClinicTime(clinic.time_zone)
    day = clock.local_day(now)
    try:
        heard_at = clock.at_wall(day, wall, which="first")
        if heard_at > now:
            heard_at = clock.at_wall(day - timedelta(days=1), wall, which="first")
    except NonexistentTime:
        heard_at = now
    return max(heard_at, now - WRITTEN_DOWN_WITHIN)
