"""Which notices a patient should get: from visits, clinic rules, addresses and what was told already. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from notifications.check_ins import find_check_ins
from notifications.missed_visits import find_missed
from notifications.notice_facts import (
    ChannelName,
    CheckIn,
    ClinicRules,
    Draft,
    InPerson,
    PatientFacts,
    Purpose,
    Reachable,
    Shift,
    Told,
    Visit,
    Wanted,
)  # fmt: skip
from notifications.quiet_hours import QuietHours, quiet_from, when_on_duty, when_to_send
from notifications.reminder_steps import find_reminders
from notifications.visit_news import find_news

# News that quiet hours put off to the morning, and never to the evening before, when it was not so yet.
NEWS = frozenset({Purpose.CHANGED, Purpose.CANCELLED, Purpose.ORDER_PAUSED})
# Who reads of it in the morning so shortly before the visit may be on the way, or have left out breakfast for it.
SOON = timedelta(hours=3)
# The patient is awake and has just written: the steps of REPLY that answer somebody who wrote lately. A telephone
# switched off since is not to ring hours later.
FIXED_ANSWER, QUICK_ANSWER = "fixed", "quick"
AT_ANY_HOUR = frozenset({FIXED_ANSWER, QUICK_ANSWER})
LIVES_BY_NIGHT = timedelta(minutes=15)
# Words of the desk's own accord, or an answer to somebody who wrote long ago.
WRITTEN = "written"
ANSWERED_WITHIN = timedelta(hours=72)


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
    in_person: Sequence[InPerson] = (),
    check_ins: Sequence[CheckIn] = (),
    spent: Collection[str] = (),
    wants_day_of: bool = False,
    hurried_at: datetime | None = None,
) -> list[Wanted]:
    """Every notice that one patient's visits call for at `now`, told ones left out. `rules_of` is by clinic id.

    One notice a visit, channel and step; those of one address that fall due together leave as one message.
    `spent`: keys of notices that came to nothing; `hurried_at`: when somebody last pressed "send now".
    """
    facts = PatientFacts(visits, rules_of, reachable, told, in_person, check_ins, wants_day_of, hurried_at)
    addresses = one_a_channel(reachable)
    news = [_timed(draft, rules_of[draft.visit.clinic_id], now) for draft in find_news(facts, addresses, now)]
    first = min(addresses, key=lambda one: not one.preferred, default=None)
    # A confirmation that is still to come takes the place of a reminder; one that came to nothing does not.
    pending = {
        wanted.subject[0][0]
        for wanted in news
        if first and wanted.address_id == first.id and not wanted.lapsed and wanted.key not in spent
    }
    drafts = [*find_reminders(facts, addresses, pending, now), *find_check_ins(facts, addresses)]
    drafts += find_missed(facts, addresses)
    return news + [_timed(draft, rules_of[draft.visit.clinic_id], now) for draft in drafts]


def one_a_channel(reachable: Iterable[Reachable]) -> list[Reachable]:
    """The address to use on each channel: the preferred one, else the oldest. Texts before e-mail."""
    chosen: dict[ChannelName, Reachable] = {}
    for address in sorted(reachable, key=lambda one: (not one.preferred, one.id)):
        chosen.setdefault(address.channel, address)
    return [chosen[channel] for channel in ChannelName if channel in chosen]


def key_of(draft: Draft) -> str:
    """The key of the notice that a draft becomes."""
    return notice_key(
        subject=[(draft.visit.id, draft.visit.told_version)],
        purpose=draft.purpose,
        step=draft.step,
        channel=draft.address.channel,
        recipient=draft.address.id,
    )


def may_wake(visits: Iterable[Visit]) -> bool:
    """Whether a person said that the closure of one of these is told by night."""
    return any(visit.closing is not None and visit.closing.may_wake for visit in visits)


def wakes(purpose: Purpose, step: str, visits: Iterable[Visit]) -> bool:
    """Whether quiet hours don't count: for an answer to who has just written, and for a closure where a person said
    so."""
    if purpose is Purpose.CLOSURE:
        return may_wake(visits)
    return purpose is Purpose.REPLY and step in AT_ANY_HOUR


def step_of_words(*, wrote_at: datetime | None, now: datetime) -> str:
    """The step of words that a person sends, by when the patient last wrote: `wrote_at` is None where they did not."""
    return QUICK_ANSWER if wrote_at is not None and now - wrote_at < ANSWERED_WITHIN else WRITTEN


def goes_at(
    *,
    purpose: Purpose,
    step: str,
    visits: Iterable[Visit],
    due_at: datetime,
    useful_until: datetime,
    now: datetime,
    hours: QuietHours,
    zone: ZoneInfo,
    shifts: Sequence[Shift] = (),
) -> datetime | None:
    """When a notice goes, or None where that would be too late: alike for its plan and at the start of an attempt.

    A check-in goes only within `shifts`: who answers is to be read.
    """
    if wakes(purpose, step, visits):
        return due_at if max(due_at, now) < useful_until else None
    if purpose is Purpose.CHECK_IN:
        return when_on_duty(due_at, useful_until=useful_until, now=now, hours=hours, zone=zone, shifts=shifts)
    return when_to_send(due_at, useful_until=useful_until, now=now, hours=hours, zone=zone, waits=purpose in NEWS)


def lives_until(
    *,
    purpose: Purpose,
    visits: Iterable[Visit],
    useful_until: datetime,
    now: datetime,
    hours: QuietHours,
    zone: ZoneInfo,
) -> datetime:
    """Until when a message that leaves now may still arrive: not in quiet hours, but for a closure that may wake."""
    if purpose is Purpose.CLOSURE and may_wake(visits):
        return useful_until
    quiet = quiet_from(now, hours, zone)
    if quiet == now:
        return min(useful_until, now + LIVES_BY_NIGHT)
    return min(useful_until, quiet) if quiet else useful_until


def _timed(draft: Draft, rules: ClinicRules, now: datetime) -> Wanted:
    at = goes_at(
        purpose=draft.purpose,
        step=draft.step,
        visits=[draft.visit],
        due_at=draft.due_at,
        useful_until=draft.useful_until,
        now=now,
        hours=rules.quiet,
        zone=draft.address.zone,
        shifts=draft.shifts,
    )
    # Nobody knows yet who will be on duty then; the look at its time sees.
    is_early = draft.purpose is Purpose.CHECK_IN and now < draft.due_at
    is_news = draft.purpose in NEWS and not draft.they_know
    return Wanted(
        key=key_of(draft),
        purpose=draft.purpose,
        step=draft.step,
        channel=draft.address.channel,
        address_id=draft.address.id,
        subject=((draft.visit.id, draft.visit.told_version),),
        due_at=at or draft.due_at,
        useful_until=draft.useful_until,
        lapsed=at is None and not draft.they_know and not is_early,
        they_know=draft.they_know,
        by_night=is_news and at is not None and at > max(draft.due_at, now) and draft.useful_until - at < SOON,
    )
