"""Asking a patient something beside the plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scheduling.models import Order
from scheduling.questionnaires.instruments import INSTRUMENTS


class AskForm(forms.Form):
    """Which instrument, for how long."""

    instrument = forms.ChoiceField(
        label=_("Questionnaire"),
        choices=[(code, one.name) for code, one in INSTRUMENTS.items()],
        widget=forms.RadioSelect,
    )
    days = forms.IntegerField(label=_("To be answered within so many days"), min_value=1, max_value=30, initial=7)

    def __init__(self, *args: Any, orders: Sequence[Order], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.orders = orders
