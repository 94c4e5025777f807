"""Messages a second to a gateway that answers after 50 ms: the sweep, a bare loop, and a Celery task a message.

And e-mail over one connection that is used again, beside smtplib.
"""

from __future__ import annotations

import smtplib
import statistics
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from http.client import HTTPConnection
from itertools import count
from urllib.parse import urlencode
from uuid import uuid4

from django.utils import timezone

from bench import one_task_a_message
from bench.databases import Database, clone
from bench.due_messages import create_due
from bench.harness import Line, Must, ratio_at_least, spread_of, take_turns
from bench.mail_sink import mail_sink
from bench.slow_gateway import PATH, SlowGateway, slow_gateway
from bench.workers import PROCESSES, broker, worker
from config.celery import BEAT_SCHEDULE, MESSAGES, app
from config.embedded.places import Places
from notifications.channels.email import EmailChannel
from notifications.channels.mail_server import MailServer
from notifications.channels.outcomes import Accepted, Outgoing
from notifications.channels.sms import AT_ONCE
from notifications.models import Notice, NoticeState

GATEWAY_SECONDS = 0.05
LEAST_A_SECOND = 200
LONGEST = timedelta(minutes=10)
IN_FLIGHT = PROCESSES * AT_ONCE
SWEEP = BEAT_SCHEDULE["send what is due"]


def run(places: Places, *, messages: int, tasks: int, turns: int, mails: int) -> list[Line]:
    """`messages` at once for the sweep and the bare loop; `tasks` for the slow way, of which a few tell the rate."""
    bare: list[float] = []
    ours: list[float] = []
    with clone(places) as template, slow_gateway(GATEWAY_SECONDS) as gateway, broker(places):
        create_due(template, messages, timezone.now() - timedelta(minutes=1))
        for turn in range(turns):
            for is_ours in (turn % 2 > 0, turn % 2 == 0):
                if is_ours:
                    with clone(places, template.name) as database:
                        ours.append(_sweeps(database, gateway, messages))
                else:
                    bare.append(_bare_loop(gateway, messages))
        with clone(places, template.name) as database:
            usual = _one_task_each(database, gateway, tasks)
    rates = [messages / statistics.median(side) for side in (bare, ours)]
    ratio = statistics.median(one / other for one, other in zip(bare, ours, strict=True))
    detail = {"turns": turns, "messages": messages, "bare_s": bare, "ours_s": ours}
    at_least = Must("ours", ">=", LEAST_A_SECOND)
    return [
        Line(
            f"bare loop, {IN_FLIGHT} in flight",
            "msg/s",
            rates[0],
            rates[1],
            ratio,
            (ratio_at_least(0.7), at_least),
            detail,
        ),
        Line(
            f"a Celery task a message, {PROCESSES} processes",
            "msg/s",
            tasks / usual,
            rates[1],
            rates[1] * usual / tasks,
            (ratio_at_least(5),),
            {"tasks": tasks, "seconds": usual},
        ),
        _mail(mails, turns),
    ]


def _sweeps(database: Database, gateway: SlowGateway, messages: int) -> float:
    """The software's own worker, with a sweep every ten seconds as beat asks for; the seconds from the first one on."""
    before = gateway.taken()
    sent = Notice.objects.filter(state=NoticeState.SENT)
    with worker(database, gateway.sms_url):
        began = swept = time.monotonic()
        app.send_task(SWEEP["task"], queue=MESSAGES)
        while sent.count() < messages:
            time.sleep(0.1)
            if time.monotonic() - swept >= SWEEP["schedule"].total_seconds():
                swept = time.monotonic()
                app.send_task(SWEEP["task"], queue=MESSAGES)
            if swept - began > LONGEST.total_seconds():
                raise AssertionError(f"{sent.count()} of {messages} after {LONGEST}")
        seconds = time.monotonic() - began
    if gateway.taken() - before != messages:
        raise AssertionError(f"of {messages} the gateway had {gateway.taken() - before}")
    return seconds


def _bare_loop(gateway: SlowGateway, messages: int) -> float:
    """As many threads as ours have under way, each with a connection that it keeps, and no database."""
    numbers = count()
    form = urlencode({"To": "+12125550123", "From": "+15550100000", "Body": "Harbor Center: your visit."})

    def post() -> None:
        connection = HTTPConnection("127.0.0.1", gateway.port)
        while next(numbers) < messages:
            connection.request("POST", PATH, form, {"Content-Type": "application/x-www-form-urlencoded"})
            connection.getresponse().read()
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(IN_FLIGHT)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began


def _one_task_each(database: Database, gateway: SlowGateway, tasks: int) -> float:
    with worker(database, gateway.sms_url):
        return one_task_a_message.send_all(tasks)


def _mail(mails: int, turns: int) -> Line:
    with mail_sink() as port:
        channel = EmailChannel(MailServer.from_url(f"smtp://127.0.0.1:{port}?from=Harbor Center <desk@harbor.test>"))
        plain = smtplib.SMTP("127.0.0.1", port)
        bare, ours = take_turns(
            _each(mails, lambda one: plain.send_message(channel.compose(one))),
            _each(mails, lambda one: _accepted(channel, one)),
            turns * 3,
        )
        plain.quit()
        channel.rest()
    ratio = statistics.median(one / other for one, other in zip(bare, ours, strict=True))
    rates = [mails / statistics.median(side) for side in (bare, ours)]
    detail = {"mails": mails, "yardstick_ms": spread_of(bare), "ours_ms": spread_of(ours)}
    return Line("mail over one connection, smtplib", "msg/s", rates[0], rates[1], ratio, (ratio_at_least(0.7),), detail)


def _each(mails: int, send: Callable[[Outgoing], object]) -> Callable[[], None]:
    def all_of_them() -> None:
        now = timezone.now()
        for _ in range(mails):
            body = "Harbor Center: your visit is on Thu Dec 3, 10:00 AM.\n"
            send(Outgoing(str(uuid4()), "ana@patients.test", "Your visit", body, now, now + LONGEST))

    return all_of_them


def _accepted(channel: EmailChannel, one: Outgoing) -> None:
    outcome = channel.send(one)
    assert isinstance(outcome, Accepted), outcome
