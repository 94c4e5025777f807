"""One SMTP connection, greeted once and used for many messages. Where TLS is asked for, clear text is never spoken."""

from __future__ import annotations

import smtplib
import time
from email.utils import parseaddr

from notifications.channels.deadline import Limit
from notifications.channels.mail_server import MailServer
from notifications.channels.outcomes import NO_TLS, Accepted, Reason, smtp_reason

# Servers drop who says nothing for some minutes, and many take only so many messages a connection.
IDLE_SECONDS = 20.0
MOST_MESSAGES = 100


class RefusedBy(Exception):
    """The server said no, for this reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason


class SmtpConnection:
    """`handed_over` turns true just before a text goes: from then on no answer means unknown."""

    def __init__(self, server: MailServer, seconds: float) -> None:
        self.server = server
        self.handed_over = False
        self.greeted = False
        self.unfinished = False
        self.messages = 0
        self.used_at = 0.0
        if server.tls == "ssl":
            self.smtp: smtplib.SMTP = smtplib.SMTP_SSL(timeout=seconds, context=server.trust)
        else:
            self.smtp = smtplib.SMTP(timeout=seconds)
        # smtplib checks certificates against the host it was made with, not the one it connects to.
        self.smtp._host = server.host  # type: ignore[attr-defined]

    @property
    def may_be_used_again(self) -> bool:
        return self.greeted and self.messages < MOST_MESSAGES and time.monotonic() - self.used_at < IDLE_SECONDS

    def deliver(self, raw: bytes, *, to: str, limit: Limit) -> Accepted:
        """Gives one message away. Refuses with RefusedBy what the server refused, and may be used again after that.

        Raises OSError or SMTPException where the conversation broke: with `handed_over` nobody knows, without it the
        server has nothing.
        """
        self.handed_over = False
        self.messages += 1
        try:
            if not self.greeted:
                self._greet(limit)
            elif self.unfinished:
                # This message must not inherit what a refused one before had said already.
                self._expect(self.smtp.rset())
            self.unfinished = True
            accepted = self._give_away(raw, to, limit)
        except RefusedBy:
            raise
        except BaseException:
            self.greeted = False
            raise
        finally:
            self.used_at = time.monotonic()
        self.unfinished = False
        return accepted

    def close(self) -> None:
        self.greeted = False
        self.smtp.close()

    def _give_away(self, raw: bytes, to: str, limit: Limit) -> Accepted:
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
                raise RefusedBy(NO_TLS)
            reply, _ = self.smtp.starttls(context=self.server.trust)
            if reply != 220:
                raise RefusedBy(NO_TLS)
            limit.check()
            self.smtp.ehlo_or_helo_if_needed()
        if self.server.username:
            try:
                self.smtp.login(self.server.username, self.server.password)
            except smtplib.SMTPAuthenticationError as problem:
                raise RefusedBy(smtp_reason(problem.smtp_code, b"", of_recipient=False)) from None
        self.greeted = True

    def _expect(self, answer: tuple[int, bytes], *, wanted: int | None = None, of_recipient: bool = False) -> None:
        reply, text = answer
        if reply != wanted if wanted else not 200 <= reply < 300:
            if reply < 400:
                raise smtplib.SMTPServerDisconnected("The server broke off.")
            raise RefusedBy(smtp_reason(reply, text, of_recipient=of_recipient))


def _dotted(raw: bytes) -> bytes:
    """The text as SMTP wants it: a line that begins with a dot gets another, and a lone dot ends it."""
    body = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in raw.split(b"\r\n"))
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"
