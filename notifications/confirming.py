"""What a yes does, whether it was written, pressed in a calendar or texted: the visits it was about are confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from notifications import reply_outcomes as outcomes
from notifications.closings import read_closings
from scheduling.events import Actor
from scheduling.models import Appointment, Status
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, OrderOnHold
from scheduling.visits import confirm


def confirm_told(told: Sequence[tuple[int, int]], now: datetime) -> set[str]:
    """Confirms those of these visits, each with the version it was told in, that are still so and are to come.

    Gives what became of them, as `reply_outcomes`; nothing for one that has begun or only waits to be firm. Records
    `appointment.confirmed`.
    """
    visits = Appointment.objects.select_related("clinic").in_bulk([visit_id for visit_id, _ in told])
    closed = read_closings([visit for visit in visits.values() if visit.status == Status.BOOKED], now)
    became = set()
    for visit_id, version in told:
        visit = visits[visit_id]
        if visit.period.lower <= now or (visit.is_tentative and visit.told_version == version):
            continue
        if visit_id in closed:
            # The clinic has closed since; what they mean to do somebody has to ask.
            became.add(outcomes.TO_READ)
            continue
        try:
            confirm(appointment=visit, how="reply", told_version=version, by=Actor.patient(), now=now)
            became.add(outcomes.CONFIRMED)
        except OrderOnHold:
            # Somebody calls them about it.
            became.add(outcomes.TO_READ)
        except (ChangedMeanwhile, NotPossibleFromHere):
            became.add(outcomes.CHANGED_MEANWHILE)
    return became
