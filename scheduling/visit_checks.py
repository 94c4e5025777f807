"""What people look at before a patient goes on or leaves, and a prescriber's word that lets something pass."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import PATIENT_IS_THERE, Appointment, CheckKind, Status, VisitCheck
from scheduling.visit_demands import EXIT_REASONS, SECOND_IDENTIFIERS
from scheduling.visit_steps import NotPossibleFromHere, lock_visit
from scheduling.word_of_mouth import Word, check_said, is_heard_before

DETAILS = {CheckKind.IDENTITY: SECOND_IDENTIFIERS, CheckKind.EXIT: EXIT_REASONS}
CHECKED_AT = (Status.BOOKED, *PATIENT_IS_THERE)


class NoSuchCheck(Exception):
    """Not one of the things that are checked so, or its detail is none of the known ones."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody looked at and found. `words` belong to an exit alone; clinical staff read them."""

    kind: CheckKind
    is_met: bool = True
    detail: str = ""
    words: str = ""


def check(*, appointment: Appointment, checks: Sequence[Said], by: Actor, now: datetime) -> None:
    """Writes down what was looked at: of a visit that is booked or under way. A later check says it anew.

    Refuses with NotPossibleFromHere, NoSuchCheck. Records `appointment.checked` without what was found.
    """
    permissions.check(by, "visit.check", organisation_id=appointment.organisation_id, clinic_id=appointment.clinic_id)
    if any(one.kind not in (CheckKind.IDENTITY, CheckKind.FASTING, CheckKind.RIDE) for one in checks):
        raise NoSuchCheck
    with writing():
        visit = lock_checked(appointment)
        written = write_checks(visit, visit.status, checks, by=by, now=now)
        record_checks("appointment.checked", visit, written, by=by, now=now)
    appointment.refresh_from_db()


def check_word(word: Word, visit: Appointment, *, by: Actor, now: datetime) -> None:
    """Refuses with NotAllowed a word about a visit that is neither of `by`, a prescriber, nor written down by a nurse;
    of one that was heard with NotReadBack, and with NotHeardThen a time ahead or longer ago than a day."""
    verb = "visit.write_down" if word.is_heard else "visit.pass_check"
    permissions.check(by, verb, organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)
    check_said(word, verb, by=by, now=now)


def write_checks(
    visit: Appointment, step: str, checks: Iterable[Said], *, word: Word | None = None, by: Actor, now: datetime
) -> list[int]:
    """Writes checks in a verb's transaction and gives their ids, for its event. A prescriber's `word` is that of a
    clearance. Refuses with NoSuchCheck."""
    return [
        create_check(visit, step, one, by=by, now=now, word=word if one.kind == CheckKind.CLEARANCE else None).pk
        for one in checks
    ]


def latest_checks(visit_ids: Collection[int]) -> dict[tuple[int, str], VisitCheck]:
    """The last word on each kind of check, by visit and kind."""
    rows = VisitCheck.objects.filter(appointment__in=visit_ids).select_related("passed_by", "said_by").order_by("pk")
    return {(row.appointment_id, row.kind): row for row in rows}


def clearance_of(visit: Appointment, known: Mapping[tuple[int, str], VisitCheck]) -> VisitCheck | None:
    """A prescriber's word that the patient may leave, where it was said of this end of the infusion."""
    row = known.get((visit.pk, CheckKind.CLEARANCE))
    # One before the infusion was said to be over was of another end.
    if row is None or visit.finished_at is None:
        return row
    is_of_another = row.said_at < visit.finished_at or is_heard_before(row.heard_at, visit.finished_at)
    return None if is_of_another else row


def create_check(
    visit: Appointment, step: str, said: Said, *, by: Actor, now: datetime, word: Word | None = None
) -> VisitCheck:
    """One check as a row, in a verb's transaction. Refuses with NoSuchCheck."""
    known = DETAILS.get(said.kind)
    if (known is not None and said.detail not in known) or (said.words and said.kind != CheckKind.EXIT):
        raise NoSuchCheck
    return VisitCheck.objects.create(
        appointment=visit,
        kind=said.kind,
        step=step,
        is_met=said.is_met,
        detail=said.detail,
        passed_by=word.decided_by if word and (word.reason or word.is_heard) else None,
        reason=word.reason if word else said.words,
        said_by_id=by.staff_id,
        said_at=now,
        heard_at=word.heard_at if word else None,
        was_read_back=word is not None and word.is_heard,
    )


def lock_checked(appointment: Appointment) -> Appointment:
    """The visit, locked and with a new `row_version`. Refuses with NotPossibleFromHere what is over."""
    visit = lock_visit(appointment.pk)
    if visit.status not in CHECKED_AT:
        raise NotPossibleFromHere(visit.status)
    Appointment.objects.filter(pk=visit.pk).update(row_version=F("row_version") + 1)
    return visit


def record_checks(
    verb: str,
    visit: Appointment,
    written: list[int],
    *,
    word: Word | None = None,
    by: Actor,
    now: datetime,
    more: Sequence[Entry] = (),
) -> None:
    """The event of written checks: their ids, and never what they say."""
    data = {"checks": written, **({"read_back": True} if word and word.is_heard else {})}
    entries = [Entry.of_visit(verb, visit, data=data), *more]
    record(organisation_id=visit.organisation_id, entries=entries, by=by, now=now)
