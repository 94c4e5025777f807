"""What to say on the telephone to a patient whom no message reaches: their news and the visits to come. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from notifications.check_ins import find_check_ins
from notifications.missed_visits import find_missed
from notifications.notice_facts import ChannelName, Draft, PatientFacts, Purpose, Reachable, Standing
from notifications.visit_news import NOW_STEP, find_news, they_know


def find_to_say(facts: PatientFacts, now: datetime) -> list[Draft]:
    """What somebody has to call about, each with when and how long it is of use, by the rules of messages but without
    grace time: a call that is needed no more leaves the list.

    Visits to come are said though the patient knows them, for no reminder will reach them; what somebody has told them
    is not. Check-ins and the words after a missed visit are in it before they are due.
    """
    if not facts.visits:
        return []
    phone = Reachable(0, ChannelName.CALL, preferred=True, zone=facts.visits[-1].zone)
    facts = replace(
        facts,
        # Whatever way it came, the patient has heard it.
        told=[replace(one, channel=phone.channel) for one in facts.told],
        rules_of={clinic: replace(rules, grace=timedelta(0)) for clinic, rules in facts.rules_of.items()},
    )
    news = list(find_news(facts, [phone], now))
    new = {draft.visit.id for draft in news}
    known = [
        Draft(visit, Purpose.BOOKING_CONFIRMATION, NOW_STEP, phone, now, visit.starts_at)
        for visit in facts.visits
        if visit.standing in (Standing.FIRM, Standing.TENTATIVE) and visit.id not in new and not visit.closing
    ]
    later = [*find_check_ins(facts, [phone]), *find_missed(facts, [phone])]
    known = [draft for draft in known if not they_know(draft.visit, facts.in_person)]
    return [one for one in (*news, *known, *later) if one.useful_until > now and not one.they_know]
