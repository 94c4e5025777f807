"""Tasks that need nobody any more: their order is over, their visits fit again, the patient left or is gone."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from scheduling.clinician_tasks import closed_entry
from scheduling.events import Actor, record
from scheduling.locking import writing
from scheduling.models import SETTLED, ClinicianTask

BY = Actor.system("tasks that need nobody")
# The database alone says which (`scheduling_task_needs_nobody`), and refuses to close any other without a clinician.
NEED_NOBODY: Final = (
    "SELECT t.* FROM scheduling_cliniciantask t WHERE t.closed_at IS NULL AND scheduling_task_needs_nobody(t)"
)


def settle_tasks(*, now: datetime, limit: int = 200) -> int:
    """Closes them, in nobody's name, each in a transaction of its own; gives how many. What a patient answered is never
    among them. Records `task.closed`."""
    found = [task.pk for task in ClinicianTask.objects.raw(f"{NEED_NOBODY} ORDER BY t.id LIMIT %s", [limit])]
    return sum(_settle(pk, now) for pk in found)


def _settle(pk: int, now: datetime) -> int:
    with writing():
        again = f"{NEED_NOBODY} AND t.id = %s FOR UPDATE SKIP LOCKED"
        task = next(iter(ClinicianTask.objects.raw(again, [pk])), None)
        if task is None:
            return 0
        ClinicianTask.objects.filter(pk=pk).update(closed_at=now, outcome=SETTLED)
        record(organisation_id=task.clinic.organisation_id, entries=[closed_entry(task)], by=BY, now=now)
    return 1
