"""Cancelled, moved, opted out, found to be a wrong number: at each place of a send and within 50 ms of its due time.

No attempt begins after that commit, and what was under way is followed by its correction. Who was first is read from
the server's own commit times. The control sends without locking what it looks at, and some attempts begin too late.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from notifications.models import Attempt, Notice
from notifications.notice_facts import ChannelName
from tests.counts import say
from tests.faults.changing import Desk, attempts_begun_too_late
from tests.faults.crowd import PEOPLE, confirmations, make_due, phone
from tests.faults.here import finish, send_for
from tests.faults.outside import Outside
from tests.faults.racing import ACTS, AROUND_DUE, has_begun, looking_slowly, race
from tests.programs import wait_for

pytestmark = pytest.mark.faults

FAILPOINTS = ("after_claim", "after_attempt", "after_accept", "before_record", "after_record")
TIMES_EACH = 10
# Two messages a person, so with the trials at the places of a send there are a thousand.
RACED = range(len(FAILPOINTS) * len(ACTS) * TIMES_EACH, PEOPLE)
CONTROL = range(120)
LEAST_SHARE, LEAST_SHARE_OF_A_KIND = 0.2, 0.1
CORRECTION = {"cancel": "cancelled", "move": "changed"}
# When the change of a visit was committed, and the attempt to tell of the visit as it was, if there was one.
COMMITTED = """
SELECT v.notice_id, min(pg_xact_commit_timestamp(e.xmin)), min(pg_xact_commit_timestamp(a.xmin))
FROM notifications_noticevisit v
JOIN notifications_notice n ON n.id = v.notice_id
JOIN scheduling_event e ON e.appointment_id = v.appointment_id
    AND e.verb IN ('appointment.cancelled', 'appointment.moved')
LEFT JOIN notifications_attempt a ON a.message_id = n.message_id
WHERE v.notice_id = ANY(%s) GROUP BY v.notice_id
"""


def test_change_at_each_place_of_a_send_is_the_last_word(here: Outside) -> None:
    ways = [(failpoint, act) for failpoint in FAILPOINTS for act in ACTS] * TIMES_EACH
    rows = confirmations(range(len(ways)), ChannelName.SMS)
    desk = Desk(rows[0].clinic)
    with ThreadPoolExecutor(1) as sender:
        for (failpoint, act), row in zip(ways, rows, strict=True):
            reached = here.arm(failpoint)
            make_due([row])
            sending = sender.submit(send_for, 5)
            wait_for(reached.exists, seconds=10, every=0.005)
            desk.acts[act](row)
            reached.unlink()
            sending.result(30)
    finish()
    for number, (failpoint, act) in enumerate(ways):
        wanted = what_is_sent(act, begun=failpoint != "after_claim")
        assert purposes_sent(phone(number)) == wanted, (failpoint, act)
        assert len(here.texts.to(phone(number))) == len(wanted)
    assert attempts_begun_too_late() == 0
    say(
        f"changed at a place of a send: {len(ways)} trials, 0 begun too late, each in flight followed by its correction"
    )


def what_is_sent(act: str, *, begun: bool) -> list[str]:
    """In order, to one address. Who was never told of the time before a move gets the new one simply confirmed."""
    if begun:
        return ["booking_confirmation"] + ([CORRECTION[act]] if act in CORRECTION else [])
    return ["booking_confirmation"] if act == "move" else []


def purposes_sent(address: str) -> list[str]:
    attempts = Attempt.objects.filter(message__address__value=address).order_by("pk")
    return list(attempts.values_list("message__purpose", flat=True))


def test_change_within_50_ms_of_the_due_time_is_the_last_word(here: Outside) -> None:
    with looking_slowly():
        trials = race(RACED, seed=1)
    assert attempts_begun_too_late() == 0
    begun, all_of = Counter[str](), Counter(act for act, _ in trials)
    for act, row in trials:
        was_begun = has_begun(row)
        begun[act] += was_begun
        assert purposes_sent(str(row.address.value)) == what_is_sent(act, begun=was_begun), act
    say(
        f"changed around due: {len(trials)} trials, 0 begun too late; {begun.total()} under way before, each followed"
        f" by its correction where there is one, {len(trials) - begun.total()} changed before they began;"
        f" { ({act: f'{begun[act]} of {all_of[act]}' for act in ACTS}) }; {committed_around_due(trials)}"
    )
    # Both sides are first often enough, in every kind of change, that a lost race would show.
    assert LEAST_SHARE <= begun.total() / len(trials) <= 1 - LEAST_SHARE
    for act in ACTS:
        assert LEAST_SHARE_OF_A_KIND <= begun[act] / all_of[act] <= 1 - LEAST_SHARE_OF_A_KIND, act


def test_control_without_the_locked_look_some_attempts_begin_too_late(here: Outside) -> None:
    with looking_slowly(locking=False):
        race(CONTROL, seed=2)
    late = attempts_begun_too_late()
    say(f"control without FOR SHARE: {2 * len(CONTROL)} trials, {late} begun too late")
    assert late


def committed_around_due(trials: list[tuple[str, Notice]]) -> str:
    """How near to each other the changes of visits, the due times and the attempts were, by the server's clock."""
    rows = [row for act, row in trials if act in CORRECTION]
    with connection.cursor() as cursor:
        cursor.execute(COMMITTED, [[row.pk for row in rows]])
        committed = {pk: (change, attempt) for pk, change, attempt in cursor.fetchall()}
    from_due = sorted((committed[row.pk][0] - row.due_at).total_seconds() for row in rows)
    after = [(change - attempt) for change, attempt in committed.values() if attempt is not None]
    tenth = len(rows) // 10
    return (
        f"8 of 10 cancels and moves committed {1000 * from_due[tenth]:+.0f} to {1000 * from_due[-tenth - 1]:+.0f} ms"
        f" from due; of {len(after)} after an attempt {sum(one <= AROUND_DUE for one in after)} came within"
        " 50 ms of its commit"
    )
