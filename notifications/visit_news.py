"""Confirmations, changes and cancellations: where a visit differs from what the patient was told of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from notifications.notice_facts import ChannelName, ClinicRules, Draft, Purpose, Reachable, Standing, Told, Visit

NOW_STEP = "now"


def find_news(
    visits: Sequence[Visit],
    rules_of: Mapping[int, ClinicRules],
    addresses: Sequence[Reachable],
    told: Sequence[Told],
    now: datetime,
) -> Iterator[Draft]:
    in_order = sorted(told, key=lambda one: one.said_at)
    last_told = {(one.visit_id, one.channel): one for one in in_order}
    # What went to a number that was a wrong one tells the patient nothing; a cancellation is told all the same.
    last_heard = {(one.visit_id, one.channel): one for one in in_order if one.still_theirs}
    news = [
        (visit, purpose, address, useful_until)
        for visit in visits
        for purpose, address, useful_until in _news_of(visit, addresses, last_told, last_heard, now)
    ]
    # Grace counts from the last change to this patient, so what the desk does in one call leaves as one message.
    last_change = max((visit.known_since for visit, *_ in news), default=now)
    for visit, purpose, address, useful_until in news:
        due_at = last_change + rules_of[visit.clinic_id].grace
        yield Draft(visit, purpose, NOW_STEP, address, due_at, useful_until)


def _news_of(
    visit: Visit,
    addresses: Sequence[Reachable],
    last_told: dict[tuple[int, ChannelName], Told],
    last_heard: dict[tuple[int, ChannelName], Told],
    now: datetime,
) -> Iterator[tuple[Purpose, Reachable, datetime]]:
    if visit.standing is Standing.CANCELLED:
        yield from _cancelled_news(visit, addresses, last_told)
    elif visit.standing is not Standing.SILENT and visit.starts_at > now:
        for address in addresses:
            last = last_heard.get((visit.id, address.channel))
            if last is None or last.purpose is Purpose.CANCELLED:
                yield Purpose.BOOKING_CONFIRMATION, address, visit.starts_at
            elif (last.starts_at, last.clinic_id) != (visit.starts_at, visit.clinic_id):
                yield Purpose.CHANGED, address, visit.starts_at
            elif last.told_version < visit.firm_from:
                # It was only kept for them when they heard of it.
                yield Purpose.BOOKING_CONFIRMATION, address, visit.starts_at


def _cancelled_news(
    visit: Visit, addresses: Sequence[Reachable], last_told: dict[tuple[int, ChannelName], Told]
) -> Iterator[tuple[Purpose, Reachable, datetime]]:
    last = {channel: last_told[visit.id, channel] for channel in ChannelName if (visit.id, channel) in last_told}
    believes = {channel: one for channel, one in last.items() if one.purpose is not Purpose.CANCELLED}
    # A visit cancelled once its time had come needs no words.
    if not believes or (until := max(one.starts_at for one in believes.values())) <= visit.known_since:
        return
    knows = believes.keys() != last.keys()
    channels = set(believes) & {address.channel for address in addresses}
    for address in addresses:
        if address.channel in channels or not (channels or knows):
            yield Purpose.CANCELLED, address, until
