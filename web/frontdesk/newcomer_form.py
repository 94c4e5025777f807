"""What is asked of a newcomer on the telephone, begun with what was typed into the search."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.addresses import normalise
from notifications.models import AddressKind
from scheduling.typed_dates import is_no_day, read_birth_date
from scheduling.typed_search import read_search
from web.spoken import OTHER_LANGUAGES


class TypedBirthDate(forms.CharField):
    """A birth date in whichever way it is typed."""

    def clean(self, value: Any) -> date:
        typed: str = super().clean(value)
        born = read_birth_date(typed, today=timezone.localdate())
        if born is None and is_no_day(typed):
            raise forms.ValidationError(_("There is no such day. Type it like 3/4/1985 or 4 mar 1985."))
        if born is None:
            raise forms.ValidationError(_("Check the year, and type it like 3/4/1985 or 4 mar 1985."))
        return born


class NewPatientForm(forms.Form):
    """A newcomer in half a minute."""

    given_name = forms.CharField(
        label=_("Given name"), max_length=120, widget=forms.TextInput(attrs={"autofocus": True})
    )
    family_name = forms.CharField(label=_("Family name"), max_length=120)
    birth_date = TypedBirthDate(
        label=_("Birth date"), max_length=40, widget=forms.TextInput(attrs={"placeholder": "3/4/1985"})
    )
    phone = forms.CharField(
        label=_("Mobile phone"), max_length=60, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=[*settings.LANGUAGES, *OTHER_LANGUAGES.items()])
    may_message = forms.BooleanField(label=_("They said yes"), required=False)
    preferred_name = forms.CharField(
        label=_("Called"), max_length=120, required=False, help_text=_("If another name than the given one.")
    )
    email = forms.CharField(
        label=_("E-mail"), max_length=254, required=False, widget=forms.TextInput(attrs={"inputmode": "email"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            self.fields[name].widget.attrs["autocomplete"] = "off"

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


def begun_with(text: str) -> dict[str, Any]:
    """What was searched for, as the beginning of a newcomer: "Olsen, Maria", "maria olsen 3/4/1985 212 555 0123"."""
    sought = read_search(text, today=timezone.localdate())
    before, comma, after = sought.rest.partition(",")
    if comma:
        family, given = before.strip(), after.replace(",", " ").strip()
    else:
        given, _space, family = before.strip().partition(" ")
    return {
        "given_name": _capital(given),
        "family_name": _capital(family.strip()),
        "birth_date": sought.born.isoformat() if sought.born else "",
        "phone": sought.phone,
    }


def _capital(name: str) -> str:
    """A name typed in haste, all small; whoever uses a capital knows how it is written."""
    return " ".join(word[:1].upper() + word[1:] for word in name.split()) if name.islower() else name
