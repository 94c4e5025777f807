"""The form of a treatment plan: fields for the common numbers, YAML for the lists, each fault at its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.marked_yaml import Lines, UnreadableFile, read
from scheduling.protocol_template import ProtocolTemplate
from scheduling.schema_errors import path_steps, path_text
from scheduling.spacing import InvalidFields
from web.clinician.plan_fields import NUMBERS, OF_ORDERS, OWN_FIELDS, TEXTS_OF, PlanFields, initial_of


class PlanForm(PlanFields):
    """A plan. What it says as a whole is in `cleaned_data["template"]`."""

    @classmethod
    def of(cls, template: Mapping[str, Any]) -> PlanForm:
        """The form with what a version says."""
        return cls(initial=initial_of(template))

    def __init__(
        self,
        said: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(said, files, initial=dict(initial or {}))

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        lists, lines = self._lists(said)
        if lists is None or self.errors:
            return said
        template = {**lists, **self._own(said, lists)}
        try:
            ProtocolTemplate.from_dict(template, "plan")
        except InvalidFields as error:
            self._say(error.errors, lines)
        said["template"] = template
        return said

    def _lists(self, said: Mapping[str, Any]) -> tuple[dict[str, Any] | None, Lines]:
        """What the YAML says; None where it can't be read, which is said at its field."""
        uploaded = said.get("file")
        text = uploaded.read() if uploaded else str(said.get("lists", "")).encode()
        try:
            data, lines = read(text) if text.strip() else ({}, Lines({}))
        except UnreadableFile as error:
            self.add_error("lists", [str(problem) for problem in error.problems])
            return None, Lines({})
        # A whole plan, as it stands in a clinic's file, is as good.
        if isinstance(data, dict) and isinstance(data.get("template"), dict):
            data, lines = data["template"], lines.below("template")
        if not isinstance(data, dict):
            self.add_error("lists", gettext("This is no list of keys and values."))
            return None, lines
        if of_orders := sorted(OF_ORDERS & data.keys()):
            words = gettext("%(keys)s: belongs to an order, not to a plan.")
            self.add_error("lists", words % {"keys": ", ".join(of_orders)})
            return None, lines
        return data, lines

    def _own(self, said: Mapping[str, Any], lists: Mapping[str, Any]) -> dict[str, Any]:
        """What the fields say; of an uploaded file its own keys stand."""
        own = {name: said[name] for name in NUMBERS if said.get(name) is not None}
        own |= {"cleared_by": said["cleared_by"], "ride_home": said["ride_home"], "exits_close": said["exits_close"]}
        own |= {name: said[name] for name in ("word", "note") if said.get(name)}
        if said.get("solids_hours") is not None or said.get("clear_liquids_hours") is not None:
            own["fasting"] = {name: _plain(said.get(name) or 0) for name in ("solids_hours", "clear_liquids_hours")}
        written = {code: said[name].strip() for name, code in TEXTS_OF.items() if said.get(name, "").strip()}
        if written:
            own["instructions"] = {code: text.replace("\r\n", "\n") for code, text in written.items()}
        return {name: value for name, value in own.items() if not (said.get("file") and name in lists)}

    def _say(self, errors: Mapping[str, str], lines: Lines) -> None:
        for path, reason in errors.items():
            steps = path_steps(path)[1:]
            if field := self._field_of([str(step) for step in steps]):
                self.add_error(field, gettext("This field %(reason)s.") % {"reason": reason})
            else:
                where = lines.problem(steps, reason)
                self.add_error("lists", f"{path_text(steps)}: {reason} ({gettext('line')} {where.line})")

    def _field_of(self, steps: Sequence[str]) -> str:
        """The field that a path of the plan belongs to; empty for what is written as YAML."""
        if not steps or steps[0] not in OWN_FIELDS:
            return ""
        wanted = (steps[0], steps[-1], "_".join(steps[:2]))
        return next((name for name in wanted if name in self.fields), "")


class NewPlanForm(PlanForm):
    """A plan that is new: its names as well."""

    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.SlugField(label=_("Short name"), max_length=60, help_text=_("Such as ketamine-series. It stays."))
    therapy = forms.SlugField(
        label=_("What is given"), max_length=60,
        help_text=_("Infusions of one kind keep their distance to each other, whichever order they are of."),
    )  # fmt: skip
    field_order = ("name", "code", "therapy")


def _plain(hours: float) -> float:
    """6 hours are written as 6, so that what nobody changed reads as it did."""
    return int(hours) if hours == int(hours) else hours
