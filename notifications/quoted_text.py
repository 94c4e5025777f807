"""What somebody wrote in an e-mail, without the letter they answer and their phone's advertisement. Pure."""

from __future__ import annotations

import re

LONGEST_TEXT = 10_000
# "On Mon, Jan 4, 2027 at 9:00 AM Harbor Center <desk@...> wrote:", also over two lines, and in Spanish.
WROTE = re.compile(
    r"^[ \t>]*(?:On|El)\b[^\n]{0,200}(?:\n[^\n]{0,200}){0,2}?\b(?:wrote|escribi[óo])\s*:[ \t]*$", re.MULTILINE
)
# Outlook's line, and a header block: From/De with Sent/Enviado or Date/Fecha right below.
DIVIDER = re.compile(
    r"^[ \t]*(?:-{2,}[ \t]*(?:Original Message|Mensaje original|Forwarded message|Mensaje reenviado)[ \t]*-{2,}"
    r"|_{8,})[ \t]*$"
    r"|^[ \t]*\*?(?:From|De):\*?[^\n]*\n[ \t]*\*?(?:Sent|Enviado|Date|Fecha|To|Para)(?: el)?:",
    re.MULTILINE | re.IGNORECASE,
)
SIGNATURE = re.compile(
    r"^(?:-- ?|[ \t]*(?:Sent from|Sent via|Get Outlook for|Enviado desde|Enviado con|Obtener Outlook)\b[^\n]*)$",
    re.MULTILINE | re.IGNORECASE,
)
# The subject is then ours, or somebody else's.
ANSWERS = re.compile(r"^\s*(?:re|rv|aw|sv|fw|fwd|resp|reenv)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
QUOTED_LINE = re.compile(r"^[ \t]*>[^\n]*$", re.MULTILINE)


def cut_quoted(text: str) -> str:
    """The writer's own words. Where nothing would be left the whole text stays: better too much than nothing."""
    return _tidy(own_words(text) or _plain(text).strip())


def own_words(text: str) -> str:
    """The writer's own words, empty where there are none."""
    text = _plain(text)
    ends = [found.start() for pattern in (WROTE, DIVIDER, SIGNATURE) if (found := pattern.search(text))]
    return _tidy(QUOTED_LINE.sub("", text[: min(ends, default=len(text))]).strip())


def what_is_said(text: str, subject: str) -> str:
    """What a letter is read by: its words, or its subject where it has none and answers nothing of ours."""
    return subject if subject and not ANSWERS.match(subject) and not own_words(text) else text


def _plain(text: str) -> str:
    return text[: 4 * LONGEST_TEXT].replace("\r\n", "\n").replace("\x00", "")


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text)[:LONGEST_TEXT]
