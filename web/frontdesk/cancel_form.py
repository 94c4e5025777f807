"""Why a visit is cancelled, in words: which reasons a role may give, and what another role reads of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.cancel_reasons import CLINICAL_UNSAID, REASONS, Side, is_clinical
from scheduling.models import CancelledBy, Role
from scheduling.permissions import CLINICAL

WORDS: Mapping[str, str | Promise] = {
    "patient_asked": _("The patient can't come"),
    "no_ride": _("The patient has no ride home"),
    "cost_or_cover": _("Cost, or the insurance does not cover it"),
    "patient_withdrew": _("The patient does not want to go on"),
    "clinic_closed": _("The clinic is closed then"),
    "staff_away": _("Nobody is there to do it"),
    "equipment": _("A room or device is out of service"),
    "booked_by_mistake": _("It was booked by mistake"),
    CLINICAL_UNSAID: _("Clinical reason (no details here)"),
    "feels_unwell": _("The patient feels unwell"),
    "in_hospital": _("The patient is in hospital"),
    "results": _("Results are missing or stand against it"),
    "pregnancy": _("Pregnancy"),
    "prescriber_decided": _("The prescriber decided so"),
}
GROUPS: Mapping[Side, str | Promise] = {
    Side.PATIENT: _("The patient"),
    Side.CLINIC: _("The clinic"),
    Side.CLINICIAN: _("Clinical"),
}
FOR_CLINICIANS = _("Clinical, read by clinical staff alone")
SIDES = {code: CancelledBy(reason.side) for code, reason in REASONS.items()}


def choices_for(roles: Collection[Role]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The reasons that somebody with these roles may give, by whose side they are on."""
    groups = [
        (
            str(words),
            [(code, str(WORDS[code])) for code, one in REASONS.items() if one.side == side and not one.is_clinical],
        )
        for side, words in GROUPS.items()
    ]
    if CLINICAL & set(roles):
        groups.append((str(FOR_CLINICIANS), [(code, str(WORDS[code])) for code in REASONS if is_clinical(code)]))
    return groups


def reason_words(code: str, roles: Collection[Role]) -> str:
    """What somebody with these roles reads of a reason: of a clinical one only that it is one; empty for none."""
    if not code:
        return ""
    if is_clinical(code) and not CLINICAL & set(roles):
        return gettext("Clinical reason")
    return str(WORDS.get(code, ""))


class ReasonForm(forms.Form):
    """One reason of those that `roles` may give."""

    reason = forms.ChoiceField(
        label=_("Why?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason, then cancel.")},
    )

    def __init__(self, *args: Any, roles: Collection[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = roles
        self.groups = choices_for(roles)
        cast("forms.ChoiceField", self.fields["reason"]).choices = self.groups


class CancelForm(ReasonForm):
    """One reason, and the version of the visit that the page showed."""

    row_version = forms.IntegerField(widget=forms.HiddenInput)

    def again(self, row_version: int) -> CancelForm:
        """The same choice for the visit as it is now, with a word on why it is asked again."""
        fresh = CancelForm({"reason": self.cleaned_data["reason"], "row_version": row_version}, roles=self.roles)
        fresh.add_error(None, _("Someone changed this visit since you opened it. It is shown as it is now."))
        return fresh
