"""The reader of `ProtocolVersion.template` and of what an order says. No Django."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from scheduling.capacity import Phase
from scheduling.protocol_contradictions import contradictions
from scheduling.protocol_parts import (
    AsNeeded,
    Fasting,
    FollowUpRule,
    GivenBefore,
    PlanParts,
    Prerequisite,
    QuestionnaireRule,
    Review,
    VisitTaskRule,
)
from scheduling.protocol_schema import SCHEMA
from scheduling.schema_errors import path_text, schema_errors
from scheduling.spacing import InvalidFields, Spacing

AS_SAID = (
    "doses",
    "doses_at_most",
    "within_days",
    "per_week",
    "ride_home",
    "observe_minutes",
    "cleared_by",
    "word",
    "note",
)


@dataclass(frozen=True)
class ProtocolTemplate(PlanParts):
    """A treatment plan, or what an order says, read and found free of contradictions."""

    @classmethod
    def from_dict(cls, data: Any, path: str = "template") -> ProtocolTemplate:
        """Reads a plan. Refuses with InvalidFields that names every wrong field, its path begun with `path`."""
        errors = {path_text((path, *steps)): said for steps, said in reversed(schema_errors(SCHEMA, data))}
        # Spacing, phases and dates have readers of their own, so what they say joins what the schema says.
        read: dict[str, Any] = {}
        if isinstance(data, Mapping):
            for name, reader in (("spacing", _spacing), ("phases", _phases), ("phases_of", _phases_of), ("", _dates)):
                try:
                    read |= reader(data, f"{path}.{name}".rstrip("."))
                except InvalidFields as error:
                    errors = error.errors | errors
        if errors:
            raise InvalidFields(errors)
        template = cls(**read, **{name: data[name] for name in AS_SAID if name in data}, **_records(data))
        if errors := {f"{path}.{name}": said for name, said in contradictions(template).items()}:
            raise InvalidFields(errors)
        return template


def _spacing(data: Mapping[str, Any], path: str) -> dict[str, Any]:
    return {"spacing": Spacing.list_from(data.get("spacing", []), path)}


def _phases(data: Mapping[str, Any], path: str) -> dict[str, Any]:
    return {"phases": Phase.list_from(data.get("phases", []), path)}


def _phases_of(data: Mapping[str, Any], path: str) -> dict[str, Any]:
    found: dict[int, tuple[Phase, ...]] = {}
    entries = data.get("phases_of", [])
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("doses"), list):
            continue
        phases = Phase.list_from(entry.get("phases", []), f"{path}[{index}].phases")
        for number in entry["doses"]:
            if number in found:
                raise InvalidFields({f"{path}[{index}].doses": f"names infusion {number} twice"})
            found[number] = phases
    return {"phases_of": found}


def _dates(data: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The days of the order; a text that is no date is named."""
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, text in _day_texts(data):
        try:
            found[name] = date.fromisoformat(text)
        except (TypeError, ValueError):
            errors[f"{path}.{name}"] = f"is a day such as 2027-03-31, not {text}"
    if errors:
        raise InvalidFields(errors)
    given = tuple(
        GivenBefore(found.pop(f"given_before[{index}].on"), entry["where"], entry.get("number") or index + 1)
        for index, entry in enumerate(data.get("given_before") or [])
        if f"given_before[{index}].on" in found and isinstance(entry.get("where"), str)
    )
    return found | {"given_before": given}


def _day_texts(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in ("not_before", "not_after"):
        if name in data:
            yield name, data[name]
    entries = data.get("given_before")
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, Mapping) and "on" in entry:
            yield f"given_before[{index}].on", entry["on"]


def _records(data: Mapping[str, Any]) -> dict[str, Any]:
    """The parts that are small records, as the schema has found them right."""
    found: dict[str, Any] = {
        "reviews": tuple(Review(**entry) for entry in data.get("reviews", [])),
        "prerequisites": prerequisites_from(data.get("prerequisites", [])),
        "follow_ups": tuple(_follow_up(entry) for entry in data.get("follow_ups", [])),
        "questionnaires": tuple(QuestionnaireRule(**entry) for entry in data.get("questionnaires", [])),
        "visit_tasks": tuple(VisitTaskRule(**entry) for entry in data.get("visit_tasks", [])),
        "instructions": dict(data.get("instructions", {})),
        "fasting": Fasting(**data["fasting"]) if data.get("fasting") else None,
        "as_needed": AsNeeded(**data["as_needed"]) if data.get("as_needed") else None,
    }
    if "sites" in data:
        found["sites"] = tuple(data["sites"])
    if "exits_close" in data:
        found["exits_close"] = tuple(data["exits_close"])
    return found


def prerequisites_from(entries: Iterable[Mapping[str, Any]]) -> tuple[Prerequisite, ...]:
    """The prerequisites of a plan or order that was found right before."""
    return tuple(_prerequisite(entry) for entry in entries)


def _prerequisite(entry: Mapping[str, Any]) -> Prerequisite:
    roles = {name: tuple(entry[name]) for name in ("met_by", "waived_by") if name in entry}
    return Prerequisite(**{**entry, **roles})


def _follow_up(entry: Mapping[str, Any]) -> FollowUpRule:
    return FollowUpRule(**{**entry, "questionnaires": tuple(entry.get("questionnaires", []))})
