"""What an order for single infusions after a series says: as in the series, within limits of its own. No Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from scheduling.order_content import phases_of
from scheduling.protocol_parts import AsNeeded

# What is said of the series alone.
OF_THE_SERIES: Final = frozenset(
    {
        "doses", "doses_at_most", "within_days", "per_week", "spacing", "reviews", "phases_of", "given_before",
        "not_before", "not_after", "word", "sites",
    }
)  # fmt: skip
# From how many days before an infusion its check-in may be answered, so that it can be read before it is allowed.
CHECK_IN_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class AsNeededTerms:
    """What a prescriber orders: up to so many, at least so many clinic-local days apart and after the last one given,
    none after `until`. `each_is_allowed`: each waits until the prescriber has read a check-in and says yes."""

    count: int = 1
    min_days: int = 0
    until: date | None = None
    each_is_allowed: bool = False


def against_the_plan(plan: AsNeeded | None, terms: AsNeededTerms) -> list[str]:
    """What the plan does not allow, in sentences; empty where it allows these terms."""
    if plan is None:
        return ["The plan of this series says nothing of single infusions after it."]
    reasons = []
    if not 1 <= terms.count <= plan.at_most:
        reasons.append(f"The plan allows 1 to {plan.at_most} at a time, not {terms.count}.")
    if terms.min_days < plan.min_days:
        reasons.append(f"The plan wants at least {plan.min_days} days between them, not {terms.min_days}.")
    return reasons


def as_needed_content(series: Mapping[str, Any], terms: AsNeededTerms, last_given: date) -> dict[str, Any]:
    """The content of the order: the visit, what is needed for it and what follows it as in the series, the phases those
    of its last infusion; the first is not before so many days after `last_given`."""
    content = {name: value for name, value in series.items() if name not in OF_THE_SERIES}
    content |= {
        "doses": terms.count,
        "doses_at_most": max(terms.count, series["as_needed"]["at_most"]),
        "word": series["as_needed"]["word"],
        "phases": phases_of(series, series["doses"]),
        "spacing": [{"dose": "each", "after": "previous", "min": terms.min_days}] if terms.min_days else [],
        "not_before": first_day(last_given, terms.min_days).isoformat(),
        "follow_ups": [rule for rule in series.get("follow_ups", []) if rule["after"] in ("each", "last")],
        "questionnaires": [rule for rule in series.get("questionnaires", []) if rule["before"] == "each"],
    }
    if terms.until is not None:
        content["not_after"] = terms.until.isoformat()
    if terms.each_is_allowed:
        content["reviews"] = [{"after": number, "method": "at_chair"} for number in range(terms.count)]
        content["questionnaires"] = content["questionnaires"] or _check_ins_before_each(series)
    return content


def first_day(last_given: date, min_days: int) -> date:
    """The first clinic-local day on which the next one may be."""
    return last_given + timedelta(days=min_days)


def _check_ins_before_each(series: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the series' check-ins ask, asked before each."""
    asked = [name for rule in series.get("follow_ups", []) for name in rule.get("questionnaires", [])]
    return [{"instrument": name, "before": "each", "days": CHECK_IN_DAYS} for name in sorted(set(asked))]
