"""E-mail over SMTP, which has no look-up: a message given away without an answer is unknown and never sent again."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from notifications.channels.deadline import Limit, closes_after
from notifications.channels.outcomes import (
    NO_TLS,
    UNREACHABLE,
    UNSENDABLE,
    Accepted,
    CannotTell,
    LookUp,
    Outcome,
    Outgoing,
    Reason,
    Unknown,
    refusal,
    smtp_reason,
)

TOTAL_SECONDS = 20.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class _WireFormat(EmailPolicy):
    """Lines as SMTP wants them, but the unsubscribe link in one: not every mail program finds a folded one."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == "List-Unsubscribe":
            return f"{name}: {value}\r\n".encode("ascii")
        return super().fold_binary(name, value)


WIRE_FORMAT = _WireFormat(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes. `tls`: `ssl` from the first byte, `starttls` before anything is said, `none` in clear text.

    `trust` knows the certificates that are believed; it is there wherever `tls` is not `none`.
    """

    host: str
    port: int
    tls: str
    username: str
    password: str
    sender: str
    trust: ssl.SSLContext | None

    @classmethod
    def from_url(cls, url: str) -> MailServer:
        """Reads `smtp://user:password@host:port?tls=starttls|ssl|none&from=Name <a@b>&ca=/file`.

        Without `tls` a server on this machine is spoken to in clear text and any other with STARTTLS. Refuses anything
        else, and a `ca` that can't be read, with ValueError.
        """
        parts = urlsplit(url)
        asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        host = parts.hostname or ""
        tls = asked.get("tls", "none" if host in LOOPBACK else "starttls")
        if parts.scheme != "smtp" or not host or tls not in ("ssl", "starttls", "none"):
            raise ValueError("EMAIL_URL is not smtp://user:password@host:port?tls=starttls|ssl|none&from=address.")
        sender = asked.get("from", "")
        if "@" not in parseaddr(sender)[1]:
            raise ValueError("EMAIL_URL needs ?from=, the address that mail comes from.")
        return cls(
            host=host,
            port=parts.port or {"ssl": 465, "starttls": 587, "none": 25}[tls],
            tls=tls,
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            sender=sender,
            trust=None if tls == "none" else _trust(asked.get("ca")),
        )


class EmailChannel:
    """Sends over one SMTP server, one connection a message; where TLS is asked for, clear text is never an answer."""

    def __init__(self, server: MailServer, *, total_seconds: float = TOTAL_SECONDS) -> None:
        self.server = server
        self.total_seconds = total_seconds

    def send(self, outgoing: Outgoing) -> Outcome:
        try:
            raw = self.compose(outgoing).as_bytes()
        except ValueError:
            return refusal(UNSENDABLE)
        exchange = _Exchange(self.server, self.total_seconds)
        try:
            with closes_after(self.total_seconds, lambda: exchange.smtp.sock) as limit:
                return exchange.deliver(raw, to=outgoing.to, limit=limit)
        except _RefusedBy as refused:
            return refusal(refused.reason)
        except ssl.SSLError:
            return Unknown("The safe connection broke.") if exchange.handed_over else refusal(NO_TLS)
        # ValueError: a host or mailbox that can't be put on the wire.
        except (OSError, ValueError, smtplib.SMTPException) as problem:
            if exchange.handed_over:
                return Unknown(f"No answer after the text was sent ({type(problem).__name__}).")
            return refusal(UNREACHABLE)
        finally:
            exchange.smtp.close()

    def look_up(self, outgoing: Outgoing) -> LookUp:
        return CannotTell()

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
        return message


class _RefusedBy(Exception):
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


class _Exchange:
    """One conversation. `handed_over` turns true just before the text goes: from then on no answer means unknown."""

    def __init__(self, server: MailServer, seconds: float) -> None:
        self.server = server
        self.handed_over = False
        if server.tls == "ssl":
            self.smtp: smtplib.SMTP = smtplib.SMTP_SSL(timeout=seconds, context=server.trust)
        else:
            self.smtp = smtplib.SMTP(timeout=seconds)
        # smtplib checks certificates against the host it was made with, not the one it connects to.
        self.smtp._host = server.host  # type: ignore[attr-defined]

    def deliver(self, raw: bytes, *, to: str, limit: Limit) -> Outcome:
        self._greet(limit)
        self._expect(self.smtp.mail(parseaddr(self.server.sender)[1]))
        self._expect(self.smtp.rcpt(to), of_recipient=True)
        self._expect(self.smtp.docmd("DATA"), wanted=354)
        # Without its last line the server must forget the message, so here it is still not too late to keep it.
        limit.check()
        self.handed_over = True
        self.smtp.send(_dotted(raw))
        reply, text = self.smtp.getreply()
        self._expect((reply, text))
        return Accepted(reference=f"{reply} {text.decode('ascii', 'replace')}"[:200])

    def _greet(self, limit: Limit) -> None:
        self._expect(self.smtp.connect(self.server.host, self.server.port))
        limit.check()
        self.smtp.ehlo_or_helo_if_needed()
        if self.server.tls == "starttls":
            if not self.smtp.has_extn("starttls"):
                raise _RefusedBy(NO_TLS)
            reply, _ = self.smtp.starttls(context=self.server.trust)
            if reply != 220:
                raise _RefusedBy(NO_TLS)
            limit.check()
            self.smtp.ehlo_or_helo_if_needed()
        if self.server.username:
            try:
                self.smtp.login(self.server.username, self.server.password)
            except smtplib.SMTPAuthenticationError as problem:
                raise _RefusedBy(smtp_reason(problem.smtp_code, b"", of_recipient=False)) from None

    def _expect(self, answer: tuple[int, bytes], *, wanted: int | None = None, of_recipient: bool = False) -> None:
        reply, text = answer
        if reply != wanted if wanted else not 200 <= reply < 300:
            if reply < 400:
                raise smtplib.SMTPServerDisconnected("The server broke off.")
            raise _RefusedBy(smtp_reason(reply, text, of_recipient=of_recipient))


def _trust(ca_file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError:
        raise ValueError("EMAIL_URL's ca= is not a file of certificates that can be read.") from None


def _dotted(raw: bytes) -> bytes:
    """The text as SMTP wants it: a line that begins with a dot gets another, and a lone dot ends it."""
    body = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in raw.split(b"\r\n"))
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"
