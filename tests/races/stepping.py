"""Two verbs on two connections, held before each statement they send and let go one statement at a time.

`explore` runs every schedule that a limit allows. A side that waits for a lock is recognised by the server
(pg_blocking_pids); the other goes on meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from queue import Empty, SimpleQueue
from typing import Any, Final
from unittest.mock import patch

import psycopg
from django.db import connection, connections

from scheduling.exit_rulings import LaterWasGiven, NothingToRule, RepeatStands
from scheduling.gates import DecidedMeanwhile
from scheduling.locking import AgainstTheOrder, BusyNow, JustTaken, TooNear
from scheduling.order_states import OrderIsNot
from scheduling.problems import Refused
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, NotThen, OrderOnHold

# What a verb may answer instead of doing its work; each has words on a page. Anything else is an error.
PLAIN: Final = (
    NotPossibleFromHere, OrderOnHold, OrderIsNot, ChangedMeanwhile, NotThen, AgainstTheOrder, BusyNow, JustTaken,
    TooNear, DecidedMeanwhile, NothingToRule, RepeatStands, LaterWasGiven,
)  # fmt: skip
COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"
OWN_AFFAIR: Final = "SELECT set_config("
PATIENCE_SECONDS = 20.0
FIRST_LOOK_SECONDS = 0.002
LOOK_AGAIN_SECONDS = 0.001

Act = Callable[[], Any]


class NeverCame(AssertionError):
    """A side neither sent its next statement, nor finished, nor waited for a lock."""


class WentAnotherWay(AssertionError):
    """The same choices led elsewhere than before: a side that could go on then can't now."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one side: done, refused in plain words (the rules, or the refusal's name), or an error."""

    done: bool = False
    refused: tuple[str, ...] = ()
    error: str = ""


class Stands(Enum):
    """Where a side stands between two statements."""

    HELD = auto()
    WAITS_FOR_LOCK = auto()
    OVER = auto()


@dataclass
class Side:
    """A verb in a thread and on a connection of its own. `sent` are its statements so far, the end included."""

    name: str
    thread: ThreadPoolExecutor
    pid: int
    go: SimpleQueue[None] = field(default_factory=SimpleQueue)
    reports: SimpleQueue[Stands] = field(default_factory=SimpleQueue)
    stands: Stands = Stands.OVER
    sent: list[str] = field(default_factory=list)
    next: str = ""
    ended: bool = False
    running: Future[Outcome] | None = None

    @property
    def asked_for_lock(self) -> bool:
        """Whether it has sent a statement that locks what another verb may want."""
        return any("pg_advisory_xact_lock" in sql or " FOR " in sql or sql.startswith("UPDATE") for sql in self.sent)

    def begin(self, act: Act) -> None:
        """Starts the verb; it stands before its first statement, or is over without one."""
        self.sent, self.next, self.ended = [], "", False
        self.running = self.thread.submit(self._run, act)

    def outcome(self) -> Outcome:
        assert self.running is not None
        return self.running.result(PATIENCE_SECONDS)

    def let_go(self) -> None:
        """Nobody steps it any more: it runs to its end, so that its thread can stop."""
        self.ended = True
        self.go.put(None)

    def _run(self, act: Act) -> Outcome:
        try:
            with self._held():
                act()
        except Refused as refused:
            return Outcome(refused=tuple(problem.rule for problem in refused.problems))
        except PLAIN as refused:
            return Outcome(refused=(type(refused).__name__,))
        except Exception as error:  # noqa: BLE001 -- the test says that there is none
            return Outcome(error=repr(error))
        finally:
            self.reports.put(Stands.OVER)
        return Outcome(done=True)

    @contextmanager
    def _held(self) -> Iterator[None]:
        # Django's own, below `commit` and `rollback`: the end of an atomic block goes there too.
        commit, rollback = connection._commit, connection._rollback  # type: ignore[attr-defined]
        with ExitStack() as held:
            held.enter_context(connection.execute_wrapper(self._before_statement))
            held.enter_context(patch.object(connection, "_commit", lambda: self._before_end(COMMIT, commit)))
            held.enter_context(patch.object(connection, "_rollback", lambda: self._before_end(ROLLBACK, rollback)))
            yield

    def _before_statement(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        # What sets something of the session alone is seen by nobody: no order is worth trying there.
        if not sql.startswith(OWN_AFFAIR):
            self._wait(sql)
        return execute(sql, *rest)

    def _before_end(self, how: str, end: Act) -> None:
        self._wait(how)
        end()
        # What follows (a look at the row as it is now) changes nothing for anybody.
        self.ended = True

    def _wait(self, sql: str) -> None:
        if self.ended:
            return
        self.next = sql
        self.reports.put(Stands.HELD)
        self.go.get()
        self.sent.append(sql)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which side sent a statement, and whether the schedule with the other one here is still to be run."""

    side: int
    other: bool


@dataclass
class Schedule:
    """One order that was run: who sent when, what came of both, and whether they ever waited for each other."""

    choices: list[Choice] = field(default_factory=list)
    outcomes: tuple[Outcome, Outcome] = (Outcome(), Outcome())
    switches: int = 0
    deadlocked: bool = False

    @property
    def ends(self) -> tuple[bool, bool]:
        """Which of the two did their work."""
        return self.outcomes[0].done, self.outcomes[1].done

    def __str__(self) -> str:
        return "".join("AB"[choice.side] for choice in self.choices)


Limit = Callable[["Pair", Schedule], bool]


def every_order_of(few: int) -> Limit:
    """Another order is tried at every statement. Refuses verbs with more than a few: their orders have no end."""

    def limit(pair: Pair, so_far: Schedule) -> bool:
        assert all(len(side.sent) < few for side in pair.sides), [side.sent for side in pair.sides]
        return True

    return limit


def at_most(switches: int) -> Limit:
    """Every order up to the first lock; after it so many changes of side at most.

    A change because a side is over or waits for a lock does not count.
    """

    def limit(pair: Pair, so_far: Schedule) -> bool:
        return so_far.switches < switches or not any(side.asked_for_lock for side in pair.sides)

    return limit


@dataclass
class Pair:
    """Two sides and a third connection that sees who waits for whom."""

    sides: tuple[Side, Side]
    looking: psycopg.Connection[Any]

    def run(self, acts: tuple[Act, Act], prefix: list[int], limit: Limit) -> Schedule:
        """One schedule: `prefix` says who goes first, then each goes on as long as it can."""
        try:
            return self._run(acts, prefix, limit)
        except BaseException:
            for side in self.sides:
                side.let_go()
            raise

    def _run(self, acts: tuple[Act, Act], prefix: list[int], limit: Limit) -> Schedule:
        schedule = Schedule()
        for one, act in zip(self.sides, acts, strict=True):
            one.begin(act)
            self._settle(one)
        last = 0
        while any(side.stands != Stands.OVER for side in self.sides):
            can_go = [index for index, side in enumerate(self.sides) if side.stands == Stands.HELD]
            if not can_go:
                self._wait_for_deadlock(schedule)
                continue
            step = len(schedule.choices)
            side = prefix[step] if step < len(prefix) else (last if last in can_go else can_go[0])
            if side not in can_go:
                raise WentAnotherWay(str(schedule))
            other = len(can_go) == 2 and step >= len(prefix) and (step == 0 or limit(self, schedule))
            if step and side != last and last in can_go:
                schedule.switches += 1
            schedule.choices.append(Choice(side, other))
            self._step(side)
            last = side
        schedule.outcomes = (self.sides[0].outcome(), self.sides[1].outcome())
        return schedule

    def _step(self, index: int) -> None:
        side, other = self.sides[index], self.sides[1 - index]
        is_end = side.next in (COMMIT, ROLLBACK)
        side.go.put(None)
        self._settle(side)
        if (is_end or side.stands == Stands.OVER) and other.stands == Stands.WAITS_FOR_LOCK:
            self._settle(other)

    def _settle(self, side: Side) -> None:
        """Waits until the side stands before its next statement, is over, or waits for the other side."""
        patience, until = FIRST_LOOK_SECONDS, time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                side.stands = side.reports.get(timeout=patience)
            except Empty:
                if self._blocked(side):
                    side.stands = Stands.WAITS_FOR_LOCK
                    return
            else:
                return
            if time.monotonic() > until:
                raise NeverCame(f"{side.name} after {side.sent[-1:]}")
            patience = LOOK_AGAIN_SECONDS

    def _blocked(self, side: Side) -> bool:
        # A vacuum may be in its way for a moment too: that is not what is looked for.
        (other,) = (one.pid for one in self.sides if one is not side)
        row = self.looking.execute("SELECT %s = ANY(pg_blocking_pids(%s))", [other, side.pid]).fetchone()
        return row == (True,)

    def _wait_for_deadlock(self, schedule: Schedule) -> None:
        """Each waits for the other: the server ends one of them."""
        schedule.deadlocked = True
        until = time.monotonic() + PATIENCE_SECONDS
        while all(side.stands == Stands.WAITS_FOR_LOCK for side in self.sides):
            for side in self.sides:
                self._settle(side)
            if time.monotonic() > until:
                raise NeverCame("both sides wait")


def _close(thread: ThreadPoolExecutor) -> None:
    thread.submit(connections.close_all).result()


@contextmanager
def pair_of_sides(look_url: str) -> Iterator[Pair]:
    """Two threads with their connections to Django's present database, for many schedules."""
    with ExitStack() as until_the_end:
        sides = []
        for name in "AB":
            thread = until_the_end.enter_context(ThreadPoolExecutor(1, thread_name_prefix=name))
            until_the_end.callback(_close, thread)
            sides.append(Side(name, thread, thread.submit(_backend_pid).result()))
        looking = until_the_end.enter_context(psycopg.connect(look_url, autocommit=True))
        yield Pair((sides[0], sides[1]), looking)


def _backend_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
        return int(pid)


def explore(pair: Pair, begin: Callable[[], tuple[Act, Act]], limit: Limit) -> Iterator[Schedule]:
    """Every schedule within the limit, each from a fresh beginning; the caller looks at what each left behind."""
    prefix: list[int] = []
    tried: list[Choice] = []
    while True:
        schedule = pair.run(begin(), prefix, limit)
        # Choices of the prefix keep what was still to be tried there before.
        tried = tried[: len(prefix)] + schedule.choices[len(prefix) :]
        yield schedule
        while tried and not tried[-1].other:
            tried.pop()
        if not tried:
            return
        turned = tried.pop()
        tried.append(Choice(1 - turned.side, other=False))
        prefix = [choice.side for choice in tried]
