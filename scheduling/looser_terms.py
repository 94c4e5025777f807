"""Changes to what was signed: never advised, only asked of the prescriber."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from scheduling.clinic_time import MINUTES_A_DAY
from scheduling.series_terms import Proposal, SeriesTerms
from scheduling.spacing import Rule, rules_for
from scheduling.trials import Trials
from scheduling.what_if import Change
from scheduling.why_not import said_distance
from scheduling.would_work import Relaxation, would_work

# The largest change that is asked for, by unit of a rule; other limits move by up to MOST_DAYS.
MOST_DAYS = 28
MOST_OF = {"days": 14, "open_days": 10, "hours": 72}
MINUTES_OF = {"days": MINUTES_A_DAY, "open_days": MINUTES_A_DAY, "hours": 60}
DAYS_A_WEEK = 7
Side = Literal["min", "max"]


def looser_terms(trials: Trials) -> Iterator[Relaxation]:
    """The smallest of each kind that helps, in no order."""
    terms, today = trials.asked.terms, trials.capacity.clock.local_day(trials.now)
    if terms.not_after is not None:
        yield from _another_day(trials, "not_after", terms.not_after, range(1, MOST_DAYS + 1))
    if terms.not_before is not None:
        most = min((terms.not_before - today).days, MOST_DAYS)
        yield from _another_day(trials, "not_before", terms.not_before, range(-1, -most - 1, -1))
    if terms.within_days is not None:
        yield from _higher_count(trials, "within_days", terms.within_days, MOST_DAYS, MINUTES_A_DAY)
    if terms.per_week is not None:
        more = max(DAYS_A_WEEK - terms.per_week, 0)
        yield from _higher_count(trials, "per_week", terms.per_week, more, DAYS_A_WEEK * MINUTES_A_DAY)
    yield from _spacing(trials, "max")
    yield from _spacing(trials, "min")


def _another_day(trials: Trials, kind: str, ordered: date, offsets: range) -> Iterator[Relaxation]:
    days = [ordered + timedelta(days=offset) for offset in offsets]
    found = trials.nearest([{"kind": kind, "day": day.isoformat()} for day in days])
    if found is not None:
        day, size = days[found[0]], (found[0] + 1) * MINUTES_A_DAY
        change = {"kind": kind, "day": day.isoformat()}
        yield would_work(change, found[1], size, kind, day=day, before=ordered)


def _higher_count(trials: Trials, kind: str, ordered: int, most: int, size: int) -> Iterator[Relaxation]:
    ladder = [{"kind": kind, "count": ordered + more} for more in range(1, most + 1)]
    found = trials.nearest(ladder)
    if found is not None:
        index, proposal = found
        yield would_work(
            ladder[index], proposal, (index + 1) * size, kind, count=ladder[index]["count"], before=ordered
        )


def _spacing(trials: Trials, side: Side) -> Iterator[Relaxation]:
    """The smallest step of one rule; where it helps for one infusion alone, only that one is asked for."""
    best: tuple[int, int, Change, Proposal] | None = None
    for entry, rules in _rules_by_entry(trials.asked.terms, side).items():
        ladder = _ladder(entry, side, rules[0])
        minutes = MINUTES_OF[rules[0].spacing.unit]
        if best is not None:
            ladder = [change for step, change in enumerate(ladder, 1) if step * minutes < best[0]]
        found = trials.nearest(ladder)
        if found is not None:
            best = ((found[0] + 1) * minutes, entry, ladder[found[0]], found[1])
    if best is None:
        return
    size, entry, change, proposal = best
    rules = _rules_by_entry(trials.asked.terms, side)[entry]
    spacing = rules[0].spacing
    said = {
        "count": said_distance(change["count"], spacing.unit),
        "before": said_distance(getattr(spacing, side), spacing.unit),
    }
    for rule in rules:
        alone = {**change, "number": rule.number}
        found_alone = proposal if len(rules) == 1 else trials.tried(alone)
        if found_alone is not None:
            yield would_work(alone, found_alone, size, side, anchor=rule.anchor, **said)
            return
    yield would_work(change, proposal, size * len(rules), f"{side}_each", **said)


def _rules_by_entry(terms: SeriesTerms, side: Side) -> dict[int, list[Rule]]:
    """The hard rules that have this side, by the place of what was signed, with the infusions they bind."""
    to_place = {dose.number for dose in terms.doses}
    present = {*terms.known, *to_place}
    found: dict[int, list[Rule]] = {}
    for rule in (rule for number in sorted(present) for rule in rules_for(number, terms.spacings, present)):
        if rule.side(side, hard_only=True) is not None and to_place & {rule.number, rule.anchor}:
            entry = next(index for index, one in enumerate(terms.spacings) if one is rule.spacing)
            found.setdefault(entry, []).append(rule)
    return found


def _ladder(entry: int, side: Side, rule: Rule) -> list[Change]:
    ordered, most = getattr(rule.spacing, side), MOST_OF[rule.spacing.unit]
    counts = (
        range(ordered + 1, ordered + most + 1) if side == "max" else range(ordered - 1, max(ordered - most, 0) - 1, -1)
    )
    return [{"kind": f"spacing_{side}", "entry": entry, "number": None, "count": count} for count in counts]
