"""A letter that came in by Postmark, as the bytes a mail server would hand over: sent along raw, or built anew. Pure.

Postmark sends the raw letter only where its inbound stream says so; else the heads, bodies and files apart.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr
from typing import Any

# What the letter built anew says itself.
OURS = ("from", "to", "subject", "mime-version", "content-type", "content-transfer-encoding", "content-disposition")
UNNAMED = "application/octet-stream"


def letter_of(payload: Mapping[str, Any]) -> bytes | None:
    """The letter of Postmark's JSON; None where it is about a letter of ours instead (those have a RecordType)."""
    if isinstance(payload.get("RawEmail"), str):
        return str(payload["RawEmail"]).encode("utf-8", "replace")
    if payload.get("RecordType", "Inbound") != "Inbound" or not ("From" in payload or "FromFull" in payload):
        return None
    return _built(payload)


def _built(payload: Mapping[str, Any]) -> bytes:
    letter = EmailMessage(policy=SMTP)
    _put(letter, "From", _mailbox(payload.get("FromFull")) or payload.get("From"))
    to = [_mailbox(one) for one in _listed(payload.get("ToFull"))] or [_said(payload.get("To"))]
    _put(letter, "To", ", ".join(one for one in to if one))
    _put(letter, "Delivered-To", payload.get("OriginalRecipient"))
    _put(letter, "Subject", payload.get("Subject"))
    for head in _listed(payload.get("Headers")):
        if isinstance(head, Mapping) and _said(head.get("Name")).lower() not in OURS:
            _put(letter, _said(head.get("Name")), head.get("Value"))
    text, page = _said(payload.get("TextBody")), _said(payload.get("HtmlBody"))
    letter.set_content(text or page, subtype="plain" if text or not page else "html")
    if text and page:
        letter.add_alternative(page, subtype="html")
    for file in _listed(payload.get("Attachments")):
        if isinstance(file, Mapping):
            _attach(letter, file)
    return letter.as_bytes()


def _attach(letter: EmailMessage, file: Mapping[str, Any]) -> None:
    kind = _said(file.get("ContentType")).partition(";")[0].strip().lower() or UNNAMED
    main, _, sub = (kind if kind.count("/") == 1 and kind.isascii() else UNNAMED).partition("/")
    try:
        # "Data" in the example that Postmark sends for a trial.
        content = b64decode(_said(file.get("Content") or file.get("Data")))
    except ValueError:
        content = b""
    if main in ("message", "multipart"):
        main, sub = UNNAMED.split("/")
    ident, name = "".join(_said(file.get("ContentID")).split()), " ".join(_said(file.get("Name")).split())
    letter.add_attachment(
        content,
        maintype=main,
        subtype=sub,
        disposition="inline" if ident else "attachment",
        filename=name or None,
        cid=f"<{ident.strip('<>')}>" if ident else None,
    )


def _put(letter: EmailMessage, name: str, value: object) -> None:
    """A head as it came, on one line; what is no head at all is left out."""
    said = " ".join(_said(value).split())
    if not said or not name.replace("-", "").isalnum() or not name.isascii():
        return
    try:
        letter[name] = said
    except (ValueError, LookupError, TypeError, AttributeError):
        return


def _mailbox(full: object) -> str:
    if not isinstance(full, Mapping) or not full.get("Email"):
        return ""
    return formataddr((" ".join(_said(full.get("Name")).split()), _said(full.get("Email"))))


def _listed(found: object) -> list[Any]:
    return found if isinstance(found, list) else []


def _said(value: object) -> str:
    # JSON may hold halves of signs, which no letter can.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
