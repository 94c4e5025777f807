"""A lane a channel: how many of its messages may be under way, and the threads that wait for its gateway.

A gateway that hangs holds up its own lane and no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from notifications import sender_pace
from notifications.attempts import Started
from notifications.channels.outcomes import HELD_UP, Accepted, Channel, Outcome, refusal, says_gateway_is_down
from notifications.channels.registry import channel_for
from notifications.models import Notice
from notifications.notice_facts import ChannelName

# A gateway that may be dead meets few at first: they count as failures in a row.
FIRST_WINDOW = 4
# So many times what is under way is begun, so that no thread is idle while the next are claimed, many at once, which is
# what makes each cheap.
AHEAD = 8
# But never more than a gateway takes in this time: what waits longer is held up, and of no use to anyone.
BEGUN_FOR_SECONDS = 1.0
# Over about so many messages the speed of a gateway is averaged.
REMEMBERED = 8


class Lane:
    """`flying`: what was handed to a thread and is not recorded. `is_empty`: the last claim found nothing. `is_trying`:
    a try of a gateway that was down is under way, and nothing else may go until it is in."""

    def __init__(self, name: ChannelName, channel: Channel) -> None:
        self.name = name
        self.channel = channel
        self.is_local = not channel.sender
        # Whether the gateway tells afterwards what it got. Where it does not, all that is begun and not recorded when a
        # worker dies is unknown for good: so little is begun, and recorded at once.
        self.can_ask_later = name is ChannelName.SMS
        self.gateway = "" if self.is_local else sender_pace.name_of(name, channel.sender)
        self.window = channel.at_once if self.is_local else min(FIRST_WINDOW, channel.at_once)
        self.flying: dict[Future[Outcome], Started] = {}
        self.is_empty = False
        self.is_trying = False
        self._threads: ThreadPoolExecutor | None = None
        # How long one message takes, of late; a thread's single write of a float needs no lock.
        self._seconds = BEGUN_FOR_SECONDS

    @property
    def most(self) -> int:
        """How many may be begun at the speed that the gateway has shown of late."""
        if not self.can_ask_later:
            return self.channel.at_once
        ahead = int(BEGUN_FOR_SECONDS / max(self._seconds, BEGUN_FOR_SECONDS / AHEAD))
        return self.channel.at_once * max(1, ahead)

    @property
    def room(self) -> int:
        return self.window - len(self.flying)

    @property
    def wants_more(self) -> bool:
        """Claims are made for many at once: it costs little more than for one."""
        return not self.is_empty and self.room >= max(1, self.window // 2)

    def has_to_wait(self, now: datetime) -> bool:
        """Whether something is due that only waits for its sender's turn."""
        if self.is_local or self.name is not ChannelName.SMS:
            return False
        if sender_pace.read_circuit(self.gateway, now).most == 0:
            return False
        return Notice.objects.due(now).filter(channel=self.name).exists()

    def send(self, one: Started, *, latest: datetime, clock: Callable[[], datetime]) -> None:
        """Has a thread send it. One that sleeps past `latest` does not: someone may have looked the message up and sent
        it again by then."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.channel.at_once, thread_name_prefix=f"send {self.name}")

        def work() -> Outcome:
            leaves_at = clock()
            if leaves_at > latest:
                return refusal(HELD_UP)
            began = time.monotonic()
            outcome = self.channel.send(replace(one.outgoing, leaves_at=leaves_at))
            self._seconds += (time.monotonic() - began - self._seconds) / REMEMBERED
            return outcome

        self.flying[self._threads.submit(work)] = one

    def learn(self, outcomes: Sequence[Outcome]) -> None:
        """Widens while the gateway takes messages, and narrows to one as soon as it fails."""
        if self.is_local:
            return
        if self.is_trying:
            self.is_trying = self.is_empty = False
        if any(says_gateway_is_down(outcome) for outcome in outcomes):
            self.window = 1
        else:
            taken = sum(isinstance(outcome, Accepted) for outcome in outcomes)
            self.window = min(self.window + taken, self.most)

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown()
        self.channel.rest()


def open_lanes() -> list[Lane]:
    return [Lane(name, channel_for(name)) for name in ChannelName]
