"""What waits for a prescriber because of a visit: opened in the transactions of its verbs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from scheduling import permissions
from scheduling.clinician_tasks import open_task
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Appointment, ClinicianTask, Status, TaskKind
from scheduling.visit_steps import NotPossibleFromHere, lock_visit


def ask_to_leave_early(*, appointment: Appointment, words: str = "", by: Actor, now: datetime) -> None:
    """The patient wants to leave before the ordered observation is over: a task for a prescriber, once a visit while
    it is open. `words` are for clinical staff alone.

    Refuses with NotPossibleFromHere unless the patient recovers. Records `task.opened`.
    """
    verb = "appointment.record_treatment"
    permissions.check(by, verb, organisation_id=appointment.organisation_id, clinic_id=appointment.clinic_id)
    with writing():
        visit = lock_visit(appointment.pk)
        if visit.status != Status.RECOVERING:
            raise NotPossibleFromHere(visit.status)
        if open_tasks(visit, [TaskKind.LEAVES_EARLY]).exists():
            return
        entries = open_for_visit(visit, TaskKind.LEAVES_EARLY, words=words, by=by, now=now)
        record(organisation_id=visit.organisation_id, entries=entries, by=by, now=now)


def open_for_visit(visit: Appointment, kind: TaskKind, *, words: str, by: Actor, now: datetime) -> list[Entry]:
    """Opens a task about a visit as it stands now: after it was taken back, the same may be asked anew."""
    known = ClinicianTask.objects.filter(appointment=visit, kind=kind).count()
    return open_task(
        kind,
        f"{kind}:{visit.pk}:{known + 1}",
        clinic=visit.clinic,
        patient=visit.patient,
        order=visit.order,
        appointment=visit,
        words=words,
        by=by,
        now=now,
    )


def open_tasks(visit: Appointment, kinds: Collection[TaskKind]) -> QuerySet[ClinicianTask]:
    """The tasks about a visit that nobody has closed."""
    return ClinicianTask.objects.filter(appointment=visit, kind__in=kinds, closed_at=None)
