from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.notice_facts import ChannelName, ClinicRules, Closing, Purpose, Reachable, Standing, Told
from notifications.notice_rules import lives_until, notice_key
from notifications.quiet_hours import QuietHours
from tests.fakes.shared_inputs import read_json
from tests.notifications.facts import CLINIC, MAILBOX, NOW, PHONE, ZONE, at, brief, find, told, visit


def test_told_visit_wants_its_reminders_only() -> None:
    one = visit(1, at(10))
    found = find(one, said=(told(one),))
    assert [(wanted.step, wanted.due_at, wanted.useful_until) for wanted in found] == [
        ("72h", at(7), at(9)),
        ("24h", at(9), at(10, 8)),
    ]


def test_no_reminder_for_someone_who_booked_yesterday_or_today() -> None:
    today = visit(1, at(3), known_since=at(1, 9))
    assert brief(find(today, said=(told(today),))) == []
    later = visit(2, at(4), known_since=at(1, 9))
    assert brief(find(later, said=(told(later),))) == [(2, "reminder", "24h")]


def test_step_whose_time_passed_before_booking_is_not_wanted() -> None:
    one = visit(1, at(4), known_since=NOW)
    assert brief(find(one, said=(told(one),))) == [(1, "reminder", "24h")]


def test_dense_series_keeps_the_day_before_only() -> None:
    series = [visit(number, at(day)) for number, day in enumerate((10, 14, 17), start=1)]
    found = find(*series, said=tuple(map(told, series)))
    assert brief(found) == [(1, "reminder", "24h"), (2, "reminder", "24h"), (3, "reminder", "24h")]


def test_weekly_visits_are_not_dense() -> None:
    series = [visit(1, at(10)), visit(2, at(17))]
    assert len(find(*series, said=tuple(map(told, series)))) == 4


def test_cancelled_neighbour_makes_no_series_dense() -> None:
    pair = (visit(1, at(10)), visit(2, at(12), standing=Standing.CANCELLED))
    assert brief(find(*pair, said=(told(pair[0]),))) == [(1, "reminder", "24h"), (1, "reminder", "72h")]


def test_two_visits_of_one_day_are_reminded_together() -> None:
    pair = (visit(1, at(10, 9)), visit(2, at(10, 14)))
    found = find(*pair, said=tuple(map(told, pair)))
    assert {(wanted.step, wanted.due_at) for wanted in found} == {("72h", at(7, 9)), ("24h", at(9, 9))}


def test_early_visit_is_reminded_on_the_evening_before_the_day_before() -> None:
    one = visit(1, at(10, 8))
    found = find(one, said=(told(one),))
    assert [wanted.due_at for wanted in found] == [at(6, 19, 45), at(8, 19, 45)]


def test_reminder_keeps_wall_clock_when_the_clocks_change() -> None:
    start = datetime(2026, 11, 1, 10, 0, tzinfo=ZONE)  # the clocks go back that night
    now = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)
    one = visit(1, start.astimezone(UTC), known_since=now - timedelta(days=30))
    found = find(one, said=(told(one, said_at=one.known_since),), now=now)
    assert [wanted.due_at.astimezone(ZONE).strftime("%d %H:%M") for wanted in found] == ["29 10:00", "31 10:00"]


def test_reminded_step_is_not_wanted_again_after_moving_there_and_back() -> None:
    one = visit(1, at(10), told_version=3)
    found = find(one, said=(told(one), told(one, Purpose.REMINDER, "72h")), now=at(8))
    assert brief(found) == [(1, "reminder", "24h")]


def test_tentative_visit_is_confirmed_but_not_reminded() -> None:
    assert brief(find(visit(1, at(10), standing=Standing.TENTATIVE))) == [(1, "booking_confirmation", "now")]


def test_visit_that_was_told_as_kept_is_confirmed_once_it_is_firm_and_once_only() -> None:
    one = visit(1, at(10), told_version=2, firm_from=2, known_since=NOW)
    assert brief(find(one, said=(told(one, told_version=1),))) == [
        (1, "booking_confirmation", "now"),
        (1, "reminder", "24h"),
        (1, "reminder", "72h"),
    ]
    said = (told(one, told_version=1), told(one, told_version=2, said_at=NOW))
    assert {wanted.purpose for wanted in find(one, said=said)} == {Purpose.REMINDER}


def test_visit_made_firm_shortly_before_is_confirmed_and_not_reminded_twice_within_hours() -> None:
    one = visit(1, at(3, 15), told_version=2, firm_from=2, known_since=NOW)
    assert brief(find(one, said=(told(one, told_version=1),))) == [(1, "booking_confirmation", "now")]


def test_corrected_number_gets_a_confirmation_and_no_reminder_that_went_out_already() -> None:
    one = visit(1, at(4))
    said = (told(one, still_theirs=False), told(one, Purpose.REMINDER, "72h", still_theirs=False))
    assert brief(find(one, said=said)) == [(1, "booking_confirmation", "now"), (1, "reminder", "24h")]


def test_cancellation_goes_to_the_corrected_number_too() -> None:
    one = visit(1, at(10), told_version=2, standing=Standing.CANCELLED, known_since=NOW)
    assert brief(find(one, said=(told(one, still_theirs=False),))) == [(1, "cancelled", "now")]


def test_kept_time_is_told_to_nobody() -> None:
    assert find(visit(1, at(10), standing=Standing.SILENT)) == []


def test_moved_visit_wants_a_change_on_the_channels_that_told_it() -> None:
    one = visit(1, at(10), told_version=2, known_since=NOW)
    found = find(one, said=(told(one, starts_at=at(9)),), to=(PHONE, MAILBOX))
    assert {(wanted.purpose, wanted.channel) for wanted in found if wanted.step == "now"} == {
        (Purpose.CHANGED, ChannelName.SMS),
        (Purpose.BOOKING_CONFIRMATION, ChannelName.EMAIL),
    }
    assert {wanted.due_at for wanted in found if wanted.step == "now"} == {NOW + timedelta(minutes=3)}


def test_moved_there_and_back_wants_nothing_new() -> None:
    one = visit(1, at(10), told_version=3, known_since=NOW)
    assert {wanted.purpose for wanted in find(one, said=(told(one),))} == {Purpose.REMINDER}


def test_cancelled_visit_is_told_once_to_those_who_knew_of_it() -> None:
    one = visit(1, at(10), told_version=2, standing=Standing.CANCELLED, known_since=NOW)
    knew = told(one)
    assert brief(find(one, said=(knew,), to=(PHONE, MAILBOX))) == [(1, "cancelled", "now")]
    assert find(one) == []
    assert find(one, said=(knew, told(one, Purpose.CANCELLED, said_at=NOW)), to=(PHONE, MAILBOX)) == []


def test_cancellation_goes_elsewhere_when_the_channel_that_told_it_is_gone() -> None:
    one = visit(1, at(10), told_version=2, standing=Standing.CANCELLED, known_since=NOW)
    found = find(one, said=(told(one),), to=(MAILBOX,))
    assert [(wanted.purpose, wanted.channel) for wanted in found] == [(Purpose.CANCELLED, ChannelName.EMAIL)]


def test_visit_cancelled_after_its_time_needs_no_words() -> None:
    one = visit(1, at(1, 9), standing=Standing.CANCELLED, known_since=NOW)
    assert find(one, said=(told(one),)) == []


@pytest.mark.parametrize("standing", [Standing.CANCELLED, Standing.FIRM])
@pytest.mark.parametrize(
    ("start", "goes", "lapsed", "by_night"),
    [
        (at(10, 8, 30), None, True, False),
        (at(10, 10), at(10, 9), False, True),
        (at(10, 15), at(10, 9), False, False),
        (at(12, 9, 30), at(10, 9), False, False),
    ],
)
def test_news_by_night_waits_for_the_morning_and_is_a_persons_where_that_is_late(
    standing: Standing, start: datetime, goes: datetime | None, lapsed: bool, by_night: bool
) -> None:
    evening = at(9, 21, 30)
    one = visit(1, start, standing=standing, known_since=evening, told_version=2)
    said = told(one, starts_at=start if standing is Standing.CANCELLED else start + timedelta(hours=1))
    [news] = [wanted for wanted in find(one, said=(said,), now=evening) if wanted.step == "now"]
    assert (news.lapsed, news.by_night) == (lapsed, by_night)
    assert news.due_at == (goes or evening + timedelta(minutes=3))


def test_news_that_waits_for_somebody_to_tell_it_is_not_by_night() -> None:
    noon = at(9, 12)
    one = visit(1, at(9, 17), standing=Standing.CANCELLED, known_since=noon, told_version=2, by_clinician=True)
    [news] = find(one, said=(told(one),), now=noon)
    assert (news.due_at, news.by_night) == (at(9, 14), False)


@pytest.mark.parametrize(
    ("purpose", "now", "closing", "until"),
    [
        (Purpose.CANCELLED, at(9, 19), None, at(9, 20)),
        (Purpose.CHANGED, at(9, 12), None, at(9, 20)),
        (Purpose.REMINDER, at(10, 9, 30), None, at(10, 15)),
        (Purpose.REPLY, at(9, 19), None, at(9, 20)),
        (Purpose.REPLY, at(9, 23), None, at(9, 23, 15)),
        (Purpose.CLOSURE, at(9, 19), Closing(1), at(9, 20)),
        (Purpose.CLOSURE, at(10, 5), Closing(1, may_wake=True), at(10, 15)),
    ],
)
def test_no_text_lives_into_the_night_but_a_closure_that_may_wake(
    purpose: Purpose, now: datetime, closing: Closing | None, until: datetime
) -> None:
    one = visit(1, at(10, 15), closing=closing)
    assert until == lives_until(
        purpose=purpose, visits=[one], useful_until=one.starts_at, now=now, hours=QuietHours(), zone=ZONE
    )


def test_confirmation_that_can_only_come_too_late_lapses() -> None:
    evening = at(9, 21)
    found = find(visit(1, at(10, 8), known_since=evening), now=evening)
    assert [(wanted.purpose, wanted.lapsed) for wanted in found] == [(Purpose.BOOKING_CONFIRMATION, True)]


def test_preferred_address_is_reminded() -> None:
    one = visit(1, at(10))
    found = find(one, said=(told(one),), to=(PHONE, replace(MAILBOX, preferred=True)))
    assert {wanted.channel for wanted in found if wanted.purpose is Purpose.REMINDER} == {ChannelName.EMAIL}


def test_shared_reminder_cases_hold() -> None:
    """REM-01: the old reminder never goes, the new one goes once. REM-02: no reminder, one cancellation."""
    cases = {case["id"]: case for case in read_json("cases/reminders.json")["cases"]}
    moved, cancelled = cases["REM-01"], cases["REM-02"]
    rules = ClinicRules(reminder_hours=(moved["given"]["reminder_before_h"],))
    was, becomes, when = (
        datetime.fromisoformat(text)
        for text in (moved["given"]["visit"], moved["when"]["move_to"], moved["when"]["at"])
    )
    one = visit(1, becomes, told_version=2, known_since=when)
    found = find(one, said=(told(one, starts_at=was),), now=when, rules=rules)
    assert [wanted.due_at.date().isoformat() for wanted in found if wanted.purpose is Purpose.REMINDER] == [
        "2026-12-15"
    ]
    start, at_ = (datetime.fromisoformat(text) for text in (cancelled["given"]["visit"], cancelled["when"]["at"]))
    gone = visit(1, start, standing=Standing.CANCELLED, known_since=at_)
    purposes = [wanted.purpose for wanted in find(gone, said=(told(gone),), now=at_)]
    assert purposes == [Purpose.CANCELLED] * cancelled["then"]["cancellation_messages"]


subjects = st.frozensets(st.tuples(st.integers(1, 10**9), st.integers(1, 999)), min_size=1, max_size=8)
keys = st.tuples(
    subjects, st.sampled_from(Purpose), st.sampled_from(["now", "72h", "24h", "day"]), st.sampled_from(ChannelName),
    st.integers(1, 10**9),
)  # fmt: skip


@given(keys, keys)
def test_key_is_the_same_for_the_same_facts_only(one: tuple, other: tuple) -> None:  # type: ignore[type-arg]
    def key(facts: tuple) -> str:  # type: ignore[type-arg]
        subject, purpose, step, channel, recipient = facts
        return notice_key(subject=subject, purpose=purpose, step=step, channel=channel, recipient=recipient)

    assert (key(one) == key(other)) == (one == other)


def test_key_does_not_depend_on_the_order_of_a_set_of_visits() -> None:
    facts = {"purpose": Purpose.REMINDER, "step": "24h", "channel": ChannelName.SMS, "recipient": 5}
    assert notice_key(subject=[(10, 1), (9, 2)], **facts) == notice_key(subject=[(9, 2), (10, 1)], **facts)  # type: ignore[arg-type]


visits_of_one_patient = st.lists(
    st.tuples(st.integers(-10, 60 * 24), st.sampled_from(Standing), st.integers(0, 60)), min_size=1, max_size=8
)


@given(
    visits_of_one_patient,
    st.lists(st.booleans(), min_size=8, max_size=8),
    st.sampled_from([(PHONE,), (PHONE, MAILBOX)]),
)
def test_wanted_keys_are_unique_and_what_was_told_stays_told(
    facts: list[tuple[int, Standing, int]], known: list[bool], to: tuple[Reachable, ...]
) -> None:
    visits = [
        visit(number, NOW + timedelta(hours=hours), standing=standing, known_since=NOW - timedelta(days=days))
        for number, (hours, standing, days) in enumerate(facts, start=1)
    ]
    said = tuple(
        replace(told(one), channel=address.channel)
        for one, knows in zip(visits, known, strict=False)
        for address in to
        if knows
    )
    found = find(*visits, said=said, to=to)
    assert len({wanted.key for wanted in found}) == len(found)
    # Telling all that is due makes everything but reminders and lapses silent.
    said += tuple(
        Told(wanted.subject[0][0], wanted.purpose, wanted.step, wanted.channel, one.starts_at, CLINIC, NOW)
        for wanted in found
        for one in visits
        if one.id == wanted.subject[0][0]
    )
    assert find(*visits, said=said, to=to) == []
