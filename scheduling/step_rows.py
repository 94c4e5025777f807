"""Writing one step of a visit, in the transaction of the verb that records it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from scheduling.clinician_tasks import DONE_WITH_IT, close_unneeded
from scheduling.displacing import Changed
from scheduling.events import Actor, Entry
from scheduling.follow_ups import open_follow_ups, settle_with_visit
from scheduling.making_room import carry_out
from scheduling.models import Appointment, CheckKind, Status, TaskKind, VisitKind
from scheduling.repeat_misses import ask_about_misses
from scheduling.tasks_of_visits import open_for_visit, open_tasks
from scheduling.visit_checks import Said, clearance_of, latest_checks, write_checks
from scheduling.visit_tasks import open_visit_tasks
from scheduling.word_of_mouth import Word

# Which time a step stamps; the others stay as they are.
STAMPS: Final[dict[Status, str]] = {
    Status.ARRIVED: "arrived_at",
    Status.SEATED: "seated_at",
    Status.INFUSING: "given_at",
    Status.RECOVERING: "finished_at",
    Status.COMPLETED: "left_at",
    Status.STOPPED_EARLY: "left_at",
    Status.TRANSFERRED: "left_at",
    Status.LEFT_UNCLEARED: "left_at",
    Status.TURNED_AWAY: "left_at",
}


def write_step(
    change: Changed,
    to: Status,
    happened_at: datetime,
    *,
    checks: Sequence[Said] = (),
    word: Word | None = None,
    by: Actor,
    now: datetime,
    also: Mapping[str, Any] | None = None,
) -> list[Entry]:
    """Writes a locked change that a step makes, with its checks and what opens by it; gives the events to record.
    `also` are further fields of the visit's row."""
    visit = change.visit
    changes: dict[str, Any] = {"status": to, **(also or {})}
    if to in STAMPS:
        changes[STAMPS[to]] = happened_at
    if to == Status.COMPLETED and visit.kind == VisitKind.INFUSION and (word is not None or not _is_cleared(visit)):
        checks = [*checks, Said(CheckKind.CLEARANCE)]
    written = write_checks(visit, to, checks, by=by, now=now, word=word)
    data: dict[str, Any] = {"checks": written} if written else {}
    if word is not None and word.is_heard:
        data["read_back"] = True
    tell = to == Status.NO_SHOW
    entries = [Entry.of_visit(f"appointment.{to}", visit, happened_at=happened_at, data=data, tell=tell)]
    if to == Status.INFUSING and visit.order and visit.dose_number:
        entries += open_follow_ups(visit.order, visit.dose_number, visit.time_zone, now=happened_at)
        entries += open_visit_tasks(visit, happened_at=happened_at)
    entries += settle_with_visit(visit, now=now) if to == Status.COMPLETED else []
    entries += ask_about_misses(visit, now=now) if to == Status.NO_SHOW else []
    if visit.status == Status.RECOVERING and STAMPS.get(to) == "left_at":
        asked = open_tasks(visit, [TaskKind.LEAVES_EARLY])
        entries += close_unneeded(asked, outcome=DONE_WITH_IT, by=by, now=now)
    entries += carry_out([change], now=now, **changes)
    return entries + _ask_for_a_ruling(visit, checks, by=by, now=now)


def _is_cleared(visit: Appointment) -> bool:
    return clearance_of(visit, latest_checks([visit.pk])) is not None


def _ask_for_a_ruling(visit: Appointment, checks: Sequence[Said], *, by: Actor, now: datetime) -> list[Entry]:
    """The database says which exits close the way until a prescriber rules; then one is asked."""
    visit.refresh_from_db(fields=["needs_ruling"])
    if not visit.needs_ruling:
        return []
    why = next((one.words for one in checks if one.kind == CheckKind.EXIT), "")
    return open_for_visit(visit, TaskKind.RULING, words=why, by=by, now=now)
