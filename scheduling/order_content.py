"""What an order says as data: the hash a signature stands for, changes to a draft, and what is wrong in plain words."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scheduling.protocol_schema import SCHEMA
from scheduling.protocol_template import ProtocolTemplate
from scheduling.schema_errors import path_steps
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
DISTANCES: Final = {"min": "least", "target": "best", "max": "greatest"}
# In a plan's own readers: minutes that are no multiple of a step, and a side of a distance beyond another.
UNEVEN: Final = re.compile(r"is a multiple of (?P<step>\d+), not (?P<minutes>\d+)")
CROSSED: Final = re.compile(r"(?P<lower>\d+) is more than (?P<side>target|max) (?P<upper>\d+)")


class NotSignable(Exception):
    """The order can't be drafted or signed so; `reasons` are plain sentences."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = list(reasons)
        super().__init__("; ".join(reasons))


class Contradicts(NotSignable):
    """What it would say contradicts itself or can't be; `at` says what is wrong in a sentence by its place in the
    content, such as `spacing[0].min`."""

    def __init__(self, at: Mapping[str, str]) -> None:
        self.at = dict(at)
        super().__init__(list(self.at.values()))


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
    return list(what_is_wrong(content).values())


def what_is_wrong(content: Mapping[str, Any]) -> dict[str, str]:
    """The same by where it stands: `spacing[0].min` for the least distance of the first rule."""
    try:
        ProtocolTemplate.from_dict(content, "order")
    except InvalidFields as error:
        places = {path.removeprefix("order").removeprefix("."): reason for path, reason in error.errors.items()}
        return {place: said_plainly(place, reason, content) for place, reason in places.items()}
    return {}


def said_plainly(place: str, reason: str, content: Mapping[str, Any]) -> str:
    """What people mistype most in a sentence of its own; anything else as "The reviews (1, minutes): is 0 or more."."""
    steps = path_steps(place)
    match steps:
        case ("phases", int(index), "minutes") | ("phases_of", int(), "phases", int(index), "minutes"):
            what, these = f"Part {index + 1} takes", "parts"
        case ("reviews", int(index), "minutes"):
            what, these = f"Review {index + 1} takes", "reviews"
        case ("spacing", int(index), str(side)) if crossed := CROSSED.fullmatch(reason):
            return _distances_crossed(content["spacing"][index], side, crossed)
        case ("doses",) if "doses_at_most" in reason:
            return f"The plan allows at most {content['doses_at_most']} infusions, not {content['doses']}."
        case _:
            what, these = "", ""
    if what and (uneven := UNEVEN.fullmatch(reason)):
        return f"{what} {uneven['minutes']} minutes; {these} are counted in steps of {uneven['step']} minutes."
    name = str(steps[0]) if steps else ""
    inside = [str(step + 1) if isinstance(step, int) else step for step in steps[1:]]
    where = f" ({', '.join(inside)})" if inside else ""
    return f"{FIELDS.get(name, name or 'The order')}{where}: {reason}."


def _distances_crossed(rule: Mapping[str, Any], side: str, crossed: re.Match[str]) -> str:
    """`min` "5 is more than max 2": "Between infusions: the least distance, 5 days, is more than the greatest, 2."."""
    where = "Between infusions" if rule.get("dose", "each") == "each" else f"Infusion {rule['dose']}"
    unit = str(rule.get("unit", "days")).replace("_", " ")
    lower, upper = f"the {DISTANCES[side]} distance, {crossed['lower']} {unit},", DISTANCES[crossed["side"]]
    return f"{where}: {lower} is more than the {upper}, {crossed['upper']}."
