"""The last look before an attempt: what holds at that moment, and whether a notice still may go. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from notifications import reasons
from notifications.caps import Caps
from notifications.missed_visits import is_missed
from notifications.models import MAY_HAVE_ARRIVED, Notice, NoticeState, NoticeVisit
from notifications.notice_facts import CheckIn, InPerson, Purpose, Shift, Standing, Told, Visit
from notifications.pause_news import pause_step
from notifications.quiet_hours import QuietHours
from notifications.visit_news import closure_step, is_told_by_a_person, they_know

TO_COME = (Standing.FIRM, Standing.TENTATIVE)
STANDING_FOR = {
    Purpose.BOOKING_CONFIRMATION: TO_COME,
    Purpose.CHANGED: TO_COME,
    Purpose.CLOSURE: TO_COME,
    Purpose.REMINDER: (Standing.FIRM,),
    Purpose.INSTRUCTIONS: (Standing.FIRM,),
    Purpose.RIDE: (Standing.FIRM,),
    Purpose.CANCELLED: (Standing.CANCELLED,),
    Purpose.CHECK_IN: (Standing.SILENT,),
    Purpose.MISSED: (Standing.SILENT,),
    Purpose.ORDER_PAUSED: (Standing.SILENT,),
}
SAID_LATER_BY_OTHERS = (Purpose.REMINDER, Purpose.RIDE)
# They end with the next visits, so that in a dense series one text a visit says all.
LIST_NEXT = (Purpose.REMINDER, Purpose.INSTRUCTIONS)
BEFORE_A_VISIT = (*SAID_LATER_BY_OTHERS, Purpose.INSTRUCTIONS)
GOES_OR_WENT = (NoticeState.PLANNED, NoticeState.CLAIMED, *MAY_HAVE_ARRIVED)
# The planner drops or keeps these, for they may come back, and a suppressed row would block its key.
MAY_COME_BACK = frozenset({reasons.NO_CONSENT, reasons.ADDRESS_STOPPED, reasons.CLINIC_CLOSED})


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds at the start of the attempt.

    A change of the patient, an order, a visit, an address or its consent commits before this look or after the attempt.
    The clinic's quiet hours and closures have no such promise: a change may come a moment too late for one message.
    `routine_sent`: when routine texts went to the address in the last week; `told`: only where next visits are listed.
    `check_ins`: those that are open, by visit id and step.
    """

    visits: dict[int, Visit]
    has_consent: bool
    address_works: bool
    patient_gone: bool
    quiet: QuietHours
    zone: ZoneInfo
    in_person: Sequence[InPerson] = ()
    check_ins: Mapping[tuple[int, str], CheckIn] = field(default_factory=dict)
    caps: Caps = field(default_factory=Caps)
    routine_sent: list[datetime] = field(default_factory=list)
    told: Sequence[Told] = ()


def why_not(row: Notice, facts: Facts) -> str:
    """The reason, a word of `reasons`, why a notice may not go now; empty where it may. `row`: with what it told."""
    if facts.patient_gone:
        return reasons.PATIENT_GONE
    if not facts.address_works:
        return reasons.ADDRESS_STOPPED
    if not facts.has_consent:
        return reasons.NO_CONSENT
    return _why_not_so(row, facts)


def is_still_so(row: Notice, facts: Facts) -> bool:
    """Whether what a notice tells still holds and is still news, wherever it is said."""
    return not _why_not_so(row, facts)


def _why_not_so(row: Notice, facts: Facts) -> str:
    if row.purpose == Purpose.REPLY:
        return ""
    return next((reason for told in row.told_visits.all() if (reason := _why_not_of(row, told, facts))), "")


def _why_not_of(row: Notice, told: NoticeVisit, facts: Facts) -> str:
    purpose, visit = Purpose(row.purpose), facts.visits.get(told.appointment_id)
    if visit is None or visit.told_version != told.told_version or not _is_so(row, visit):
        return reasons.VISIT_CHANGED
    if purpose in BEFORE_A_VISIT and visit.closing is not None:
        return reasons.CLINIC_CLOSED
    is_asked = (visit.id, row.step) in facts.check_ins
    if (purpose is Purpose.RIDE and visit.driver_known) or (purpose is Purpose.CHECK_IN and not is_asked):
        return reasons.SETTLED
    if purpose is Purpose.MISSED and not is_missed(visit, facts.visits.values()):
        return reasons.SETTLED
    is_told = is_told_by_a_person(purpose, row.step) and they_know(visit, facts.in_person)
    return reasons.TOLD_IN_PERSON if is_told else ""


def _is_so(row: Notice, visit: Visit) -> bool:
    if row.purpose == Purpose.CLOSURE and (visit.closing is None or row.step != closure_step(visit.closing)):
        return False
    if row.purpose == Purpose.ORDER_PAUSED and (visit.pause is None or row.step != pause_step(visit.pause)):
        return False
    return visit.standing in STANDING_FOR[Purpose(row.purpose)]


def shifts_for(row: Notice, facts: Facts) -> list[Shift]:
    """When somebody is on duty to read an answer to a check-in; none for all else."""
    return [shift for one in check_ins_of(row, facts) for shift in one.shifts]


def check_ins_of(row: Notice, facts: Facts) -> list[CheckIn]:
    """The check-ins that a notice asks after; none for all else."""
    steps = ((told.appointment_id, row.step) for told in row.told_visits.all())
    return [facts.check_ins[step] for step in steps if step in facts.check_ins]


def visits_of(rows: Sequence[Notice], facts: Facts) -> list[Visit]:
    """The visits that these notices speak of, as they are now, in order of time."""
    told = (facts.visits.get(told.appointment_id) for row in rows for told in row.told_visits.all())
    return sorted((visit for visit in told if visit is not None), key=lambda visit: visit.starts_at)


def is_said_later(row: Notice) -> bool:
    """Whether a later text before the same visit says, or has said, what this one would have said."""
    if row.purpose not in SAID_LATER_BY_OTHERS:
        return False
    visits = [told.appointment_id for told in row.told_visits.all()]
    others = Notice.objects.filter(patient=row.patient_id, purpose__in=BEFORE_A_VISIT, state__in=GOES_OR_WENT)
    return others.filter(useful_until__gt=row.useful_until, told_visits__appointment__in=visits).exists()
