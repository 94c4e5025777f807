"""Two sessions, stepped: the second acts while the first has not committed, and is seen to wait for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from tests.guarantees.world import Application, World, connect

PATIENCE = 10.0


class NeverWaited(Exception):
    """The second session went on although the first had not committed."""


@dataclass
class Second:
    """A session that acts in a thread of its own."""

    world: World
    connection: Application
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def start(self, sql: str) -> Future[str]:
        """Does `sql` and commits; the future gives the SQLSTATE of a refusal, empty when accepted."""
        return self.thread.submit(self._act, sql)

    def _act(self, sql: str) -> str:
        try:
            self.world.run(sql, self.connection)
            self.connection.commit()
        except psycopg.Error as refused:
            self.connection.rollback()
            return refused.sqlstate or "?"
        return ""

    def wait_until_it_waits(self, acting: Future[str], looking: Application) -> None:
        """Returns once the first session blocks this one; refuses with NeverWaited when it went through."""
        until = time.monotonic() + PATIENCE
        blocker, blocked = self.world.connection.info.backend_pid, self.connection.info.backend_pid
        while time.monotonic() < until and not acting.done():
            row = looking.execute("SELECT %s = ANY(pg_blocking_pids(%s))", [blocker, blocked]).fetchone()
            looking.rollback()
            if row == (True,):
                return
            time.sleep(0.01)
        raise NeverWaited


@contextmanager
def second_session(world: World) -> Iterator[Second]:
    """Gives its thread and connection back whatever happens."""
    with connect(world.url) as connection:
        second = Second(world, connection)
        try:
            yield second
        finally:
            world.connection.rollback()
            second.thread.shutdown()


def race(world: World, first: str, second: str, *, must_wait: bool) -> str:
    """The first acts, the second acts, the first commits, the second goes on. The SQLSTATE that met the second."""
    with second_session(world) as other, connect(world.url) as looking:
        world.run(first)
        acting = other.start(second)
        if must_wait:
            other.wait_until_it_waits(acting, looking)
        else:
            # Nothing to wait for: the control is about what the second sees before the first commits.
            time.sleep(0.3)
        world.connection.commit()
        return acting.result(PATIENCE)
