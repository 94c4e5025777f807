"""How long a visit has been where it is, and how long that is planned or ordered to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext

from scheduling.intervals import Interval
from scheduling.models import Appointment, Status, VisitKind
from scheduling.step_demands import observed_until
from scheduling.visit_parts import RECOVER, which_infuses

Named = Sequence[tuple[str, Interval]]


@dataclass(frozen=True, slots=True)
class Timer:
    """Since when the visit is where it stands, and until when; whole minutes."""

    since: datetime
    until: datetime
    now: datetime

    @property
    def minutes(self) -> int:
        """How long it is to take."""
        return max(int((self.until - self.since).total_seconds() // 60), 1)

    @property
    def gone(self) -> int:
        """How much of that is over."""
        return min(max(int((self.now - self.since).total_seconds() // 60), 0), self.minutes)

    @property
    def words(self) -> str:
        """12 min left; over since 4 min."""
        left = -(-int((self.until - self.now).total_seconds()) // 60)
        if left >= 0:
            return ngettext("%(n)s min left", "%(n)s min left", left) % {"n": left}
        return gettext("%(n)s min over") % {"n": -left}

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.now >= self.until


def timer_of(visit: Appointment, parts: Named, *, now: datetime) -> Timer | None:
    """The timer of the phase the visit is in; None before an arrival, after the end, and where nothing was planned."""
    since, until = since_of(visit), until_of(visit, parts)
    return Timer(since, until, now) if since and until and until > since else None


def since_of(visit: Appointment) -> datetime | None:
    """When the step happened at which the visit stands."""
    stamps = {
        Status.ARRIVED: visit.arrived_at,
        Status.SEATED: visit.seated_at,
        Status.INFUSING: visit.given_at,
        Status.RECOVERING: visit.finished_at,
    }
    return stamps.get(Status(visit.status))


def until_of(visit: Appointment, parts: Named) -> datetime | None:
    """When the next step is due: by the parts as they are planned now, and by the ordered observation."""
    if not parts:
        return None
    if visit.kind != VisitKind.INFUSION:
        return visit.period.upper if visit.status == Status.ARRIVED else None
    infuse = infuse_of(parts)
    ends = {
        Status.ARRIVED: parts[0][1].end,
        Status.SEATED: infuse.start,
        Status.INFUSING: infuse.end,
        Status.RECOVERING: observed_until(visit) or recovered_at(parts),
    }
    return ends.get(Status(visit.status))


def infuse_of(parts: Named) -> Interval:
    """When the infusion is."""
    return parts[which_infuses([(name, period.length) for name, period in parts])][1]


def recovered_at(parts: Named) -> datetime:
    """When recovery is over as planned, else the visit."""
    named = [period.end for name, period in parts if name in RECOVER]
    return named[0] if named else parts[-1][1].end
