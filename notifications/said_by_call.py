"""What calls are about, by their keys, and what was said in those in which somebody spoke with the patient."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from notifications.calls import CallEnd
from notifications.missed_visits import STEP as MISSED
from notifications.models import CallKind, CallTask
from notifications.notice_facts import ChannelName, Draft, Purpose, Told, Visit
from notifications.visit_news import NOW_STEP
from scheduling.models import Event, Patient

CANCELLED = "x"
PART = re.compile(r"(\d+)v(\d+)([a-z]*\d*)")


@dataclass(frozen=True, slots=True)
class Subject:
    """One visit as it stood in `told_version`, and what is to be said of it."""

    visit_id: int
    told_version: int
    purpose: Purpose
    step: str = NOW_STEP

    def __str__(self) -> str:
        """As it stands in a key: what is new and what has changed are alike, for both say when the visit is."""
        said = CANCELLED if self.purpose is Purpose.CANCELLED else self.step * (self.step != NOW_STEP)
        return f"{self.visit_id}v{self.told_version}{said}"


def subject_of(draft: Draft) -> Subject:
    """What a call in place of this draft is about."""
    purpose = Purpose.BOOKING_CONFIRMATION if draft.purpose is Purpose.CHANGED else draft.purpose
    return Subject(draft.visit.id, draft.visit.told_version, purpose, draft.step)


def subjects_of(task_key: str) -> list[Subject]:
    """What a call of this key is about: one to who can't be reached, or one in place of a message. None for others."""
    kind, *more = task_key.split("/")
    if kind == CallKind.SAY_INSTEAD and len(more) > 3:
        purpose, step, _, subject = more[:4]
        return [Subject(visit, version, Purpose(purpose), step) for visit, version, _ in _parts(subject)]
    if kind == CallKind.CANNOT_REACH:
        return [Subject(visit, version, *_said(suffix)) for visit, version, suffix in _parts(more[-1])]
    return []


def read_said(patient: Patient, visits: Sequence[Visit]) -> list[Told]:
    """What was said of these visits in calls that reached the patient. Two queries, one where nobody spoke."""
    by_id = {visit.id: visit for visit in visits}
    spoken = CallTask.objects.filter(patient=patient, outcome=CallEnd.SPOKE, closed_at__isnull=False).order_by("pk")
    said = [
        (subject, closed_at)
        for key, closed_at in spoken.values_list("task_key", "closed_at")
        if closed_at is not None
        for subject in subjects_of(key)
        if subject.visit_id in by_id
    ]
    moves = _moves({subject.visit_id for subject, _ in said})
    return [
        Told(
            visit_id=one.visit_id,
            purpose=one.purpose,
            step=one.step,
            channel=ChannelName.CALL,
            starts_at=_start_then(by_id[one.visit_id], moves, at),
            clinic_id=by_id[one.visit_id].clinic_id,
            said_at=at,
            told_version=one.told_version,
        )
        for one, at in said
    ]


def _parts(subject: str) -> Iterable[tuple[int, int, str]]:
    for part in subject.split("+"):
        if found := PART.fullmatch(part):
            yield int(found[1]), int(found[2]), found[3]


def _said(suffix: str) -> tuple[Purpose, str]:
    if suffix == CANCELLED:
        return Purpose.CANCELLED, NOW_STEP
    if suffix.startswith("day"):
        return Purpose.CHECK_IN, suffix
    if suffix == MISSED:
        return Purpose.MISSED, suffix
    if suffix.startswith("p"):
        return Purpose.ORDER_PAUSED, suffix
    return (Purpose.CLOSURE if suffix.startswith("c") else Purpose.BOOKING_CONFIRMATION), suffix or NOW_STEP


def _moves(visit_ids: set[int]) -> list[Event]:
    if not visit_ids:
        return []
    return list(Event.objects.filter(appointment__in=visit_ids, data__has_key="was_at").order_by("pk"))


def _start_then(visit: Visit, moves: Sequence[Event], at: datetime) -> datetime:
    """When a visit was to be at that time."""
    later = (move for move in moves if move.appointment_id == visit.id and move.recorded_at > at)
    move = next(later, None)
    return datetime.fromisoformat(move.data["was_at"]) if move else visit.starts_at
