"""Planning is a reconcile: the notices that facts call for against the rows there are. Twice changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.db.models import F, Q

from notifications import patient_facts, reasons
from notifications.ledger import AGAIN
from notifications.models import Notice, NoticeState, NoticeVisit
from notifications.notice_facts import Standing, Visit, Wanted
from notifications.notice_rules import find_wanted
from scheduling.models import Appointment, Event, EventToPlan, Patient, Status

log = logging.getLogger(__name__)
# In a request nobody waits long for a planner that is at the same patient; the sweep comes back to it.
REQUEST_LOCK_TIMEOUT = "250ms"
SWEEP_LOCK_TIMEOUT = "5s"
COUNTED_TRIES = 1000


def plan_after_commit(*, event_ids: Sequence[int], now: datetime) -> None:
    """Plans what these events call for, right after their commit. What fails stays for the sweep.

    Raises nothing but the time limit of the task it may run in.
    """
    for event_id in event_ids:
        try:
            _plan_next(event_id, now=now, lock_timeout=REQUEST_LOCK_TIMEOUT)
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # the booking is made; a failed plan is found by the sweep
            log.warning("planning after commit failed, left to the sweep", extra={"event": event_id}, exc_info=True)


def plan_waiting(*, now: datetime, limit: int = 500) -> int:
    """Plans waiting events, each in a transaction of its own, those that failed before last; gives how many."""
    done = 0
    for event_id in EventToPlan.objects.order_by("tries", "pk").values_list("pk", flat=True)[:limit]:
        try:
            done += _plan_next(event_id, now=now, lock_timeout=SWEEP_LOCK_TIMEOUT)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("planning failed", extra={"event": event_id})
            EventToPlan.objects.filter(pk=event_id, tries__lt=COUNTED_TRIES).update(tries=F("tries") + 1)
    return done


def plan_patient(*, patient: Patient, now: datetime) -> None:
    """Makes the patient's notices those that the facts call for. Records nothing but the notices themselves."""
    with transaction.atomic():
        _lock_planning_of(patient)
        visits = patient_facts.read_visits(patient, now)
        _reconcile(patient, visits, _find_wanted(patient, visits, now), now)


def plan_everyone(*, now: datetime) -> int:
    """Plans every patient who has a visit ahead; gives how many were looked at. Finds what the events missed."""
    ahead = Appointment.objects.filter(status=Status.BOOKED, period__startswith__gt=now)
    done = 0
    for patient in Patient.objects.filter(pk__in=ahead.values("patient")).iterator():
        try:
            plan_patient(patient=patient, now=now)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("planning failed", extra={"patient": patient.pk})
            continue
        done += 1
    return done


def _plan_next(event_id: int, *, now: datetime, lock_timeout: str) -> int:
    """Takes the row and all free rows of its patient, plans, deletes them: one transaction; 0 if another is at it."""
    event = Event.objects.filter(to_plan=event_id).select_related("appointment", "order").first()
    if event is None:
        return 0
    patient_id = _patient_of(event)
    if patient_id is None:
        _plan_clinic(event.clinic_id, now=now, lock_timeout=lock_timeout)
        return EventToPlan.objects.filter(pk=event_id).delete()[0]
    with transaction.atomic():
        _wait_at_most(lock_timeout)
        free = EventToPlan.objects.select_for_update(skip_locked=True, of=("self",))
        taken = list(free.filter(pk=event_id).values_list("pk", flat=True))
        if not taken:
            return 0
        taken += free.filter(event__patient=patient_id).exclude(pk=event_id).values_list("pk", flat=True)
        plan_patient(patient=Patient.objects.get(pk=patient_id), now=now)
        EventToPlan.objects.filter(pk__in=taken).delete()
        return len(taken)


def _wait_at_most(lock_timeout: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [lock_timeout])


def _patient_of(event: Event) -> int | None:
    if event.patient_id is not None:
        return event.patient_id
    if event.appointment is not None:
        return event.appointment.patient_id
    return event.order.patient_id if event.order is not None else None


def _plan_clinic(clinic_id: int | None, *, now: datetime, lock_timeout: str) -> None:
    """Each patient in a transaction of its own: a whole clinic's rows in one hold up every sender and planner."""
    ahead = Appointment.objects.filter(clinic=clinic_id, status=Status.BOOKED, period__startswith__gt=now)
    for patient in Patient.objects.filter(pk__in=ahead.values("patient")).order_by("pk"):
        with transaction.atomic():
            _wait_at_most(lock_timeout)
            plan_patient(patient=patient, now=now)


def _lock_planning_of(patient: Patient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('notifications.planning'), %s)", [patient.pk % 2**31])


def _find_wanted(patient: Patient, visits: Sequence[Visit], now: datetime) -> dict[str, Wanted]:
    if not visits:
        return {}
    reachable = patient_facts.read_reachable(patient, visits[-1].zone)
    found = find_wanted(
        visits=visits,
        rules_of=patient_facts.read_rules(visit.clinic_id for visit in visits),
        reachable=reachable,
        told=patient_facts.read_told(patient, [visit.id for visit in visits]),
        now=now,
    )
    return {wanted.key: wanted for wanted in found}


def _reconcile(patient: Patient, visits: Sequence[Visit], wanted: Mapping[str, Wanted], now: datetime) -> None:
    by_id = {visit.id: visit for visit in visits}
    rows = {
        row.notice_key: row
        for row in Notice.objects.filter(
            Q(notice_key__in=wanted.keys())
            # What a person sent again is called for by that person alone.
            | Q(patient=patient, state=NoticeState.PLANNED) & ~Q(notice_key__endswith=AGAIN)
        ).prefetch_related("told_visits")
    }
    _insert(patient, by_id, [one for key, one in wanted.items() if key not in rows], now)
    for key, row in rows.items():
        if row.state != NoticeState.PLANNED:
            continue
        one = wanted.get(key)
        this = Notice.objects.filter(pk=row.pk)
        if one is None:
            _drop(row, by_id, patient, now)
        elif one.lapsed:
            this.move(NoticeState.LAPSED, now=now, reason=reasons.TOO_LATE)
        elif (row.due_at, row.useful_until) != (one.due_at, one.useful_until) and not _waits_to_retry(row):
            # A row that someone has claimed meanwhile is no longer planned and stays as it is.
            this.filter(state=NoticeState.PLANNED).update(
                due_at=one.due_at, useful_until=one.useful_until, changed_at=now
            )


def _waits_to_retry(row: Notice) -> bool:
    return row.tries > 0 or row.refusals > 0


def _insert(patient: Patient, by_id: Mapping[int, Visit], new: Collection[Wanted], now: datetime) -> None:
    rows = Notice.objects.bulk_create(
        Notice(
            notice_key=one.key,
            patient=patient,
            clinic_id=by_id[one.subject[0][0]].clinic_id,
            purpose=one.purpose,
            step=one.step,
            channel=one.channel,
            address_id=one.address_id,
            due_at=one.due_at,
            useful_until=one.useful_until,
            state=NoticeState.LAPSED if one.lapsed else NoticeState.PLANNED,
            reason=reasons.TOO_LATE if one.lapsed else "",
            planned_at=now,
            changed_at=now,
        )
        for one in new
    )
    NoticeVisit.objects.bulk_create(
        NoticeVisit(
            notice=row,
            appointment_id=visit_id,
            told_version=told_version,
            starts_at=by_id[visit_id].starts_at,
            clinic_id=by_id[visit_id].clinic_id,
        )
        for row, one in zip(rows, new, strict=True)
        for visit_id, told_version in one.subject
    )


def _drop(row: Notice, by_id: Mapping[int, Visit], patient: Patient, now: datetime) -> None:
    """A planned notice that nothing calls for any more: kept with its reason where that is final, else as if never."""
    if patient.deceased_at or patient.merged_into_id:
        reason = reasons.PATIENT_GONE
    elif any(_has_changed(told, by_id.get(told.appointment_id)) for told in row.told_visits.all()):
        reason = reasons.VISIT_CHANGED
    else:
        # Consent or an address may come back, and then the same key is wanted again: a suppressed row would block it.
        Notice.objects.filter(pk=row.pk, state=NoticeState.PLANNED).delete()
        return
    Notice.objects.filter(pk=row.pk).move(NoticeState.SUPPRESSED, now=now, reason=reason)


def _has_changed(told: NoticeVisit, visit: Visit | None) -> bool:
    return visit is None or visit.told_version != told.told_version or visit.standing is Standing.CANCELLED
