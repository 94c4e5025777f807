"""What the database itself promises of messages, broken in SQL as the application's role."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from notifications.models import NEXT, Attempt, AttemptOutcome, Message, Notice, NoticeState
from notifications.notice_rules import notice_key
from notifications.quiet_hours import QuietHours
from tests.notifications.world import NOON, booker, clinic_that_writes, new_york, plan, reachable_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice() -> Notice:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    return Notice.objects.get(purpose="booking_confirmation")


def message_for(notice: Notice) -> Message:
    return Message.objects.create(
        patient=notice.patient, clinic=notice.clinic, address=notice.address, channel=notice.channel,
        purpose=notice.purpose, language="en", template="t", template_version=1, body="text", link_hash=uuid4().hex,
        written_at=NOON, valid_until=NOON + timedelta(hours=1),
    )  # fmt: skip


def execute(sql: str, *values: str | int | datetime | None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_tests_speak_as_the_applications_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("infusion_app",)


@pytest.mark.parametrize(("old", "new"), [pair for pair in product(NoticeState, NoticeState) if pair[0] != pair[1]])
def test_notice_moves_only_where_the_table_says(notice: Notice, old: NoticeState, new: NoticeState) -> None:
    with connection.cursor() as cursor:
        # Put there without the trigger, which sees updates only.
        cursor.execute("DELETE FROM notifications_noticevisit")
        cursor.execute("DELETE FROM notifications_notice")
    notice.pk = None
    notice.state, notice.reason, notice.message = old, "reason", message_for(notice)
    notice.claimed_by, notice.lease_until = (uuid4(), NOON) if old is NoticeState.CLAIMED else (None, None)
    notice.save(force_insert=True)
    lease = (str(uuid4()), NOON) if new is NoticeState.CLAIMED else (None, None)
    statement = "UPDATE notifications_notice SET state = %s, claimed_by = %s, lease_until = %s WHERE id = %s"
    if new in NEXT[old]:
        execute(statement, new.value, *lease, notice.pk)
    else:
        with pytest.raises(DatabaseError, match=f"a notice does not go from {old} to {new}"):
            execute(statement, new.value, *lease, notice.pk)


def test_notice_key_is_there_and_the_only_one(notice: Notice) -> None:
    with pytest.raises(IntegrityError, match="not-null"):
        execute("INSERT INTO notifications_notice (purpose) VALUES ('reminder')")
    columns = ", ".join(
        field.column
        for field in Notice._meta.concrete_fields
        if field.column and field.column not in ("id", "notice_key")
    )
    copy = f"INSERT INTO notifications_notice (notice_key, {columns}) SELECT %s, {columns} FROM notifications_notice"
    with pytest.raises(IntegrityError, match="notice_key"):
        execute(f"{copy} LIMIT 1", notice.notice_key)


def test_notice_keeps_its_key(notice: Notice) -> None:
    with pytest.raises(DatabaseError, match="a notice keeps its key"):
        execute("UPDATE notifications_notice SET notice_key = 'another' WHERE id = %s", notice.pk)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'claimed'", "notice_claimed_has_lease"),
        ("lease_until = now()", "notice_claimed_has_lease"),
        ("state = 'suppressed', reason = ''", "notice_says_why_not"),
        ("notice_key = ''", "keeps its key"),
    ],
)
def test_notice_says_what_its_state_needs(notice: Notice, change: str, constraint: str) -> None:
    with pytest.raises(DatabaseError, match=constraint):
        execute(f"UPDATE notifications_notice SET {change} WHERE id = %s", notice.pk)


def test_sent_notice_has_a_message(notice: Notice) -> None:
    lease = "claimed_by = gen_random_uuid(), lease_until = now()"
    execute(f"UPDATE notifications_notice SET state = 'claimed', {lease} WHERE id = %s", notice.pk)
    with pytest.raises(IntegrityError, match="notice_sent_has_message"):
        execute(
            "UPDATE notifications_notice SET state = 'sent', claimed_by = NULL, lease_until = NULL WHERE id = %s",
            notice.pk,
        )


@pytest.mark.parametrize("table", ["consentrecord", "message", "attempt", "attemptoutcome", "receipt"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_evidence_is_never_changed_or_removed(table: str, statement: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"):
        execute(statement.format(f"notifications_{table}"))


def test_attempt_has_one_final_outcome(notice: Notice) -> None:
    attempt = Attempt.objects.create(message=message_for(notice), started_at=NOON, lease_until=NOON)
    AttemptOutcome.objects.create(attempt=attempt, kind="unknown", recorded_at=NOON)
    AttemptOutcome.objects.create(attempt=attempt, kind="not_known", recorded_at=NOON)
    with pytest.raises(IntegrityError, match="outcome_is_one_of"):
        AttemptOutcome.objects.create(attempt=attempt, kind="accepted", gateway_reference="SM1", recorded_at=NOON)


def test_stored_key_is_what_the_one_function_builds(notice: Notice) -> None:
    told = notice.told_visits.get()
    assert notice.notice_key == notice_key(
        subject=[(told.appointment_id, told.told_version)],
        purpose=notice.purpose,  # type: ignore[arg-type]
        step=notice.step,
        channel=notice.channel,  # type: ignore[arg-type]
        recipient=notice.address_id,
    )


@pytest.mark.parametrize(
    ("starts", "ends", "makes_sense"),
    [
        ("20:00", "09:00", True), ("00:00", "00:00", True), ("09:00", "08:00", True), ("23:30", "22:30", True),
        ("00:30", "23:30", True), ("20:10", "09:00", False), ("20:00", "09:00:30", False), ("09:00", "08:15", False),
        ("00:30", "23:45", False),
    ],
)  # fmt: skip
def test_quiet_hours_that_planning_could_not_read_are_never_stored(starts: str, ends: str, makes_sense: bool) -> None:
    clinic_that_writes()
    statement = "UPDATE notifications_messagerules SET quiet_from = %s, quiet_until = %s"
    if makes_sense:
        execute(statement, starts, ends)
        QuietHours(time.fromisoformat(starts), time.fromisoformat(ends))
        return
    with pytest.raises(IntegrityError, match="quiet_hours_make_sense"):
        execute(statement, starts, ends)
    with pytest.raises(ValueError, match="Quiet hours"):
        QuietHours(time.fromisoformat(starts), time.fromisoformat(ends))
