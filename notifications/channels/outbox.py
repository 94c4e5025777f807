"""The embedded mode's channel: nothing leaves the machine; /outbox/ shows the text kept with the message."""

from __future__ import annotations

from notifications.channels.outcomes import Accepted, Found, LookUp, Outcome, Outgoing


class OutboxChannel:
    """Accepts everything. The message row is itself what would have been sent, so a look-up always finds it."""

    sender = ""
    at_once = 64

    def send(self, outgoing: Outgoing) -> Outcome:
        return Accepted(reference=f"outbox:{outgoing.message_id}")

    def look_up(self, outgoing: Outgoing) -> LookUp:
        return Found(reference=f"outbox:{outgoing.message_id}")

    def rest(self) -> None:
        """Keeps nothing open."""
