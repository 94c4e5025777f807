"""A worker killed with kill -9 at each named place of a send, by text and by mail, whatever the gateway can tell.

One person for each way: what has arrived by the end, and where the notice stands. The last way is the control: a
gateway whose look-up has forgotten the text gets it twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from subprocess import Popen
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from notifications.models import Notice
from notifications.notice_facts import ChannelName
from notifications.receipts import take_twilio_status
from tests.counts import say
from tests.faults.conftest import Scene
from tests.faults.crowd import confirmations, mailbox, make_due, phone, states, unsettled
from tests.faults.outside import RESUMED_WITHIN_SECONDS, Outside, kill_hand, wait_until_working
from tests.programs import wait_for

pytestmark = pytest.mark.faults

LEASE_SECONDS = 8
LOOK_UP, NO_ANSWER, REPORT, MAIL, FORGETS = range(5)
WAYS = {
    LOOK_UP: "text, looked up",
    NO_ANSWER: "text, the look-up fails",
    REPORT: "text, the look-up fails, a report comes",
    MAIL: "mail",
    FORGETS: "control: text, the look-up has forgotten",
}
# (arrived by the end, state by the end) for each way, where the worker dies.
ONCE, MAYBE, NEVER = (1, "sent"), (1, "unknown"), (0, "unknown")
EXPECTED = {
    "after_claim": {LOOK_UP: ONCE, NO_ANSWER: ONCE, REPORT: ONCE, MAIL: ONCE, FORGETS: ONCE},
    "after_attempt": {LOOK_UP: ONCE, NO_ANSWER: NEVER, REPORT: NEVER, MAIL: NEVER, FORGETS: ONCE},
    "after_accept": {LOOK_UP: ONCE, NO_ANSWER: MAYBE, REPORT: ONCE, MAIL: MAYBE, FORGETS: (2, "sent")},
    "before_record": {LOOK_UP: ONCE, NO_ANSWER: MAYBE, REPORT: ONCE, MAIL: MAYBE, FORGETS: (2, "sent")},
    "after_record": {LOOK_UP: ONCE, NO_ANSWER: ONCE, REPORT: ONCE, MAIL: ONCE, FORGETS: ONCE},
}


@dataclass
class Stage:
    outside: Outside
    worker: Popen[bytes]

    def arrived(self, number: int) -> int:
        return len(self.outside.texts.to(phone(number))) + len(self.outside.mails.to(mailbox(number)))

    def kill_at(self, failpoint: str, notice: Notice) -> None:
        """Makes this one due and kills the worker that sends it when it comes to `failpoint`."""
        wait_until_working(self.worker)
        reached = self.outside.arm(failpoint)
        make_due([notice])
        wait_for(lambda: self.outside.sweep() and reached.exists(), seconds=30, every=0.3)
        notice.refresh_from_db()
        # It is this one that is in hand, not one of those left behind before.
        assert notice.state == ("sent" if failpoint == "after_record" else "claimed")
        assert kill_hand(self.worker)
        reached.unlink()


@pytest.fixture(scope="module")
def stage_for_kills(scene: Scene) -> Iterator[Stage]:
    with scene(lease_seconds=LEASE_SECONDS) as outside, outside.worker() as worker:
        yield Stage(outside, worker)


@pytest.mark.parametrize("failpoint", EXPECTED)
def test_killed_there_it_arrives_once_or_is_on_the_desks_list(failpoint: str, stage_for_kills: Stage) -> None:
    stage, outside = stage_for_kills, stage_for_kills.outside
    first = list(EXPECTED).index(failpoint) * len(WAYS)
    rows = {way: confirmations([first + way], ChannelName.EMAIL if way == MAIL else ChannelName.SMS)[0] for way in WAYS}
    outside.texts.cannot_tell.update({phone(first + NO_ANSWER), phone(first + REPORT)})
    outside.texts.forgets.add(phone(first + FORGETS))
    for way, row in rows.items():
        stage.kill_at(failpoint, row)
        if way == REPORT:
            report_on(first + way, outside)
    wait_until_working(stage.worker)
    wait_for(lambda: outside.sweep() and not unsettled(list(rows.values())), seconds=RESUMED_WITHIN_SECONDS, every=0.5)
    found = {way: (stage.arrived(first + way), *states([row])) for way, row in rows.items()}
    say(f"killed {failpoint}: { ({WAYS[way]: found[way] for way in WAYS}) }")
    assert found == EXPECTED[failpoint]
    listed = set(Notice.objects.needs_person().values_list("pk", flat=True))
    assert {way for way, row in rows.items() if row.pk in listed} == {
        way for way, (_, state) in EXPECTED[failpoint].items() if state == "unknown"
    }


def report_on(number: int, outside: Outside) -> None:
    """What the gateway reports of the text, if it has one: that it went on its way."""
    for arrival in outside.texts.to(phone(number)):
        url, form, _ = outside.texts.status_request(arrival, "sent")
        message = parse_qs(urlsplit(url).query)["message"][0]
        take_twilio_status(form=form, message_id=message, now=timezone.now())
