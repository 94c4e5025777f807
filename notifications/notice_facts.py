"""The facts that decide who is told what: visits, addresses, what was said, and the notices that follow. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from notifications.quiet_hours import QuietHours

# When somebody is on duty, [start, end).
Shift: TypeAlias = tuple[datetime, datetime]


class Purpose(StrEnum):
    BOOKING_CONFIRMATION = "booking_confirmation"
    REMINDER = "reminder"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    CHECK_IN = "check_in"
    INSTRUCTIONS = "instructions"
    RIDE = "ride"
    ORDER_PAUSED = "order_paused"
    CLOSURE = "closure"
    MISSED = "missed"
    REPLY = "reply"


class ChannelName(StrEnum):
    SMS = "sms"
    EMAIL = "email"
    CALL = "call"


class Standing(StrEnum):
    """What a patient should believe of a visit. SILENT: kept, pencilled, under way or over; nobody is told anything."""

    FIRM = "firm"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Preparation:
    """What a visit asks of the patient: when to stop eating and drinking, and that somebody drives them home."""

    food_until: datetime | None = None
    drinks_until: datetime | None = None
    needs_ride: bool = False


@dataclass(frozen=True, slots=True)
class Closing:
    """The clinic is closed over a visit. `may_wake`: somebody has said, with a reason, that quiet hours don't count.

    `since` is when it was said, None where nobody knows.
    """

    id: int
    since: datetime | None = None
    may_wake: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of a visit's order, by the id of the change and since when. Somebody tells the patient first."""

    id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """`known_since` is when the visit got its present time, clinic and standing.

    `firm_from`: the told_version at which a tentative visit became firm, 0 for one that was firm from the start.
    `by_clinician`: a prescriber's decision cancelled it, so somebody tells the patient before a message does.
    `prepare` is None where nothing is asked of the patient; `driver_known`: they have said who drives them home.
    `was_missed`: a person said that the patient did not come, at `known_since`, and the order stands. `pause`: it is
    booked, and its order does not go on for now. `by_text`: its clinic has gone live and may text.
    """

    id: int
    clinic_id: int
    zone: ZoneInfo
    starts_at: datetime
    told_version: int
    standing: Standing
    known_since: datetime
    firm_from: int = 0
    is_confirmed: bool = False
    by_clinician: bool = False
    prepare: Preparation | None = None
    driver_known: bool = False
    closing: Closing | None = None
    was_missed: bool = False
    pause: Pause | None = None
    by_text: bool = True

    @property
    def stands_so_since(self) -> datetime:
        """Since when it is as it is: who told the patient before that told them something else."""
        return self.pause.since if self.pause else self.known_since


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A check-in that was ordered for after a visit and is open. `day` counts from the visit.

    `shifts`: from when until when a clinician is on duty to read an answer, from `due_at` on. `has_questions`: the
    page behind its link asks some.
    """

    visit: Visit
    day: int
    due_at: datetime
    shifts: Sequence[Shift] = ()
    has_questions: bool = False


@dataclass(frozen=True, slots=True)
class InPerson:
    """Somebody has told the patient of a visit as it stood in `told_version`. `and_send`: a message follows."""

    visit_id: int
    told_version: int
    at: datetime
    and_send: bool = False


@dataclass(frozen=True, slots=True)
class Reachable:
    """An address that may be used, on one channel. `zone` is where its owner sleeps."""

    id: int
    channel: ChannelName
    preferred: bool
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was said, or may have been (an attempt began): the visit is at `starts_at`, or is cancelled.

    `still_theirs`: the address it was said at is still the patient's, so that it surely was they who read it.
    """

    visit_id: int
    purpose: Purpose
    step: str
    channel: ChannelName
    starts_at: datetime
    clinic_id: int
    said_at: datetime
    told_version: int = 1
    still_theirs: bool = True


@dataclass(frozen=True, slots=True)
class ClinicRules:
    """Reminder offsets in hours before the visit, largest first; grace in which an undone change is told to nobody.

    `day_of`: how long before a visit its reminder of the day goes; `told_by`: how long the news of a prescriber's
    decision waits for somebody to tell the patient first.
    """

    reminder_hours: tuple[int, ...] = (72, 24)
    grace: timedelta = timedelta(minutes=3)
    quiet: QuietHours = field(default_factory=QuietHours)
    day_of: timedelta = timedelta(hours=2)
    told_by: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """All that decides what one patient is told. `rules_of` is by clinic id.

    `hurried_at`: when somebody last pressed "send now"; what had changed by then waits no longer.
    """

    visits: Sequence[Visit]
    rules_of: Mapping[int, ClinicRules]
    reachable: Sequence[Reachable] = ()
    told: Sequence[Told] = ()
    in_person: Sequence[InPerson] = ()
    check_ins: Sequence[CheckIn] = ()
    wants_day_of: bool = False
    hurried_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A notice that should exist. `lapsed`: it can't go out while it is of use, so a person has to know.

    `they_know`: somebody has told the patient and wants no message. `by_night`: it waits for the morning of a visit
    that comes soon after, so a person has to know, too.
    """

    key: str
    purpose: Purpose
    step: str
    channel: ChannelName
    address_id: int
    subject: tuple[tuple[int, int], ...]
    due_at: datetime
    useful_until: datetime
    lapsed: bool
    they_know: bool = False
    by_night: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice before quiet hours were looked at. `shifts` is for check-ins."""

    visit: Visit
    purpose: Purpose
    step: str
    address: Reachable
    due_at: datetime
    useful_until: datetime
    they_know: bool = False
    shifts: Sequence[Shift] = ()
