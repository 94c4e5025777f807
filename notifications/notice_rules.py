"""Which notices a patient should get: from visits, clinic rules, addresses and what was told already. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from notifications.notice_facts import ChannelName, ClinicRules, Draft, Purpose, Reachable, Told, Visit, Wanted
from notifications.quiet_hours import when_to_send
from notifications.reminder_steps import find_reminders
from notifications.visit_news import find_news

NEVER_LATE = frozenset({Purpose.CHANGED, Purpose.CANCELLED})


def notice_key(
    *, subject: Iterable[tuple[int, int]], purpose: Purpose, step: str, channel: ChannelName, recipient: int
) -> str:
    """The text that makes a notice the only one of its kind.

    `subject`: (visit id, told_version) pairs in any order; `recipient`: address id.
    """
    visits = "+".join(f"{visit_id}v{version}" for visit_id, version in sorted(subject))
    return f"{purpose}/{step}/{channel}/a{recipient}/{visits}"


def find_wanted(
    *,
    visits: Sequence[Visit],
    rules_of: Mapping[int, ClinicRules],
    reachable: Sequence[Reachable],
    told: Sequence[Told],
    now: datetime,
) -> list[Wanted]:
    """Every notice that one patient's visits call for at `now`, told ones left out. `rules_of` is by clinic id.

    One notice a visit, channel and step; those of one address that fall due together leave as one message.
    """
    drafts = [
        *find_news(visits, rules_of, one_a_channel(reachable), told, now),
        *find_reminders(visits, rules_of, one_a_channel(reachable), told, now),
    ]
    return [_timed(draft, rules_of[draft.visit.clinic_id], now) for draft in drafts]


def one_a_channel(reachable: Iterable[Reachable]) -> list[Reachable]:
    """The address to use on each channel: the preferred one, else the oldest. Texts before e-mail."""
    chosen: dict[ChannelName, Reachable] = {}
    for address in sorted(reachable, key=lambda one: (not one.preferred, one.id)):
        chosen.setdefault(address.channel, address)
    return [chosen[channel] for channel in ChannelName if channel in chosen]


def _timed(draft: Draft, rules: ClinicRules, now: datetime) -> Wanted:
    at = when_to_send(
        draft.due_at,
        useful_until=draft.useful_until,
        now=now,
        hours=rules.quiet,
        zone=draft.address.zone,
        exempt=draft.purpose in NEVER_LATE,
    )
    subject = ((draft.visit.id, draft.visit.told_version),)
    return Wanted(
        key=notice_key(
            subject=subject,
            purpose=draft.purpose,
            step=draft.step,
            channel=draft.address.channel,
            recipient=draft.address.id,
        ),
        purpose=draft.purpose,
        step=draft.step,
        channel=draft.address.channel,
        address_id=draft.address.id,
        subject=subject,
        due_at=at or draft.due_at,
        useful_until=draft.useful_until,
        lapsed=at is None,
    )
