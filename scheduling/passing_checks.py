"""A prescriber's word about a visit: what is let pass, and that a patient may leave. Their own, or heard by a nurse."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from scheduling.clinician_tasks import DONE_WITH_IT, close_unneeded
from scheduling.events import Actor
from scheduling.locking import writing
from scheduling.models import Appointment, CheckKind, Status, TaskKind
from scheduling.tasks_of_visits import open_tasks
from scheduling.visit_checks import (
    NoSuchCheck,
    Said,
    check_word,
    create_check,
    lock_checked,
    record_checks,
)
from scheduling.visit_steps import NotPossibleFromHere
from scheduling.word_of_mouth import Word, check_heard_since

# What a prescriber may let pass, with a reason.
MAY_PASS: Final = (CheckKind.FASTING, CheckKind.RIDE, CheckKind.OBSERVED)


class ReasonNeeded(Exception):
    """Nothing is let pass without a reason."""


def let_pass(*, appointment: Appointment, kind: CheckKind, word: Word, by: Actor, now: datetime) -> None:
    """A prescriber lets a fast that was not kept, a missing ride or a shorter observation pass, with the reason.

    On their own account, or by word of mouth that a nurse writes down and read back, within a day; then they are asked
    to counter-sign it; a shorter observation once the infusion is over, or began where nobody said that it is. Refuses
    with NotAllowed, NotReadBack, NotHeardThen, ReasonNeeded, NoSuchCheck and NotPossibleFromHere; AgainstTheOrder
    for one who is no prescriber. Records `appointment.check_passed`; the reason stays with clinical staff.
    """
    check_word(word, appointment, by=by, now=now)
    if kind not in MAY_PASS:
        raise NoSuchCheck
    if not word.reason.strip():
        raise ReasonNeeded
    with writing():
        visit = lock_checked(appointment)
        if kind == CheckKind.OBSERVED:
            check_heard_since(word, visit.finished_at or visit.given_at)
        written = create_check(visit, visit.status, Said(kind, is_met=False), by=by, now=now, word=word)
        closed = [TaskKind.LEAVES_EARLY] if kind == CheckKind.OBSERVED else []
        entries = close_unneeded(open_tasks(visit, closed), outcome=DONE_WITH_IT, by=by, now=now)
        record_checks("appointment.check_passed", visit, [written.pk], word=word, by=by, now=now, more=entries)
    appointment.refresh_from_db()


def clear_to_leave(*, appointment: Appointment, word: Word, by: Actor, now: datetime) -> None:
    """A prescriber clears a patient who recovers to leave, or a nurse writes down that they did and read it back.

    Refuses as `let_pass` does, without a reason to give; what was heard was heard once the infusion was over.
    Records `appointment.cleared`.
    """
    check_word(word, appointment, by=by, now=now)
    with writing():
        visit = lock_checked(appointment)
        if visit.status != Status.RECOVERING:
            raise NotPossibleFromHere(visit.status)
        check_heard_since(word, visit.finished_at)
        written = create_check(visit, visit.status, Said(CheckKind.CLEARANCE), by=by, now=now, word=word)
        record_checks("appointment.cleared", visit, [written.pk], word=word, by=by, now=now)
    appointment.refresh_from_db()
