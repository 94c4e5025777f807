"""Planning is a reconcile: the notices that facts call for against the rows there are. Twice changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.db.models import F, Q

from notifications import (
    already_told,
    asking_after,
    clinic_rules,
    reaching,
    reasons,
    said_by_call,
    said_in_person,
    visits_to_tell,
    walks,
)
from notifications.calls import close_unneeded
from notifications.contact_wishes import wishes_of
from notifications.models import CallKind, CallTask, Notice, NoticeState, NoticeVisit, Walk
from notifications.notice_facts import PatientFacts, Visit, Wanted
from notifications.notice_rows import is_outdated, reconcile
from notifications.notice_rules import find_wanted
from notifications.say_instead import close_outdated
from notifications.unreachable import ask_to_call_unreachable
from notifications.walks import never
from scheduling.events import Actor
from scheduling.models import (
    Appointment,
    Event,
    EventToPlan,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    Patient,
    Status,
)  # fmt: skip

log = logging.getLogger(__name__)
BY = Actor.system("planning")
# In a request nobody waits long for a planner that is at the same patient; the sweep comes back to it.
REQUEST_LOCK_TIMEOUT = "250ms"
SWEEP_LOCK_TIMEOUT = "5s"
COUNTED_TRIES = 1000
OF_CLINIC = Q(event__patient=None, event__appointment=None, event__order=None)
EVERYONE = "plan everyone"
SPENT = (NoticeState.FAILED, NoticeState.LAPSED, NoticeState.SUPPRESSED)


def plan_after_commit(*, event_ids: Sequence[int], now: datetime) -> None:
    """Plans what these events call for, right after their commit. What fails stays for the sweep, and so does what
    concerns a whole clinic: nobody waits for hundreds of patients to be planned.

    Raises nothing but the time limit of the task it may run in.
    """
    for event_id in event_ids:
        try:
            _plan_next(event_id, now=now, lock_timeout=REQUEST_LOCK_TIMEOUT, may_be_clinic=False)
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # the booking is made; a failed plan is found by the sweep
            log.warning("planning after commit failed, left to the sweep", extra={"event": event_id}, exc_info=True)


def plan_waiting(*, now: datetime, limit: int = 500, time_is_up: Callable[[], bool] = never) -> int:
    """Plans waiting events, each in a transaction of its own, those that failed before last; gives how many.

    A whole clinic's come after those of one patient, and where the time is up in the middle of them, the next call goes
    on with the next patient.
    """
    done = 0
    waiting = EventToPlan.objects.order_by("tries", "pk")
    ids = [
        *waiting.exclude(OF_CLINIC).values_list("pk", flat=True)[:limit],
        *waiting.filter(OF_CLINIC).values_list("pk", flat=True)[:limit],
    ]
    for event_id in ids[:limit]:
        if time_is_up():
            break
        try:
            done += _plan_next(event_id, now=now, lock_timeout=SWEEP_LOCK_TIMEOUT, time_is_up=time_is_up)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("planning failed", extra={"event": event_id})
            _count_try(event_id)
    return done


def _count_try(event_id: int) -> None:
    EventToPlan.objects.filter(pk=event_id, tries__lt=COUNTED_TRIES).update(tries=F("tries") + 1)


def plan_patient(*, patient: Patient, now: datetime) -> None:
    """Makes the patient's notices those that the facts call for. Records only calls asked for or settled."""
    with transaction.atomic():
        _lock_planning_of(patient)
        patient.refresh_from_db()
        visits = visits_to_tell.read_visits(patient, now)
        facts = read_facts(patient, visits, now)
        reconcile(patient, visits, _find_wanted(patient, facts, now), now)
        _ask_for_calls(patient, facts, now)


def wanted_of(*, patient: Patient, now: datetime) -> dict[str, Wanted]:
    """The notices that the facts call for now, by key; each has a row, or planning has work to do. Reads only."""
    return _find_wanted(patient, read_facts(patient, visits_to_tell.read_visits(patient, now), now), now)


def plan_everyone(*, now: datetime, every: timedelta = timedelta(0), time_is_up: Callable[[], bool] = never) -> int:
    """Plans every patient who has a visit or check-in ahead, or something planned; gives how many were looked at.
    Finds what the events missed.

    Where the time is up first, the next call goes on from there; once all were looked at, the next begins anew, if the
    last one began `every` ago or longer.
    """
    if not walks.begin(name=EVERYONE, now=now, every=every):
        return 0
    ahead = Appointment.objects.filter(status=Status.BOOKED, period__startswith__gt=now)
    asked = FollowUp.objects.filter(kind=FollowUpKind.CHECK_IN, state=FollowUpState.OPEN)
    planned = Notice.objects.filter(state=NoticeState.PLANNED)
    patients = Patient.objects.filter(
        Q(pk__in=ahead.values("patient"))
        | Q(pk__in=asked.values("order__patient"))
        | Q(pk__in=planned.values("patient"))
    )
    do = partial(_plan_one, now=now)
    return walks.go_on(name=EVERYONE, patients=patients, do=do, now=now, time_is_up=time_is_up)


def _plan_next(
    event_id: int,
    *,
    now: datetime,
    lock_timeout: str,
    may_be_clinic: bool = True,
    time_is_up: Callable[[], bool] = never,
) -> int:
    """Takes the row and all free rows of its patient, plans, deletes them: one transaction; 0 if another is at it."""
    event = Event.objects.filter(to_plan=event_id).select_related("appointment", "order").first()
    if event is None:
        return 0
    patient_id = _patient_of(event)
    if patient_id is None and not may_be_clinic:
        return 0
    if patient_id is None:
        return _plan_clinic(event, now=now, time_is_up=time_is_up)
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


def _plan_clinic(event: Event, *, now: datetime, time_is_up: Callable[[], bool]) -> int:
    """Each patient in a transaction of its own: a whole clinic's rows in one hold up every sender and planner. 0 while
    some are left."""
    name = f"event/{event.pk}"
    ahead = Appointment.objects.filter(clinic=event.clinic_id, status=Status.BOOKED, period__startswith__gt=now)
    patients = Patient.objects.filter(pk__in=ahead.values("patient"))
    do = partial(_plan_one, now=now)
    walks.begin(name=name, now=now, every=timedelta.max)
    walks.go_on(name=name, patients=patients, do=do, now=now, time_is_up=time_is_up)
    if not walks.is_over(name):
        return 0
    if not walks.try_left(name=name, do=do, time_is_up=time_is_up):
        _count_try(event.pk)
        return 0
    with transaction.atomic():
        Walk.objects.filter(pk=name).delete()
        return EventToPlan.objects.filter(pk=event.pk).delete()[0]


def _plan_one(patient: Patient, *, now: datetime) -> int:
    plan_patient(patient=patient, now=now)
    return 1


def _lock_planning_of(patient: Patient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('notifications.planning'), %s)", [patient.pk % 2**31])


def read_facts(patient: Patient, visits: Sequence[Visit], now: datetime) -> PatientFacts:
    """All that decides what this patient is told of these visits. Reads only."""
    if not visits:
        return PatientFacts((), {})
    return PatientFacts(
        visits=visits,
        rules_of=clinic_rules.read_rules(visit.clinic_id for visit in visits),
        reachable=reaching.read_reachable(patient, visits[-1].zone, by_text=visits_to_tell.may_text(visits)),
        told=[
            *already_told.read_told(patient, [visit.id for visit in visits]),
            *said_by_call.read_said(patient, visits),
        ],
        in_person=said_in_person.read_in_person(patient, visits),
        check_ins=asking_after.read_check_ins(patient, visits, now),
        wants_day_of=wishes_of(patient).wants_day_of,
        hurried_at=said_in_person.read_hurried_at(patient),
    )


def _why_unreachable(patient: Patient, facts: PatientFacts) -> str:
    texts_would = not visits_to_tell.may_text(facts.visits) and reaching.read_reachable(patient, facts.visits[-1].zone)
    return reasons.TEXTS_OFF if texts_would else reaching.why_unreachable(patient)


def _find_wanted(patient: Patient, facts: PatientFacts, now: datetime) -> dict[str, Wanted]:
    if not facts.visits:
        return {}
    found = find_wanted(
        visits=facts.visits,
        rules_of=facts.rules_of,
        reachable=facts.reachable,
        told=facts.told,
        in_person=facts.in_person,
        check_ins=facts.check_ins,
        spent=set(Notice.objects.filter(patient=patient, state__in=SPENT).values_list("notice_key", flat=True)),
        wants_day_of=facts.wants_day_of,
        hurried_at=facts.hurried_at,
        now=now,
    )
    return {wanted.key: wanted for wanted in found}


def _ask_for_calls(patient: Patient, facts: PatientFacts, now: datetime) -> None:
    if patient.is_gone:
        close_unneeded(calls=CallTask.objects.filter(patient=patient), reason=reasons.PATIENT_GONE, by=BY, now=now)
        return
    reason = "" if facts.reachable or not facts.visits else _why_unreachable(patient, facts)
    opened = set(CallTask.objects.filter(patient=patient, closed_at=None).values_list("kind", flat=True))
    if reason or CallKind.CANNOT_REACH in opened:
        ask_to_call_unreachable(patient=patient, facts=facts, reason=reason, by=BY, now=now)
    if CallKind.SAY_INSTEAD in opened:
        said = NoticeVisit.objects.filter(notice__calls__patient=patient, notice__calls__closed_at=None)
        by_id = {visit.id: visit for visit in facts.visits}
        outdated = {told.notice_id for told in said.select_related("notice") if is_outdated(told, by_id)}
        close_outdated(patient=patient, outdated=outdated, by=BY, now=now)
