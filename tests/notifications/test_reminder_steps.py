"""How to prepare, who drives home, the day itself: what is said before a visit, when, and until when it helps."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.before_a_visit import steps_before
from notifications.notice_facts import (
    ClinicRules,
    PatientFacts,
    Preparation,
    Purpose,
    Reachable,
    Told,
    Visit,
    Wanted,
)  # fmt: skip
from notifications.quiet_hours import QuietHours
from tests.notifications.facts import NOW, PHONE, at, brief, find, told, visit

FASTING = Preparation(food_until=at(10, 4), drinks_until=at(10, 8), needs_ride=True)
NO_FASTING = Preparation(needs_ride=True)


def infusion(prepare: Preparation | None = FASTING, **changes: object) -> Visit:
    return visit(1, at(10), prepare=prepare, driver_known=True, **changes)


def steps(found: list[Wanted]) -> list[tuple[str, str, datetime]]:
    return [(one.purpose.value, one.step, one.due_at) for one in sorted(found, key=lambda one: one.due_at)]


def test_the_text_of_the_day_before_says_how_to_prepare_in_place_of_a_reminder() -> None:
    one = infusion()
    found = find(one, said=(told(one),))
    assert steps(found) == [("reminder", "72h", at(7)), ("instructions", "24h", at(9))]
    assert sorted(wanted.useful_until for wanted in found) == [at(9), at(10, 4)]


@pytest.mark.parametrize(
    ("hours", "wanted"),
    [
        ((), [("instructions", "24h", at(9))]),
        ((48, 20), [("reminder", "48h", at(8)), ("instructions", "20h", at(9, 14))]),
        ((72,), [("reminder", "72h", at(7)), ("instructions", "24h", at(9))]),
        ((2,), [("instructions", "24h", at(9))]),
        ((30, 2), [("instructions", "30h", at(8, 19, 45)), ("reminder", "2h", at(9, 19, 45))]),
    ],
)
def test_instructions_come_with_the_last_reminder_that_leaves_time_to_prepare(
    hours: tuple[int, ...], wanted: list[tuple[str, str, datetime]]
) -> None:
    one = infusion()
    assert steps(find(one, said=(told(one),), rules=ClinicRules(reminder_hours=hours))) == wanted


def test_who_booked_today_for_tomorrow_hears_how_to_prepare_after_the_grace_time_and_no_reminder() -> None:
    start = at(2)
    one = visit(1, start, known_since=NOW, prepare=replace(FASTING, food_until=at(2, 4), drinks_until=at(2, 8)))
    found = find(one, said=(told(one, said_at=NOW),))
    assert steps(found) == [("instructions", "24h", NOW + timedelta(minutes=3))]


def test_instructions_lapse_once_it_is_too_late_to_eat_differently() -> None:
    one = infusion()
    found = find(one, said=(told(one),), now=at(10, 4, 30))
    assert [(wanted.purpose, wanted.lapsed) for wanted in found] == [
        (Purpose.INSTRUCTIONS, True), (Purpose.REMINDER, True),
    ]  # fmt: skip


def test_a_moved_visit_is_prepared_for_anew() -> None:
    one = infusion(told_version=2)
    said = (
        told(one, starts_at=at(9)),
        told(one, Purpose.INSTRUCTIONS, "24h", starts_at=at(9)),
        told(one, Purpose.CHANGED, told_version=2, said_at=at(8, 12)),
    )
    assert brief(find(one, said=said, now=at(8, 13))) == [(1, "instructions", "24h")]


def test_who_was_only_reminded_when_the_order_asked_for_nothing_hears_how_to_prepare() -> None:
    one = infusion()
    said = (told(one), told(one, Purpose.REMINDER, "24h"), told(one, Purpose.REMINDER, "72h"))
    assert brief(find(one, said=said, now=at(9, 12))) == [(1, "instructions", "24h")]


def test_a_driver_nobody_knows_is_asked_for_between_the_reminders() -> None:
    one = replace(infusion(NO_FASTING), driver_known=False)
    found = find(one, said=(told(one),))
    assert steps(found) == [("reminder", "72h", at(7)), ("ride", "ride", at(8)), ("instructions", "24h", at(9))]
    assert [wanted.useful_until for wanted in sorted(found, key=lambda one: one.due_at)] == [at(8), at(9), at(10, 8)]


@pytest.mark.parametrize(
    "one", [infusion(NO_FASTING), infusion(None), replace(infusion(Preparation(food_until=at(10, 4))))]
)
def test_no_driver_is_asked_for_where_one_is_known_or_none_is_needed(one: Visit) -> None:
    assert Purpose.RIDE not in {wanted.purpose for wanted in find(one, said=(told(one),))}


def test_a_dense_series_gets_one_text_a_visit_on_the_day_before() -> None:
    series = [
        visit(number, at(day), prepare=Preparation(at(day, 4), at(day, 8), needs_ride=True))
        for number, day in enumerate((7, 9, 11, 14, 16, 18), start=1)
    ]
    found = find(*series, said=tuple(map(told, series)))
    assert brief(found) == [(number, "instructions", "24h") for number in range(1, 7)]
    days = [wanted.due_at.date() for wanted in found]
    assert len(set(days)) == len(days)


def test_who_asked_for_it_is_reminded_on_the_day_itself() -> None:
    one = visit(1, at(10, 14))
    found = find(one, said=(told(one),), wants_day_of=True)
    assert steps(found)[-1] == ("reminder", "day", at(10, 12))
    assert max(wanted.useful_until for wanted in found) == at(10, 13, 30)
    assert [wanted.useful_until for wanted in found if wanted.step == "24h"] == [at(10, 12)]


@pytest.mark.parametrize(
    ("hour", "due"),
    [((10, 30), at(10, 9)), ((9, 45), at(10, 9)), ((9, 30), None), ((8, 0), None)],
)
def test_the_reminder_of_the_day_never_comes_the_evening_before(hour: tuple[int, int], due: datetime | None) -> None:
    one = visit(1, at(10, *hour))
    found = find(one, said=(told(one),), wants_day_of=True)
    assert [wanted.due_at for wanted in found if wanted.step == "day"] == ([due] if due else [])


def test_a_patient_abroad_is_not_woken_for_the_reminder_of_the_day() -> None:
    one = visit(1, at(10, 14))
    west = Reachable(1, PHONE.channel, preferred=False, zone=ZoneInfo("Pacific/Honolulu"))
    found = find(one, said=(told(one),), to=(west,), wants_day_of=True)
    assert [wanted.step for wanted in found if wanted.step == "day"] == []


def test_a_confirmation_that_came_late_takes_the_place_of_the_reminder_due_by_then() -> None:
    one = visit(1, at(4), known_since=at(1))
    after_an_outage = at(3, 12)
    assert brief(find(one, now=after_an_outage)) == [(1, "booking_confirmation", "now")]
    said = (told(one, said_at=after_an_outage),)
    assert find(one, said=said, now=after_an_outage + timedelta(hours=1)) == []


def test_a_confirmation_that_came_to_nothing_takes_no_reminders_place() -> None:
    one = visit(1, at(4), known_since=at(1))
    [confirmation] = find(one, now=at(3, 12))
    found = find(one, now=at(3, 12), spent={confirmation.key})
    assert brief(found) == [(1, "booking_confirmation", "now"), (1, "reminder", "24h")]


def test_after_an_outage_the_last_step_goes_alone() -> None:
    one = replace(infusion(NO_FASTING), driver_known=False)
    found = find(one, said=(told(one),), now=at(9, 15))
    assert [(wanted.step, wanted.lapsed) for wanted in found] == [("24h", False)]


def test_a_reminder_due_beside_instructions_that_came_late_is_not_said_too() -> None:
    """The one of two hours before a visit at 10 goes on the evening before, at 20:15; the instructions were to go on
    the evening before that."""
    one = infusion()
    rules = ClinicRules(reminder_hours=(30, 2), quiet=QuietHours(time(20, 30), time(9)))
    late = at(9, 20, 20)
    assert brief(find(one, said=(told(one),), now=late, rules=rules)) == [(1, "instructions", "30h")]
    said = (told(one), told(one, Purpose.INSTRUCTIONS, "30h", said_at=at(9, 20, 20)))
    assert find(one, said=said, now=at(9, 20, 25), rules=rules) == []
    soon = (told(one), told(one, Purpose.INSTRUCTIONS, "30h", said_at=at(9, 20, 10)))
    assert find(one, said=soon, now=at(9, 20, 11), rules=rules) == []
    early = (told(one), told(one, Purpose.INSTRUCTIONS, "30h", said_at=at(8, 20)))
    assert brief(find(one, said=early, now=at(9, 20, 20), rules=rules)) == [(1, "reminder", "2h")]


def test_a_reminder_of_the_day_of_the_instructions_is_said_by_them() -> None:
    """The one of two hours before a visit at 10 would go on the evening before, where the instructions went at 10."""
    one = infusion()
    rules = ClinicRules(reminder_hours=(24, 2))
    assert steps(find(one, said=(told(one),), rules=rules)) == [("instructions", "24h", at(9))]
    said = (told(one), told(one, Purpose.INSTRUCTIONS, "24h", said_at=at(9, 10)))
    assert find(one, said=said, now=at(9, 20), rules=rules) == []


def test_the_question_who_drives_is_asked_by_the_instructions_of_the_same_day() -> None:
    """For a visit at 14 the question is due at 14 two days before, and instructions of 36 hours at 19:45 that day."""
    one = visit(1, at(10, 14), prepare=NO_FASTING)
    found = find(one, said=(told(one),), rules=ClinicRules(reminder_hours=(36,)))
    assert steps(found) == [("instructions", "36h", at(8, 19, 45))]


@given(
    hour=st.integers(7, 18),
    hours=st.lists(st.integers(1, 100), max_size=5, unique=True),
    quiet_from=st.integers(18, 22),
    driver_known=st.booleans(),
    zone=st.sampled_from([PHONE.zone, ZoneInfo("Pacific/Honolulu"), ZoneInfo("Asia/Tokyo")]),
)
def test_the_day_of_the_instructions_has_one_text_about_the_visit(
    hour: int, hours: list[int], quiet_from: int, driver_known: bool, zone: ZoneInfo
) -> None:
    start = at(10, hour)
    fasting = Preparation(food_until=start - timedelta(hours=6), needs_ride=True)
    one = visit(1, start, prepare=fasting, driver_known=driver_known)
    rules = ClinicRules(reminder_hours=tuple(hours), quiet=QuietHours(time(quiet_from), time(9)))
    facts = PatientFacts([one], {one.clinic_id: rules})
    found = steps_before(one, facts, Reachable(1, PHONE.channel, preferred=False, zone=zone))
    days = [step.goes_at.astimezone(zone).date() for step in found]
    [prepares] = [day for step, day in zip(found, days, strict=True) if step.purpose is Purpose.INSTRUCTIONS]
    assert days.count(prepares) == 1


def test_a_step_ends_when_the_next_goes_and_not_when_it_would_have_been_due() -> None:
    """A visit at 8: the text of the day before goes at 19:45 two days before, and the one before it no longer then."""
    one = visit(1, at(10, 8))
    found = find(one, said=(told(one),), rules=ClinicRules(reminder_hours=(48, 24)))
    [first, last] = sorted(found, key=lambda wanted: wanted.due_at)
    assert (first.useful_until, last.due_at) == (at(8, 19, 45), at(8, 19, 45))


def test_no_hour_being_quiet_leaves_the_reminder_of_the_day_where_it_is() -> None:
    one = visit(1, at(10, 8))
    rules = ClinicRules(quiet=QuietHours(time(0), time(0)), day_of=timedelta(minutes=45))
    found = find(one, said=(told(one),), rules=rules, wants_day_of=True)
    assert [wanted.due_at for wanted in found if wanted.step == "day"] == [at(10, 7, 15)]


def test_what_was_said_on_the_day_is_not_said_again() -> None:
    one = visit(1, at(10, 14))
    said: tuple[Told, ...] = tuple(told(one, Purpose.REMINDER, step) for step in ("72h", "24h", "day"))
    assert find(one, said=(told(one), *said), wants_day_of=True) == []
