"""What a treatment plan says of a series: the schema and reader of `ProtocolVersion.template`. No Django.

Minutes are elapsed minutes and multiples of 5; days are clinic-local days; hours of fasting are before the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from scheduling.capacity import Phase
from scheduling.schema_errors import path_text, schema_errors
from scheduling.spacing import InvalidFields, Spacing, minimum_gap_after

After = Literal["each", "last"] | int

UNLIMITED: Final = 1_000
_COUNT: Final = {"type": "integer", "minimum": 1, "maximum": 60}
_DAYS: Final = {"type": "integer", "minimum": 0, "maximum": 365}
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["doses", "phases"],
    "properties": {
        "doses": _COUNT,
        "doses_at_most": _COUNT,
        "within_days": {"type": "integer", "minimum": 1, "maximum": 3650},
        "per_week": {"type": "integer", "minimum": 1, "maximum": 7},
        "spacing": {"type": "array", "items": {"type": "object"}},
        "phases": {"type": "array", "minItems": 1, "items": {"type": "object"}},
        "reviews": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["after", "method"],
                "properties": {
                    "after": _COUNT,
                    "method": {"enum": ["at_chair", "video", "in_person"]},
                    "minutes": {"type": "integer", "minimum": 0, "maximum": 240, "multipleOf": 5},
                    "decide_within_days": _DAYS,
                },
            },
        },
        "ride_home": {"type": "boolean"},
        "fasting": {
            "type": "object",
            "additionalProperties": False,
            "required": ["solids_hours", "clear_liquids_hours"],
            "properties": {
                "solids_hours": {"type": "number", "minimum": 0, "maximum": 24, "multipleOf": 0.25},
                "clear_liquids_hours": {"type": "number", "minimum": 0, "maximum": 24, "multipleOf": 0.25},
            },
        },
        "observe_minutes": {"type": "integer", "minimum": 0, "maximum": 720, "multipleOf": 5},
        "cleared_by": {"enum": ["prescriber", "nurse"]},
        "follow_ups": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["kind", "after", "day"],
                "properties": {
                    "kind": {"enum": ["call", "check_in", "review", "as_needed"]},
                    "after": {
                        "anyOf": [_COUNT, {"enum": ["each", "last"]}],
                        "description": "each, last, or the number of an infusion",
                    },
                    "day": _DAYS,
                },
            },
        },
        "note": {"type": "string", "maxLength": 300},
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Review:
    """A review due once infusion `after` is given or settled; `minutes` is 0 where it takes no visit of its own."""

    after: int
    method: Literal["at_chair", "video", "in_person"]
    minutes: int
    decide_within_days: int | None


@dataclass(frozen=True, slots=True)
class Fasting:
    """How many hours before the start the last solid food and the last clear liquid may be."""

    solids_hours: float
    clear_liquids_hours: float


@dataclass(frozen=True, slots=True)
class FollowUpRule:
    """A call, check-in, review or as-needed infusion that opens `day` clinic-local days after an infusion is given."""

    kind: Literal["call", "check_in", "review", "as_needed"]
    after: After
    day: int

    def numbers(self, doses: int) -> range:
        """The infusions it follows in a series of `doses`; none where the series is shorter than its number."""
        if self.after == "each":
            return range(1, doses + 1)
        number = doses if self.after == "last" else int(self.after)
        return range(number, number + 1) if number <= doses else range(0)


@dataclass(frozen=True, slots=True)
class ProtocolTemplate:
    """A treatment plan as data. `doses` is the usual number of infusions, `doses_at_most` what may be ordered."""

    doses: int
    phases: tuple[Phase, ...]
    doses_at_most: int | None = None
    spacing: tuple[Spacing, ...] = ()
    within_days: int | None = None
    per_week: int | None = None
    reviews: tuple[Review, ...] = ()
    ride_home: bool = False
    fasting: Fasting | None = None
    observe_minutes: int = 0
    cleared_by: Literal["prescriber", "nurse"] = "prescriber"
    follow_ups: tuple[FollowUpRule, ...] = ()
    note: str = ""

    @property
    def visit_minutes(self) -> int:
        """How long the patient is there."""
        return sum(phase.minutes for phase in self.phases if not phase.is_turnover)

    @classmethod
    def from_dict(cls, data: Any, path: str = "template") -> ProtocolTemplate:
        """Reads a template. Refuses with InvalidFields that names every wrong field, its path begun with `path`."""
        errors = {path_text((path, *steps)): said for steps, said in reversed(schema_errors(SCHEMA, data))}
        # Spacing and phases have readers of their own, so what they say joins what the schema says.
        spacing: tuple[Spacing, ...] = ()
        phases: tuple[Phase, ...] = ()
        if isinstance(data, Mapping):
            try:
                spacing = Spacing.list_from(data.get("spacing", []), f"{path}.spacing")
            except InvalidFields as error:
                errors = error.errors | errors
            try:
                phases = Phase.list_from(data.get("phases", []), f"{path}.phases")
            except InvalidFields as error:
                errors = error.errors | errors
        if errors:
            raise InvalidFields(errors)
        fasting = data.get("fasting")
        template = cls(
            doses=data["doses"],
            phases=phases,
            doses_at_most=data.get("doses_at_most"),
            spacing=spacing,
            within_days=data.get("within_days"),
            per_week=data.get("per_week"),
            reviews=tuple(
                Review(entry["after"], entry["method"], entry.get("minutes", 0), entry.get("decide_within_days"))
                for entry in data.get("reviews", [])
            ),
            ride_home=data.get("ride_home", False),
            fasting=Fasting(**fasting) if fasting else None,
            observe_minutes=data.get("observe_minutes", 0),
            cleared_by=data.get("cleared_by", "prescriber"),
            follow_ups=tuple(FollowUpRule(**entry) for entry in data.get("follow_ups", [])),
            note=data.get("note", ""),
        )
        if errors := {f"{path}.{name}": said for name, said in _contradictions(template).items()}:
            raise InvalidFields(errors)
        return template


def _contradictions(template: ProtocolTemplate) -> dict[str, str]:
    """What each field allows and all of them together don't, by field path."""
    errors = _beyond_the_last(template) | _said_twice(template)
    for index, review in enumerate(template.reviews):
        if review.method != "at_chair" and review.minutes == 0:
            errors[f"reviews[{index}].minutes"] = f"is needed for a review by {review.method}"
    if template.observe_minutes > template.visit_minutes:
        errors["observe_minutes"] = f"is at most the {template.visit_minutes} minutes of the visit's phases"
    if template.fasting and template.fasting.clear_liquids_hours > template.fasting.solids_hours:
        errors["fasting.clear_liquids_hours"] = f"is at most solids_hours ({template.fasting.solids_hours})"
    least = sum(minimum_gap_after(number, template.spacing).days for number in range(1, template.doses))
    if template.within_days is not None and least + 1 > template.within_days:
        errors["within_days"] = f"is at least {least + 1} for {template.doses} infusions so far apart"
    return errors


def _beyond_the_last(template: ProtocolTemplate) -> dict[str, str]:
    most = template.doses_at_most or UNLIMITED
    errors: dict[str, str] = {}
    if most < template.doses:
        errors["doses"] = f"is at most {most} (doses_at_most), not {template.doses}"
    for index, spacing in enumerate(template.spacing):
        if spacing.dose != "each" and spacing.dose > most:
            errors[f"spacing[{index}].dose"] = f"is infusion {spacing.dose}, but the plan has {most}"
    for index, review in enumerate(template.reviews):
        if review.after >= most:
            errors[f"reviews[{index}].after"] = f"has an infusion after it, so it is less than {most}"
    for index, rule in enumerate(template.follow_ups):
        if isinstance(rule.after, int) and rule.after > most:
            errors[f"follow_ups[{index}].after"] = f"is infusion {rule.after}, but the plan has {most}"
    return errors


def _said_twice(template: ProtocolTemplate) -> dict[str, str]:
    errors: dict[str, str] = {}
    reviews = [review.after for review in template.reviews]
    for index, after in enumerate(reviews):
        if after in reviews[:index]:
            errors[f"reviews[{index}].after"] = f"names infusion {after} twice"
    for index, rule in enumerate(template.follow_ups):
        if rule in template.follow_ups[:index]:
            errors[f"follow_ups[{index}]"] = "stands twice"
    return errors
