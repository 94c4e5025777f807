"""The password of whoever is signed in, to go on where they were."""

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


class UnlockForm(forms.Form):
    """`next`: the page to come back to; `who`: whose screen this was when it locked."""

    next = forms.CharField(widget=forms.HiddenInput, required=False)
    who = forms.CharField(widget=forms.HiddenInput, required=False)
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Counts wrong ones, with those of signing."""
        password: str = self.cleaned_data["password"]
        try:
            prove(user=self.user, password=password, now=timezone.now())
        except NotTheirPassword as refusal:
            raise forms.ValidationError(_("That is not your password. Check capitals, then try again.")) from refusal
        except TooManyTries as refusal:
            words = gettext("Too many wrong passwords. Try again at %(time)s, or sign out.")
            raise forms.ValidationError(words % {"time": clock(refusal.until + A_MINUTE)}) from refusal
        return password
