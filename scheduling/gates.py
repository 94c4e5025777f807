"""Deciding a review: what a prescriber said is written down and carried out. The software never decides one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scheduling import permissions
from scheduling.clinician_tasks import close_withdrawals
from scheduling.decisions_made import latest_decisions
from scheduling.events import Actor, Entry, record
from scheduling.keeping_places import kept_until
from scheduling.locking import lock_patients, writing
from scheduling.models import (
    ChangeKind,
    Decision,
    Gate,
    GateDecision,
    Order,
    OrderState,
    User,
)
from scheduling.order_effects import EffectChanged, effect_of, lock_visits, settle_visits
from scheduling.order_states import OrderIsNot, change_state, refuse_closed
from scheduling.reviews import settled_at
from scheduling.visit_steps import NotThen
from scheduling.waiting_visits import settle_waiting
from scheduling.word_of_mouth import A_MINUTE, WRITTEN_DOWN_WITHIN, NotReadBack, ReasonMissing

# What these decisions do to the order. The others let the series go on.
CHANGES: Final[dict[Decision, ChangeKind]] = {
    Decision.PAUSE: ChangeKind.PAUSE,
    Decision.STOP: ChangeKind.STOP,
    Decision.COMPLETE: ChangeKind.COMPLETE,
}


class NothingToDecide(Exception):
    """There is no review to decide after this infusion now: none is ordered, or the infusion is not given yet."""


class DecidedMeanwhile(Exception):
    """Somebody decided this review since the page was read, or since what was heard was said; `latest` is what."""

    def __init__(self, latest: GateDecision) -> None:
        self.latest = latest
        super().__init__(f"decision {latest.pk}")


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody had read before deciding: the id of the latest decision (0: none was made), and the `shown` of the
    effect on the visits where one was shown."""

    latest: int
    effect: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    """A decision to be written down. `said_at`: when a nurse heard it, None for the prescriber's own act."""

    after_number: int
    decision: Decision
    decided_by: User
    note: str
    said_at: datetime | None
    by: Actor
    now: datetime

    @property
    def change(self) -> ChangeKind | None:
        """What it does to the order."""
        return CHANGES.get(self.decision)

    @property
    def decided_at(self) -> datetime:
        return self.said_at or self.now

    @property
    def heard_by_id(self) -> int | None:
        return self.by.user_id if self.said_at else None


def decide(
    *,
    order: Order,
    after_number: int,
    decision: Decision,
    decided_by: User,
    note: str = "",
    heard_by_word_of_mouth: bool = False,
    read_back: bool = False,
    said_at: datetime | None = None,
    seen: Seen | None = None,
    keep_days: int | None = None,
    by: Actor,
    now: datetime,
) -> GateDecision:
    """Writes down what `decided_by` (a prescriber) decided at a review, and carries it out; by word of mouth a nurse
    writes it down, read back, with the time it was said at (`said_at`, now if empty).

    Continue makes the visits that waited firm. Continue with changed order leaves them waiting until the change is
    signed. Pause, stop and complete change the order and settle its visits (`order_effects`), with the note as the
    reason; `keep_days` after a pause (the clinic's own number without one) somebody is asked whether the places are
    kept. A later decision stands beside an earlier one and counts.

    Refuses with NothingToDecide, OrderIsNot (it is not active; a paused one may be stopped or completed),
    DecidedMeanwhile, EffectChanged, NotReadBack, ReasonMissing (a pause or stop without a note), NotThen (said in the
    future, longer ago than a day, or before the infusion), NotSoLong, RecordClosed where it would go on, NotAllowed
    when `by` is neither the prescriber nor, by word of mouth, a nurse; AgainstTheOrder when `decided_by` is no
    prescriber.
    Records `review.decided`, `order.<change>`, `appointment.made_firm` or `waits_for_review`, and what became of the
    visits; the note stays with clinical staff.
    """
    said_at = (said_at or now) if heard_by_word_of_mouth else None
    said = _Said(after_number, decision, decided_by, note, said_at, by, now)
    _check_whose_word(order, said, read_back=read_back)
    with writing():
        order = _enter(order, said, seen)
        settled = settle_visits(order, said.change, by=by, now=now) if said.change else []
        made = _write(order, said)
        changed = _change_order(order, said, made, keep_days) if said.change else []
        entries = [_decided(order, made, said), *settled, *changed, *settle_waiting(order)]
        record(organisation_id=order.organisation_id, entries=entries, by=by, now=now)
    return made


def _check_whose_word(order: Order, said: _Said, *, read_back: bool) -> None:
    verb = "review.write_down" if said.said_at else "review.decide"
    permissions.check_of_order(said.by, verb, order)
    if not said.said_at and said.by.user_id != said.decided_by.pk:
        raise permissions.NotAllowed(verb)
    if said.said_at and not read_back:
        raise NotReadBack
    if said.change in (ChangeKind.PAUSE, ChangeKind.STOP) and not said.note.strip():
        raise ReasonMissing


def _enter(order: Order, said: _Said, seen: Seen | None) -> Order:
    """The order as it is under the locks: of the patient, its row, its visits by id. All is asked again there."""
    lock_patients(order.patient_id)
    order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    if said.change is None:
        refuse_closed(order.patient)
    _check_it_is_due(order, said)
    _check_nobody_was_quicker(order, said, seen)
    # Before the decision, which shuts the order's row altogether: a cancel that has its visit's row asks for the
    # order's at its commit.
    lock_visits(order)
    effect = effect_of(order, said.change, now=said.now) if said.change and seen and seen.effect else None
    if effect and seen and effect.shown != seen.effect:
        raise EffectChanged(effect)
    return order


def _check_it_is_due(order: Order, said: _Said) -> None:
    if said.change is None and order.state != OrderState.ACTIVE:
        raise OrderIsNot(order.state)
    since = settled_at(order, said.after_number)
    gates = Gate.objects.filter(version=order.current_version_id, after_number=said.after_number)
    if since is None or not gates.exists():
        raise NothingToDecide
    if said.said_at and not max(since - A_MINUTE, said.now - WRITTEN_DOWN_WITHIN) < said.said_at <= said.now:
        raise NotThen


def _check_nobody_was_quicker(order: Order, said: _Said, seen: Seen | None) -> None:
    latest = latest_decisions([order.pk]).get((order.pk, said.after_number))
    if seen is not None and seen.latest != (latest.pk if latest else 0) and latest:
        raise DecidedMeanwhile(latest)
    # What was said before the latest decision and is written down after it must not count for later.
    if said.said_at and latest and said.said_at + A_MINUTE <= latest.decided_at:
        raise DecidedMeanwhile(latest)


def _write(order: Order, said: _Said) -> GateDecision:
    return GateDecision.objects.create(
        order=order,
        after_number=said.after_number,
        decision=said.decision,
        under_version_id=order.current_version_id,
        decided_by=said.decided_by,
        decided_at=said.decided_at,
        note=said.note,
        heard_by_id=said.heard_by_id,
        was_read_back=said.heard_by_id is not None,
        recorded_at=said.now,
    )


def _change_order(order: Order, said: _Said, made: GateDecision, keep_days: int | None) -> list[Entry]:
    """What the decision does to the order itself, and to what else waits with it."""
    kind, by, now = CHANGES[said.decision], said.by, said.now
    _change, entry = change_state(
        order,
        kind,
        decided_by=said.decided_by,
        decided_at=said.decided_at,
        reason=said.note,
        decision=made,
        heard_by_id=made.heard_by_id,
        keep_places_until=kept_until(keep_days, by=by, now=now) if kind == ChangeKind.PAUSE else None,
        clinic_id=by.clinic_id,
        now=now,
    )
    return [entry, *(close_withdrawals(order, by=by, now=now) if kind != ChangeKind.PAUSE else [])]


def _decided(order: Order, made: GateDecision, said: _Said) -> Entry:
    return Entry(
        "review.decided",
        clinic_id=said.by.clinic_id,
        order_id=order.pk,
        patient_id=order.patient_id,
        happened_at=made.decided_at,
        data={"after": made.after_number, "decision_id": made.pk},
    )
