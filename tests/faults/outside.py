"""The world around the real worker and beat in a fault run: gateways, Redis, the programs and ways to kill them."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from celery import Celery

from config.celery import MESSAGES, broker_url
from tests.fakes.smtp_server import SmtpServer, running_smtp_server
from tests.fakes.twilio_gateway import TwilioGateway, running_gateway
from tests.plugin_servers import run_folder
from tests.programs import children_of, running, wait_for
from tests.redis_servers import RedisServer

SWEEP = "notifications.tasks.sweep"
RESUMED_WITHIN_SECONDS = 90


@dataclass
class Outside:
    """`failpoints`: the folder in which a test arms places in a send (`notifications.failpoints`)."""

    texts: TwilioGateway
    mails: SmtpServer
    redis: RedisServer
    failpoints: Path
    environment: dict[str, str]

    @contextmanager
    def worker(self, processes: int = 1, *, name: str = "worker") -> Iterator[Popen[bytes]]:
        """A real worker with so many hands, whose database sessions go by `name`."""
        more = {"WORKER_PROCESSES": str(processes), "PGAPPNAME": name}
        with running("worker", self.environment | more) as process:
            yield process

    @contextmanager
    def beat(self) -> Iterator[Popen[bytes]]:
        with running("beat", self.environment) as process:
            yield process

    def sweep(self) -> bool:
        """Pokes a worker as beat does."""
        with Celery(broker=broker_url(self.redis.url)) as app:
            app.send_task(SWEEP, queue=MESSAGES, expires=5)
        return True

    @contextmanager
    def sweeping(self, every: float = 0.3) -> Iterator[None]:
        """Pokes all the while."""
        over = threading.Event()

        def poke() -> None:
            with Celery(broker=broker_url(self.redis.url)) as app:
                while not over.wait(every):
                    app.send_task(SWEEP, queue=MESSAGES, expires=5)

        thread = threading.Thread(target=poke, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(5)

    def arm(self, failpoint: str) -> Path:
        """The first send to come to `failpoint` is held there; gives the file that appears then: delete it to go on."""
        armed = self.failpoints / failpoint
        armed.touch()
        return armed.with_suffix(".reached")


@contextmanager
def surroundings(environment: dict[str, str], *, lease_seconds: float) -> Iterator[Outside]:
    """Gateways and a Redis of one's own; `environment` names the database."""
    redis = RedisServer(Path(tempfile.mkdtemp(dir=run_folder())))
    failpoints = Path(tempfile.mkdtemp(dir=run_folder()))
    redis.start()
    try:
        with running_gateway() as texts, running_smtp_server() as mails:
            places = {
                "REDIS_URL": redis.url,
                "SMS_URL": texts.url,
                "EMAIL_URL": mails.url,
                "INFUSION_SEND_LEASE_SECONDS": str(lease_seconds),
                "INFUSION_FAILPOINTS": str(failpoints),
            }
            yield Outside(texts, mails, redis, failpoints, environment | places)
    finally:
        redis.stop()


def kill_hand(worker: Popen[bytes], first: Callable[[], None] = lambda: None) -> bool:
    """kill -9 to the processes that do the work of `worker`, which starts others; False where it has none just now.

    Now and then it has two where one was asked for, after a kill. They are frozen before `first` is called, so that
    nothing changes any more between that look and their end.
    """
    hands = children_of(worker)
    for hand in hands:
        _signal(hand, signal.SIGSTOP)
    if hands:
        first()
    killed = [hand for hand in hands if _signal(hand, signal.SIGKILL)]
    return bool(killed)


def _signal(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def wait_until_working(worker: Popen[bytes], seconds: float = 60) -> None:
    """Until it has a hand that can be killed."""
    wait_for(lambda: children_of(worker), seconds=seconds)
