"""Redis emptied, killed, frozen, evicting; beat dead, doubled; PostgreSQL stopped at once: all goes on within 90 s.

A real worker and beat run all the while. Each time sixty messages fall due around the fault. Nothing is lost, nothing
goes twice, and each test shows that its fault was one.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from subprocess import Popen

import pytest
import redis
from django.db import OperationalError, connection

from config.celery import MESSAGES
from notifications.models import Attempt, Notice
from tests.counts import say
from tests.faults.conftest import Scene
from tests.faults.crowd import confirmations, mailbox, make_due, phone, states, unsettled
from tests.faults.outside import RESUMED_WITHIN_SECONDS, Outside
from tests.faults.own_postgres import OwnPostgres
from tests.programs import NeverHappened, kill_group, wait_for

pytestmark = pytest.mark.faults

PEOPLE = 30
LOAD_SECONDS = 3
FAULT_AFTER_SECONDS = 1
LEASE_SECONDS = 6
BEAT_SECONDS = 10


@dataclass
class Stage:
    outside: Outside
    programs: ExitStack
    beat: Popen[bytes]
    used: int = 0

    def next_people(self) -> list[int]:
        self.used += PEOPLE
        return list(range(self.used - PEOPLE, self.used))

    def start_beat(self) -> Popen[bytes]:
        return self.programs.enter_context(self.outside.beat())

    def queue(self) -> redis.Redis:
        return redis.Redis.from_url(self.outside.redis.url, socket_timeout=1)

    def send_through(self, name: str, fault: Callable[[], None]) -> list[Notice]:
        """Lets messages fall due, does `fault` in the middle (it ends it too), and waits until all are settled."""
        people = self.next_people()
        rows = confirmations(people)
        make_due(rows, over=timedelta(seconds=LOAD_SECONDS))
        time.sleep(FAULT_AFTER_SECONDS)
        fault()
        healed = time.monotonic()
        wait_for(lambda: not unsettled(rows), seconds=RESUMED_WITHIN_SECONDS)
        resumed = time.monotonic() - healed
        texted = Counter(text.to for text in self.outside.texts.ledger)
        assert {to: texted[to] for to in map(phone, people)} == {phone(number): 1 for number in people}
        mailed = Counter(mail.to for mail in self.outside.mails.ledger)
        assert all(mailed[mailbox(number)] <= 1 for number in people)
        sent = [row for row in rows if states([row]) == {"sent": 1}]
        assert all(mailed[str(row.address.value)] == 1 for row in sent if row.channel == "email")
        say(f"{name}: {len(rows)} messages, {dict(states(rows))}, lost 0, twice 0, settled {resumed:.1f} s after it")
        return rows


@pytest.fixture(scope="module")
def going(scene: Scene) -> Iterator[Stage]:
    with scene(lease_seconds=LEASE_SECONDS) as outside, ExitStack() as programs:
        outside.texts.answer_seconds = outside.mails.answer_seconds = 0.05
        programs.enter_context(outside.worker(2))
        beat = programs.enter_context(outside.beat())
        # Beat's first poke tells that all is up.
        first = confirmations([599])
        make_due(first)
        wait_for(lambda: not unsettled(first), seconds=60)
        yield Stage(outside, programs, beat)


def all_sent(rows: list[Notice]) -> bool:
    return set(states(rows)) == {"sent"}


def test_redis_emptied_again_and_again(going: Stage) -> None:
    lost = 0

    def empty() -> None:
        nonlocal lost
        for _ in range(5):
            # The control: what stands in the queue only is gone.
            going.queue().rpush("a queue", *range(20))
            going.queue().flushall()
            lost += 20 - int(going.queue().llen("a queue"))
            time.sleep(0.4)

    assert all_sent(going.send_through("FLUSHALL five times", empty))
    assert lost == 100


def test_redis_killed_and_back(going: Stage) -> None:
    def kill() -> None:
        going.outside.redis.kill()
        time.sleep(4)
        with pytest.raises(redis.RedisError):
            going.queue().ping()
        going.outside.redis.start()

    assert all_sent(going.send_through("Redis killed for 4 s", kill))


def test_redis_frozen_and_thawed(going: Stage) -> None:
    def freeze() -> None:
        going.outside.redis.freeze()
        time.sleep(6)
        with pytest.raises(redis.RedisError):
            going.queue().ping()
        going.outside.redis.thaw()

    assert all_sent(going.send_through("Redis frozen for 7 s", freeze))


def test_redis_that_throws_keys_away(going: Stage) -> None:
    """As a cache on the same server would have it: the queue is a key like any other."""
    kept = 1

    def evict() -> None:
        nonlocal kept
        queue = going.queue()
        used = int(queue.info("memory")["used_memory"])
        queue.config_set("maxmemory-policy", "allkeys-lru")
        queue.config_set("maxmemory", used + 2_000_000)
        queue.rpush("a queue", *range(20))
        for number in range(4000):
            queue.set(f"cache:{number}", "x" * 2000)
        kept = int(queue.llen("a queue"))
        assert int(queue.info("stats")["evicted_keys"]) > 0
        queue.config_set("maxmemory", 0)
        queue.flushall()

    assert all_sent(going.send_through("Redis evicting", evict))
    assert kept == 0


def test_beat_dead_and_back(going: Stage) -> None:
    later: list[Notice] = []

    def stop_beat() -> None:
        kill_group(going.beat)
        time.sleep(1)
        going.queue().delete(MESSAGES)
        # The control: without beat nobody wakes the worker.
        later.extend(confirmations(going.next_people()))
        time.sleep(BEAT_SECONDS / 2)
        make_due(later)
        with pytest.raises(NeverHappened):
            wait_for(lambda: unsettled(later) < len(later), seconds=BEAT_SECONDS + 2)
        going.beat = going.start_beat()

    assert all_sent(going.send_through("beat dead for 18 s", stop_beat))
    wait_for(lambda: not unsettled(later), seconds=RESUMED_WITHIN_SECONDS)
    assert all_sent(later)


def test_two_beats(going: Stage) -> None:
    def double() -> None:
        other = going.start_beat()
        time.sleep(BEAT_SECONDS + 3)
        kill_group(other)

    assert all_sent(going.send_through("two beats", double))


def test_postgres_stopped_at_once_and_back(going: Stage, own_postgres: OwnPostgres) -> None:
    def stop() -> None:
        # In the middle of a send.
        wait_for(Attempt.objects.filter(outcomes=None).exists, seconds=30, every=0.005)
        own_postgres.stop_at_once()
        with pytest.raises(OperationalError):
            Notice.objects.count()
        connection.close()
        time.sleep(3)
        own_postgres.start_again()

    rows = going.send_through("PostgreSQL stopped at once for 3 s", stop)
    unknown = Notice.objects.filter(state="unknown")
    # What was between the attempt and its record at the stop: a worker's two hands hold no more than that by mail.
    assert all(row.channel == "email" for row in unknown)
    assert set(states(rows)) <= {"sent", "unknown"}
    assert set(unknown.values_list("pk", flat=True)) == set(Notice.objects.needs_person().values_list("pk", flat=True))
    assert Attempt.objects.filter(outcomes=None).count() == 0
