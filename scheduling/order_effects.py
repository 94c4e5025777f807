"""What a change of an order's state does to its visits: said before, and done in the verb's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry
from scheduling.freeing import cancel_rows, release_rows
from scheduling.going_on import no_longer_fit
from scheduling.models import (
    PATIENT_IS_THERE,
    Appointment,
    AskedFor,
    AskState,
    CancelledBy,
    ChangeKind,
    Order,
    Status,
)

# Said to everyone who sees the visit: no more than that a clinician ended it.
REASON: Final = "clinical"
ENDS: Final = frozenset({ChangeKind.STOP, ChangeKind.COMPLETE, ChangeKind.EXPIRE})


class Becomes(StrEnum):
    """What becomes of one visit."""

    CANCELLED = "cancelled"
    RELEASED = "released"
    KEEPS_ITS_PLACE = "keeps_its_place"
    GOES_AHEAD = "goes_ahead"
    # The order goes on, and days went by: it has to be moved first.
    NO_LONGER_FITS = "no_longer_fits"
    # The patient is there already: staff see to it, and the database lets no infusion begin that the order forbids.
    UNDER_WAY = "under_way"
    # Its time has passed and nobody said what happened: that stays to be said.
    TIME_PASSED = "time_passed"


@dataclass(frozen=True, slots=True)
class VisitEffect:
    """One live visit of the order; `number` of an infusion, `review_after` of a review between two."""

    visit_id: int
    clinic_id: int
    time_zone: str
    kind: str
    number: int | None
    review_after: int | None
    starts_at: datetime
    told_version: int
    becomes: Becomes


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """What a change would do now. `reminders_stop`: nothing more is asked of the patient about these visits.

    `questions`: how many wishes that are put to somebody end with it.
    """

    kind: ChangeKind
    visits: tuple[VisitEffect, ...]
    questions: int = 0

    @property
    def cancelled(self) -> tuple[VisitEffect, ...]:
        return tuple(visit for visit in self.visits if visit.becomes == Becomes.CANCELLED)

    @property
    def reminders_stop(self) -> bool:
        return self.kind != ChangeKind.RESUME

    @property
    def shown(self) -> str:
        """A short text that is the same only while the effect is: what a page shows and a verb compares."""
        said = [self.kind, self.questions, *((one.visit_id, one.told_version, one.becomes) for one in self.visits)]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


class EffectChanged(Exception):
    """What the change would do is no longer what was shown; `effect` is what it would do now."""

    def __init__(self, effect: OrderEffect) -> None:
        self.effect = effect
        super().__init__("the effect changed")


def effect_of(order: Order, kind: ChangeKind, *, now: datetime) -> OrderEffect:
    """What this change of the order would do to its visits, the earliest first. Reads only.

    Times that were only kept and are past their end count as gone.
    """
    asked = AskedFor.objects.filter(order=order, state=AskState.OPEN).count() if kind in ENDS else 0
    visits = Appointment.objects.filter(order=order, live=True).order_by("period", "pk")
    effects = list(_effect_on(visits, kind, now=now))
    if kind == ChangeKind.RESUME:
        unfit = no_longer_fit(order, now=now)
        effects = [replace(one, becomes=Becomes.NO_LONGER_FITS) if one.visit_id in unfit else one for one in effects]
    return OrderEffect(kind, tuple(effects), asked)


def lock_visits(order: Order) -> None:
    """Locks the order's live visits by id. A verb calls it after the patient's lock and the order's row (no key), and
    before its change, which shuts the order's row: a cancel that has its visit's row asks for the order's at its
    commit."""
    list(Appointment.objects.select_for_update().filter(order=order, live=True).order_by("pk").values_list("pk"))


def settle_visits(order: Order, kind: ChangeKind, *, by: Actor, now: datetime) -> list[Entry]:
    """Does to the order's visits what `effect_of` says of this change, in a verb's transaction with the order and its
    visits locked; gives the events to record.

    An end cancels what is booked from today on, reviews between infusions too, on the clinician's side; lets go what is
    only kept; and takes open questions back. A pause and a resumption leave every place as it is.
    """
    if kind not in ENDS:
        return []
    live = Appointment.objects.select_for_update().filter(order=order, live=True)
    visits = list(live.order_by("pk"))
    becomes = {visit.pk: _becomes(visit, kind, now) for visit in visits}
    ended = [visit for visit in visits if becomes[visit.pk] == Becomes.CANCELLED]
    kept = [visit for visit in visits if visit.status == Status.HELD]
    return [
        *cancel_rows(ended, CancelledBy.CLINICIAN, REASON, now=now),
        *release_rows(kept),
        *_take_back_questions(order, by=by, now=now),
    ]


def _effect_on(visits: Iterable[Appointment], kind: ChangeKind, *, now: datetime) -> Iterable[VisitEffect]:
    for visit in visits:
        if visit.held_until is not None and visit.held_until <= now:
            continue
        yield VisitEffect(
            visit_id=visit.pk,
            clinic_id=visit.clinic_id,
            time_zone=visit.time_zone,
            kind=visit.kind,
            number=visit.dose_number or visit.kept_for_number,
            review_after=visit.review_after,
            starts_at=visit.period.lower,
            told_version=visit.told_version,
            becomes=_becomes(visit, kind, now),
        )


def _becomes(visit: Appointment, kind: ChangeKind, now: datetime) -> Becomes:
    if visit.status in PATIENT_IS_THERE:
        return Becomes.UNDER_WAY
    if visit.status == Status.HELD and kind in ENDS:
        return Becomes.RELEASED
    clock = ClinicTime(visit.time_zone)
    is_over = clock.local_day(visit.period.lower) < clock.local_day(now)
    if is_over or (kind not in ENDS and visit.period.lower <= now):
        return Becomes.TIME_PASSED
    if kind in ENDS:
        return Becomes.CANCELLED
    return Becomes.KEEPS_ITS_PLACE if kind == ChangeKind.PAUSE else Becomes.GOES_AHEAD


def _take_back_questions(order: Order, *, by: Actor, now: datetime) -> list[Entry]:
    """Wishes that somebody was asked about. The calendar takes none back: a person answers each."""
    if by.user_id is None:
        return []
    asked = list(AskedFor.objects.select_for_update().filter(order=order, state=AskState.OPEN).order_by("pk"))
    AskedFor.objects.filter(pk__in=[one.pk for one in asked]).update(
        state=AskState.WITHDRAWN, answered_by_id=by.user_id, answered_at=now
    )
    return [
        Entry(
            "question.withdrawn",
            clinic_id=one.clinic_id,
            order_id=order.pk,
            patient_id=one.patient_id,
            data={"question": one.pk},
        )
        for one in asked
    ]
