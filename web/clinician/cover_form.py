"""The form that arranges cover: who is away from when to when, and who decides meanwhile."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from scheduling.covers import prescribers_of
from scheduling.models import Clinic, User


class CoverForm(forms.Form):
    """Who is away on which days, and who decides meanwhile. A prescriber arranges their own."""

    away = forms.ChoiceField(label=_("Who is away?"))
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    cover = forms.ChoiceField(label=_("Who decides meanwhile?"))

    def __init__(self, *args: Any, clinic: Clinic, away: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one for one in prescribers_of(clinic.organisation_id)}
        everybody = [("", _("Choose")), *((key, one.shown_name) for key, one in self.people.items())]
        for name, own in (("away", away), ("cover", None)):
            choices = [(str(own.pk), own.shown_name)] if own else everybody
            cast("forms.ChoiceField", self.fields[name]).choices = choices
        if away:
            self.fields["away"].widget = forms.HiddenInput()
            self.fields["away"].initial = str(away.pk)
            others = [choice for choice in everybody if choice[0] != str(away.pk)]
            cast("forms.ChoiceField", self.fields["cover"]).choices = others
