"""The form of a ruling on an infusion that was broken off: a prescriber's own, or what a nurse heard and read back."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from web.heard import HeardWord, OwnWord

COUNTS, REPEATED = "counts", "repeated"


class RulingForm(OwnWord):
    """What the pressed button says, a note, and which ruling the page had shown (0: none)."""

    reason = forms.CharField(
        label=_("Note for clinical staff"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    ruling = forms.ChoiceField(choices=[(COUNTS, ""), (REPEATED, "")], widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


# The note is as the ruling has it, so its form comes first.
class HeardRulingForm(RulingForm, HeardWord):
    """The same as a nurse heard it."""

    field_order = ("decided_by", "heard_at", "reason", "read_back")
