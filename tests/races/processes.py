"""Starts processes that book at once. Imported before Django is set up, so it imports nothing of ours that needs it."""

from __future__ import annotations

import importlib
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any


def work(number: int, barrier: Any, before_writing: Any, rounds: Connection) -> None:
    """A child's life: one booking a round, until None comes."""
    importlib.import_module("tests.races.forked")
    booker = importlib.import_module("tests.races.booker")
    rounds.send("ready")
    while (one := rounds.recv()) is not None:
        rounds.send(booker.book_one(number, one, barrier, before_writing))


class Bookers:
    """Processes that have started and wait for a round."""

    def __init__(self, count: int) -> None:
        # A fork of pytest itself would share its connections and threads; one of a server of its own shares neither.
        fork = multiprocessing.get_context("forkserver")
        fork.set_forkserver_preload(["tests.races.forked", "tests.races.booker"])
        barrier, before_writing = fork.Barrier(count), fork.Barrier(count)
        pipes = [fork.Pipe() for _ in range(count)]
        self.ours = [ours for ours, _ in pipes]
        self.processes = [
            fork.Process(target=work, args=(number, barrier, before_writing, theirs), daemon=True)
            for number, (_, theirs) in enumerate(pipes)
        ]
        for process in self.processes:
            process.start()
        for _, theirs in pipes:
            theirs.close()
        for pipe in self.ours:
            assert pipe.recv() == "ready"

    def race(self, one: Any) -> list[Any]:
        """All book in this round; their answers in order."""
        for pipe in self.ours:
            pipe.send(one)
        return [pipe.recv() for pipe in self.ours]

    def stop(self) -> None:
        for pipe in self.ours:
            pipe.send(None)
        for process in self.processes:
            process.join(20)


@contextmanager
def bookers(count: int) -> Iterator[Bookers]:
    """They take a few seconds to start: keep them for all rounds of a test."""
    started = Bookers(count)
    try:
        yield started
    finally:
        started.stop()
