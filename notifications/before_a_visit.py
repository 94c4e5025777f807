"""The steps before a visit: what is said, when it is due, when it goes and until when it helps. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from notifications.notice_facts import ClinicRules, PatientFacts, Preparation, Purpose, Reachable, Standing, Visit
from notifications.quiet_hours import moved_back, next_allowed

NEIGHBOUR_DAYS = 7
LAST_HELP_BEFORE_VISIT = timedelta(hours=2)
LAST_HELP_ON_THE_DAY = timedelta(minutes=30)
# Nearer to the visit it is too late to eat differently, and days before nobody keeps it in mind.
PREPARE_HOURS = range(18, 37)
DAY_BEFORE_HOURS = 24
RIDE_HOURS = 48
RIDE_STEP, DAY_STEP = "ride", "day"
# When a step is due, what it says and its name.
Due: TypeAlias = tuple[datetime, Purpose, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to say before a visit. `goes_at`: when it is due, but for quiet hours."""

    purpose: Purpose
    name: str
    due_at: datetime
    goes_at: datetime
    useful_until: datetime


def steps_before(visit: Visit, facts: PatientFacts, address: Reachable) -> list[Step]:
    """What is said before this visit, in order of time; each loses its use when the next goes."""
    rules = facts.rules_of[visit.clinic_id]
    # Visits of one day share the first one's due time and so leave as one message.
    first = min(one.starts_at for one in facts.visits if one.standing is Standing.FIRM and _same_day(one, visit))
    dense = _is_dense(visit, facts.visits)
    hours = sorted(rules.reminder_hours, reverse=True)
    at = dict.fromkeys(hours[-1:] if dense else hours, Purpose.REMINDER)
    if visit.prepare is not None:
        # The last reminder that leaves time to prepare says how, too: one text in place of two.
        at[min((one for one in at if one in PREPARE_HOURS), default=DAY_BEFORE_HOURS)] = Purpose.INSTRUCTIONS
    found = [(_wall_clock_before(first, offset, visit.zone), purpose, f"{offset}h") for offset, purpose in at.items()]
    if not dense and visit.prepare and visit.prepare.needs_ride and not visit.driver_known:
        found.append((_wall_clock_before(first, RIDE_HOURS, visit.zone), Purpose.RIDE, RIDE_STEP))
    if facts.wants_day_of and (on_the_day := _day_of(first, rules, address)):
        found.append((on_the_day, Purpose.REMINDER, DAY_STEP))
    found = _one_of_a_day(sorted(found), rules, address)
    goes = [moved_back(due_at, rules.quiet, address.zone) for due_at, *_ in found]
    steps = []
    for (due_at, purpose, name), goes_at, end in zip(found, goes, [*goes[1:], first], strict=False):
        if purpose is Purpose.INSTRUCTIONS:
            # No confirmation says how to prepare, so who booked late hears it once the grace time is over.
            due_at = max(due_at, visit.known_since + rules.grace)  # noqa: PLW2901
        elif goes_at >= end:
            continue
        until = _useful_until(purpose, name, first, due_at, visit.prepare, end)
        steps.append(Step(purpose, name, due_at, goes_at, until))
    return steps


def _one_of_a_day(found: Sequence[Due], rules: ClinicRules, address: Reachable) -> list[Due]:
    """Without a reminder, or a question who drives, that would go on the day on which the instructions do: they say
    when the visit is and ask who drives, too. What a patient asked for on the day itself stays."""

    def day_of(due_at: datetime) -> date:
        return moved_back(due_at, rules.quiet, address.zone).astimezone(address.zone).date()

    prepares = {day_of(due_at) for due_at, purpose, _ in found if purpose is Purpose.INSTRUCTIONS}
    return [
        one for one in found
        if one[1] is Purpose.INSTRUCTIONS or one[2] == DAY_STEP or day_of(one[0]) not in prepares
    ]  # fmt: skip


def _useful_until(
    purpose: Purpose, name: str, first: datetime, due_at: datetime, prepare: Preparation | None, end: datetime
) -> datetime:
    """`end`: when the next step is due, or the visit itself."""
    if name == DAY_STEP:
        return first - LAST_HELP_ON_THE_DAY
    last = first - min(LAST_HELP_BEFORE_VISIT, (first - due_at) / 2)
    if purpose is Purpose.INSTRUCTIONS and prepare:
        # How to prepare helps until the first meal has to be left out, whatever else goes in between.
        return min(prepare.food_until or last, prepare.drinks_until or last, last)
    return min(end, last)


def _day_of(first: datetime, rules: ClinicRules, address: Reachable) -> datetime | None:
    """Not on the evening before, where that is when quiet hours would have it, and not as the patient walks in."""
    due_at = next_allowed(first - rules.day_of, rules.quiet, address.zone)
    return due_at if due_at < first - LAST_HELP_ON_THE_DAY else None


def _is_dense(visit: Visit, visits: Sequence[Visit]) -> bool:
    day = _day(visit)
    apart = (
        abs((_in_zone(other, visit.zone) - day).days) for other in visits if other.standing is not Standing.CANCELLED
    )
    return any(0 < days < NEIGHBOUR_DAYS for days in apart)


def _same_day(one: Visit, other: Visit) -> bool:
    return one.clinic_id == other.clinic_id and _day(one) == _day(other)


def _day(visit: Visit) -> date:
    return _in_zone(visit, visit.zone)


def _in_zone(visit: Visit, zone: ZoneInfo) -> date:
    return visit.starts_at.astimezone(zone).date()


def _wall_clock_before(at: datetime, hours: int, zone: ZoneInfo) -> datetime:
    # "24h" before a 9:00 visit is 9:00 the day before, also in the night the clocks change.
    days, rest = divmod(hours, 24)
    wall = at.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
    return wall.replace(tzinfo=zone).astimezone(UTC) - timedelta(hours=rest)
