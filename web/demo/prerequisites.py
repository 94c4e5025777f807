"""What the demo's visits need beforehand: brought for most, missing for one of the next day, forms filled in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from scheduling.models import Appointment, Order, PrerequisiteAnswer, Status
from scheduling.prerequisite_rows import prerequisites_of
from scheduling.prerequisites import blocking_start, may_say, record_met, withdraw
from scheduling.visit_tasks import do_visit_task
from scheduling.visit_tasks_due import tasks_due

if TYPE_CHECKING:
    from scheduling.events import Actor
    from scheduling.protocol_parts import Prerequisite
    from web.demo.stage import Stage

LABS: Final = "labs"
# Long enough before a visit for whatever has to be there hours before.
IN_TIME: Final = timedelta(days=2)


def bring_all(stage: Stage, order: Order, *, at: datetime) -> None:
    """Everything that the order asks for came when it was signed."""
    for needs in prerequisites_of(order):
        _bring(stage, order, needs, at=at)


def bring_what_is_missing(stage: Stage, visit: Appointment) -> None:
    """What a day that nobody played was waiting for came in time."""
    order, at = visit.order, min(visit.period.lower - IN_TIME, stage.now)
    if order is None or visit.dose_number is None:
        return
    missing = {one.code for one in blocking_start(visit, now=at)}
    for needs in prerequisites_of(order):
        if needs.code in missing:
            _bring(stage, order, needs, at=at)


def tell_what_is_needed(stage: Stage) -> None:
    """Makes sure that a visit of the next day waits for its labs; forms that are overdue are filled in."""
    visits = stage.visits_on(stage.next_day).filter(status=Status.BOOKED, dose__isnull=False)
    for visit in visits.select_related("order__current_version").order_by("period"):
        if visit.order and any(needs.code == LABS for needs in prerequisites_of(visit.order)):
            if not blocking_start(visit, now=stage.now):
                today = stage.clock.local_day(stage.now)
                withdraw(order=visit.order, code=LABS, first=today, by=stage.nurse, now=stage.now)
            break
    today = stage.clock.local_day(stage.now)
    for line in tasks_due(clinic=stage.clinic):
        if line.task.due_on < today:
            do_visit_task(task=line.task, by=stage.nurse, now=stage.now)


def _bring(stage: Stage, order: Order, needs: Prerequisite, *, at: datetime) -> None:
    record_met(order=order, code=needs.code, first=stage.clock.local_day(at), by=_who(stage, needs), now=at)


def _who(stage: Stage, needs: Prerequisite) -> Actor:
    people = (stage.desk, stage.nurse, stage.doctor)
    return next(one for one in people if may_say(needs, PrerequisiteAnswer.MET, one))
