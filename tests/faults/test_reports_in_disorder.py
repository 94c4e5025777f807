"""Ten thousand reports on four hundred texts: shuffled, doubled, reversed, early and forged.

The forged ones and some of the others come through the real page, the rest past it, where the page would hand them on.

A text takes one step for each news and never a step back; a forged report is refused and nothing comes of it. The
control is the same order of reports, each applied as it comes.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from notifications.dispatch import dispatch_due
from notifications.models import Notice, Receipt
from notifications.notice_facts import ChannelName
from notifications.receipts import take_twilio_status
from tests.counts import say
from tests.fakes.twilio_gateway import Arrival
from tests.faults.conftest import Scene
from tests.faults.crowd import confirmations, make_due, phone, states, steps_taken, unsettled
from tests.faults.outside import Outside
from tests.programs import wait_for

pytestmark = pytest.mark.faults

TEXTS = 400
EARLY = 100
PAST_THE_PAGE = 8
REPORTS = 10_000
# In the order they happen; a handset may come back with "read" long after.
STORIES = (
    ("queued", "sending", "sent", "delivered"),
    ("queued", "sent", "undelivered"),
    ("accepted", "queued", "sending", "sent", "delivered", "read"),
    ("queued", "failed"),
)
RANK = {"queued": 0, "accepted": 0, "sending": 0, "sent": 1, "undelivered": 2, "failed": 2, "delivered": 3, "read": 3}


@pytest.fixture
def here(scene: Scene, settings: Settings) -> Iterator[Outside]:
    with scene() as outside:
        settings.SMS_URL = outside.texts.url
        settings.PUBLIC_URL = "http://testserver"
        yield outside


def post(outside: Outside, arrival: Arrival, status: str, *, forged: bool = False) -> int:
    url, form, signature = outside.texts.status_request(arrival, status)
    parts = urlsplit(url)
    answer = Client().post(
        f"{parts.path}?{parts.query}",
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature[::-1] if forged else signature},
    )
    return answer.status_code


def hand_on(outside: Outside, arrival: Arrival, status: str) -> None:
    url, form, _ = outside.texts.status_request(arrival, status)
    take_twilio_status(form=form, message_id=parse_qs(urlsplit(url).query)["message"][0], now=timezone.now())


def test_ten_thousand_reports_in_disorder_move_each_text_once_and_never_back(here: Outside) -> None:
    chance = random.Random(11)
    rows = confirmations(range(TEXTS), ChannelName.SMS)
    stories = {phone(number): STORIES[number % len(STORIES)] for number in range(TEXTS)}
    early = {phone(number) for number in range(EARLY)}

    def report_before_the_answer(arrival: Arrival) -> None:
        if arrival.to in early:
            try:
                assert post(here, arrival, stories[arrival.to][-1]) == 200
            finally:
                connections.close_all()

    here.texts.before_answer = report_before_the_answer
    make_due(rows)
    dispatch_due(clock=timezone.now, until=timezone.now() + timedelta(minutes=2))
    wait_for(lambda: not unsettled(rows), seconds=10)
    arrivals = {arrival.to: arrival for arrival in here.texts.ledger}
    assert len(here.texts.ledger) == len(arrivals) == TEXTS

    posted = [(to, status, False) for to, story in stories.items() for status in reversed(story)]
    posted += [(to, chance.choice(story), False) for to, story in stories.items() for _ in range(15)]
    while len(posted) < REPORTS - EARLY:
        # Forged ones claim what is not so.
        to = chance.choice(list(stories))
        posted.append((to, chance.choice(["delivered", "failed"]), True))
    chance.shuffle(posted)
    answers = Counter[tuple[bool, int]]()
    for place, (to, status, is_forged) in enumerate(posted):
        if is_forged or place % PAST_THE_PAGE == 0:
            answers[is_forged, post(here, arrivals[to], status, forged=is_forged)] += 1
        else:
            hand_on(here, arrivals[to], status)
    forged = sum(1 for *_, is_forged in posted if is_forged)
    assert answers[True, 403] == forged
    assert set(answers) == {(True, 403), (False, 200)}

    assert Receipt.objects.count() == sum(len(set(story)) for story in stories.values())
    steps = steps_taken(rows)
    assert max(Counter(steps).values()) == 1
    final = Counter(went_to for _, came_from, went_to in steps if came_from == "sent")
    assert set(final) == {"delivered", "failed"}
    assert {came_from for _, came_from, _ in steps} == {"planned", "claimed", "sent"}
    assert len([1 for _, came_from, _ in steps if came_from == "sent"]) == TEXTS
    ended = {"delivered": TEXTS // 2, "failed": TEXTS // 2}
    assert states(rows) == ended
    by_address = dict(Notice.objects.filter(pk__in=[row.pk for row in rows]).values_list("address__value", "state"))
    for to, story in stories.items():
        assert by_address[to] == ("delivered" if RANK[story[-1]] == 3 else "failed")
    say(
        f"reports: {len(posted) + EARLY} ({forged} forged, {EARLY} early) on {TEXTS} texts: {len(steps)} steps, 0 back;"
        f" where the last to come counts, {backwards(posted)} texts go back"
    )
    assert backwards(posted) > TEXTS / 2


def backwards(posted: list[tuple[str, str, bool]]) -> int:
    """How many texts go a step back where each report is applied as it comes: what this order is a trial of."""
    back, at = set(), dict[str, str]()
    for to, status, forged in posted:
        if not forged:
            if RANK[status] < RANK[at.get(to, status)]:
                back.add(to)
            at[to] = status
    return len(back)
