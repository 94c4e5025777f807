"""The facts that decide who is told what: visits, addresses, what was said, and the notices that follow. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from notifications.quiet_hours import QuietHours


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
class Visit:
    """`known_since` is when the visit got its present time, clinic and standing.

    `firm_from`: the told_version at which a tentative visit became firm, 0 for one that was firm from the start.
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


@dataclass(frozen=True, slots=True)
class Reachable:
    """An address with consent for appointments, valid and not stopped. `zone` is where its owner sleeps."""

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
    """Reminder offsets in hours before the visit, largest first; grace in which an undone change is told to nobody."""

    reminder_hours: tuple[int, ...] = (72, 24)
    grace: timedelta = timedelta(minutes=3)
    quiet: QuietHours = field(default_factory=QuietHours)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A notice that should exist. `lapsed`: it can't go out while it is of use, so a person has to know."""

    key: str
    purpose: Purpose
    step: str
    channel: ChannelName
    address_id: int
    subject: tuple[tuple[int, int], ...]
    due_at: datetime
    useful_until: datetime
    lapsed: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice before quiet hours were looked at."""

    visit: Visit
    purpose: Purpose
    step: str
    address: Reachable
    due_at: datetime
    useful_until: datetime
