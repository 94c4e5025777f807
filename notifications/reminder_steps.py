"""Which steps before a visit to come are still to be said: not what was said, and nothing that is no news. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from notifications.before_a_visit import Step, steps_before
from notifications.notice_facts import Draft, PatientFacts, Purpose, Reachable, Standing, Told, Visit

# So long after one text the next about the same visit helps nobody.
APART = timedelta(hours=1)
BEFORE_A_VISIT = (Purpose.REMINDER, Purpose.INSTRUCTIONS, Purpose.RIDE)
NEWS = (Purpose.BOOKING_CONFIRMATION, Purpose.CHANGED)


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
        for step in _not_said_yet(steps_before(visit, facts, address), visit, facts, now):
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
