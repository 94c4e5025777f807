"""For whoever writes this software: messages are printed where the worker runs, and nothing leaves the machine."""

from __future__ import annotations

import sys

from notifications.channels.outcomes import Accepted, CannotTell, LookUp, Outcome, Outgoing


class ConsoleChannel:
    """Prints to standard output. Never for real patients: what is printed ends in whatever keeps that output."""

    sender = ""
    at_once = 1

    def send(self, outgoing: Outgoing) -> Outcome:
        files = [f"with {file.name} ({len(file.content)} bytes)" for file in outgoing.attachments]
        lines = [f"to {outgoing.to}", outgoing.subject, outgoing.body.strip(), *files]
        sys.stdout.write("\n".join(line for line in lines if line) + "\n")
        sys.stdout.flush()
        return Accepted(reference=f"console:{outgoing.message_id}")

    def look_up(self, outgoing: Outgoing) -> LookUp:
        return CannotTell()

    def rest(self) -> None:
        """Keeps nothing open."""
