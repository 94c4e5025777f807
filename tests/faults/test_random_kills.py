"""Workers killed with kill -9 at random, again and again, while they send: nothing lost, nothing twice.

By text the gateway is asked what became of a send cut off. By mail nobody can be asked: such a one is never sent again,
and is on the desk's list. The control has a gateway whose look-up has forgotten everything, as a blind retry would.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import ExitStack

import pytest

from notifications.models import Attempt, AttemptOutcome, Notice
from notifications.notice_facts import ChannelName
from tests.counts import say
from tests.faults.conftest import Scene
from tests.faults.crowd import confirmations, mailbox, make_due, phone, states, unsettled
from tests.faults.killer import Killer
from tests.faults.outside import RESUMED_WITHIN_SECONDS, Outside
from tests.programs import wait_for

pytestmark = pytest.mark.faults

# All five with FAULT_SEEDS=1,2,3,4,5.
SEEDS = [int(seed) for seed in os.environ.get("FAULT_SEEDS", "1,2").split(",")]
WORKERS = 3
TEXTS, MAILS = range(300), range(300, 600)
KILLS = 42
HALF_A_SEND_SECONDS = 0.03
# Longer than a worker held up by the others' kills needs from the attempt to its answer.
LEASE_SECONDS = 10
FOUND = "found by look-up"


def send_while_killing(outside: Outside, rows: list[Notice], kills: int, seed: int) -> Killer:
    """Three workers send these while they are killed so often; until nothing is under way."""
    outside.texts.think_seconds = outside.mails.think_seconds = HALF_A_SEND_SECONDS
    outside.texts.answer_seconds = outside.mails.answer_seconds = HALF_A_SEND_SECONDS
    with ExitStack() as programs:
        killer = Killer(outside, random.Random(seed), programs)
        killer.start(WORKERS)
        programs.enter_context(outside.sweeping())
        killer.kill(kills, rows)
        wait_for(lambda: not unsettled(rows), seconds=RESUMED_WITHIN_SECONDS, every=0.5)
    return killer


@pytest.mark.parametrize("seed", SEEDS)
def test_random_kills_lose_nothing_and_send_nothing_twice(seed: int, scene: Scene) -> None:
    with scene(lease_seconds=LEASE_SECONDS) as outside:
        texts, mails = confirmations(TEXTS, ChannelName.SMS), confirmations(MAILS, ChannelName.EMAIL)
        rows = texts + mails
        random.Random(seed).shuffle(rows)
        killer = send_while_killing(outside, rows, KILLS, seed)

        texted = Counter(text.to for text in outside.texts.ledger)
        assert texted == {phone(number): 1 for number in TEXTS}
        assert states(texts) == {"sent": len(TEXTS)}

        mailed = Counter(mail.to for mail in outside.mails.ledger)
        unknown = set(Notice.objects.filter(state="unknown").values_list("pk", flat=True))
        sent = {str(row.address.value) for row in mails if row.pk not in unknown}
        assert unknown
        assert states(mails) == {"sent": len(sent), "unknown": len(unknown)}
        assert max(mailed.values()) == 1
        assert sent <= set(mailed)
        # Unknown is exactly what a killed worker itself had begun and not recorded; all of it is on the desk's list.
        cut_off = [attempts_by(ChannelName.EMAIL, left) for left in killer.cut_off]
        assert unknown == set(
            Notice.objects.filter(message__attempts__in=set().union(*cut_off)).values_list("pk", flat=True)
        )
        assert set(Notice.objects.needs_person().values_list("pk", flat=True)) == unknown
        assert Attempt.objects.filter(outcomes=None).count() == 0

        resumed = max(Notice.objects.filter(pk__in=[row.pk for row in rows]).values_list("changed_at", flat=True))
        seconds = (resumed - killer.last_kill).total_seconds()
        assert seconds <= RESUMED_WITHIN_SECONDS

        # By text each of the same was asked about; of a worker that slept past its lease one may be, too.
        looked_up = AttemptOutcome.objects.filter(attempt__message__channel="sms")
        found = set(looked_up.filter(detail=FOUND).values_list("attempt", flat=True))
        not_there = set(looked_up.filter(kind="not_known").values_list("attempt", flat=True))
        texts_cut_off = attempts_by(ChannelName.SMS, set().union(*killer.cut_off))
        assert texts_cut_off
        assert found | not_there >= texts_cut_off
        arrived = len([to for to in mailed if to not in sent])
        say(
            f"seed {seed}: {killer.kills} kills ({killer.whole} of a whole worker); {len(TEXTS)} texts: lost 0,"
            f" twice 0, {len(found)} found by look-up, {len(not_there)} sent anew; {len(MAILS)} mails: twice 0,"
            f" {len(unknown)} unknown ({arrived} had arrived), all listed, exactly what the killed had begun and not"
            f" recorded: {sum(map(bool, cut_off))} had mail in hand, mails and how many kills: {sizes(cut_off)};"
            f" all settled {seconds:.0f} s after the last"
        )


def attempts_by(channel: ChannelName, attempts: set[int]) -> set[int]:
    return set(Attempt.objects.filter(pk__in=attempts, message__channel=channel).values_list("pk", flat=True))


def sizes(cut_off: list[set[int]]) -> list[tuple[int, int]]:
    """How many of the killed had so many mails in hand."""
    return sorted(Counter(len(left) for left in cut_off if left).items())


def test_control_a_gateway_that_forgets_gets_some_texts_twice(scene: Scene) -> None:
    with scene(lease_seconds=2) as outside:
        outside.texts.forgets.update(phone(number) for number in range(100))
        texts = confirmations(range(100), ChannelName.SMS)
        killer = send_while_killing(outside, texts, 14, seed=6)
        texted = Counter(text.to for text in outside.texts.ledger)
        twice = sum(1 for count in texted.values() if count > 1)
        say(f"control: {killer.kills} kills, {twice} of {len(texts)} texts twice")
        assert twice


def test_mails_all_known_when_nobody_is_killed(scene: Scene) -> None:
    """The control for the unknown ones: they come from the kills."""
    with scene(lease_seconds=LEASE_SECONDS) as outside:
        mails = confirmations(range(100), ChannelName.EMAIL)
        make_due(mails)
        send_while_killing(outside, mails, 0, seed=7)
        assert states(mails) == {"sent": 100}
        assert Counter(mail.to for mail in outside.mails.ledger) == {mailbox(number): 1 for number in range(100)}
