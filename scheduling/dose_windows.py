"""What an order's rules leave of the calendar for each infusion to place, from what was given and what stays booked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from scheduling.capacity import STEP_MINUTES, STEP_SECONDS
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.date_paths import Link, SeriesRules, week_number
from scheduling.series_terms import SeriesTerms
from scheduling.spacing import OpenDaysUnknown, Rule, rules_for

FAR = 10**7


class DoseWindows:
    """The rules of one search, numbered. `hard_only` gives the soft sides up."""

    def __init__(self, capacity: ClinicCapacity, terms: SeriesTerms, now: datetime, *, hard_only: bool) -> None:
        self.capacity, self.clock, self.terms, self.hard_only = capacity, capacity.clock, terms, hard_only
        self.known = terms.known
        self.known_day = {number: self.clock.local_day(start).toordinal() for number, start in self.known.items()}
        self.to_place = sorted(dose.number for dose in terms.doses)
        self.present = sorted({*self.known, *self.to_place})
        self.rules = [rule for number in self.present for rule in rules_for(number, terms.spacings, self.present)]
        days = capacity.days
        self.first = max(days[0], self.clock.local_day(now), terms.not_before or days[0]).toordinal()
        self.last = min(days[-1], terms.not_after or days[-1]).toordinal()
        self.open_count: dict[int, int] = {}
        if any(rule.spacing.unit == "open_days" for rule in self.rules):
            self._count_open_days()

    def _count_open_days(self) -> None:
        open_days = self.capacity.snapshot.open_days
        before_all = open_days.first.toordinal() - 1
        used = {n for rule in self.rules if rule.spacing.unit == "open_days" for n in (rule.number, rule.anchor)}
        for number in used & self.known.keys():
            if not before_all <= self.known_day[number] <= open_days.last.toordinal():
                raise OpenDaysUnknown(f"the opening hours on the day of infusion {number} are not known")
        self.open_count = {day.toordinal(): open_days.between(open_days.first, day) for day in self.capacity.days}
        self.open_count[before_all] = self.open_count[before_all + 1] - (open_days.first in open_days.days)

    def missing_anchors(self) -> list[Rule]:
        """Rules on infusions to place that count from one neither given, nor booked, nor to place."""
        return [rule for rule in self.rules if rule.number in self.to_place and rule.anchor not in self.present]

    def links(self, number: int) -> tuple[Link, ...]:
        """The rules from other infusions to place, which come before."""
        return tuple(
            Link(self.to_place.index(rule.anchor), rule.spacing.unit, *self._sides(rule))
            for rule in self.rules
            if rule.number == number and rule.anchor in self.to_place
        )

    def is_timed(self, number: int) -> bool:
        """Whether a rule in hours looks at this infusion's start."""
        return any(rule.spacing.unit == "hours" and number in (rule.number, rule.anchor) for rule in self.rules)

    def may_share_day(self, earlier: int, later: int) -> bool:
        """Whether two infusions may lie on one day: neighbours only where hours, and no days, are said between them;
        others as far as those between them let them."""
        if self.present.index(later) - self.present.index(earlier) > 1:
            return True
        between = [rule for rule in self.rules if (rule.anchor, rule.number) == (earlier, later)]
        return any(rule.spacing.unit == "hours" for rule in between) and not any(
            rule.spacing.unit != "hours" and (self._sides(rule)[0] or 0) > 0 for rule in between
        )

    def shares_a_day(self, number: int) -> bool:
        """Whether the infusion may lie on one day with the one before or after it."""
        before, after = self.number_before(number), self.number_after(number)
        return (before > 0 and self.may_share_day(before, number)) or (after > 0 and self.may_share_day(number, after))

    def number_before(self, number: int) -> int:
        """The infusion before this one, of those that stand or are to be placed; 0 for the first."""
        return max((one for one in self.present if one < number), default=0)

    def number_after(self, number: int) -> int:
        """The infusion after this one, of those that stand or are to be placed; 0 for the last."""
        return min((one for one in self.present if one > number), default=0)

    def day_bounds(self, number: int) -> tuple[int, int]:
        """The first and last day number that days, order and the whole series leave."""
        low, high = self.first, self.last
        for other, day in self.known_day.items():
            apart = 0 if self.may_share_day(*sorted((other, number))) else 1
            if other < number:
                low = max(low, day + apart)
            else:
                high = min(high, day - apart)
        if self.terms.within_days is not None and self.known_day:
            low = max(low, max(self.known_day.values()) - self.terms.within_days + 1)
            high = min(high, min(self.known_day.values()) + self.terms.within_days - 1)
        for rule, other_day, sign in self._bounds(number, "days"):
            least, most = self._sides(rule)
            if sign > 0:
                low, high = max(low, other_day + (least or 0)), min(high, other_day + _or_far(most))
            else:
                low, high = max(low, other_day - _or_far(most)), min(high, other_day - (least or 0))
        return low, high

    def allows_day(self, number: int, day: int) -> bool:
        """Whether rules in open days, and the week's count, leave this day."""
        for rule, other_day, sign in self._bounds(number, "open_days"):
            if not _inside(sign * (self.open_count[day] - self.open_count[other_day]), self._sides(rule), 1):
                return False
        return self.terms.per_week is None or self.week_taken[week_number(day)] < self.terms.per_week

    def allows_start(self, number: int, step: int, whole: int) -> bool:
        """Whether rules in hours leave a start at an absolute step, and the visit does not run into one that stands."""
        for other, start in self.known.items():
            known = int(start.timestamp()) // STEP_SECONDS
            if (known >= step) if other < number else (known < step + whole):
                return False
        for rule in self.rules:
            if rule.spacing.unit != "hours" or number not in (rule.number, rule.anchor):
                continue
            other = rule.anchor if rule.number == number else rule.number
            if other in self.known:
                minutes = step * STEP_MINUTES - self.known[other].timestamp() / 60
                if not _inside(minutes if rule.number == number else -minutes, self._sides(rule), 60):
                    return False
        return True

    def over_all(self) -> SeriesRules:
        """The rules over the whole series; "within days" only where the rules from each to the next can break it."""
        longest = sum(self._longest(earlier, later) for earlier, later in pairwise(self.to_place))
        within = self.terms.within_days
        return SeriesRules(
            None if within is None or longest < within else within,
            self.terms.per_week,
            self.week_taken,
            self.open_count,
        )

    @cached_property
    def week_taken(self) -> Counter[int]:
        """Infusions that stand, by week number."""
        return Counter(week_number(day) for day in self.known_day.values())

    def _longest(self, earlier: int, later: int) -> int:
        return min(
            (
                _or_far(self._sides(rule)[1])
                for rule in self.rules
                if rule.spacing.unit == "days" and (rule.anchor, rule.number) == (earlier, later)
            ),
            default=FAR,
        )

    def _bounds(self, number: int, unit: str) -> list[tuple[Rule, int, int]]:
        """Rules that tie the infusion to one that stands: the rule, that one's day, and 1 when it is the earlier."""
        found = []
        for rule in self.rules:
            if rule.spacing.unit == unit and number in (rule.number, rule.anchor):
                other = rule.anchor if rule.number == number else rule.number
                if other in self.known_day:
                    found.append((rule, self.known_day[other], 1 if rule.number == number else -1))
        return found

    def _sides(self, rule: Rule) -> tuple[int | None, int | None]:
        return rule.side("min", hard_only=self.hard_only), rule.side("max", hard_only=self.hard_only)


def _or_far(count: int | None) -> int:
    return FAR if count is None else count


def _inside(distance: float, sides: Sequence[int | None], scale: int) -> bool:
    least, most = sides
    return (least is None or distance >= least * scale) and (most is None or distance <= most * scale)
