"""The one way to a gateway, which keeps what a practice clinic writes on this machine."""

from __future__ import annotations

from dataclasses import dataclass, field

from notifications.channels.outbox import OutboxChannel
from notifications.channels.outcomes import Channel, LookUp, Outcome, Outgoing


@dataclass
class PracticeGuard:
    """A channel to the outside. What was written to learn goes to the outbox instead, whoever it is addressed to."""

    outside: Channel
    here: Channel = field(default_factory=OutboxChannel)

    @property
    def sender(self) -> str:
        return self.outside.sender

    @property
    def at_once(self) -> int:
        return self.outside.at_once

    def send(self, outgoing: Outgoing) -> Outcome:
        return (self.here if outgoing.is_practice else self.outside).send(outgoing)

    def look_up(self, outgoing: Outgoing) -> LookUp:
        return (self.here if outgoing.is_practice else self.outside).look_up(outgoing)

    def rest(self) -> None:
        self.outside.rest()
