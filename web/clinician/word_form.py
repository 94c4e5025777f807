"""The form for a prescriber's word about an order: their own, or what a nurse heard and read back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scheduling.keeping_places import MOST_DAYS
from scheduling.models import ChangeKind, Clinic, User
from web.heard import HeardWord, OwnWord

NEEDS_REASON = (ChangeKind.PAUSE, ChangeKind.STOP)


class WordForm(OwnWord):
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
        super().__init__(*args, clinic=clinic, user=user, **kwargs)
        self.kind = kind
        self.fields["reason"].required = kind in NEEDS_REASON
        if kind == ChangeKind.PAUSE:
            self.fields["keep_days"].initial = clinic.keep_places_days
        else:
            del self.fields["keep_days"]


# The reason is as the own word has it, so its form comes first.
class HeardForm(WordForm, HeardWord):
    """What a nurse heard by word of mouth: from whom, when, and that it was read back."""

    field_order = ("decided_by", "heard_at", "reason", "keep_days", "read_back", "shown")
