"""Until when a change of a visit can be taken back before anybody outside has heard of it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notifications.clinic_rules import read_rules
from notifications.models import MAY_HAVE_ARRIVED, Notice, NoticeState
from notifications.news_waiting import news_waiting
from scheduling.models import Appointment
from scheduling.taking_changes_back import LastChange, last_change


@dataclass(frozen=True, slots=True)
class Unsent:
    """A change that nobody outside has heard of: it can be taken back `until` then. `waiting`: the news of it that will
    go; empty where no message goes."""

    change: LastChange
    until: datetime
    waiting: tuple[Notice, ...]


def unsent_change(visit: Appointment, now: datetime) -> Unsent | None:
    """The last change of a visit, while nothing of it has been sent: until its first message goes, and where none does
    until the clinic's grace time is over. None once something went or may have, or there is no such change."""
    change = last_change(visit)
    if change is None:
        return None
    went = Notice.objects.filter(told_visits__appointment__in=list(change.was_at), message__written_at__gt=change.at)
    on_the_way = went.filter(state__in=(*MAY_HAVE_ARRIVED, NoticeState.CLAIMED))
    if on_the_way.exists():
        return None
    waiting = tuple(news_waiting(visit.patient, visit))
    grace = change.at + read_rules([visit.clinic_id])[visit.clinic_id].grace
    until = min((notice.due_at for notice in waiting), default=grace)
    return Unsent(change, until, waiting) if now < until else None
