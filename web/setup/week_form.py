"""A week of times as a form: a row a weekday, two spans each (a lunch between them), in clinic-local wall time."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import WEEKDAYS

TIME: Final = forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M")
SPANS: Final = 2
STEP_MINUTES: Final = 5
DAY_NAMES: Final[Mapping[str, str | Promise]] = dict(
    zip(
        WEEKDAYS,
        (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")),
        strict=True,
    )
)
Spans = dict[str, list[tuple[time, time]]]


def week_of(rows: Iterable[tuple[str, time, time]]) -> Spans:
    """Rows of weekday, start and end as a week, the spans of a day in order."""
    week: Spans = defaultdict(list)
    for day, start, end in sorted(rows):
        week[day].append((start, end))
    return dict(week)


def mark_of(week: Spans) -> str:
    """What a page was made from, so that a change by somebody else in between is noticed."""
    said = repr(sorted((day, tuple(spans)) for day, spans in week.items() if spans))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


class WeekForm(forms.Form):
    """The times of a week. Once valid `week` holds the spans that were said; `spans` rows a day are shown."""

    def __init__(self, said: Mapping[str, Any] | None = None, *, week: Spans) -> None:
        super().__init__(said)
        self.shown = max([SPANS, *(len(spans) for spans in week.values())])
        self.week: Spans = {}
        for day in WEEKDAYS:
            spans = week.get(day, [])
            for at in range(self.shown):
                start, end = spans[at] if at < len(spans) else (None, None)
                for side, value in (("from", start), ("to", end)):
                    label = _("%(day)s, from") if side == "from" else _("%(day)s, to")
                    self.fields[f"{day}_{at}_{side}"] = forms.TimeField(
                        label=label % {"day": DAY_NAMES[day]}, required=False, widget=TIME, initial=value
                    )

    @property
    def days(self) -> list[tuple[str | Promise, list[tuple[forms.BoundField, forms.BoundField]]]]:
        """Each day with its pairs of fields."""
        return [
            (name, [(self[f"{day}_{at}_from"], self[f"{day}_{at}_to"]) for at in range(self.shown)])
            for day, name in DAY_NAMES.items()
        ]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        for day in WEEKDAYS:
            spans: list[tuple[time, time]] = []
            for at in range(self.shown):
                start, end = (said.get(f"{day}_{at}_{side}") for side in ("from", "to"))
                if fault := self._fault(start, end, spans):
                    self.add_error(f"{day}_{at}_{'to' if start else 'from'}", str(fault))
                elif start and end:
                    spans.append((start, end))
            if spans:
                self.week[day] = spans
        return said

    def _fault(self, start: time | None, end: time | None, before: list[tuple[time, time]]) -> str | Promise | None:
        if start is None and end is None:
            return None
        if start is None or end is None:
            return _("Say both times, or leave both empty.")
        if any(wall.minute % STEP_MINUTES or wall.second for wall in (start, end)):
            return _("Times are in steps of 5 minutes.")
        if end <= start:
            return _("It ends after it begins.")
        if any(start < other_end and other_start < end for other_start, other_end in before):
            return _("It overlaps the times before it.")
        return None


def copied(said: Mapping[str, str]) -> dict[str, str]:
    """What was typed, with Monday's times on Tuesday to Friday too."""
    typed = dict(said)
    for name, value in said.items():
        if name.startswith("mon_"):
            typed |= {f"{day}_{name.removeprefix('mon_')}": value for day in WEEKDAYS[1:5]}
    return typed
