"""What a signed order demands at a visit, and what stands in the way of a step, as plain values. No Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from scheduling.protocol_parts import Fasting
from scheduling.visit_parts import RECOVER, which_infuses
from scheduling.why_not import Words

# What is asked for beside the name, so that two people of one name are told apart.
SECOND_IDENTIFIERS: Final = ("birth_date", "phone", "address", "photo_id")
# Why somebody was not treated, or left before their time. For clinical staff alone.
EXIT_REASONS: Final = (
    "not_fasting", "no_ride", "unwell", "readings", "no_line", "reaction", "equipment", "missing", "wish", "other",
)  # fmt: skip
TEXTS: Final = {
    "ride": "Nobody has said who takes the patient home.",
    "fasting": "Nobody has asked whether the patient kept the fast.",
    "fast_broken": "The patient did not keep the fast. A prescriber may let it pass.",
    "observed": "The ordered observation is not over yet. A prescriber may let the patient go.",
    "clearance": "The order wants a prescriber to clear the patient to leave.",
    "exit": "Say why the patient is not treated today.",
    "ruling": "An earlier infusion was broken off and waits for the prescriber.",
}


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that stands in the way of a step: its rule, and words with places for values that a page translates."""

    rule: str
    words: Words


def blocker(rule: str) -> Blocker:
    """What stands in the way, in the words of TEXTS."""
    return Blocker(rule, Words(TEXTS[rule]))


@dataclass(frozen=True, slots=True)
class Demands:
    """What is demanded of a visit. `observe_minutes`: from the end of the infusion until the patient leaves; from its
    start where the visit has no recovery after it, for there the observation is what the visit is made of."""

    ride: bool = False
    fasting: Fasting | None = None
    observe_minutes: int = 0
    observed_from_start: bool = False
    cleared_by: Literal["prescriber", "nurse"] = "nurse"

    @classmethod
    def of_order(cls, content: Mapping[str, Any], number: int) -> Demands:
        """What the signed content of an order demands of one of its infusions; unsaid, a prescriber clears."""
        fasting = content.get("fasting")
        return cls(
            ride=bool(content.get("ride_home")),
            fasting=Fasting(**fasting) if fasting else None,
            observe_minutes=content.get("observe_minutes") or 0,
            observed_from_start=not _recovers(content, number),
            cleared_by=content.get("cleared_by", "prescriber"),
        )


def _recovers(content: Mapping[str, Any], number: int) -> bool:
    """Whether the signed phases have a recovery after the infusion."""
    own = [entry["phases"] for entry in content.get("phases_of", []) if number in entry["doses"]]
    phases = own[0] if own else content.get("phases", [])
    parts = [(phase["name"], timedelta(minutes=phase["minutes"])) for phase in phases]
    return bool(parts) and any(name in RECOVER for name, _length in parts[which_infuses(parts) + 1 :])
