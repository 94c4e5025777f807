"""How a visit ends otherwise than planned, and why, as a nurse says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.models import Appointment, Status
from scheduling.step_demands import demands_of
from scheduling.visit_steps import next_steps
from web.step_form import LONGEST_WORDS

ENDS: Mapping[Status, str | Promise] = {
    Status.TURNED_AWAY: _("Not treated today"),
    Status.STOPPED_EARLY: _("Stopped early, and leaves"),
    Status.TRANSFERRED: _("Taken to a hospital or elsewhere"),
    Status.LEFT_UNCLEARED: _("Left without clearance, or against advice"),
}
WHY: Mapping[str, str | Promise] = {
    "not_fasting": _("Did not keep the fast"),
    "no_ride": _("Nobody takes them home"),
    "unwell": _("Unwell"),
    "readings": _("Readings"),
    "no_line": _("No line could be placed"),
    "reaction": _("A reaction"),
    "equipment": _("Pump or chair failed"),
    "missing": _("Something needed is missing"),
    "wish": _("Their own wish"),
    "other": _("Something else"),
}
TIME = forms.TimeInput(attrs={"type": "time"})


class ExitForm(forms.Form):
    """How it ends and why; for a fast that was not kept when they ate and drank last."""

    to = forms.TypedChoiceField(label=_("How does it end?"), coerce=Status, widget=forms.RadioSelect)
    why = forms.ChoiceField(label=_("Why?"), choices=list(WHY.items()), widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In your words"), required=False, max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For clinical staff alone."),
    )  # fmt: skip
    happened_at = forms.TimeField(
        label=_("It happened at"), required=False, widget=TIME, help_text=_("Empty: just now.")
    )
    ate = forms.TimeField(label=_("Ate last at"), required=False, widget=TIME)
    drank = forms.TimeField(label=_("Drank last at"), required=False, widget=TIME)
    row_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, visit: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ends = [end for end in ENDS if end in next_steps(visit)]
        self.fields["to"].choices = [(end.value, ENDS[end]) for end in ends]  # type: ignore[attr-defined]
        if not demands_of(visit).fasting or Status.TURNED_AWAY not in ends:
            del self.fields["ate"], self.fields["drank"]
