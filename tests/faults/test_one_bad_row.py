"""One row that can't be sent among a thousand: the others go on time. The control starts them all together or none."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone

from notifications import dispatch
from notifications.attempt_outcomes import MAX_TRIES
from notifications.attempts import Started, start_attempts
from notifications.claiming import LEASE, Claim
from notifications.models import Notice
from notifications.notice_facts import ChannelName
from notifications.rescue import rescue_expired
from scheduling.events import Entry, record
from scheduling.models import Patient
from tests import factories
from tests.counts import say
from tests.faults.conftest import Scene
from tests.faults.crowd import confirmations, make_due, states, unsettled
from tests.faults.here import send_for
from tests.faults.outside import Outside, wait_until_working
from tests.programs import wait_for

pytestmark = pytest.mark.faults

# How long a thousand may take on a busy machine; what tells is that the stream of them never stops.
PATIENCE_SECONDS = 240
LONGEST_STOP_SECONDS = 10
ROWS = 1000
FEW = 40
WORKERS = 2


def test_one_row_that_cannot_be_sent_holds_up_none_of_the_other_999(scene: Scene) -> None:
    with scene(lease_seconds=6) as outside, ExitStack() as programs:
        rows = confirmations(range(ROWS // 2))
        poison, others = rows[ROWS // 4], [row for row in rows if row.patient_id != rows[ROWS // 4].patient_id]
        others += confirmations([ROWS // 2], ChannelName.SMS)
        assert len(others) == ROWS - 1
        spoil(poison)
        workers = [programs.enter_context(outside.worker()) for _ in range(WORKERS)]
        for worker in workers:
            wait_until_working(worker)
        programs.enter_context(outside.sweeping())
        # The bad one first, so that everything is behind it.
        due = make_due([poison, *others], over=timedelta(seconds=1))
        wait_for(lambda: not unsettled(others), seconds=PATIENCE_SECONDS, every=0.5)
        last = (timezone.now() - due).total_seconds()
        assert states(others) == {"sent": len(others)}
        arrived = sorted([text.at for text in outside.texts.ledger] + [mail.at for mail in outside.mails.ledger])
        assert len(arrived) == len(others)
        stop = max(later - sooner for sooner, later in pairwise(arrived))
        assert stop <= LONGEST_STOP_SECONDS
        wait_for(lambda: states([poison]) == {"failed": 1}, seconds=120, every=0.5)
        assert set(Notice.objects.needs_person().values_list("pk", flat=True)) == {poison.pk}
        poison.refresh_from_db()
        assert poison.reason == "gave_up"
        say(f"poison: {len(others)} of {ROWS} sent {last:.1f} s after due, longest stop {stop:.1f} s, 1 given up")


def test_one_bad_row_among_forty_costs_none_of_them(here: Outside) -> None:
    """The control's own course with the guard in: so what it loses is for want of the guard."""
    late, lost = send_with_one_bad_row()
    assert (late, lost) == (0, 0)


def test_control_all_together_or_none_some_are_late_and_then_lost(
    here: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_start", start_all_or_none)
    late, lost = send_with_one_bad_row()
    say(f"control without each alone: of {FEW} others {late} late by a lease, {lost} lost")
    assert late
    assert lost


def start_all_or_none(claim: Claim, clock: Callable[[], datetime]) -> list[Started]:
    try:
        return start_attempts(groups=claim.groups, token=claim.token, now=clock(), lease=LEASE)
    except Exception:  # noqa: BLE001 -- as the guard itself has it
        return []


def send_with_one_bad_row() -> tuple[int, int]:
    """Sends a few behind a bad one, and what is left again after each lease until nobody tries any more; gives how many
    of the good ones did not go at once, and how many never."""
    rows = confirmations(range(FEW + 1), ChannelName.SMS)
    poison, others = rows[0], rows[1:]
    spoil(poison)
    make_due(rows, starts=timezone.now() - timedelta(seconds=1))
    send_for(30)
    late, later = FEW - states(others)["sent"], timedelta(0)
    for _ in range(MAX_TRIES + 1):
        later += LEASE + timedelta(seconds=1)
        rescue_by(later)
        send_for(30, later=later)
    assert states([poison]) == {"failed": 1}
    return late, FEW - states(others)["sent"]


def rescue_by(later: timedelta) -> None:
    rescue_expired(clock=lambda: timezone.now() + later, until=timezone.now() + later + timedelta(seconds=30))


def spoil(notice: Notice) -> None:
    """Gives the patient a time zone that no planner or sender can make sense of."""
    with transaction.atomic():
        Patient.objects.filter(pk=notice.patient_id).update(time_zone="Nowhere/At_All")
        entry = Entry("patient.changed", clinic_id=notice.clinic_id, patient_id=notice.patient_id)
        record(
            organisation_id=notice.clinic.organisation_id, entries=[entry], by=factories.system(), now=timezone.now()
        )
