"""Why an infusion of a series can't be at a time: its distance to the others, and the days that keep it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from scheduling.clinic_time import ClinicTime, week_start
from scheduling.spacing import OpenDays, OpenDaysUnknown, Rule, Spacing, keeps, rules_for
from scheduling.why_not import WhyNot, Words, said_distance

TEXTS = {
    "after": "Infusion %(number)s comes after infusion %(other)s (%(other_day)s).",
    "before": "Infusion %(number)s comes before infusion %(other)s (%(other_day)s).",
    "min": "Infusion %(number)s needs at least %(distance)s after infusion %(other)s (%(other_day)s); %(then)s.",
    "max": "Infusion %(number)s may come at most %(distance)s after infusion %(other)s (%(other_day)s); %(then)s.",
    "min_to": "Infusion %(other)s (%(other_day)s) needs at least %(distance)s after infusion %(number)s; %(then)s.",
    "max_to": "Infusion %(other)s (%(other_day)s) may come at most %(distance)s after infusion %(number)s; %(then)s.",
    "within_days": "The series may take %(count)s days: infusion %(number)s can be from %(first)s to %(last)s.",
    "per_week": "The calendar week from %(monday)s has as many infusions as are allowed (%(count)s); the next week "
    "begins on %(next)s.",
}
THEN = {
    "first": "%(day)s is the first day",
    "last": "%(day)s is the last day",
    "earliest": "%(day)s at %(time)s is the earliest",
    "latest": "%(day)s at %(time)s is the latest",
    "none": "no day keeps all rules",
}
A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)


def why_not_in_series(
    number: int,
    start: datetime,
    others: Mapping[int, datetime],
    spacings: Sequence[Spacing],
    clock: ClinicTime,
    *,
    within_days: int | None = None,
    per_week: int | None = None,
    open_days: OpenDays | None = None,
) -> tuple[WhyNot, ...]:
    """The hard rules that infusion `number` would break at this start, each with the first or last day that keeps all
    distances. `others` are the starts of the infusions given, booked and planned beside it. Refuses with
    OpenDaysUnknown when a rule counts open days that `open_days` does not cover."""
    one = _Infusion(number, start, others, spacings, clock, open_days)
    found = [*one.out_of_order(), *one.too_near_or_far()]
    if within_days is not None:
        found += one.outside(within_days)
    if per_week is not None:
        found += one.too_many_in_its_week(per_week)
    return tuple(found)


class _Infusion:
    def __init__(
        self,
        number: int,
        start: datetime,
        others: Mapping[int, datetime],
        spacings: Sequence[Spacing],
        clock: ClinicTime,
        open_days: OpenDays | None,
    ) -> None:
        self.number, self.start, self.clock, self.open_days = number, start, clock, open_days
        self.others = {other: when for other, when in others.items() if other != number}
        self.spacings, present = spacings, sorted({*self.others, number})
        rules = [rule for one in present for rule in rules_for(one, spacings, present)]
        # Rules from infusions before this one, and from this one to those behind it.
        self.back = [rule for rule in rules if rule.number == number and rule.anchor in self.others]
        self.ahead = [rule for rule in rules if rule.anchor == number]

    def _because(self, rule: str, text: str, **values: object) -> WhyNot:
        return WhyNot(rule, self.number, None, TEXTS[text], {"number": self.number, **values})

    def out_of_order(self) -> Iterator[WhyNot]:
        for other, when in sorted(self.others.items()):
            if (when >= self.start) if other < self.number else (when <= self.start):
                text = "after" if other < self.number else "before"
                yield self._because("order", text, other=other, other_day=self.clock.local_day(when))

    # ------------------------------------------------------------------------------------------------- distances

    def too_near_or_far(self) -> Iterator[WhyNot]:
        for rule in self.back:
            for side in keeps(rule, self.others[rule.anchor], self.start, self.clock, self.open_days):
                if side not in rule.spacing.soft:
                    yield self._distance(rule, rule.anchor, side, side, is_early=side == "min")
        for rule in self.ahead:
            for side in keeps(rule, self.start, self.others[rule.number], self.clock, self.open_days):
                if side not in rule.spacing.soft:
                    yield self._distance(rule, rule.number, side, f"{side}_to", is_early=side == "max")

    def _distance(self, rule: Rule, other: int, side: str, text: str, *, is_early: bool) -> WhyNot:
        count = getattr(rule.spacing, side)
        if rule.spacing.unit == "hours":
            then = self._edge_in_hours(self.others[other], count if other < self.number else -count, is_early=is_early)
        else:
            then = self._edge_in_days(is_early=is_early)
        return self._because(
            "spacing",
            text,
            other=other,
            other_day=self.clock.local_day(self.others[other]),
            distance=said_distance(count, rule.spacing.unit),
            then=then,
        )

    def _edge_in_hours(self, other: datetime, hours: int, *, is_early: bool) -> Words:
        edge = self.clock.local(other + timedelta(hours=hours))
        return Words(THEN["earliest" if is_early else "latest"], {"day": edge.date(), "time": edge})

    def _edge_in_days(self, *, is_early: bool) -> Words:
        """The first or last day that keeps all distances said in days."""
        day = self.clock.local_day(self.start)
        try:
            while any(self._broken_on(day, is_early=is_early)):
                day += A_DAY if is_early else -A_DAY
            if any(self._broken_on(day, is_early=not is_early)):
                return Words(THEN["none"])
        except OpenDaysUnknown:
            return Words(THEN["none"])
        return Words(THEN["first" if is_early else "last"], {"day": day})

    def _broken_on(self, day: date, *, is_early: bool) -> Iterator[bool]:
        """Of each rule whether the day is too early for it, or else too late."""
        for rule in (*self.back, *self.ahead):
            other = self.clock.local_day(self.others[rule.anchor if rule.number == self.number else rule.number])
            earlier, later = (other, day) if rule.number == self.number else (day, other)
            if rule.spacing.unit == "hours":
                continue
            if rule.spacing.unit == "days":
                distance = (later - earlier).days
            elif self.open_days is None:
                raise OpenDaysUnknown("a rule counts open days, but the clinic's open days were not given")
            else:
                distance = self.open_days.between(earlier, later)
            # Too early for a rule from before is too near, and for a rule to what comes behind too far.
            if is_early == (rule.number == self.number):
                yield distance < (rule.side("min", hard_only=True) or 0)
            else:
                most = rule.side("max", hard_only=True)
                yield most is not None and distance > most

    # ------------------------------------------------------------------------------------------------- over the series

    def outside(self, within_days: int) -> Iterator[WhyNot]:
        days = [self.clock.local_day(when) for when in self.others.values()]
        if days:
            first, last = max(days) - A_DAY * (within_days - 1), min(days) + A_DAY * (within_days - 1)
            if first <= last and not first <= self.clock.local_day(self.start) <= last:
                yield self._because("within_days", "within_days", count=within_days, first=first, last=last)

    def too_many_in_its_week(self, per_week: int) -> Iterator[WhyNot]:
        monday = week_start(self.clock.local_day(self.start))
        there = sum(week_start(self.clock.local_day(when)) == monday for when in self.others.values())
        if there >= per_week:
            yield self._because("per_week", "per_week", count=there, monday=monday, next=monday + A_WEEK)
