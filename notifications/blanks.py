"""The blanks of a clinic's own text: which there are, which may not be left out, and what is wrong with them. Pure.

`{sender}`, `{when}`, `{next}`, `{link}` and `{phone}`; `{prepare}` for until when to eat and who drives home, `{hours}`
for when answers are read, `{words}` for an answer that somebody chose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from notifications.notice_facts import Purpose

# By purpose the blanks there are, and those that may not be left out. A check-in without questions needs no link.
TIMES = ("sender", "when", "next", "link", "phone")
BLANKS: Mapping[Purpose, tuple[str, ...]] = {
    Purpose.INSTRUCTIONS: ("sender", "when", "prepare", "next", "link", "phone"),
    Purpose.CHECK_IN: ("sender", "when", "hours", "link", "phone"),
    Purpose.REPLY: ("words", "sender", "phone"),
}
NEEDED: Mapping[Purpose, tuple[str, ...]] = {
    Purpose.INSTRUCTIONS: ("when", "prepare", "link"),
    Purpose.CHECK_IN: ("when", "hours"),
    Purpose.REPLY: ("words",),
}
EMERGENCY = "911"
BLANK = re.compile(r"\{([^{}\n]*)\}")


def blanks_of(purpose: Purpose) -> tuple[str, ...]:
    """The blanks a text of this purpose may have."""
    return BLANKS.get(purpose, TIMES)


def needed_in(purpose: Purpose) -> tuple[str, ...]:
    """The blanks it has to have."""
    return NEEDED.get(purpose, ("when", "link"))


def find_blank_faults(subject: str, body: str, *, purpose: Purpose, channel: str) -> list[str]:
    """What is wrong with the blanks of a clinic's text, in plain words for the manager."""
    both, blanks = f"{subject}\n{body}", blanks_of(purpose)
    there_are = ", ".join(f"{{{one}}}" for one in blanks)
    unknown = [name for name in dict.fromkeys(BLANK.findall(both)) if name not in blanks]
    faults = [f"“{{{name}}}” is no blank. There are: {there_are}." for name in unknown]
    if any(brace in BLANK.sub("", both) for brace in "{}"):
        faults.append(f"Braces stand around blanks alone. There are: {there_are}.")
    faults += [f"The text has to have {{{name}}} in it." for name in needed_in(purpose) if f"{{{name}}}" not in body]
    if purpose is Purpose.CHECK_IN and EMERGENCY not in body:
        faults.append(f"The text has to say whom to call in an emergency: {EMERGENCY}.")
    if channel == "email" and not subject.strip():
        faults.append("An e-mail needs a subject.")
    if "\n" in subject.strip():
        faults.append("A subject is one line.")
    return faults
