"""What may happen to a visit or an address while its message is sent, and which attempts began only after that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from notifications.models import Notice, NoticeVisit
from notifications.wrong_number import record_wrong_number
from scheduling import moving
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Clinic, Role
from tests import factories
from tests.notifications.world import agree

# The server knows when each transaction committed; rows that are only ever inserted name theirs.
BEGAN_AFTER_THE_VISIT_CHANGED = """
SELECT count(DISTINCT a.id) FROM notifications_attempt a
JOIN notifications_notice n ON n.message_id = a.message_id
JOIN notifications_noticevisit v ON v.notice_id = n.id
JOIN scheduling_appointment visit ON visit.id = v.appointment_id AND v.told_version < visit.told_version
JOIN scheduling_event e ON e.appointment_id = visit.id AND e.verb IN ('appointment.cancelled', 'appointment.moved')
WHERE pg_xact_commit_timestamp(a.xmin) > pg_xact_commit_timestamp(e.xmin)
"""
BEGAN_AFTER_THE_ADDRESS_CLOSED = """
SELECT count(DISTINCT a.id) FROM notifications_attempt a
JOIN notifications_message m ON m.id = a.message_id
JOIN scheduling_event e ON (e.data ->> 'address')::bigint = m.address_id
  AND e.verb IN ('consent.withdrawn', 'address.stopped')
WHERE pg_xact_commit_timestamp(a.xmin) > pg_xact_commit_timestamp(e.xmin)
"""


def visit_of(notice: Notice) -> Appointment:
    told = NoticeVisit.objects.select_related("appointment__clinic").get(notice=notice)
    return told.appointment


class Desk:
    """Somebody who may do all of it."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.by = factories.create_actor(clinic, Role.FRONT_DESK)

    def cancel(self, notice: Notice) -> None:
        cancel(appointment=visit_of(notice), side=CancelledBy.PATIENT, reason="sick", by=self.by, now=timezone.now())

    def move(self, notice: Notice) -> None:
        """A quarter of an hour later."""
        visit = visit_of(notice)
        moving.move(appointment=visit, start=visit.period.lower + timedelta(minutes=15), by=self.by, now=timezone.now())

    def opt_out(self, notice: Notice) -> None:
        agree(notice.address, granted=False, now=timezone.now())

    def stop_wrong_number(self, notice: Notice) -> None:
        """All that the button does: the address is stopped, and its links are dead."""
        record_wrong_number(address=notice.address, clinic=self.clinic, by=self.by, now=timezone.now())

    @property
    def acts(self) -> dict[str, Callable[[Notice], None]]:
        return {
            "cancel": self.cancel, "move": self.move, "opt out": self.opt_out, "wrong number": self.stop_wrong_number,
        }  # fmt: skip


def attempts_begun_too_late() -> int:
    """Attempts whose commit came after that of what forbids them."""
    with connection.cursor() as cursor:
        found = 0
        for statement in (BEGAN_AFTER_THE_VISIT_CHANGED, BEGAN_AFTER_THE_ADDRESS_CLOSED):
            cursor.execute(statement)
            found += int(cursor.fetchone()[0])
        return found
