"""Processes that act at once on one database, each with its own connection, and wait for each other in between."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import BrokenBarrierError
from typing import Any

import psycopg

from bench.databases import Database, point_default_at


@dataclass(slots=True)
class Member:
    """What an act knows of the process it runs in. `raw` is a connection of the application's role."""

    number: int
    barrier: Any
    shared: Any
    database: Database
    raw: psycopg.Connection

    def next_job(self) -> int:
        """The next number that no member of the crew has had, from 0."""
        with self.shared.get_lock():
            number: int = self.shared.value
            self.shared.value += 1
        return number

    def wait_for_all(self) -> None:
        self.barrier.wait(120)


# Runs in a member with what it is given, and answers something that travels between processes.
Act = Callable[[Member, Any], Any]


class CrewFailed(Exception):
    """An act raised; the text is its traceback."""


class Crew:
    """Members that have connected and wait for something to do."""

    def __init__(self, count: int, database: Database) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["bench.fresh_process"])
        self.shared = context.Value("i", 0)
        barrier, pipes = context.Barrier(count), [context.Pipe() for _ in range(count)]
        self.pipes = [ours for ours, _ in pipes]
        self.processes = [
            context.Process(target=_live, args=(number, barrier, self.shared, database, theirs), daemon=True)
            for number, (_, theirs) in enumerate(pipes)
        ]
        for process in self.processes:
            process.start()
        for _, theirs in pipes:
            theirs.close()
        self._answers()

    def all_do(self, act: Act, job: Any) -> list[Any]:
        """Every member does the act at once; their answers in order. Refuses with CrewFailed when one raises."""
        return self.each_do(act, [job] * len(self.pipes))

    def each_do(self, act: Act, jobs: Sequence[Any]) -> list[Any]:
        """The same with a job for each."""
        self.shared.value = 0
        for pipe, job in zip(self.pipes, jobs, strict=True):
            pipe.send((act, job))
        return self._answers()

    def _answers(self) -> list[Any]:
        answers = [pipe.recv() for pipe in self.pipes]
        failed = [answer for done, answer in answers if not done]
        if failed:
            # Whoever waited for the one that failed only says that it waited in vain.
            raise CrewFailed(next((text for text in failed if BrokenBarrierError.__name__ not in text), failed[0]))
        return [answer for _, answer in answers]

    def leave(self) -> None:
        for pipe in self.pipes:
            pipe.send(None)
        for process in self.processes:
            process.join(20)
            if process.is_alive():
                process.kill()


@contextmanager
def crew_at(database: Database, count: int) -> Iterator[Crew]:
    """A crew on the database, gone afterwards."""
    crew = Crew(count, database)
    try:
        yield crew
    finally:
        crew.leave()


def _live(number: int, barrier: Any, shared: Any, database: Database, pipe: Connection) -> None:
    point_default_at(database.name)
    with psycopg.connect(database.url("infusion_app")) as raw:
        me = Member(number, barrier, shared, database, raw)
        pipe.send((True, None))
        while (asked := pipe.recv()) is not None:
            act, job = asked
            try:
                pipe.send((True, act(me, job)))
            except Exception:  # noqa: BLE001 -- told to whoever asked
                barrier.abort()
                pipe.send((False, traceback.format_exc()))
