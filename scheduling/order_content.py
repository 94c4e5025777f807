"""What an order says as data: the hash a signature stands for, changes to a draft, and what is wrong in plain words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scheduling.protocol_schema import SCHEMA
from scheduling.protocol_template import ProtocolTemplate
from scheduling.spacing import InvalidFields

# How many there may be at most is the plan's to say, not one order's.
MAY_CHANGE: Final = frozenset(SCHEMA["properties"]) - {"doses_at_most"}
FIELDS: Final = {
    "doses": "The number of infusions",
    "within_days": "The days for the whole series",
    "per_week": "The number in a calendar week",
    "spacing": "The distance between infusions",
    "phases": "The parts of a visit",
    "phases_of": "The parts of single visits",
    "reviews": "The reviews",
    "follow_ups": "The follow-ups",
    "questionnaires": "The questionnaires",
    "prerequisites": "What a visit needs beforehand",
    "not_before": "The first day",
    "not_after": "The last day",
    "given_before": "What was given before",
    "sites": "The clinics",
}


class NotSignable(Exception):
    """The order can't be drafted or signed so; `reasons` are plain sentences."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = list(reasons)
        super().__init__("; ".join(reasons))


class SignedAlready(NotSignable):
    """Somebody signed it meanwhile, in another tab for example: nothing waits for a signature."""


class DraftChanged(NotSignable):
    """It says something else than what was read: nobody signs what they did not read."""


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 over the content as canonical JSON: what the signature stands for."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def with_changes(content: Mapping[str, Any], changes: Mapping[str, Any], *, all_of_it: bool = False) -> dict[str, Any]:
    """The content with other values; None takes one away. Refuses with NotSignable what an order may not change, but
    where it says `all_of_it` anew."""
    if not all_of_it and (unknown := sorted(changes.keys() - MAY_CHANGE)):
        raise NotSignable([f"An order does not say {name}." for name in unknown])
    changed = {**content, **changes}
    return {name: value for name, value in changed.items() if value is not None}


def phases_of(content: Mapping[str, Any], number: int) -> list[dict[str, Any]]:
    """The parts of one infusion's visit as its plan or order says them: its own where it has some."""
    own = (entry["phases"] for entry in content.get("phases_of", []) if number in entry["doses"])
    phases: list[dict[str, Any]] = next(own, content["phases"])
    return phases


def reasons_against(content: Mapping[str, Any]) -> list[str]:
    """What is wrong or contradicts itself in what an order says, in plain sentences; empty when all is well."""
    try:
        ProtocolTemplate.from_dict(content, "order")
    except InvalidFields as error:
        return [said_plainly(path, reason) for path, reason in error.errors.items()]
    return []


def said_plainly(path: str, reason: str) -> str:
    """`order.spacing[0].max` "is 1 or more" as "The distance between infusions (1, max): is 1 or more."."""
    inside = path.removeprefix("order").removeprefix(".")
    name = inside.split(".")[0].split("[")[0]
    rest = inside.removeprefix(name).replace("]", "").replace("[", ".").strip(".").split(".")
    steps = [str(int(step) + 1) if step.isdecimal() else step for step in rest if step]
    where = f" ({', '.join(steps)})" if steps else ""
    return f"{FIELDS.get(name, name or 'The order')}{where}: {reason}."
