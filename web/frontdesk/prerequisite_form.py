"""The form by which it is said that something is there before visits, not needed, or no longer there."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.models import Appointment
from scheduling.protocol_parts import Prerequisite
from web.spoken import infusion, short_day, word_of

DAY = forms.DateInput(attrs={"type": "date"})


class SayForm(forms.Form):
    """From when until when, for how many visits, for which visit."""

    first = forms.DateField(label=_("From"), required=False, widget=DAY, help_text=_("Empty: from today on."))
    last = forms.DateField(label=_("Until, the last day"), required=False, widget=DAY)
    visits = forms.IntegerField(
        label=_("For how many visits"), required=False, min_value=1, max_value=60,
        help_text=_("Counted from the first day on. Empty: not limited."),
    )  # fmt: skip
    visit = forms.ChoiceField(label=_("For which visits"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def __init__(self, said: QueryDict | None = None, *, needs: Prerequisite, booked: Sequence[Appointment]) -> None:
        super().__init__(said, auto_id=f"{needs.code}-%s")
        field = self.fields["visit"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- for the type checker
        alone = [(str(one.pk), gettext("%(visit)s alone") % {"visit": _named(one)}) for one in booked]
        field.choices = [("", gettext("All of the series")), *alone]
        if not needs.counts_visits:
            del self.fields["visits"]


def _named(visit: Appointment) -> str:
    """Infusion 3, Mon, Dec 7; Booster 2, Mon, Dec 7."""
    word = word_of(visit.order.current_version) if visit.order else ""
    return f"{infusion(visit.dose_number or 0, word)}, {short_day(visit.period.lower)}"
