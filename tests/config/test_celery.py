from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from kombu import Connection
from kombu.transport.redis import Channel

from config.celery import BEAT_SCHEDULE, QUEUES, app, broker_url
from config.processes import commands
from tests.redis_servers import RedisServer


@pytest.mark.parametrize("entry", sorted(BEAT_SCHEDULE))
def test_a_beat_entry_calls_a_task_that_exists_on_a_queue_the_worker_reads(entry: str) -> None:
    app.loader.import_default_modules()
    task = BEAT_SCHEDULE[entry]["task"]
    assert task in app.tasks
    queue = app.amqp.router.route({}, task)["queue"].name
    worker = commands(Path("/run"))["worker"]
    assert queue in worker[worker.index("--queues") + 1].split(",")


@pytest.mark.parametrize("entry", sorted(BEAT_SCHEDULE))
def test_a_beat_entry_expires_with_its_period(entry: str) -> None:
    period = BEAT_SCHEDULE[entry]["schedule"]
    assert isinstance(period, timedelta)
    assert BEAT_SCHEDULE[entry]["options"]["expires"] == period.total_seconds()


def test_every_task_of_ours_has_a_queue_of_ours() -> None:
    app.loader.import_default_modules()
    ours = [name for name in app.tasks if name.split(".")[0] in {"scheduling", "notifications", "web"}]
    assert ours
    assert {app.amqp.router.route({}, name)["queue"].name for name in ours} <= set(QUEUES)


def test_a_task_ends_before_the_broker_gives_it_to_someone_else() -> None:
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit
    assert app.conf.task_time_limit < app.conf.broker_transport_options["visibility_timeout"]


def test_broker_url_is_kombus_spelling() -> None:
    assert broker_url("unix:///run/redis.sock") == "redis+socket:///run/redis.sock"
    assert broker_url("rediss://user:secret@host:6380/2") == "rediss://user:secret@host:6380/2"


@pytest.mark.parametrize("gives_back", [False, True], ids=["ours", "control"])
def test_a_connection_with_an_unread_wake_up_can_be_closed_when_redis_is_gone(
    gives_back: bool, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the worker closes it. Kombu's own way is the control: where it passes too, ours is not needed any more."""
    monkeypatch.setattr(Channel, "do_restore", gives_back or Channel.do_restore)
    connection = Connection(broker_url(redis_server.url), transport_options=app.conf.broker_transport_options)
    queue = connection.SimpleQueue("unread")
    queue.put("wake up")
    queue.get(timeout=5)
    redis_server.kill()
    # So it is found after a worker's first try to close it, where Redis went while the worker asked for the next task.
    connection.transport.client = None
    with pytest.raises(AttributeError) if gives_back else nullcontext():
        connection.close()
