"""DESIGN 4.7: one notice a key, and what was tried and came of it stays. (Moves of a notice: tests/notifications.)"""

from __future__ import annotations

import pytest

from tests.guarantees.attempts import CHECK, EMPTY, NO_RIGHT, REFERENCE, TWICE, Attempt, assert_refused, cases
from tests.guarantees.world import World

KEY_MOVED, NOT_A_MOVE, TOLD_MOVED, WHOM_MOVED = "ID021", "ID020", "ID023", "ID024"
NOTICE = """
INSERT INTO notifications_notice (notice_key, patient_id, clinic_id, purpose, step, channel, address_id, due_at,
  useful_until, state, reason, tries, planned_at, changed_at)
VALUES ({key}, {patient}, %(harbor)s, 'reminder', '72h', 'sms', %(phone)s, now(), now(), '{state}', '', 0, now(),
  now());
"""
KEY = "'reminder/72h/sms/a1/2v1'"
DONE = "state = 'suppressed', reason = 'quiet'"
OTHER = "'reminder/24h/sms/a1/2v1'"
OUTCOME = (
    "INSERT INTO notifications_attemptoutcome (attempt_id, kind, gateway_reference, code, detail, recorded_at)"
    " VALUES (%(attempt)s, '{kind}', '{reference}', '', '', now());"
)


def change(changes: str) -> str:
    return f"UPDATE notifications_notice SET {changes} WHERE id = %(notice)s;"


def notice(key: str, *, patient: str = "%(ana)s", state: str = "planned") -> str:
    return NOTICE.format(key=key, patient=patient, state=state)


ATTEMPTS = (
    Attempt("the same key again", notice(KEY), TWICE, "notifications_notice_notice_key_key"),
    Attempt("the same key for another patient", notice(KEY, patient="%(ben)s"), TWICE,
            "notifications_notice_notice_key_key"),
    Attempt("the same key as one that was suppressed", change("state = 'suppressed', reason = 'quiet'") + notice(KEY),
            TWICE, "notifications_notice_notice_key_key"),
    Attempt("a notice forgotten, so that its key is free again",
            change("state = 'suppressed', reason = 'quiet'")
            + "DELETE FROM notifications_notice WHERE id = %(notice)s;", "ID022"),
    Attempt("what a notice told of removed",
            change(DONE) + "DELETE FROM notifications_noticevisit WHERE notice_id = %(notice)s;", TOLD_MOVED),
    Attempt("what a notice told of changed",
            change(DONE) + "UPDATE notifications_noticevisit SET told_version = 9 WHERE notice_id = %(notice)s;",
            TOLD_MOVED),
    Attempt("whom a notice told changed", change(DONE) + change("patient_id = %(ben)s"), WHOM_MOVED),
    Attempt("where a notice went changed", change(DONE) + change("channel = 'email'"), WHOM_MOVED),
    Attempt("what a notice was for changed", change(DONE) + change("purpose = 'cancelled'"), WHOM_MOVED),
    Attempt("no key", notice("NULL"), EMPTY),
    Attempt("an empty key", notice("''"), CHECK, "notice_has_key"),
    Attempt("a key changed", change(f"notice_key = {OTHER}"), KEY_MOVED),
    Attempt("a key emptied", change("notice_key = ''"), KEY_MOVED),
    Attempt("planned, then at once sent", change("state = 'sent', message_id = %(message)s"), NOT_A_MOVE),
    Attempt("claimed without a lease", change("state = 'claimed'"), CHECK, "notice_claimed_has_lease"),
    Attempt("a lease without a claim", change("lease_until = now()"), CHECK, "notice_claimed_has_lease"),
    Attempt("suppressed without a reason", change("state = 'suppressed'"), CHECK, "notice_says_why_not"),
    Attempt("born as sent", notice(OTHER, state="sent"), CHECK, "notice_sent_has_message"),
    Attempt("an attempt's number twice",
            "INSERT INTO notifications_attempt (message_id, number, started_at, lease_until)"
            " VALUES (%(message)s, 1, now(), now());", TWICE, "attempt_once"),
    Attempt("an attempt at no message",
            "INSERT INTO notifications_attempt (message_id, number, started_at, lease_until)"
            " VALUES (gen_random_uuid(), 1, now(), now());", REFERENCE, "*"),
    Attempt("accepted and refused",
            OUTCOME.format(kind="accepted", reference="SM1") + OUTCOME.format(kind="refused", reference=""), TWICE,
            "outcome_is_one_of_accepted_refused_not_known"),
    Attempt("accepted and never known there",
            OUTCOME.format(kind="accepted", reference="SM1") + OUTCOME.format(kind="not_known", reference=""), TWICE,
            "outcome_is_one_of_accepted_refused_not_known"),
    Attempt("accepted without a reference", OUTCOME.format(kind="accepted", reference=""), CHECK,
            "outcome_accepted_has_reference"),
    Attempt("an attempt taken back", "DELETE FROM notifications_attempt;", NO_RIGHT),
    Attempt("a message's text changed", "UPDATE notifications_message SET body = 'other';", NO_RIGHT),
)  # fmt: skip


@pytest.fixture(scope="module")
def told(world: World) -> World:
    """The world with Ana's phone, a planned notice to it of a visit, and a message with an attempt under way."""
    world.name(
        "phone",
        "INSERT INTO notifications_address (organisation_id, kind, value, raw, stop_reason, created_at)"
        " VALUES (%(org)s, 'phone', '+12125550100', '2125550100', '', now()) RETURNING id",
    )
    world.name("notice", notice(KEY).replace(";", " RETURNING id"))
    world.run(
        "INSERT INTO notifications_noticevisit (notice_id, appointment_id, told_version, starts_at, clinic_id)"
        " SELECT %(notice)s, id, 1, lower(period), clinic_id FROM scheduling_appointment ORDER BY id LIMIT 1;"
    )
    world.ids["message"] = world.value(
        "INSERT INTO notifications_message (id, patient_id, clinic_id, address_id, channel, purpose, language,"
        " template, template_version, sender_name, subject, body, link_hash, written_at, valid_until)"
        " VALUES (gen_random_uuid(), %(ana)s, %(harbor)s, %(phone)s, 'sms', 'reminder', 'en', 't', 1, '', '', 'text',"
        " 'h', now(), now() + interval '1 hour') RETURNING id"
    )
    world.name(
        "attempt",
        "INSERT INTO notifications_attempt (message_id, number, started_at, lease_until)"
        " VALUES (%(message)s, 1, now(), now()) RETURNING id",
    )
    world.commit()
    return world


@cases(ATTEMPTS)
def test_nobody_is_told_twice(told: World, attempt: Attempt) -> None:
    assert_refused(told, attempt)


@pytest.mark.parametrize("changes", ["step = '48h'", "channel = 'email'", "patient_id = %(ben)s"])
def test_planned_notice_may_change_and_go(told: World, changes: str) -> None:
    told.run(change(changes))
    told.run("DELETE FROM notifications_noticevisit WHERE notice_id = %(notice)s;")
    told.run("DELETE FROM notifications_notice WHERE id = %(notice)s;")
    told.connection.rollback()


def test_another_step_is_another_notice(told: World) -> None:
    told.run(notice("'reminder/day/sms/a1/2v1'"))
    told.commit()
