"""Sending what is due: claim addresses, write down the attempts, send with no transaction open, record the outcomes.

One thread, the caller's, talks to the database; others only wait for gateways.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import datetime, timedelta
from time import sleep

from celery.exceptions import SoftTimeLimitExceeded

from notifications import failpoints
from notifications.attempts import Started, start_attempts
from notifications.channels.outcomes import Outcome
from notifications.claiming import LEASE, Claim, claim_due
from notifications.lanes import Lane, open_lanes
from notifications.recording import record_outcomes

log = logging.getLogger(__name__)
START_WITHIN = LEASE / 3
TICK = timedelta(milliseconds=500)
GATHER_SECONDS = 0.04
Landed = tuple[Started, Outcome]


def dispatch_due(*, clock: Callable[[], datetime], until: datetime) -> int:
    """Sends what is due until nothing is left or `until`; gives how many messages were tried.

    Any number of workers may do so at once. What fails is logged and left to its lease; the others go on. A sender
    that has to keep its pace is waited for.
    """
    lanes = open_lanes()
    tried, looked_at = 0, clock()
    try:
        while (now := clock()) < until:
            if now - looked_at >= TICK:
                looked_at = now
                _look_anew(lanes)
            filled = _fill_all(lanes, clock)
            tried += filled
            hurry = any(lane.wants_more for lane in lanes)
            is_awaited = _collect(lanes, clock, seconds=0 if hurry else TICK.total_seconds())
            if not filled and not is_awaited and not _wait_for_turn(lanes, clock, until):
                break
    finally:
        _land(lanes, clock)
    return tried


def _look_anew(lanes: list[Lane]) -> None:
    for lane in lanes:
        lane.is_empty = False


def _fill_all(lanes: list[Lane], clock: Callable[[], datetime]) -> int:
    filled = 0
    for lane in lanes:
        if started := _fill(lane, clock):
            filled += started
            # Beginning many takes a while, and the answers that nobody could ask for again don't wait for it.
            _collect([lane for lane in lanes if not lane.can_ask_later], clock, seconds=0)
    return filled


def _fill(lane: Lane, clock: Callable[[], datetime]) -> int:
    """Claims and starts as many as the lane has room for; gives how many."""
    if not lane.wants_more:
        return 0
    claim = claim_due(channel=lane.name, sender=lane.channel.sender, most=lane.room, now=clock())
    lane.is_empty = claim is None
    if claim is None:
        return 0
    lane.is_trying = lane.is_trying or claim.is_a_try
    failpoints.reach("after_claim")
    started = _start(claim, clock)
    if started:
        failpoints.reach("after_attempt")
    if lane.is_local:
        _record(lane, [(one, lane.channel.send(one.outgoing)) for one in started], clock)
    else:
        for one in started:
            lane.send(one, latest=one.outgoing.started_at + START_WITHIN, clock=clock)
    return len(started)


def _start(claim: Claim, clock: Callable[[], datetime]) -> list[Started]:
    """All together, and where that fails each alone: one that can't be sent must not stop the others."""
    try:
        return start_attempts(groups=claim.groups, token=claim.token, now=clock(), lease=LEASE)
    except SoftTimeLimitExceeded:
        raise
    except Exception as problem:
        if len(claim.groups) == 1:
            log.exception("sending failed", extra={"notices": claim.groups[0]})
            return []
        log.info("not all can start, each alone: %s", type(problem).__name__)
    alone = (Claim(claim.token, [group], claim.lease_until) for group in claim.groups)
    return [started for one in alone for started in _start(one, clock)]


def _collect(lanes: list[Lane], clock: Callable[[], datetime], *, seconds: float) -> bool:
    """Waits for the next answers and records them; False where none is awaited."""
    flying = [future for lane in lanes for future in lane.flying]
    if not flying:
        return False
    done = wait(flying, timeout=seconds, return_when=FIRST_COMPLETED).done
    may_wait = all(lane.can_ask_later for lane in lanes if done & lane.flying.keys())
    if seconds and may_wait and 0 < len(done) < len(flying):
        # Where one answer is in, others are about to be, and many are recorded as quickly as one.
        sleep(GATHER_SECONDS)
        done = {future for future in flying if future.done()}
    for lane in lanes:
        _record(lane, _landed(lane, done), clock)
    return True


def _landed(lane: Lane, done: set[Future[Outcome]]) -> list[Landed]:
    landed = []
    for future in [future for future in lane.flying if future in done]:
        started = lane.flying.pop(future)
        problem = future.exception()
        if isinstance(problem, SoftTimeLimitExceeded):
            raise problem
        if problem is not None:
            log.error("sending failed", extra={"attempt": started.attempt_id}, exc_info=problem)
        else:
            landed.append((started, future.result()))
    return landed


def _record(lane: Lane, landed: list[Landed], clock: Callable[[], datetime]) -> None:
    if not landed:
        return
    failpoints.reach("after_accept")
    failpoints.reach("before_record")
    outcomes = [(started.attempt_id, outcome) for started, outcome in landed]
    record_outcomes(outcomes=outcomes, gateway=lane.gateway, now=clock())
    failpoints.reach("after_record")
    lane.learn([outcome for _, outcome in landed])


def _wait_for_turn(lanes: list[Lane], clock: Callable[[], datetime], until: datetime) -> bool:
    """Where a sender has to keep its pace, waits a moment; False where nothing is left that may go before `until`."""
    before = clock()
    if not any(lane.has_to_wait(before) for lane in lanes) or before + TICK >= until:
        return False
    sleep(TICK.total_seconds())
    _look_anew(lanes)
    # A clock that stands still would have us wait for ever.
    return clock() > before


def _land(lanes: list[Lane], clock: Callable[[], datetime]) -> None:
    """Records what is still under way: each send ends within its channel's time limit."""
    try:
        while _collect(lanes, clock, seconds=60):
            pass
    finally:
        for lane in lanes:
            lane.close()
