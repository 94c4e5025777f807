"""The fields of a treatment plan's form: the common numbers, what the patient reads, and YAML for the lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml
from django import forms
from django.utils.translation import gettext_lazy as _

from web.clinician.plan_words import EXITS

NUMBERS: Final = ("doses", "doses_at_most", "within_days", "per_week", "observe_minutes")
TEXTS_OF: Final = {"instructions_en": "en", "instructions_es": "es"}
# Keys of a plan that have fields of their own; all others are written as YAML.
OWN_FIELDS: Final = frozenset(
    {*NUMBERS, "cleared_by", "ride_home", "fasting", "exits_close", "instructions", "word", "note"}
)
# Dates and what was given belong to one patient's order.
OF_ORDERS: Final = frozenset({"not_before", "not_after", "given_before"})


class PlanFields(forms.Form):
    """What may be filled in."""

    # Not required: a file may say it.
    doses = forms.IntegerField(label=_("Number of infusions"), required=False, min_value=1, max_value=60)
    doses_at_most = forms.IntegerField(
        label=_("Most infusions that an order may have"), required=False, min_value=1, max_value=60
    )
    within_days = forms.IntegerField(label=_("All within so many days"), required=False, min_value=1)
    per_week = forms.IntegerField(label=_("At most in a calendar week"), required=False, min_value=1, max_value=7)
    observe_minutes = forms.IntegerField(
        label=_("Minutes of observation"), required=False, min_value=0, help_text=_("In steps of 5.")
    )
    cleared_by = forms.ChoiceField(
        label=_("Who clears the patient to leave"), choices=[("prescriber", _("Prescriber")), ("nurse", _("Nurse"))]
    )
    ride_home = forms.BooleanField(label=_("A ride home is settled before the start"), required=False)
    solids_hours = forms.FloatField(
        label=_("Hours without solid food before"), required=False, min_value=0, max_value=24,
        help_text=_("Empty, both: nothing is asked."),
    )  # fmt: skip
    clear_liquids_hours = forms.FloatField(
        label=_("Hours without clear liquids before"), required=False, min_value=0, max_value=24
    )
    exits_close = forms.MultipleChoiceField(
        label=_("After which ends the next infusion waits for a prescriber's ruling"),
        required=False, choices=list(EXITS.items()), widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    instructions_en = forms.CharField(
        label=_("What the patient reads, in English"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Shown on the patient's page to who knows the birth date; never in a message."),
    )  # fmt: skip
    instructions_es = forms.CharField(
        label=_("What the patient reads, in Spanish"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    word = forms.CharField(
        label=_("What one infusion is called"), required=False, max_length=40, help_text=_("Empty: Infusion.")
    )
    note = forms.CharField(label=_("Note for who orders"), required=False, max_length=300)
    lists = forms.CharField(
        label=_("Days between, parts of a visit, reviews, what is needed before, follow-ups: as YAML"),
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}), max_length=60_000, required=False,
        help_text=_("As in a clinic's file, under “template”."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("Or a file with that part"), required=False, allow_empty_file=True,
        help_text=_("A YAML file; it takes the place of the text above. Keys that have a field above may stand in it."),
    )  # fmt: skip


def initial_of(template: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a version."""
    fasting, texts = template.get("fasting") or {}, template.get("instructions") or {}
    rest = {key: value for key, value in template.items() if key not in OWN_FIELDS}
    return {
        **{name: template.get(name) for name in (*NUMBERS, "ride_home", "word", "note")},
        "cleared_by": template.get("cleared_by", "prescriber"),
        "exits_close": template.get("exits_close", list(EXITS)),
        **fasting,
        **{name: texts.get(code, "") for name, code in TEXTS_OF.items()},
        "lists": yaml.safe_dump(rest, sort_keys=False, allow_unicode=True, width=110) if rest else "",
    }
