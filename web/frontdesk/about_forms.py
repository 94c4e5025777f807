"""What the desk writes down about a patient: whom we may talk to, what they need, when they can come."""

from __future__ import annotations

from datetime import date, time
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.models import NeedKind, TalkScope, TimeToCome, Weekday
from scheduling.needs import LONGEST
from scheduling.patient_availability import Hours
from scheduling.people_to_talk_to import LONGEST_NAME, LONGEST_PHRASE, LONGEST_RELATION
from web.spoken import weekday


class PersonForm(forms.Form):
    """Somebody whom the patient lets us talk to."""

    prefix = "person"
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    relation = forms.CharField(
        label=_("Who they are to the patient"), max_length=LONGEST_RELATION, help_text=_("Husband, daughter, driver …")
    )
    scope = forms.ChoiceField(label=_("What we may say"), choices=TalkScope.choices, widget=forms.RadioSelect)
    pass_phrase = forms.CharField(
        label=_("Pass-phrase"), max_length=LONGEST_PHRASE, required=False,
        help_text=_("A word the two agreed on: ask for it on the telephone."),
    )  # fmt: skip
    until = forms.DateField(
        label=_("Until and with"), required=False, help_text=_("Empty: until the patient says otherwise."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until is not None and until < timezone.localdate():
            raise forms.ValidationError(_("This day is over."))
        return until


class NeedForm(forms.Form):
    """A need in the patient's words, or a note."""

    prefix = "need"
    kind = forms.ChoiceField(label=_("About"), choices=NeedKind.choices)
    words = forms.CharField(
        label=_("In the patient's words"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("No clinical facts here: nothing of illness or treatment. Everybody at the desk reads it."),
    )  # fmt: skip


class TimesForm(forms.Form):
    """The weekdays on which the patient and their driver can come, each with hours or without."""

    prefix = "times"

    def __init__(self, data: Any = None, *, times: list[TimeToCome] | None = None) -> None:
        said = {one.weekday: one for one in times or ()}
        initial: dict[str, Any] = {}
        for day in Weekday:
            one = said.get(day.value)
            initial |= {
                f"{day}_on": one is not None,
                f"{day}_from": one and one.starts,
                f"{day}_until": one and one.ends,
            }
        super().__init__(data, initial=initial)
        for day in Weekday:
            words = weekday(day)
            self.fields[f"{day}_on"] = forms.BooleanField(label=words, required=False)
            self.fields[f"{day}_from"] = _clock(gettext("%(day)s, from") % {"day": words})
            self.fields[f"{day}_until"] = _clock(gettext("%(day)s, until") % {"day": words})

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """A row a weekday: whether, from, until."""
        return [(self[f"{day}_on"], self[f"{day}_from"], self[f"{day}_until"]) for day in Weekday]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        for day in Weekday:
            starts, ends = said.get(f"{day}_from"), said.get(f"{day}_until")
            if (starts is None) != (ends is None) and not self.errors:
                self.add_error(f"{day}_until", _("Say from when and until when, or neither for the whole day."))
            elif starts and ends and ends <= starts:
                self.add_error(f"{day}_until", _("The end is before the beginning."))
        return said

    @property
    def times(self) -> dict[Weekday, Hours]:
        """What was said; a day with hours counts as ticked."""
        found: dict[Weekday, Hours] = {}
        for day in Weekday:
            starts = cast("time | None", self.cleaned_data[f"{day}_from"])
            ends = cast("time | None", self.cleaned_data[f"{day}_until"])
            if starts is not None and ends is not None:
                found[day] = (starts, ends)
            elif self.cleaned_data[f"{day}_on"]:
                found[day] = None
        return found


def _clock(label: str) -> forms.TimeField:
    """A wall time, named with its day for who hears the page."""
    widget = forms.TimeInput(attrs={"type": "time", "class": "time-input"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget)
