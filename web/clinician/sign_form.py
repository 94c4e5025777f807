"""The password once more: whoever signs proves at that moment who they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.models import User
from scheduling.reauthentication import NotTheirPassword, TooManyTries, prove
from web.spoken import clock

# The clock says minutes: at the one after it is true.
A_MINUTE = timedelta(minutes=1)


class SignForm(forms.Form):
    """The password once more: the signature is the prescriber's own act."""

    read = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        try:
            prove(user=self.user, password=password, now=timezone.now())
        except NotTheirPassword as refusal:
            raise forms.ValidationError(_("That is not your password. Nothing was signed.")) from refusal
        except TooManyTries as refusal:
            words = gettext("Too many wrong passwords. Try again at %(time)s. Nothing was signed.")
            raise forms.ValidationError(words % {"time": clock(refusal.until + A_MINUTE)}) from refusal
        return password
