"""The form for a prescriber's word about an order: their own, or what a nurse heard and read back."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.changing_orders import Word
from scheduling.clinic_time import ClinicTime, NonexistentTime
from scheduling.keeping_places import MOST_DAYS
from scheduling.models import ChangeKind, Clinic, Role, User
from scheduling.word_of_mouth import WRITTEN_DOWN_WITHIN

NEEDS_REASON = (ChangeKind.PAUSE, ChangeKind.STOP)


class WordForm(forms.Form):
    """`shown` is what the page said would happen; `keep_days` stands only at a pause."""

    reason = forms.CharField(
        label=_("Reason, for clinical staff alone"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": _("Say why. Only clinical staff read it.")},
    )
    keep_days = forms.IntegerField(
        label=_("Keep the times for so many days"),
        min_value=1,
        max_value=MOST_DAYS,
        help_text=_("Then the front desk is asked whether they are kept on."),
    )
    shown = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def __init__(self, *args: Any, kind: ChangeKind, clinic: Clinic, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.user = kind, user
        self.fields["reason"].required = kind in NEEDS_REASON
        if kind == ChangeKind.PAUSE:
            self.fields["keep_days"].initial = clinic.keep_places_days
        else:
            del self.fields["keep_days"]

    def word(self, now: datetime) -> Word:
        """The word as it was given; ask it of a valid form alone."""
        return Word(self.user, self.cleaned_data["reason"])


class PersonField(forms.ModelChoiceField[User]):
    """Persons by the name that staff know them by."""

    def label_from_instance(self, obj: User) -> str:
        return obj.shown_name


class HeardForm(WordForm):
    """What a nurse heard by word of mouth: from whom, when, and that it was read back."""

    decided_by = PersonField(queryset=User.objects.none(), label=_("Who decided it"), empty_label=None)
    heard_at = forms.TimeField(
        label=_("When you heard it"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("A time that is still to come today means yesterday."),
    )
    read_back = forms.BooleanField(
        label=_("I read it back and it was confirmed"),
        error_messages={"required": _("Read it back first. It counts only then.")},
    )
    field_order = ("decided_by", "heard_at", "reason", "keep_days", "read_back", "shown")

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, clinic=clinic, **kwargs)
        cast("PersonField", self.fields["decided_by"]).queryset = prescribers_of(clinic)
        self.fields["heard_at"].initial = timezone.localtime()
        self.clock = ClinicTime(clinic.time_zone)

    def word(self, now: datetime) -> Word:
        said = self.cleaned_data
        heard_at = heard_time(self.clock, said["heard_at"], now)
        return Word(said["decided_by"], said["reason"], heard_at=heard_at, read_back=said["read_back"])


def prescribers_of(clinic: Clinic) -> QuerySet[User]:
    """Whose word may be heard there."""
    found = User.objects.filter(memberships__clinic=clinic, memberships__role=Role.PRESCRIBER, is_active=True)
    return found.order_by("display_name", "pk").distinct()


def heard_time(clock: ClinicTime, said: time, now: datetime) -> datetime:
    """The instant of a wall-clock time at which something was heard: one still to come today means yesterday."""
    day = clock.local_day(now)
    try:
        at = clock.at_wall(day, said, which="first")
        if at > now:
            at = clock.at_wall(day - timedelta(days=1), said, which="first")
    except NonexistentTime:
        at = now
    return max(at, now - WRITTEN_DOWN_WITHIN + timedelta(seconds=1))
