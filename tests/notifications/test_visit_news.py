"""What a person has told already, what waits for them, and a clinic that is closed over a visit."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.notice_facts import Closing, InPerson, Purpose, Standing, Told, Visit, Wanted
from tests.notifications.facts import MAILBOX, NOW, PHONE, at, brief, find, told, visit

GRACE = timedelta(minutes=3)


def moved(**changes: object) -> Visit:
    return visit(1, at(10), told_version=2, known_since=NOW, **changes)


def stopped() -> Visit:
    return visit(1, at(10), told_version=2, known_since=NOW, standing=Standing.CANCELLED, by_clinician=True)


def news(found: list[Wanted]) -> list[tuple[str, datetime, bool]]:
    return [(one.purpose.value, one.due_at, one.they_know) for one in found if one.step == "now"]


def test_what_somebody_has_told_is_wanted_as_known_and_not_sent() -> None:
    one = moved()
    knows = InPerson(1, 2, NOW + timedelta(minutes=1))
    found = find(one, said=(told(one, starts_at=at(9)),), in_person=(knows,))
    assert news(found) == [("changed", NOW + GRACE, True)]
    assert not any(wanted.lapsed for wanted in found)


@pytest.mark.parametrize("other", [InPerson(1, 1, NOW), InPerson(2, 2, NOW), InPerson(1, 2, NOW - timedelta(hours=1))])
def test_what_was_told_of_another_version_visit_or_before_the_change_counts_for_nothing(other: InPerson) -> None:
    one = moved()
    assert news(find(one, said=(told(one, starts_at=at(9)),), in_person=(other,))) == [("changed", NOW + GRACE, False)]


def test_told_in_person_and_to_be_sent_goes_at_once() -> None:
    one = moved()
    when = NOW + timedelta(minutes=1)
    tells = InPerson(1, 2, when, and_send=True)
    assert news(find(one, said=(told(one, starts_at=at(9)),), in_person=(tells,))) == [("changed", when, False)]


def test_send_now_ends_the_grace_time_of_what_had_changed_by_then_only() -> None:
    one, pressed = moved(), NOW + timedelta(minutes=1)
    said = (told(one, starts_at=at(9)),)
    assert news(find(one, said=said, hurried_at=pressed)) == [("changed", pressed, False)]
    assert news(find(one, said=said, hurried_at=NOW - timedelta(hours=1))) == [("changed", NOW + GRACE, False)]


def test_a_prescribers_decision_waits_for_somebody_to_tell_the_patient() -> None:
    one = stopped()
    said = (told(one),)
    assert news(find(one, said=said)) == [("cancelled", NOW + timedelta(hours=2), False)]
    assert news(find(one, said=said, in_person=(InPerson(1, 2, NOW),))) == [
        ("cancelled", NOW + timedelta(hours=2), True)
    ]
    tells = InPerson(1, 2, NOW + timedelta(minutes=20), and_send=True)
    assert news(find(one, said=said, in_person=(tells,))) == [("cancelled", NOW + timedelta(minutes=20), False)]
    pressed = NOW + timedelta(minutes=5)
    assert news(find(one, said=said, hurried_at=pressed)) == [("cancelled", pressed, False)]


def test_a_prescribers_decision_waits_for_nobody_shortly_before_the_visit() -> None:
    start = NOW + timedelta(hours=3)
    one = visit(1, start, told_version=2, known_since=NOW, standing=Standing.CANCELLED, by_clinician=True)
    assert news(find(one, said=(told(one),))) == [("cancelled", NOW + timedelta(hours=1), False)]
    soon = visit(1, NOW + timedelta(hours=1), told_version=2, known_since=NOW, standing=Standing.CANCELLED,
                 by_clinician=True)  # fmt: skip
    assert news(find(soon, said=(told(soon),))) == [("cancelled", NOW + GRACE, False)]


def test_the_clinics_own_cancellation_waits_for_the_grace_time_alone() -> None:
    one = visit(1, at(10), told_version=2, known_since=NOW, standing=Standing.CANCELLED)
    assert news(find(one, said=(told(one),))) == [("cancelled", NOW + GRACE, False)]


def test_moved_back_after_it_was_told_in_person_is_a_change_again() -> None:
    one = visit(1, at(9), told_version=3, known_since=NOW)
    said = (
        told(one, starts_at=at(9)),
        told(one, Purpose.CHANGED, starts_at=at(10), told_version=2, said_at=NOW - GRACE),
    )
    assert [purpose for purpose, *_ in news(find(one, said=said))] == ["changed"]


CLOSED = Closing(7, since=NOW)


def closed(day: int, number: int = 1, closing: Closing | None = CLOSED) -> Visit:
    return visit(number, at(day), closing=closing)


def test_a_closure_soon_is_told_after_the_grace_time_in_place_of_reminders() -> None:
    one = closed(3)
    [wanted] = find(one, said=(told(one),))
    assert (wanted.purpose, wanted.step, wanted.due_at) == (Purpose.CLOSURE, "c7", NOW + GRACE)


def test_a_closure_far_ahead_leaves_time_to_find_another_day() -> None:
    one = closed(20)
    assert [wanted.due_at for wanted in find(one, said=(told(one),))] == [at(17)]


def test_all_visits_of_a_closure_share_one_due_time() -> None:
    pair = (closed(20), closed(22, 2))
    found = find(*pair, said=tuple(map(told, pair)))
    assert {(wanted.purpose, wanted.due_at) for wanted in found} == {(Purpose.CLOSURE, at(17))}


def test_a_closure_is_told_once_and_its_end_confirms_the_visit_once() -> None:
    one = closed(3)
    said: tuple[Told, ...] = (told(one), told(one, Purpose.CLOSURE, "c7", said_at=NOW))
    assert find(one, said=said) == []
    opened = visit(1, at(3))
    found = [wanted for wanted in find(opened, said=said) if wanted.purpose is not Purpose.REMINDER]
    assert [(wanted.purpose, wanted.step) for wanted in found] == [(Purpose.BOOKING_CONFIRMATION, "o7")]
    said += (told(opened, Purpose.BOOKING_CONFIRMATION, "o7", said_at=NOW + GRACE),)
    assert find(opened, said=said, now=NOW + GRACE) == []


def test_a_visit_moved_out_of_a_closure_is_a_change_and_no_closure() -> None:
    one = visit(1, at(12), told_version=2, known_since=NOW + timedelta(hours=1))
    said = (told(one, starts_at=at(3)), told(one, Purpose.CLOSURE, "c7", starts_at=at(3), said_at=NOW))
    assert [purpose for purpose, *_ in news(find(one, said=said, now=NOW + timedelta(hours=1)))] == ["changed"]


def test_a_closure_in_quiet_hours_wakes_nobody_unless_a_person_said_so() -> None:
    before_dawn = at(4, 5, 40)
    one = visit(1, at(4, 8), closing=Closing(7, since=before_dawn))
    [wanted] = find(one, said=(told(one),), now=before_dawn)
    assert wanted.lapsed
    woken = visit(1, at(4, 8), closing=Closing(7, since=before_dawn, may_wake=True))
    [wanted] = find(woken, said=(told(woken),), now=before_dawn)
    assert (wanted.lapsed, wanted.due_at) == (False, before_dawn + GRACE)
    later = visit(1, at(4, 10), closing=Closing(7, since=before_dawn))
    [wanted] = find(later, said=(told(later),), now=before_dawn)
    assert (wanted.lapsed, wanted.due_at) == (False, at(4, 9))


def test_closure_goes_to_both_channels() -> None:
    one = closed(3)
    found = find(one, said=(told(one), told(one, channel=MAILBOX.channel)), to=(PHONE, MAILBOX))
    assert brief(found) == [(1, "closure", "c7"), (1, "closure", "c7")]
