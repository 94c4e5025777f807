"""Walks over many patients that take more than one task: each patient in a transaction that keeps how far it came.

A task that is stopped, or killed, costs at most the patient it was at; the next one goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.db.models import F, QuerySet

from notifications.models import Walk
from scheduling.models import Patient

log = logging.getLogger(__name__)
# Asked for together, for who they are may cost more than one of them.
BATCH = 200
LOCK_TIMEOUT = "5s"


def never() -> bool:
    """For whoever has all the time."""
    return False


def begin(*, name: str, now: datetime, every: timedelta) -> bool:
    """Begins the walk where none is under way and the last began `every` ago or longer; True if one is under way."""
    row, _ = Walk.objects.get_or_create(name=name, defaults={"began_at": now})
    if row.ended_at is None:
        return True
    if now - row.began_at < every:
        return False
    ended = Walk.objects.filter(pk=name, ended_at=row.ended_at)
    ended.update(reached=0, left=[], found_before=F("found"), found=0, began_at=now, ended_at=None)
    return True


def go_on(
    *,
    name: str,
    patients: QuerySet[Patient],
    do: Callable[[Patient], int],
    now: datetime,
    time_is_up: Callable[[], bool] = never,
) -> int:
    """Goes on with a walk that was begun, until all `patients` were looked at or the time is up; gives how many were.

    Ends early where another worker is at it. What `do` gives is added up. One that fails is logged and left behind.
    """
    done = 0
    while not time_is_up():
        reached = Walk.objects.filter(pk=name).values_list("reached", flat=True).first()
        if reached is None:
            # Another worker has been through with it meanwhile, and taken it off the list.
            break
        ids = list(patients.filter(pk__gt=reached).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            Walk.objects.filter(pk=name, ended_at=None).update(ended_at=now)
            break
        for patient_id in ids:
            if time_is_up() or not _step(name, patient_id, do):
                return done
            done += 1
    return done


def is_over(name: str) -> bool:
    """Whether all patients of the walk were looked at."""
    return Walk.objects.filter(pk=name, ended_at__isnull=False).exists()


def try_left(*, name: str, do: Callable[[Patient], int], time_is_up: Callable[[], bool] = never) -> bool:
    """Looks again at those that failed; True once there are none."""
    for patient_id in _left(name):
        if time_is_up() or not _step(name, patient_id, do):
            return False
    return not _left(name)


def _left(name: str) -> list[int]:
    """Who is left behind; nobody once another worker has taken the walk off the list."""
    return Walk.objects.filter(pk=name).values_list("left", flat=True).first() or []


def _step(name: str, patient_id: int, do: Callable[[Patient], int]) -> bool:
    """False where another worker is at the walk, and where it came further meanwhile."""
    try:
        with transaction.atomic():
            row = Walk.objects.select_for_update(skip_locked=True).filter(pk=name).first()
            if row is None or (patient_id <= row.reached and patient_id not in row.left):
                return False
            found, failed = _look(patient_id, do)
            row.left = [one for one in row.left if one != patient_id] + [patient_id] * failed
            row.reached = max(row.reached, patient_id)
            row.found += found
            row.save(update_fields=["left", "reached", "found"])
    except SoftTimeLimitExceeded:
        # Or the next task would come to its end at the same patient.
        _leave_behind(name, patient_id)
        raise
    return True


def _look(patient_id: int, do: Callable[[Patient], int]) -> tuple[int, bool]:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
            return do(Patient.objects.get(pk=patient_id)), False
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        log.exception("a patient of a walk failed", extra={"patient": patient_id})
        return 0, True


def _leave_behind(name: str, patient_id: int) -> None:
    for row in Walk.objects.filter(pk=name, reached__lt=patient_id):
        Walk.objects.filter(pk=name).update(reached=patient_id, left=[*row.left, patient_id])
