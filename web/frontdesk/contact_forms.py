"""How a patient wants to be reached, asked on the telephone."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from notifications.models import ContactWishes
from scheduling.models import Patient
from web.spoken import OTHER_LANGUAGES

WAYS = (
    ("", _("no matter")), ("sms", _("by text")), ("email", _("by e-mail")),
    ("call", _("by telephone, instead of messages")),
)  # fmt: skip


@cache
def zones() -> list[tuple[str, str]]:
    """Wall clocks a patient may live by; the clinic's stands first."""
    known = sorted(zone for zone in available_timezones() if zone.startswith(("America/", "Pacific/", "Europe/")))
    return [(zone, zone.replace("_", " ")) for zone in known]


class WishesForm(forms.Form):
    """The way, the languages, and the clock they live by."""

    way = forms.ChoiceField(label=_("They like to be reached"), choices=WAYS, required=False)
    wants_day_of = forms.BooleanField(label=_("One more reminder on the day itself"), required=False)
    language = forms.ChoiceField(label=_("Language"))
    second_language = forms.ChoiceField(
        label=_("Another language they read"), required=False, help_text=_("Where there is no text in the first.")
    )
    interpreter_needed = forms.BooleanField(label=_("Needs an interpreter"), required=False)
    time_zone = forms.ChoiceField(
        label=_("Where they live the clock is that of"), required=False, help_text=_("Nothing is sent in their night.")
    )

    def __init__(self, data: Any = None, *, patient: Patient, wishes: ContactWishes) -> None:
        initial = {
            "way": wishes.way,
            "wants_day_of": wishes.wants_day_of,
            "language": patient.language,
            "second_language": patient.second_language,
            "interpreter_needed": patient.interpreter_needed,
            "time_zone": patient.time_zone,
        }
        super().__init__(data, initial=initial)
        languages = [*settings.LANGUAGES, *OTHER_LANGUAGES.items()]
        # What came from another system may be none of these, and is not lost by pressing the button.
        self._choose("language", languages, patient.language)
        self._choose("second_language", [("", _("none")), *languages], patient.second_language)
        self._choose("time_zone", [("", _("the clinic")), *zones()], patient.time_zone)

    def _choose(self, name: str, choices: list[tuple[Any, Any]], present: str) -> None:
        known = {value for value, _words in choices}
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices if present in known else [*choices, (present, present)]


class ConfidentialForm(forms.Form):
    """A request to be reached at one place alone. Nobody asks why."""

    address = forms.ChoiceField(label=_("Only at"))
    note = forms.CharField(
        label=_("What they asked for, in their words"), max_length=300, help_text=_("Don't ask for the reason.")
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["address"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
