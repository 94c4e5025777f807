"""Where mail goes and how safely, read from the setting EMAIL_URL."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")


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


def _trust(ca_file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError:
        raise ValueError("EMAIL_URL's ca= is not a file of certificates that can be read.") from None
