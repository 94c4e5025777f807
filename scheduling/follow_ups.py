"""What was ordered for after an infusion: calls, check-ins, reviews, further infusions as needed. They open by what was
given, and wait again where it turns out not to have been."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from scheduling.clinic_time import AmbiguousTime, ClinicTime, NonexistentTime
from scheduling.clinician_tasks import as_needed_key, close_unneeded, open_task
from scheduling.events import Actor, Entry
from scheduling.models import (
    Appointment,
    ClinicianTask,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    Order,
    Questionnaire,
    TaskKind,
)

BY = Actor.system("follow-ups")


def open_follow_ups(order: Order, number: int, time_zone: str, *, now: datetime) -> list[Entry]:
    """Opens what was ordered for after this infusion, due so many clinic-local days after it was given.

    Of an infusion that is given again after it was broken off, also what the first one opened. A further infusion as
    needed is a task for the prescriber, never a booking. Gives `follow_up.opened` for each, and `task.opened`.
    """
    clock = ClinicTime(time_zone)
    entries: list[Entry] = []
    opens = Q(state=FollowUpState.WAITING)
    if Appointment.objects.filter(order=order, dose_number=number, is_repeated=True).exists():
        opens |= Q(state__in=(FollowUpState.OPEN, FollowUpState.DONE), opened_at__lt=now)
    for follow_up in FollowUp.objects.filter(opens, order=order, after_number=number).order_by("pk"):
        due = _days_later(clock, now, follow_up.offset_days)
        FollowUp.objects.filter(pk=follow_up.pk).update(
            state=FollowUpState.OPEN, opened_at=now, due_at=due, settled_at=None, snoozed_until=None, taken_by=None
        )
        entries.append(_entry("follow_up.opened", follow_up, order))
        if follow_up.kind == FollowUpKind.AS_NEEDED:
            entries += _ask_prescriber(follow_up, order, due, now=now)
    return entries


def close_follow_ups_of(order: Order, number: int, *, by: Actor, now: datetime) -> list[Entry]:
    """In the transaction of a verb that takes an infusion back: what it opened and is still open waits again, its
    unanswered questionnaires are void, and the prescriber's task is closed.

    What was done stays done. Gives the events to record: `follow_up.waits_again` for each, and `task.closed`.
    """
    opened = list(FollowUp.objects.filter(order=order, after_number=number, state=FollowUpState.OPEN).order_by("pk"))
    ids = [follow_up.pk for follow_up in opened]
    FollowUp.objects.filter(pk__in=ids).update(
        state=FollowUpState.WAITING, opened_at=None, due_at=None, snoozed_until=None, taken_by=None
    )
    Questionnaire.objects.filter(follow_up__in=ids, response__isnull=True, voided_at=None).update(voided_at=now)
    entries = [_entry("follow_up.waits_again", follow_up, order) for follow_up in opened]
    for follow_up in opened:
        tasks = ClinicianTask.objects.filter(task_key__startswith=as_needed_key(follow_up.pk))
        entries += close_unneeded(tasks, by=by, now=now)
    return entries


def settle_with_visit(visit: Appointment, *, now: datetime) -> list[Entry]:
    """In the transaction of a step: a review that was booked as this visit is done once the visit is completed."""
    held = FollowUp.objects.filter(appointment=visit, state=FollowUpState.OPEN).select_related("order")
    entries = [_entry("follow_up.done", follow_up, follow_up.order) for follow_up in held]
    held.update(state=FollowUpState.DONE, settled_at=now)
    return entries


def _ask_prescriber(follow_up: FollowUp, order: Order, due: datetime, *, now: datetime) -> list[Entry]:
    visits = Appointment.objects.counting_for_order(Order.objects.filter(pk=order.pk))
    visit = visits.filter(dose_number=follow_up.after_number).select_related("clinic").order_by("-pk").first()
    if visit is None:
        return []
    prefix = as_needed_key(follow_up.pk)
    earlier = ClinicianTask.objects.filter(task_key__startswith=prefix)
    return open_task(
        TaskKind.AS_NEEDED,
        f"{prefix}{earlier.count() + 1}",
        clinic=visit.clinic,
        patient=order.patient,
        order=order,
        due_at=due,
        by=BY,
        now=now,
    )


def _entry(verb: str, follow_up: FollowUp, order: Order) -> Entry:
    is_asked = follow_up.kind == FollowUpKind.CHECK_IN
    data = {"follow_up": follow_up.pk}
    return Entry(verb, order_id=order.pk, patient_id=order.patient_id, data=data, tell=is_asked)


def _days_later(clock: ClinicTime, instant: datetime, days: int) -> datetime:
    """The same wall time so many days later; where the clocks skip or double it, that many times 24 hours."""
    try:
        return clock.add_local_days(instant, days)
    except (NonexistentTime, AmbiguousTime):
        return instant + timedelta(days=days)
