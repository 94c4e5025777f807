"""Confirmations, changes, cancellations and closures: where a visit differs from what the patient heard of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from notifications.notice_facts import (
    ChannelName,
    ClinicRules,
    Closing,
    Draft,
    InPerson,
    PatientFacts,
    Purpose,
    Reachable,
    Standing,
    Told,
    Visit,
)  # fmt: skip
from notifications.pause_news import find_pause_news

NOW_STEP = "now"
# After a closure that is none any more, and after a pause: the first letter of the step that says so.
GOES_AHEAD = {Purpose.CLOSURE: "o", Purpose.ORDER_PAUSED: "r"}
# A closure far ahead is told once the clinic has had time to find another day, and early enough to make plans.
TELL_CLOSURE_BEFORE = timedelta(hours=72)
# So long before a visit the news of a decision waits for nobody any more.
LAST_CALL_BEFORE_VISIT = timedelta(hours=2)


def find_news(facts: PatientFacts, addresses: Sequence[Reachable], now: datetime) -> Iterator[Draft]:
    """What is to be told now. What somebody has told in person already is marked so."""
    in_order = sorted(facts.told, key=lambda one: one.said_at)
    last_told = {(one.visit_id, one.channel): one for one in in_order}
    # What went to a number that was a wrong one tells the patient nothing; a cancellation is told all the same.
    last_heard = {(one.visit_id, one.channel): one for one in in_order if one.still_theirs}
    drafts = [
        draft for visit in facts.visits for draft in _news_of(visit, addresses, last_told, last_heard, now)
    ]  # fmt: skip
    # Grace counts from the last change to this patient, so what the desk does in one call leaves as one message.
    last_change = max((draft.due_at for draft in drafts if draft.purpose is not Purpose.CLOSURE), default=now)
    closed_over = [draft.visit.starts_at for draft in drafts if draft.purpose is Purpose.CLOSURE]
    on_hold = [draft.visit.starts_at for draft in drafts if draft.purpose is Purpose.ORDER_PAUSED]
    for draft in drafts:
        rules, closing = facts.rules_of[draft.visit.clinic_id], draft.visit.closing
        if draft.purpose is Purpose.CLOSURE and closing:
            due_at = _closure_due(closing, rules, min(closed_over))
        else:
            # All visits of a pause leave as one message, in time for the first.
            first = min(on_hold) if draft.purpose is Purpose.ORDER_PAUSED else draft.useful_until
            due_at = _due(draft, first, rules, last_change, facts)
        known = is_told_by_a_person(draft.purpose, draft.step) and they_know(draft.visit, facts.in_person)
        yield replace(draft, due_at=due_at, they_know=known)


def _news_of(
    visit: Visit,
    addresses: Sequence[Reachable],
    last_told: dict[tuple[int, ChannelName], Told],
    last_heard: dict[tuple[int, ChannelName], Told],
    now: datetime,
) -> Iterator[Draft]:
    """Drafts that are due when the visit changed."""
    if visit.standing is Standing.CANCELLED:
        yield from _cancelled_news(visit, addresses, last_told)
    elif visit.pause is not None and visit.starts_at > now:
        yield from find_pause_news(visit, visit.pause, addresses, last_heard)
    elif visit.standing is not Standing.SILENT and visit.starts_at > now:
        for address in addresses:
            found = _purpose_for(visit, last_heard.get((visit.id, address.channel)))
            if found is not None:
                yield Draft(visit, *found, address, visit.known_since, visit.starts_at)


def _purpose_for(visit: Visit, last: Told | None) -> tuple[Purpose, str] | None:
    """(purpose, step) of what an address whose last word of the visit was `last` has to hear; None for nothing."""
    if last is None or last.purpose is Purpose.CANCELLED:
        return _of_closing(visit.closing, last) if visit.closing else (Purpose.BOOKING_CONFIRMATION, NOW_STEP)
    if (last.starts_at, last.clinic_id) != (visit.starts_at, visit.clinic_id):
        return Purpose.CHANGED, NOW_STEP
    if visit.closing:
        return _of_closing(visit.closing, last)
    if last.purpose in GOES_AHEAD:
        # A step of its own, for the visit itself is as it was.
        return Purpose.BOOKING_CONFIRMATION, f"{GOES_AHEAD[last.purpose]}{last.step[1:]}"
    if last.told_version < visit.firm_from:
        # It was only kept for them when they heard of it.
        return Purpose.BOOKING_CONFIRMATION, NOW_STEP
    return None


def closure_step(closing: Closing) -> str:
    """The step of the notices of one closure: each closure is told once."""
    return f"c{closing.id}"


def they_know(visit: Visit, in_person: Sequence[InPerson]) -> bool:
    """Whether somebody has told the patient of the visit as it is, and wants no message."""
    return any(_tells(one, visit) and one.at >= visit.stands_so_since and not one.and_send for one in in_person)


def is_told_by_a_person(purpose: Purpose, step: str) -> bool:
    """Whether somebody who tells the patient what stands now says what such a notice would."""
    return step == NOW_STEP or purpose is Purpose.ORDER_PAUSED


def _of_closing(closing: Closing, last: Told | None) -> tuple[Purpose, str] | None:
    step = closure_step(closing)
    if last is None or (last.purpose is not Purpose.CANCELLED and (last.purpose, last.step) != (Purpose.CLOSURE, step)):
        return Purpose.CLOSURE, step
    return None


def _cancelled_news(
    visit: Visit, addresses: Sequence[Reachable], last_told: dict[tuple[int, ChannelName], Told]
) -> Iterator[Draft]:
    last = {channel: last_told[visit.id, channel] for channel in ChannelName if (visit.id, channel) in last_told}
    believes = {channel: one for channel, one in last.items() if one.purpose is not Purpose.CANCELLED}
    # A visit cancelled once its time had come needs no words.
    if not believes or (until := max(one.starts_at for one in believes.values())) <= visit.known_since:
        return
    knows = believes.keys() != last.keys()
    channels = set(believes) & {address.channel for address in addresses}
    for address in addresses:
        if address.channel in channels or not (channels or knows):
            yield Draft(visit, Purpose.CANCELLED, NOW_STEP, address, visit.known_since, until)


def _due(draft: Draft, first: datetime, rules: ClinicRules, last_change: datetime, facts: PatientFacts) -> datetime:
    due_at, since = last_change + rules.grace, draft.visit.stands_so_since
    if draft.purpose is Purpose.ORDER_PAUSED or (draft.visit.by_clinician and draft.purpose is Purpose.CANCELLED):
        due_at = max(due_at, waits_for_a_person(since, first, rules))
    hurried = [one.at for one in facts.in_person if one.and_send and _tells(one, draft.visit) and one.at >= since]
    if facts.hurried_at is not None and facts.hurried_at >= since:
        hurried.append(facts.hurried_at)
    return min([due_at, *hurried])


def waits_for_a_person(since: datetime, first: datetime, rules: ClinicRules) -> datetime:
    """Until when the news of a prescriber's decision waits for somebody to tell the patient. `first`: the first visit
    that it is about."""
    return min(since + rules.told_by, first - LAST_CALL_BEFORE_VISIT)


def _closure_due(closing: Closing, rules: ClinicRules, first: datetime) -> datetime:
    """One time for all visits that the clinic is closed over, so that they leave as one message. `first`: its start."""
    ahead = first - TELL_CLOSURE_BEFORE
    return max(ahead, closing.since + rules.grace) if closing.since else ahead


def _tells(one: InPerson, visit: Visit) -> bool:
    return (one.visit_id, one.told_version) == (visit.id, visit.told_version)
