"""The form that arranges cover: who is away from when to when, and who decides meanwhile."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.covering import CoveredAlready, CoversOneself, NoPrescriber, TooFarAhead
from scheduling.covers import prescribers_of
from scheduling.models import Clinic, User
from web.spoken import full_date, short_date


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


def why_not(refusal: Exception) -> tuple[str, str]:
    """At which field, and in which words, a cover can't be arranged."""
    if isinstance(refusal, CoversOneself):
        return "cover", gettext("Nobody covers for themselves: choose somebody else.")
    if isinstance(refusal, NoPrescriber):
        return "cover", gettext("Only a prescriber of this organisation can decide meanwhile.")
    if isinstance(refusal, TooFarAhead):
        words = gettext("Cover is arranged up to a year ahead: the first day is %(day)s at the latest.")
        return "first_day", words % {"day": full_date(refusal.latest)}
    if isinstance(refusal, CoveredAlready):
        other = refusal.cover
        words = gettext("%(who)s decides for %(away)s from %(first)s to %(last)s already. End that first.")
        days = {"first": short_date(other.first_day), "last": short_date(other.last_day)}
        return "first_day", words % {"who": other.cover.shown_name, "away": other.prescriber.shown_name, **days}
    return "last_day", gettext("The last day lies on or after the first, is not over yet, and within a year.")
