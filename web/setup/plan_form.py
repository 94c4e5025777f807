"""A treatment plan in a few lines: its days in one sentence, its visit in minutes, its review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.plan_sentences import NotUnderstood, read_days
from scheduling.protocol_template import ProtocolTemplate
from scheduling.spacing import InvalidFields

LONGEST_MINUTES: Final = 720
FAULTS: Final[Mapping[str, str | Promise]] = {
    "sentence": _("This is none of the three sentences. Write it like one of the examples."),
    "count": _("The number of infusions is from 1 to 60, and at least as many as there are days."),
    "order": _("The days go up from 0, and all infusions have room within them."),
    "apart": _("The smaller number of days stands first; it is 1 or more, and at most a year."),
}
EXAMPLES: Final = (
    _("6 times, 2 to 4 days apart, within 3 weeks"),
    _("on days 0, 14, 42, then every 56"),
    _("as ordered, at least 3 days apart"),
)


class SentenceForm(forms.Form):
    """Once valid `template` in `cleaned_data` is a plan that contradicts itself nowhere."""

    name = forms.CharField(label=_("Name of the plan"), max_length=200)
    therapy = forms.SlugField(
        label=_("What is given"), max_length=60,
        help_text=_("Infusions of one kind keep their distance to each other, whichever order they are of."),
    )  # fmt: skip
    days = forms.CharField(
        label=_("How many, and how far apart"), max_length=200,
        widget=forms.TextInput(attrs={"list": "day-sentences", "autocomplete": "off"}),
    )  # fmt: skip
    infuse = forms.IntegerField(
        label=_("Minutes of infusion"), initial=40, min_value=5, max_value=LONGEST_MINUTES, step_size=5
    )
    recover = forms.IntegerField(
        label=_("Minutes of recovery after it"), initial=45, min_value=0, max_value=LONGEST_MINUTES, step_size=5
    )
    review_after = forms.IntegerField(
        label=_("A prescriber looks again after infusion"), required=False, min_value=1, max_value=59,
        help_text=_("Empty: no review."),
    )  # fmt: skip
    ride_home = forms.BooleanField(label=_("A ride home is settled before the start"), required=False)
    cleared_by = forms.ChoiceField(
        label=_("Who clears the patient to leave"), choices=[("prescriber", _("Prescriber")), ("nurse", _("Nurse"))]
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if self.errors:
            return said
        try:
            days = read_days(said["days"]).template()
        except NotUnderstood as refusal:
            self.add_error("days", str(FAULTS[refusal.why]))
            return said
        if (said.get("review_after") or 0) >= days.get("doses_at_most", days["doses"]):
            self.add_error("review_after", _("An infusion has to come after it."))
            return said
        template = days | visit_of(said)
        try:
            ProtocolTemplate.from_dict(template, "plan")
        except InvalidFields as refusal:
            for path, reason in refusal.errors.items():
                field = "review_after" if "review" in path else "days"
                self.add_error(field, gettext("This field %(reason)s.") % {"reason": reason})
        said["template"] = template
        return said


def visit_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of one visit, as most clinics have them; everything in them may be changed in the plan's own form."""
    phases: list[dict[str, Any]] = [
        {"name": "arrive", "minutes": 10, "nurse": "watch"},
        {"name": "set up", "minutes": 15, "nurse": "attention", "prescriber": "present"},
        {"name": "infuse", "minutes": said["infuse"], "nurse": "watch"},
        {"name": "recover", "minutes": said["recover"], "nurse": "watch"},
        {"name": "discharge", "minutes": 10, "nurse": "attention"},
        {"name": "turnover", "minutes": 15},
    ]
    template: dict[str, Any] = {
        "phases": [phase for phase in phases if phase["minutes"]],
        "cleared_by": said["cleared_by"],
        "ride_home": said["ride_home"],
        "observe_minutes": said["recover"],
    }
    if said.get("review_after"):
        template["reviews"] = [{"after": said["review_after"], "method": "at_chair"}]
    return template
