"""E-mail over SMTP, which has no look-up: a message given away without an answer is unknown and never sent again."""

from __future__ import annotations

import smtplib
import ssl
import threading
import weakref
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr, parseaddr

from notifications.channels.deadline import Limit, closes_after
from notifications.channels.mail_server import MailServer
from notifications.channels.outcomes import (
    NO_TLS,
    UNREACHABLE,
    UNSENDABLE,
    CannotTell,
    LookUp,
    Outcome,
    Outgoing,
    Unknown,
    refusal,
)
from notifications.channels.smtp_connection import RefusedBy, SmtpConnection

TOTAL_SECONDS = 20.0
AT_ONCE = 4


class _WireFormat(EmailPolicy):
    """Lines as SMTP wants them, but the unsubscribe link in one: not every mail program finds a folded one."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == "List-Unsubscribe":
            return f"{name}: {value}\r\n".encode("ascii")
        return super().fold_binary(name, value)


WIRE_FORMAT = _WireFormat(linesep="\r\n")


class EmailChannel:
    """Sends over one SMTP server, whose connections are kept for the next message until `rest`."""

    at_once = AT_ONCE

    def __init__(self, server: MailServer, *, total_seconds: float = TOTAL_SECONDS) -> None:
        self.server = server
        self.total_seconds = total_seconds
        self.kept: list[SmtpConnection] = []
        self.lock = threading.Lock()
        weakref.finalize(self, _close_all, self.kept)

    @property
    def sender(self) -> str:
        return f"{self.server.host}:{self.server.port}"

    def send(self, outgoing: Outgoing) -> Outcome:
        try:
            raw = self.compose(outgoing).as_bytes()
        except ValueError:
            return refusal(UNSENDABLE)
        using = [self._connection()]
        try:
            with closes_after(self.total_seconds, lambda: using[-1].smtp.sock) as limit:
                return self._deliver(raw, outgoing.to, using, limit)
        except RefusedBy as refused:
            return refusal(refused.reason)
        except ssl.SSLError:
            return Unknown("The safe connection broke.") if using[-1].handed_over else refusal(NO_TLS)
        # ValueError: a host or mailbox that can't be put on the wire.
        except (OSError, ValueError, smtplib.SMTPException) as problem:
            if using[-1].handed_over:
                return Unknown(f"No answer after the text was sent ({type(problem).__name__}).")
            return refusal(UNREACHABLE)
        finally:
            self._keep(using[-1])

    def look_up(self, outgoing: Outgoing) -> LookUp:
        return CannotTell()

    def rest(self) -> None:
        """Says goodbye on the connections that nobody uses."""
        with self.lock:
            idle = self.kept[:]
            self.kept.clear()
        for connection in idle:
            _say_goodbye(connection)

    def compose(self, outgoing: Outgoing) -> EmailMessage:
        """The message as it goes on the wire; its Message-ID is made from our id, so a person can find it again."""
        name, address = parseaddr(self.server.sender)
        message = EmailMessage(policy=WIRE_FORMAT)
        message["From"] = formataddr((outgoing.sender_name or name, address))
        message["To"] = outgoing.to
        message["Subject"] = outgoing.subject
        message["Date"] = format_datetime(outgoing.started_at)
        message["Message-ID"] = f"<{outgoing.message_id}@{address.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        if outgoing.unsubscribe_url:
            # RFC 8058: the mail program shows a button of its own, whose press is one POST.
            message["List-Unsubscribe"] = f"<{outgoing.unsubscribe_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(outgoing.body, cte="quoted-printable")
        for file in outgoing.attachments:
            maintype, subtype = file.kind.split("/")
            # In base64 its line ends come through as they are.
            message.add_attachment(
                file.content, maintype, subtype, filename=file.name, params=file.parameters, cte="base64"
            )  # fmt: skip
        return message

    def _deliver(self, raw: bytes, to: str, using: list[SmtpConnection], limit: Limit) -> Outcome:
        was_kept = using[-1].greeted
        try:
            return using[-1].deliver(raw, to=to, limit=limit)
        except (OSError, smtplib.SMTPException, RefusedBy) as problem:
            lost = not isinstance(problem, RefusedBy) or problem.reason.of_gateway
            if not was_kept or not lost or using[-1].handed_over:
                raise
            # The server had let go of the kept connection and knows nothing of this message: a new one tells.
            limit.check()
            using[-1].close()
            using.append(SmtpConnection(self.server, self.total_seconds))
            return using[-1].deliver(raw, to=to, limit=limit)

    def _connection(self) -> SmtpConnection:
        with self.lock:
            while self.kept:
                connection = self.kept.pop()
                if connection.may_be_used_again:
                    return connection
                connection.close()
        return SmtpConnection(self.server, self.total_seconds)

    def _keep(self, connection: SmtpConnection) -> None:
        if connection.may_be_used_again:
            with self.lock:
                self.kept.append(connection)
        else:
            connection.close()


def _say_goodbye(connection: SmtpConnection) -> None:
    try:
        with closes_after(1, lambda: connection.smtp.sock):
            connection.smtp.quit()
    except (OSError, smtplib.SMTPException):
        pass
    finally:
        connection.close()


def _close_all(kept: list[SmtpConnection]) -> None:
    for connection in kept:
        connection.close()
