"""What a visit to come calls for beforehand: reminders, how to prepare, who drives home; when each is of use. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from notifications.notice_facts import (
    ClinicRules,
    Draft,
    PatientFacts,
    Preparation,
    Purpose,
    Reachable,
    Standing,
    Told,
    Visit,
)  # fmt: skip
from notifications.quiet_hours import moved_back, next_allowed

NEIGHBOUR_DAYS = 7
LAST_HELP_BEFORE_VISIT = timedelta(hours=2)
LAST_HELP_ON_THE_DAY = timedelta(minutes=30)
# Nearer to the visit it is too late to eat differently, and days before nobody keeps it in mind.
PREPARE_HOURS = range(18, 37)
DAY_BEFORE_HOURS = 24
RIDE_HOURS = 48
# So long after one text the next about the same visit helps nobody.
APART = timedelta(hours=1)
RIDE_STEP, DAY_STEP = "ride", "day"
BEFORE_A_VISIT = (Purpose.REMINDER, Purpose.INSTRUCTIONS, Purpose.RIDE)
NEWS = (Purpose.BOOKING_CONFIRMATION, Purpose.CHANGED)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to say before a visit. `goes_at`: when it is due, but for quiet hours."""

    purpose: Purpose
    name: str
    due_at: datetime
    goes_at: datetime
    useful_until: datetime


def find_reminders(
    facts: PatientFacts, addresses: Sequence[Reachable], pending: Collection[int], now: datetime
) -> Iterator[Draft]:
    """Reminders, instructions and questions for the ride home, to one address each. `pending`: the visits of which
    there is news to tell, so that they are learnt of now."""
    address = next(iter(sorted(addresses, key=lambda one: not one.preferred)), None)
    if address is None:
        return
    for visit in facts.visits:
        if visit.standing is not Standing.FIRM or visit.starts_at <= now or visit.closing:
            continue
        learnt = now if visit.id in pending else _learnt(visit, facts.told)
        for step in _not_said_yet(_steps(visit, facts, address), visit, facts, now):
            if step.purpose is Purpose.INSTRUCTIONS or _says_something_new(visit, step.due_at, learnt):
                yield Draft(visit, step.purpose, step.name, address, step.due_at, step.useful_until)


def _not_said_yet(steps: Sequence[Step], visit: Visit, facts: PatientFacts, now: datetime) -> Iterator[Step]:
    """Without what was said, and without what another text has just said or has said since it was due."""
    told = [one for one in facts.told if (one.visit_id, one.starts_at) == (visit.id, visit.starts_at)]
    said = {one.step: one.purpose for one in told if one.purpose in BEFORE_A_VISIT}
    last_said = max((one.said_at for one in told if one.purpose in BEFORE_A_VISIT), default=None)
    for step in steps:
        # Who was only reminded has not heard how to prepare.
        if step.purpose is Purpose.INSTRUCTIONS and said.get(step.name) is not Purpose.INSTRUCTIONS:
            yield step
            if step.goes_at <= now < step.useful_until:
                last_said = now
    for step in steps:
        is_news = step.purpose is not Purpose.INSTRUCTIONS and step.name not in said
        if is_news and (last_said is None or last_said + APART < step.goes_at):
            yield step


def _steps(visit: Visit, facts: PatientFacts, address: Reachable) -> list[Step]:
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
    found.sort()
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


def _learnt(visit: Visit, told: Sequence[Told]) -> datetime:
    """When the patient learnt of the visit as it is: when it was said, where that was later than the change itself."""
    heard = (
        one.said_at
        for one in told
        if one.visit_id == visit.id and one.starts_at == visit.starts_at and one.purpose in NEWS and one.still_theirs
    )
    return max([visit.known_since, *heard])


def _says_something_new(visit: Visit, due_at: datetime, learnt: datetime) -> bool:
    """False on the day the patient learnt of this time and on the day after."""
    return (due_at.astimezone(visit.zone).date() - learnt.astimezone(visit.zone).date()).days > 1


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
