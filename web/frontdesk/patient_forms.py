"""What is asked about a patient on the telephone."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.addresses import normalise
from notifications.models import AddressKind
from web.spoken import OTHER_LANGUAGES

OLDEST = date(1900, 1, 1)


class SearchForm(forms.Form):
    """Whom to look for."""

    text = forms.CharField(
        label=_("Name, birth date or record number"),
        max_length=200,
        help_text=_("Parts are enough: “mar ol”. Birth dates like 2/3/1980."),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "autofocus": True}),
        error_messages={"required": _("Type a name, a birth date or a record number.")},
    )


class NewPatientForm(forms.Form):
    """A newcomer in half a minute."""

    given_name = forms.CharField(label=_("Given name"), max_length=120)
    family_name = forms.CharField(label=_("Family name"), max_length=120)
    preferred_name = forms.CharField(
        label=_("Called"), max_length=120, required=False, help_text=_("If another name than the given one.")
    )
    birth_date = forms.DateField(
        label=_("Birth date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    phone = forms.CharField(
        label=_("Mobile phone"), max_length=60, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.CharField(
        label=_("E-mail"), max_length=254, required=False, widget=forms.TextInput(attrs={"inputmode": "email"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=[*settings.LANGUAGES, *OTHER_LANGUAGES.items()])
    may_message = forms.BooleanField(label=_("They said yes"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean_birth_date(self) -> date:
        born: date = self.cleaned_data["birth_date"]
        if not OLDEST <= born <= timezone.localdate():
            raise forms.ValidationError(_("Check the year: this date is not a living person's birth date."))
        return born

    def clean_phone(self) -> str:
        return self._usable(AddressKind.PHONE, "phone", _("This can't be a phone number. Ask for it digit by digit."))

    def clean_email(self) -> str:
        return self._usable(
            AddressKind.EMAIL, "email", _("This can't be an e-mail address. Ask for it letter by letter.")
        )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("may_message") and not self.errors and not (said.get("phone") or said.get("email")):
            self.add_error("phone", _("They want messages: where to? Write down a phone number or an e-mail address."))
        return said

    def _usable(self, kind: AddressKind, name: str, otherwise: Any) -> str:
        raw: str = self.cleaned_data[name]
        if raw.strip() and normalise(kind, raw) is None:
            raise forms.ValidationError(otherwise)
        return raw

    @property
    def identity(self) -> dict[str, Any]:
        """What makes the record itself, without addresses."""
        names = ("given_name", "family_name", "preferred_name", "birth_date", "language")
        return {name: self.cleaned_data[name] for name in names}


class AddressForm(forms.Form):
    """A new number or mailbox in place of the one there was."""

    kind = forms.ChoiceField(label=_("What"), choices=AddressKind.choices)
    raw = forms.CharField(label=_("Number or address"), max_length=254)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and normalise(AddressKind(said["kind"]), said["raw"]) is None:
            self.add_error("raw", _("This can't be right. Ask for it once more, digit by digit."))
        return said
