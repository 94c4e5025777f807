"""What a prescriber says of single infusions after a series: one now, or up to so many within limits."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.as_needed_content import AsNeededTerms
from scheduling.protocol_parts import AsNeeded

ONE, SEVERAL = "one", "several"


class AsNeededForm(forms.Form):
    """Each by its own signature, or several by one. The limits are the plan's until the prescriber says otherwise."""

    how = forms.ChoiceField(
        label=_("How?"),
        choices=[
            (ONE, _("One now: each needs my OK")),
            (SEVERAL, _("Up to so many, within these limits")),
        ],
        initial=ONE,
        widget=forms.RadioSelect,
    )
    count = forms.IntegerField(label=_("Up to how many?"), required=False, min_value=1)
    min_days = forms.IntegerField(label=_("At least how many days apart?"), min_value=0, max_value=365)
    until = forms.DateField(
        label=_("None after"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    each_is_allowed = forms.BooleanField(label=_("Each only after I have read a check-in and said yes"), required=False)

    def __init__(self, *args: Any, plan: AsNeeded, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["min_days"].initial = plan.min_days
        count = self.fields["count"]
        count.initial = plan.at_most
        count.help_text = gettext("The plan allows at most %(most)s.") % {"most": plan.at_most}
        least = gettext("The plan wants at least %(least)s.") % {"least": plan.min_days}
        self.fields["min_days"].help_text = least

    @property
    def terms(self) -> AsNeededTerms:
        """What was asked for; of one alone its signature is the OK."""
        said = self.cleaned_data
        if said["how"] == ONE:
            return AsNeededTerms(count=1, min_days=said["min_days"], until=said["until"])
        return AsNeededTerms(
            count=said["count"] or 1,
            min_days=said["min_days"],
            until=said["until"],
            each_is_allowed=said["each_is_allowed"],
        )
