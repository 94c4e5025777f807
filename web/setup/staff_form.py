"""Who is invited, and the roles of a person; several at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_schema import USERNAME
from scheduling.models import Role


class RolesForm(forms.Form):
    """All roles of a person at this clinic."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("Several are fine: an owner prescribes and manages, a nurse answers the telephone."),
    )  # fmt: skip

    def said(self) -> list[Role]:
        return [Role(one) for one in self.cleaned_data["roles"]]


class InviteForm(RolesForm):
    """A colleague who has no account yet."""

    name = forms.CharField(label=_("Name"), max_length=150)
    username = forms.CharField(
        label=_("Sign-in name"), max_length=150,
        validators=[RegexValidator(USERNAME["pattern"], _("Letters, digits and . @ + - _ alone."))],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail"), required=False, max_length=254, help_text=_("With one the link is mailed too.")
    )
    field_order = ("name", "username", "email", "roles")


class LeaveForm(forms.Form):
    """Who takes over what the person has in hand."""

    heir = forms.ChoiceField(label=_("Who takes over?"), required=False)

    def __init__(self, *args: Any, people: list[tuple[str, str]], must: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["heir"].required = must
        self.fields["heir"].choices = [("", _("Choose") if must else _("Nobody")), *people]  # type: ignore[attr-defined]
