"""The numbers of a draft as a form: what one patient's order says otherwise than its plan. Its parts are the plan's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.models import Clinic, GateMethod
from scheduling.order_content import Contradicts, NotSignable
from scheduling.schema_errors import path_steps
from scheduling.spacing import InvalidFields, Spacing
from web.clinician.order_words import METHODS, spacing_said

SIDES = ("min", "target", "max")
ROWS_MORE = 3
MOST = 3650


class DraftForm(forms.Form):
    """`content` is what the draft says; `said()` is what was changed of it, by field."""

    doses = forms.IntegerField(label=_("Number of infusions"), min_value=1, max_value=60)
    not_before = forms.DateField(label=_("Not before"), required=False, widget=forms.DateInput({"type": "date"}))
    not_after = forms.DateField(label=_("Not after"), required=False, widget=forms.DateInput({"type": "date"}))
    within_days = forms.IntegerField(label=_("All within days"), required=False, min_value=1, max_value=MOST)
    per_week = forms.IntegerField(label=_("At most in a calendar week"), required=False, min_value=1, max_value=7)
    read = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, content: Mapping[str, Any], clinics: Sequence[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.content = content
        for name in ("doses", "not_before", "not_after", "within_days", "per_week"):
            self.fields[name].initial = content.get(name)
        self._spacing()
        self._phases()
        self._reviews()
        self._given()
        self.fields["sites"] = forms.MultipleChoiceField(
            label=_("Where it may be given"),
            choices=[(clinic.slug, clinic.name) for clinic in clinics],
            widget=forms.CheckboxSelectMultiple,
            initial=content.get("sites"),
        )

    def _spacing(self) -> None:
        for index, entry in enumerate(self.content.get("spacing", [])):
            for side in SIDES:
                label = {"min": gettext("At least"), "target": gettext("Best"), "max": gettext("At most")}[side]
                value = entry.get(side, entry.get(f"{side}_days"))
                self._number(f"spacing-{index}-{side}", label, value, most=10_000)

    def _phases(self) -> None:
        for name, path in self.phase_paths():
            phase = at(self.content, path)
            self._number(name, phase["name"], phase["minutes"], most=720, required=True)

    def _reviews(self) -> None:
        rows = [*self.content.get("reviews", []), {}]
        for index, entry in enumerate(rows):
            self._number(f"review-{index}-after", gettext("After infusion"), entry.get("after"), most=60)
            decide = entry.get("decide_within_days")
            self._number(f"review-{index}-decide", gettext("Decided within days"), decide, most=365)
            self.fields[f"review-{index}-method"] = forms.ChoiceField(
                label=_("How"),
                choices=[(method.value, METHODS[method.value]) for method in GateMethod],
                initial=entry.get("method", "at_chair"),
                required=False,
            )
            self._number(f"review-{index}-minutes", gettext("Minutes"), entry.get("minutes"), most=240)

    def _given(self) -> None:
        there = self.content.get("given_before", [])
        for index, entry in enumerate([*there, *({} for _row in range(ROWS_MORE))]):
            number = entry.get("number") or (index + 1 if entry else None)
            self._number(f"given-{index}-number", gettext("Infusion"), number, most=60)
            self.fields[f"given-{index}-on"] = forms.DateField(
                label=_("Day"), required=False, initial=entry.get("on"), widget=forms.DateInput({"type": "date"})
            )
            self.fields[f"given-{index}-where"] = forms.CharField(
                label=_("Where"), required=False, max_length=120, initial=entry.get("where")
            )

    def _number(self, name: str, label: str, value: int | None, *, most: int, required: bool = False) -> None:
        self.fields[name] = forms.IntegerField(
            label=label, min_value=0, max_value=most, initial=value, required=required
        )

    def phase_paths(self) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        """Each part of a visit that takes minutes: its field, and where it stands in the content."""
        for index in range(len(self.content.get("phases", []))):
            yield f"phase-{index}", ("phases", index)
        for group, entry in enumerate(self.content.get("phases_of", [])):
            for index in range(len(entry["phases"])):
                yield f"phase-of-{group}-{index}", ("phases_of", group, "phases", index)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for index in self._rows("given"):
            parts = [cleaned.get(f"given-{index}-{name}") for name in ("number", "on", "where")]
            if any(parts) and not all(parts):
                words = _("Say which infusion, on which day and where; or leave the row empty.")
                self.add_error(f"given-{index}-number", words)
        return cleaned

    def said(self) -> dict[str, Any]:
        """What the draft is to say otherwise, by field; None where it is to say nothing."""
        cleaned, content = self.cleaned_data, deepcopy(dict(self.content))
        for name, path in self.phase_paths():
            at(content, path)["minutes"] = cleaned[name]
        days = {name: iso(cleaned[name]) for name in ("not_before", "not_after")}
        said = {
            "doses": cleaned["doses"],
            "within_days": cleaned["within_days"],
            "per_week": cleaned["per_week"],
            **days,
            "phases": content["phases"],
            "phases_of": content.get("phases_of"),
            "spacing": self._spacing_said() or None,
            "reviews": self._reviews_said() or None,
            "given_before": self._given_said() or None,
            "sites": sorted(cleaned["sites"]),
        }
        return {name: value for name, value in said.items() if (value or None) != (self.content.get(name) or None)}

    def say(self, refusal: NotSignable) -> None:
        """Says why the draft can't be so, each reason at the field it is about where there is one."""
        if not isinstance(refusal, Contradicts):
            self.add_error(None, refusal.reasons)
            return
        # All are looked up before the first is said: that takes a field's value away.
        for field, reason in [(self._field_at(path_steps(place)), reason) for place, reason in refusal.at.items()]:
            self.add_error(field, reason)

    def _field_at(self, place: Sequence[str | int]) -> str | None:
        """The field of a place in what the form said; None for what it has no field for."""
        match place:
            case (str(name),) | ("sites" as name, *_) if name in self.fields:
                return name
            case ("spacing", int(index), str(side)):
                kept = [at for at in self._rows("spacing") if self._sides_said(at)]
                wanted = f"spacing-{kept[index]}-{side}"
            case ("phases" | "phases_of", *_, "minutes"):
                wanted = next((name for name, path in self.phase_paths() if path == tuple(place[:-1])), "")
            case ("given_before", int(index), str(part)):
                rows = [at for at in self._rows("given") if self.cleaned_data[f"given-{at}-number"]]
                rows.sort(key=lambda at: int(self.cleaned_data[f"given-{at}-number"]))
                wanted = f"given-{rows[index]}-{part}"
            case _:
                return None
        return wanted if wanted in self.fields else None

    def _spacing_said(self) -> list[dict[str, Any]]:
        found = []
        for index, entry in enumerate(self.content.get("spacing", [])):
            others = {name: value for name, value in entry.items() if name.removesuffix("_days") not in SIDES}
            kept = self._sides_said(index)
            # Without a number on any side it is no rule.
            if kept:
                found.append(others | kept)
        return found

    def _sides_said(self, index: int) -> dict[str, int]:
        sides = {side: self.cleaned_data[f"spacing-{index}-{side}"] for side in SIDES}
        return {side: value for side, value in sides.items() if value is not None}

    def _reviews_said(self) -> list[dict[str, Any]]:
        found, there = [], self.content.get("reviews", [])
        for index in self._rows("review"):
            after = self.cleaned_data[f"review-{index}-after"]
            if after is None:
                continue
            entry = dict(there[index]) if index < len(there) else {}
            entry |= {"after": after, "method": self.cleaned_data[f"review-{index}-method"] or "at_chair"}
            for name, field in (("decide_within_days", "decide"), ("minutes", "minutes")):
                value = self.cleaned_data[f"review-{index}-{field}"]
                entry = {**entry, name: value} if value is not None else {k: v for k, v in entry.items() if k != name}
            found.append(entry)
        return sorted(found, key=lambda entry: int(entry["after"]))

    def _given_said(self) -> list[dict[str, Any]]:
        found = []
        for index in self._rows("given"):
            number, day, where = (self.cleaned_data[f"given-{index}-{name}"] for name in ("number", "on", "where"))
            if number:
                found.append({"number": number, "on": iso(day), "where": where})
        return sorted(found, key=lambda entry: int(entry["number"]))

    def _rows(self, name: str) -> list[int]:
        return sorted({int(field.split("-")[1]) for field in self.fields if field.startswith(f"{name}-")})

    def spacing_rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The rules in words, each with its numbers."""
        return [
            (rule_said(entry), [self[f"spacing-{index}-{side}"] for side in SIDES])
            for index, entry in enumerate(self.content.get("spacing", []))
        ]

    def phase_rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The parts of a visit, and of the infusions that differ."""
        rows = [
            (
                gettext("Each visit, in minutes"),
                [self[name] for name, path in self.phase_paths() if path[0] == "phases"],
            )
        ]
        for group, entry in enumerate(self.content.get("phases_of", [])):
            numbers = ", ".join(map(str, entry["doses"]))
            fields = [self[name] for name, path in self.phase_paths() if path[:2] == ("phases_of", group)]
            rows.append((gettext("Infusion %(numbers)s, in minutes") % {"numbers": numbers}, fields))
        return rows

    def review_rows(self) -> list[list[forms.BoundField]]:
        """The fields of each review, one more to fill in."""
        return [
            [self[f"review-{index}-{name}"] for name in ("after", "method", "minutes", "decide")]
            for index in self._rows("review")
        ]

    def given_rows(self) -> list[list[forms.BoundField]]:
        """The fields of each infusion given elsewhere, some more to fill in."""
        return [[self[f"given-{index}-{name}"] for name in ("number", "on", "where")] for index in self._rows("given")]


def rule_said(entry: Mapping[str, Any]) -> str:
    """The rule in words, if it makes sense."""
    try:
        return spacing_said(Spacing.from_dict(entry), gettext("Each"))
    except InvalidFields:
        return gettext("Distance")


def at(content: Any, path: Sequence[str | int]) -> Any:
    """What stands there."""
    for step in path:
        content = content[step]
    return content


def iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
