"""What waits for a clinician: opened once, had in hand by a named person, seen until somebody closes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import (
    Appointment,
    Clinic,
    ClinicianTask,
    FollowUp,
    FollowUpState,
    Membership,
    Order,
    Patient,
    QuestionnaireResponse,
    Role,
    TaskKind,
)
from scheduling.word_of_mouth import Word, check_said

# What stands as the outcome where nobody said one: what it was about was taken back, or the verb did what it asked for.
TAKEN_BACK: Final = "taken_back"
DONE_WITH_IT: Final = "done_with_it"


class TaskIsClosed(Exception):
    """Somebody has closed it already."""


class OutcomeNeeded(Exception):
    """A task closes with what was done."""


def as_needed_key(follow_up_id: int) -> str:
    """How the keys of the tasks begin that a follow-up opened, one each time its infusion was given."""
    return f"{TaskKind.AS_NEEDED}/{follow_up_id}/"


class PrescribersWordNeeded(Exception):
    """Whether more is booked after missed visits a prescriber says, or a nurse who heard them say it."""


class RulingNeeded(Exception):
    """A prescriber says whether the infusion counts; that closes it, and nothing else does."""


def open_task(
    kind: TaskKind,
    key: str,
    *,
    clinic: Clinic,
    patient: Patient,
    order: Order | None = None,
    appointment: Appointment | None = None,
    response: QuestionnaireResponse | None = None,
    is_urgent: bool = False,
    words: str = "",
    due_at: datetime | None = None,
    by: Actor,
    now: datetime,
) -> list[Entry]:
    """Opens a task in the transaction of a verb, once for its `key`; gives the events to record, `task.opened`.

    `words` are for clinical staff alone. The planner hears of it, for an urgent one alerts the clinicians on duty.
    """
    task, is_new = ClinicianTask.objects.get_or_create(
        task_key=key,
        defaults={
            "kind": kind,
            "clinic": clinic,
            "patient": patient,
            "order": order,
            "appointment": appointment,
            "response": response,
            "is_urgent": is_urgent,
            "words": words,
            "opened_at": now,
            "opened_by_id": by.user_id,
            "due_at": due_at,
        },
    )
    return [_entry("task.opened", task, tell=True)] if is_new else []


def take(*, task: ClinicianTask, by: Actor, now: datetime) -> bool:
    """This clinician has it in hand, and nobody is alerted any more; False where another has it. Records `task.taken`.

    Refuses with TaskIsClosed.
    """
    permissions.check(by, "task.take", organisation_id=task.clinic.organisation_id, clinic_id=task.clinic_id)
    with writing():
        locked = _locked(task)
        if locked.acknowledged_at is not None:
            return locked.acknowledged_by_id == by.user_id
        ClinicianTask.objects.filter(pk=task.pk).update(acknowledged_at=now, acknowledged_by_id=by.staff_id)
        _record("task.taken", locked, by=by, now=now)
    task.refresh_from_db()
    return True


def close(
    *, task: ClinicianTask, outcome: str, heard: Word | None = None, by: Actor, now: datetime
) -> None:  # fmt: skip
    """A clinician closes it and says what was done, for clinical staff alone; who closes it has it in hand. The
    follow-up that it came from is done. One about missed visits is closed by a prescriber, or by a nurse who `heard`
    one and whom it is put before to be signed: bookings go on by it.

    Refuses with OutcomeNeeded where nothing is said, with RulingNeeded where only a ruling on a broken-off infusion
    settles it, of missed visits with PrescribersWordNeeded, NotReadBack and NotThen (said ahead, or longer ago
    than a day), and with TaskIsClosed. Records `task.closed` without the words.
    """
    if not outcome.strip():
        raise OutcomeNeeded
    permissions.check(by, "task.close", organisation_id=task.clinic.organisation_id, clinic_id=task.clinic_id)
    with writing():
        locked = _locked(task)
        if locked.kind == TaskKind.RULING and _waits_for_ruling(locked.appointment):
            raise RulingNeeded
        if locked.kind == TaskKind.MISSED:
            _check_word(locked, heard, by=by, now=now)
        entries = _close(locked, outcome.strip(), heard=heard, by=by, now=now)
        if locked.kind == TaskKind.AS_NEEDED:
            came_from = FollowUp.objects.filter(pk=int(locked.task_key.split("/")[1]), state=FollowUpState.OPEN)
            came_from.update(state=FollowUpState.DONE, settled_at=now)
        record(organisation_id=locked.clinic.organisation_id, entries=entries, by=by, now=now)
    task.refresh_from_db()


def close_unneeded(
    tasks: QuerySet[ClinicianTask], *, outcome: str = TAKEN_BACK, by: Actor, now: datetime
) -> list[Entry]:
    """In the transaction of a verb by staff: closes those of these tasks that are open, for what they were about was
    taken back, or was done by the verb (`outcome`). Gives the events to record, `task.closed`."""
    open_still = tasks.filter(closed_at=None).select_for_update(of=("self",)).order_by("pk")
    return [entry for task in open_still for entry in _close(task, outcome, by=by, now=now)]


def close_withdrawals(order: Order, *, by: Actor, now: datetime) -> list[Entry]:
    """In the transaction of a verb that stops or completes the order: what a patient's withdrawal asked for is done.
    Gives the events to record."""
    tasks = ClinicianTask.objects.filter(order=order, kind=TaskKind.WITHDREW)
    return close_unneeded(tasks, outcome=DONE_WITH_IT, by=by, now=now)


def open_tasks(*, clinics: Iterable[Clinic]) -> QuerySet[ClinicianTask]:
    """What waits for a clinician at these clinics: urgent ones first, then what is due longest."""
    rows = ClinicianTask.objects.filter(clinic__in=list(clinics), closed_at=None)
    rows = rows.select_related("patient", "clinic", "order__current_version", "acknowledged_by", "opened_by")
    return rows.order_by("-is_urgent", Coalesce("due_at", "opened_at"), "pk")


def _waits_for_ruling(visit: Appointment | None) -> bool:
    return visit is not None and Appointment.objects.unruled().filter(pk=visit.pk).exists()


def _check_word(task: ClinicianTask, heard: Word | None, *, by: Actor, now: datetime) -> None:
    if heard is None:
        if not permissions.may(by, "misses.answer"):
            raise PrescribersWordNeeded
        return
    permissions.check(by, "misses.write_down", organisation_id=task.clinic.organisation_id, clinic_id=task.clinic_id)
    check_said(heard, "misses.write_down", by=by, now=now)
    prescribes = Membership.objects.filter(user=heard.decided_by, role=Role.PRESCRIBER, user__is_active=True)
    if not prescribes.filter(clinic__organisation=task.clinic.organisation_id).exists():
        raise PrescribersWordNeeded


def _close(
    task: ClinicianTask, outcome: str, *, heard: Word | None = None, by: Actor, now: datetime
) -> list[Entry]:  # fmt: skip
    had = {} if task.acknowledged_at else {"acknowledged_at": now, "acknowledged_by_id": by.staff_id}
    closed = {"closed_at": now, "closed_by_id": by.staff_id, "outcome": outcome}
    if heard is None or task.kind != TaskKind.MISSED:
        ClinicianTask.objects.filter(pk=task.pk).update(**had, **closed)
        return [closed_entry(task)]
    word = {"word_of_id": heard.decided_by.pk, "heard_at": heard.heard_at}
    ClinicianTask.objects.filter(pk=task.pk).update(**had, **closed, **word)
    return [closed_entry(task, {"word_of": heard.decided_by.pk, "read_back": True})]


def closed_entry(task: ClinicianTask, more: Mapping[str, int] | None = None) -> Entry:
    """The event of a task that was closed."""
    return _entry("task.closed", task, more=more)


def _locked(task: ClinicianTask) -> ClinicianTask:
    locked = ClinicianTask.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=task.pk)
    if locked.closed_at is not None:
        raise TaskIsClosed
    return locked


def _record(verb: str, task: ClinicianTask, *, by: Actor, now: datetime) -> None:
    record(organisation_id=task.clinic.organisation_id, entries=[_entry(verb, task)], by=by, now=now)


def _entry(verb: str, task: ClinicianTask, *, tell: bool = False, more: Mapping[str, int] | None = None) -> Entry:
    return Entry(
        verb,
        clinic_id=task.clinic_id,
        appointment_id=task.appointment_id,
        order_id=task.order_id,
        patient_id=task.patient_id,
        data={"task": task.pk, **(more or {})},
        tell=tell,
    )
