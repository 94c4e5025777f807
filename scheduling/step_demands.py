"""What stands in the way of a step: what the signed order demands before a start and before the patient leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor
from scheduling.models import Appointment, CheckKind, Role, Status, VisitCheck, VisitKind
from scheduling.prerequisites import blocking_start
from scheduling.visit_checks import Said, check_word, clearance_of, latest_checks
from scheduling.visit_demands import Blocker, Demands, blocker
from scheduling.visit_steps import NotIdentified, NotReady
from scheduling.word_of_mouth import Word, check_heard_since

ASKS_WHO = (Status.ARRIVED, Status.INFUSING)


def demands_of(visit: Appointment) -> Demands:
    """What is demanded of this visit, by the order as it is signed now."""
    version = visit.order.current_version if visit.order and visit.kind == VisitKind.INFUSION else None
    return Demands.of_order(version.content, visit.dose_number or 0) if version else Demands()


def meet_demands(
    visit: Appointment,
    to: Status,
    *,
    happened_at: datetime,
    checks: Sequence[Said],
    word: Word | None,
    by: Actor,
    now: datetime,
) -> None:
    """Refuses a step with NotIdentified where nobody said who it is, and with NotReady where something the order
    demands stands in its way. A prescriber's `word` clears the patient to leave; one that was heard before the infusion
    was over is refused with NotHeardThen. Other exits are always possible."""
    if to in ASKS_WHO and not any(one.kind == CheckKind.IDENTITY and one.is_met for one in checks):
        raise NotIdentified
    found: list[Blocker] = []
    if to == Status.INFUSING:
        said = {one.kind: one for one in checks}
        found = start_blockers(visit, said, latest_checks([visit.pk]), now=now)
    elif to == Status.TURNED_AWAY and not any(one.kind == CheckKind.EXIT for one in checks):
        found = [blocker("exit")]
    elif to == Status.COMPLETED and visit.kind == VisitKind.INFUSION:
        if word is not None:
            check_word(word, visit, by=by, now=now)
            check_heard_since(word, visit.finished_at)
        is_cleared = word is not None or Role.PRESCRIBER in by.roles
        found = leave_blockers(visit, latest_checks([visit.pk]), at=happened_at, is_cleared=is_cleared)
    if found:
        raise NotReady(found)


def start_blockers(
    visit: Appointment,
    said: Mapping[CheckKind, Said],
    known: Mapping[tuple[int, str], VisitCheck],
    *,
    now: datetime,
) -> list[Blocker]:
    """What stands in the way of the start, with what is `said` now and what is `known` of its checks."""
    demands, found = demands_of(visit), []
    if demands.ride and not _is_fine(visit, CheckKind.RIDE, said, known):
        found.append(blocker("ride"))
    if demands.fasting and not _is_fine(visit, CheckKind.FASTING, said, known):
        row = known.get((visit.pk, CheckKind.FASTING))
        row = row if row is not None and is_of_that_day(visit, row) else None
        found.append(blocker("fasting" if row is None and CheckKind.FASTING not in said else "fast_broken"))
    return found + [Blocker("prerequisite", one.words) for one in blocking_start(visit, now=now)]


def leave_blockers(
    visit: Appointment, known: Mapping[tuple[int, str], VisitCheck], *, at: datetime, is_cleared: bool = False
) -> list[Blocker]:
    """What stands in the way of a discharge then."""
    demands, found = demands_of(visit), []
    until = observed_until(visit)
    if until is not None and at < until and not _is_fine(visit, CheckKind.OBSERVED, {}, known):
        found.append(blocker("observed"))
    if demands.cleared_by == "prescriber" and not is_cleared and clearance_of(visit, known) is None:
        found.append(blocker("clearance"))
    return found


def observed_until(visit: Appointment) -> datetime | None:
    """Until when the ordered observation lasts, once the infusion is over; None without one."""
    demands = demands_of(visit)
    since = visit.given_at if demands.observed_from_start else visit.finished_at
    if not demands.observe_minutes or since is None or visit.finished_at is None:
        return None
    return since + timedelta(minutes=demands.observe_minutes)


def _is_fine(
    visit: Appointment,
    kind: CheckKind,
    said: Mapping[CheckKind, Said],
    known: Mapping[tuple[int, str], VisitCheck],
) -> bool:
    if kind in said:
        return said[kind].is_met
    row = known.get((visit.pk, kind))
    return row is not None and is_of_that_day(visit, row) and (row.is_met or row.passed_by_id is not None)


def is_of_that_day(visit: Appointment, row: VisitCheck) -> bool:
    """Whether something was looked at on the day of the visit: moved to another day, it is looked at again."""
    clock = ClinicTime(visit.time_zone)
    return clock.local_day(row.said_at) >= clock.local_day(visit.period.lower)
