"""What a row of the desk's lists shows: who, what, since or until when, who was called, who has it, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.desk_work import DeskList
from notifications.models import Address, PatientAddress
from scheduling.models import CallOutcome, Patient, User

# What a call is called in forms, and a visit nobody confirmed; the other kinds are those of `RowKind`.
CALL, VISIT = "call", "visit"
TRIED: Mapping[str, str | Promise] = {
    CallOutcome.SPOKE: _("spoke"),
    CallOutcome.VOICEMAIL: _("voicemail"),
    CallOutcome.NO_ANSWER: _("no answer"),
    CallOutcome.WRONG_NUMBER: _("wrong number"),
}


@dataclass(frozen=True, slots=True)
class Name:
    """What a list is called, and what is said where nothing is on it."""

    title: str | Promise
    icon: str
    empty: str | Promise


NAMES: Mapping[DeskList, Name] = {
    DeskList.REPLIES: Name(_("Replies to read"), "inbox", _("Nothing waits to be read.")),
    DeskList.CALLS: Name(_("Calls due"), "phone", _("Nobody has to be called right now.")),
    DeskList.UNCONFIRMED: Name(_("Not confirmed"), "calendar-clock", _("Today and the next day are confirmed.")),
    DeskList.KEPT: Name(_("Kept times about to end"), "hourglass", _("No kept time ends soon.")),
    DeskList.UNREACHABLE: Name(_("Can't be reached"), "message-circle-off", _("Messages reach everybody.")),
    DeskList.NOT_READY: Name(_("Not ready"), "clipboard-list", _("All visits that are near are ready.")),
    DeskList.MISSED: Name(_("Missed, not planned again"), "user-x", _("Every missed infusion has a new time.")),
    DeskList.TO_BOOK: Name(_("Orders to book"), "calendar-plus", _("Everything is booked.")),
    DeskList.PRESCRIBER: Name(
        _("Waits for the prescriber"), "clipboard-clock", _("Nothing of the desk waits for a prescriber.")
    ),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A badge beside what a row says."""

    tone: str
    icon: str
    text: str | Promise


@dataclass(frozen=True, slots=True)
class Action:
    """The one main thing to do. With `sends` it is a form that posts those fields to `url`, else a link; without `url`
    it opens the telephone."""

    words: str | Promise
    url: str = ""
    sends: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody called, and what came of it."""

    outcome: str | Promise
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hand:
    """Who has it in hand since when, and until when it can wait. `key` is sent back by whoever takes it over."""

    holder: User | None = None
    since: datetime | None = None
    is_mine: bool = False
    later: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a row is about, before anybody worked on it. `when` is said beside it and `at` is what the rows are sorted
    by; `told_version` is that of a visit which is confirmed here."""

    kind: str
    subject: int
    patient: Patient | None
    url: str
    what: str | Promise
    action: Action
    at: datetime | None = None
    when: str = ""
    marks: Sequence[Mark] = ()
    words: str = ""
    language: str = ""
    hand: Hand = field(default_factory=Hand)
    told_version: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The row as the page shows it. `is_alike`: easily taken for somebody else on these lists. `only`: where alone they
    may be reached. `above`: the key of the row above it."""

    facts: Facts
    hand: Hand
    is_alike: bool
    attempts: Sequence[Attempt]
    numbers: Sequence[PatientAddress]
    only: Address | None
    above: str = ""

    @property
    def key(self) -> str:
        return f"{self.facts.kind}-{self.facts.subject}"


@dataclass(frozen=True, slots=True)
class Shown:
    """One list: what is to do now, and what comes back later."""

    which: DeskList
    name: Name
    now: Sequence[Row]
    later: Sequence[Row]
