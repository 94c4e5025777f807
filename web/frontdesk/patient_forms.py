"""What is asked to find a patient, and to reach them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.addresses import normalise
from notifications.models import AddressKind


class SearchForm(forms.Form):
    """Whom to look for."""

    text = forms.CharField(
        label=_("Name, birth date, phone or record number"),
        max_length=200,
        help_text=_("Parts are enough: “mar ol”, “4 mar 1985”, the last four digits of a number."),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "autofocus": True}),
        error_messages={"required": _("Type a name, a birth date, a number.")},
    )


class AddressForm(forms.Form):
    """A new number or mailbox in place of the one there was."""

    kind = forms.ChoiceField(label=_("What"), choices=AddressKind.choices)
    raw = forms.CharField(label=_("Number or address"), max_length=254)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and normalise(AddressKind(said["kind"]), said["raw"]) is None:
            self.add_error("raw", _("This can't be right. Ask for it once more, digit by digit."))
        return said
