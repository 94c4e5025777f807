"""What is not there, from when to when: somebody or something, the whole clinic, or what is kept free."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime, NonexistentTime
from scheduling.intervals import Interval
from scheduling.models import AbsenceKind, Clinic, Resource, ResourceKind

DAY = forms.DateInput(attrs={"type": "date"})
TIME = forms.TimeInput(attrs={"type": "time"})
LONGEST = timedelta(days=366)
GROUPS: tuple[tuple[ResourceKind, str | Promise], ...] = (
    (ResourceKind.NURSE, _("Nurses")),
    (ResourceKind.PRESCRIBER, _("Prescribers")),
    (ResourceKind.CHAIR, _("Chairs")),
    (ResourceKind.BAY, _("Recovery bays")),
    (ResourceKind.EQUIPMENT, _("Equipment")),
)
KINDS: tuple[tuple[str, str | Promise], ...] = (
    (AbsenceKind.AWAY.value, _("away")),
    (AbsenceKind.BREAK.value, _("on a break")),
    (AbsenceKind.OUT_OF_SERVICE.value, _("out of service")),
)


class SpanForm(forms.Form):
    """From a day and time to a day and time of the clinic's wall clock; once valid `period` is the span in instants."""

    from_day = forms.DateField(label=_("From"), widget=DAY)
    from_time = forms.TimeField(label=_("at"), required=False, widget=TIME, help_text=_("Empty: all of that day."))
    to_day = forms.DateField(label=_("To"), widget=DAY)
    to_time = forms.TimeField(label=_("at"), required=False, widget=TIME, help_text=_("Empty: all of that day."))

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clock = ClinicTime(clinic.time_zone)
        rows = Resource.objects.filter(clinic=clinic, is_active=True).order_by("pk")
        self.resources = {str(one.pk): one for one in rows} if self.asks_for_resources else {}

    asks_for_resources = False

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        start = self.instant(said.get("from_day"), said.get("from_time"), "from_time")
        end = self.instant(said.get("to_day"), said.get("to_time"), "to_time", ends=True)
        if start and end and end <= start:
            self.add_error("to_day", _("It ends after it begins."))
        elif start and end and end - start > LONGEST:
            self.add_error("to_day", _("At most a year at once."))
        elif start and end:
            said["period"] = Interval(start, end)
        return said

    def instant(self, day: date | None, wall: time | None, name: str, *, ends: bool = False) -> datetime | None:
        """Without a time a day is meant whole; a doubled time is the first one."""
        if day is None or name in self.errors:
            return None
        try:
            if wall is None:
                return self.clock.day_start(day + timedelta(days=1) if ends else day)
            return self.clock.at_wall(day, wall, which="first")
        except NonexistentTime:
            self.add_error(name, _("The clocks skip this time on that day."))
        except OverflowError:
            # The last day there is has no day after it.
            day_name = name.replace("time", "day")
            self.add_error(day_name, self.fields[day_name].error_messages["invalid"])
        return None

    def grouped(self) -> list[tuple[str | Promise, list[tuple[str, str]]]]:
        """The clinic's people and things by kind, for a choice."""
        kinds = [(words, [one for one in self.resources.values() if one.kind == kind]) for kind, words in GROUPS]
        return [(words, [(str(one.pk), one.name) for one in ones]) for words, ones in kinds if ones]

    def choose(self, name: str) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = self.grouped()


class AbsenceForm(SpanForm):
    """Somebody is away, or something is out of service."""

    asks_for_resources = True
    resource = forms.ChoiceField(label=_("Who or what?"))
    kind = forms.ChoiceField(label=_("is"), choices=KINDS, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Note"), required=False, max_length=200, help_text=_("Everybody here reads it: no illness by name.")
    )
    field_order = ("resource", "kind")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("resource")


class BlockForm(SpanForm):
    """Chairs or people kept free for something, until they are let go."""

    asks_for_resources = True
    resources_kept = forms.MultipleChoiceField(label=_("Who or what is kept free?"), widget=forms.SelectMultiple)
    label = forms.CharField(label=_("What for?"), max_length=200)
    release_day = forms.DateField(label=_("Let go on"), required=False, widget=DAY)
    release_time = forms.TimeField(
        label=_("at"),
        required=False,
        widget=TIME,
        help_text=_("From then on they may be booked. Empty: not by itself."),
    )
    field_order = ("resources_kept", "label")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("resources_kept")

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        said["release_at"] = self.instant(said.get("release_day"), said.get("release_time"), "release_time")
        return said


class ClosureForm(SpanForm):
    """The clinic takes nobody."""

    reason = forms.CharField(label=_("Why?"), required=False, max_length=200)
