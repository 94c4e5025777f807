"""After a visit that the patient did not come to: one calm message that there is another time for them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from notifications.notice_facts import Draft, PatientFacts, Purpose, Reachable, Standing, Visit
from notifications.quiet_hours import next_allowed
from notifications.visit_news import they_know

STEP = "missed"
# Whoever only comes late is there by then, and what was said by mistake is taken back.
WAIT = timedelta(hours=1)
# Later a person has called, or the patient has.
TELL_WITHIN = timedelta(days=2)


def find_missed(facts: PatientFacts, addresses: Iterable[Reachable]) -> Iterator[Draft]:
    """One message a missed visit, to one address; none to whom we last told that we are closed then."""
    address = next(iter(sorted(addresses, key=lambda one: not one.preferred)), None)
    if address is None:
        return
    last = {one.visit_id: one.purpose for one in sorted(facts.told, key=lambda one: one.said_at)}
    for visit in facts.visits:
        if not is_missed(visit, facts.visits) or last.get(visit.id) in (Purpose.MISSED, Purpose.CLOSURE):
            continue
        # Quiet hours move a due time back, and this one must not go before anybody could undo it.
        said = visit.known_since
        due_at = next_allowed(said + WAIT, facts.rules_of[visit.clinic_id].quiet, address.zone)
        known = they_know(visit, facts.in_person)
        yield Draft(visit, Purpose.MISSED, STEP, address, due_at, said + TELL_WITHIN, known)


def is_missed(visit: Visit, visits: Iterable[Visit]) -> bool:
    """Whether a patient did not come and has no visit after that one among `visits`, all of theirs."""
    return visit.was_missed and not any(
        one.standing in (Standing.FIRM, Standing.TENTATIVE) and one.starts_at > visit.starts_at for one in visits
    )
