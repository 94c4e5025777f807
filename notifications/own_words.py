"""A clinic's own text: plain words with a few blanks that times and a link are put into. Pure.

The blanks are `{sender}`, `{when}`, `{next}`, `{link}` and `{phone}`; a manager needs no template language, and nothing
but these can get into a message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from notifications.segments import measure
from notifications.wording_lint import ONE_SEGMENT_PURPOSES, find_faults

BLANKS = ("sender", "when", "next", "link", "phone")
NEEDED = ("when", "link")
BLANK = re.compile(r"\{([^{}\n]*)\}")
MOST_NEXT = 3
# Up to so many times are said one by one in a text; more are counted.
SAID_ONE_BY_ONE = 2
# What a text says of times on its own account. The Spanish needs a qualified reviewer.
TEXTS_OF = {
    "en": {
        "many": "{n} times, the first {first}",
        "kept": "{when} (kept for you, not firm yet)",
        "next": "Next: {when}.",
    },
    "es": {"many": "{n} horas, la primera {first}", "kept": "{when} (le guardamos la hora)", "next": "Siguen: {when}."},
}


@dataclass(frozen=True, slots=True)
class Said:
    """What goes into the blanks: times as they are said in the language of the text."""

    sender: str
    phone: str
    link: str
    visits: Sequence[str] = ()
    kept: Sequence[str] = ()
    later: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class OwnText:
    """A clinic's words for one purpose, channel and language, and which version they are."""

    subject: str
    body: str
    version: int


def fill_in(text: str, said: Said, *, channel: str, purpose: str, language: str) -> str:
    """The text with its blanks filled. A text message that must fit one segment says as many next times as fit."""
    for count in range(min(len(said.later), MOST_NEXT), -1, -1):
        filled = _fill(text, said, count, in_lines=channel == "email", words=TEXTS_OF.get(language, TEXTS_OF["en"]))
        if channel == "email" or purpose not in ONE_SEGMENT_PURPOSES or measure(filled).count <= 1:
            return filled
    return filled


def _fill(text: str, said: Said, count: int, *, in_lines: bool, words: dict[str, str]) -> str:
    times = [*said.visits, *(words["kept"].format(when=one) for one in said.kept)]
    later = list(said.later[:count])
    if in_lines:
        when = "\n".join(f"  {one}" for one in times) if len(times) > 1 else "".join(times)
    elif len(times) > SAID_ONE_BY_ONE:
        when = words["many"].format(n=len(times), first=times[0])
    else:
        when = "; ".join(times)
    values = {
        "sender": said.sender,
        "when": when,
        "next": words["next"].format(when="; ".join(later)) if later else "",
        "link": said.link,
        "phone": said.phone,
    }
    filled = BLANK.sub(lambda blank: values.get(blank[1], blank[0]), text)
    # A blank that is filled with nothing leaves no gap behind.
    lines = [re.sub(r"(?<=\S) {2,}", " ", line).rstrip() for line in filled.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def find_faults_of(
    subject: str, body: str, samples: Sequence[Said], *, channel: str, purpose: str, language: str
) -> list[str]:
    """What keeps a clinic's text from being used, in plain words for the manager; empty when it may be."""
    used = BLANK.findall(f"{subject}\n{body}")
    faults = [
        f"“{{{name}}}” is no blank. There are: {', '.join(f'{{{one}}}' for one in BLANKS)}."
        for name in dict.fromkeys(used)
        if name not in BLANKS
    ]
    faults += [f"The text has to have {{{name}}} in it." for name in NEEDED if f"{{{name}}}" not in body]
    if channel == "email" and not subject.strip():
        faults.append("An e-mail needs a subject.")
    if "\n" in subject.strip():
        faults.append("A subject is one line.")
    for said in samples:
        text = fill_in(body, said, channel=channel, purpose=purpose, language=language)
        head = fill_in(subject, said, channel=channel, purpose="", language=language)
        faults += find_faults(text, channel=channel, purpose=purpose, language=language)
        if head:
            faults += find_faults(head, channel="email", purpose="", language=language)
    return list(dict.fromkeys(faults))
