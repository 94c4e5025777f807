"""The form in which a patient says which way and in which language to be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

WAYS = {"sms": _("Text message"), "email": _("E-mail"), "call": _("Call me instead")}


class ChoiceForm(forms.Form):
    """Only ways that work for this patient can be chosen."""

    way = forms.ChoiceField(label=_("How should we reach you?"), widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Messages in"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, ways: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [code for code, _name in settings.LANGUAGES]
        self.fields["way"].choices = [(way, WAYS[way]) for way in ways]  # type: ignore[attr-defined]
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            (code, get_language_info(code)["name_local"].capitalize()) for code in codes
        ]
