"""Why a visit is cancelled, in administrative words only: what is clinical is not written down here."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.models import CancelledBy

# code, on whose side, words
REASONS: Sequence[tuple[str, CancelledBy, str | Promise]] = (
    ("patient_asked", CancelledBy.PATIENT, _("The patient can't come")),
    ("no_ride", CancelledBy.PATIENT, _("The patient has no ride home")),
    ("patient_withdrew", CancelledBy.PATIENT, _("The patient does not want to go on")),
    ("clinic_closed", CancelledBy.CLINIC, _("The clinic is closed then")),
    ("staff_away", CancelledBy.CLINIC, _("Nobody is there to do it")),
    ("booked_by_mistake", CancelledBy.CLINIC, _("It was booked by mistake")),
    ("clinical", CancelledBy.CLINICIAN, _("Clinical reason (no details here)")),
)
SIDES = {code: side for code, side, _words in REASONS}


class ReasonForm(forms.Form):
    """One reason of the list."""

    reason = forms.ChoiceField(
        label=_("Why?"),
        choices=[(code, words) for code, _side, words in REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason, then cancel.")},
    )


class CancelForm(ReasonForm):
    """One reason, and the version of the visit that the page showed."""

    row_version = forms.IntegerField(widget=forms.HiddenInput)

    def again(self, row_version: int) -> CancelForm:
        """The same choice for the visit as it is now, with a word on why it is asked again."""
        fresh = CancelForm({"reason": self.cleaned_data["reason"], "row_version": row_version})
        fresh.add_error(None, _("Someone changed this visit since you opened it. It is shown as it is now."))
        return fresh
