"""A real SMTP server inside the tests, with a ledger of what it took and ways to misbehave."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from enum import StrEnum
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mode(StrEnum):
    """How the server meets a message. RESET, HANG and ACCEPT put it in the ledger."""

    ACCEPT = "accept"
    RESET = "accept, then reset"
    HANG = "accept, then hang"
    NO_SUCH_MAILBOX = "550 at RCPT"
    GREYLIST = "451 at RCPT"
    REJECT_TEXT = "554 after DATA"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as the server got it."""

    at: float
    to: str
    sender: str
    message: EmailMessage
    over_tls: bool

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class SmtpServer:
    """The state behind the server: set `mode`, read `ledger`.

    It takes `think_seconds` before it has a mail (one whose sender goes meanwhile it never has) and `answer_seconds`
    after.
    """

    mode: Mode = Mode.ACCEPT
    think_seconds: float = 0.0
    answer_seconds: float = 0.0
    ledger: list[Mail] = field(default_factory=list)
    said_in_clear: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?from=Harbor Center <desk@harbor.test>"

    def to(self, address: str) -> list[Mail]:
        """What arrived for one mailbox."""
        return [mail for mail in self.ledger if mail.to == address]

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not _over_tls(server):
            self.said_in_clear.append(address)
        if self.mode is Mode.NO_SUCH_MAILBOX:
            return "550 5.1.1 No such mailbox"
        if self.mode is Mode.GREYLIST:
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.mode is Mode.REJECT_TEXT:
            return "554 5.7.1 Refused"
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        sender = envelope.mail_from or ""
        await asyncio.sleep(self.think_seconds)
        for to in envelope.rcpt_tos:
            self.ledger.append(Mail(time.time(), to, sender, message, _over_tls(server)))
        await asyncio.sleep(self.answer_seconds)
        if self.mode is Mode.RESET:
            transport = server.transport
            assert isinstance(transport, asyncio.WriteTransport)
            transport.abort()
        if self.mode is Mode.HANG:
            await asyncio.sleep(60)
        return "250 2.0.0 queued as 1"


def _over_tls(server: SMTP) -> bool:
    # Not session.ssl, which aiosmtpd sets for STARTTLS only.
    return server.transport is not None and server.transport.get_extra_info("sslcontext") is not None


class _OnFreePort(Controller):
    def _trigger_server(self) -> None:
        # Port 0 let the machine choose; the controller greets the server once, so it has to know which.
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def running_smtp_server(
    *, certificate: Path | None = None, whole_tls: bool = False, **settings: Any
) -> Iterator[SmtpServer]:
    """A server on a free port; with `certificate` (key and chain in a file) it offers STARTTLS or is TLS throughout."""
    state = SmtpServer(**settings)
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    tls: dict[str, Any] = {}
    if context is not None:
        tls = {"ssl_context": context} if whole_tls else {"tls_context": context}
    controller = _OnFreePort(state, hostname="127.0.0.1", port=0, **tls)
    controller.start()
    state.port = controller.port
    try:
        yield state
    finally:
        controller.stop(no_assert=True)
