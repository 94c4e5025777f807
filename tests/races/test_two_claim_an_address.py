"""Two workers come to one address in the same moment: what is due to it leaves as one message.

The first has locked the address and the first of its notices, and is about to lock the others. The second passes the
address by, and must not hold what it passes by. Control: with the notice locked before its address it does.
"""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import psycopg
from django.db import transaction

from notifications import claiming
from notifications.claiming import claim_due
from notifications.models import Notice
from notifications.notice_facts import ChannelName
from tests.databases import Committed
from tests.notifications.world import NOON, booker, clinic_that_writes, new_york, plan, reachable_patient

TOLD = NOON + timedelta(minutes=3)
FIRST = """SELECT notice.id FROM notifications_notice notice JOIN notifications_address address
             ON address.id = notice.address_id WHERE notice.id = %s FOR NO KEY UPDATE OF address, notice"""
FREE = "SELECT id FROM notifications_notice WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"


def due_to_one_address() -> list[int]:
    """Ids of three confirmations, due at TOLD."""
    clinic = clinic_that_writes()
    book, patient = booker(clinic), reachable_patient(clinic)
    for hour in (9, 11, 13):
        book(patient, new_york(14, hour))
    plan()
    due = Notice.objects.due(TOLD).filter(channel=ChannelName.SMS)
    return list(due.order_by("due_at", "pk").values_list("pk", flat=True))


def left_for_the_first(place: str, ids: list[int]) -> list[int]:
    """Which of the notices the first worker still gets, while the second has not committed."""
    with psycopg.connect(place) as first:
        first.execute(FIRST, [ids[0]])
        with transaction.atomic():
            assert claim_due(channel=ChannelName.SMS, sender="", most=8, now=TOLD) is None
            return [row[0] for row in first.execute(FREE, [ids])]


def test_second_worker_holds_nothing_of_an_address_that_another_has(committed_database: Committed) -> None:
    ids = due_to_one_address()
    assert len(ids) == 3
    assert left_for_the_first(committed_database.app_url, ids) == ids


def test_with_the_notice_locked_before_its_address_it_would_hold_them(committed_database: Committed) -> None:
    ids = due_to_one_address()
    with patch.object(claiming, "LOCKED", ("self", "address")):
        assert left_for_the_first(committed_database.app_url, ids) == ids[:1]


def test_the_address_is_free_again_and_its_message_is_one(committed_database: Committed) -> None:
    ids = due_to_one_address()
    left_for_the_first(committed_database.app_url, ids)
    claim = claim_due(channel=ChannelName.SMS, sender="", most=8, now=TOLD)
    assert claim is not None
    assert claim.groups == [ids]
