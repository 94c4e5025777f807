"""Deciding a review: what a prescriber said is written down and carried out. The software never decides one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scheduling import permissions
from scheduling.clinician_tasks import close_withdrawals
from scheduling.decisions_made import A_MINUTE, latest_decisions
from scheduling.events import Actor, Entry, record
from scheduling.keeping_places import kept_until, own_days
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
from scheduling.order_states import OrderIsNot, change_state
from scheduling.reviews import settled_at
from scheduling.visit_steps import NotThen
from scheduling.waiting_visits import settle_waiting
from scheduling.word_of_mouth import WRITTEN_DOWN_WITHIN, NotReadBack, ReasonMissing

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
    keep_places_until: datetime | None = None,
    by: Actor,
    now: datetime,
) -> GateDecision:
    """Writes down what `decided_by` (a prescriber) decided at a review, and carries it out; by word of mouth a nurse
    writes it down, read back, with the time it was said at (`said_at`, now if empty).

    Continue makes the visits that waited firm. Continue with changed order leaves them waiting until the change is
    signed. Pause, stop and complete change the order and settle its visits (`order_effects`), with the note as the
    reason; after a pause somebody asks at `keep_places_until`, the clinic's days later without one, whether the places
    are kept. A later decision stands beside an earlier one and counts.

    Refuses with NothingToDecide, OrderIsNot (it is not active; a paused one may be stopped or completed),
    DecidedMeanwhile, EffectChanged, NotReadBack, ReasonMissing (a pause or stop without a note), NotThen (said in the
    future, longer ago than a day, or before the infusion), NotAllowed when `by` is neither the prescriber nor, by word
    of mouth, a nurse; AgainstTheOrder when `decided_by` is no prescriber.
    Records `review.decided`, `order.<change>`, `appointment.made_firm` or `waits_for_review`, and what became of the
    visits; the note stays with clinical staff.
    """
    verb = "review.write_down" if heard_by_word_of_mouth else "review.decide"
    permissions.check_of_order(by, verb, order)
    if not heard_by_word_of_mouth and by.user_id != decided_by.pk:
        raise permissions.NotAllowed(verb)
    if heard_by_word_of_mouth and not read_back:
        raise NotReadBack
    if decision in (Decision.PAUSE, Decision.STOP) and not note.strip():
        raise ReasonMissing
    said_at = said_at if heard_by_word_of_mouth else None
    decided_at = said_at or now
    with writing():
        lock_patients(order.patient_id)
        order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
        _check_it_is_due(order, after_number, decision, said_at, now)
        _check_nobody_was_quicker(order, after_number, said_at, seen)
        # Before the decision, which shuts the order's row altogether: a cancel that has its visit's row asks for the
        # order's at its commit.
        lock_visits(order)
        kind = CHANGES.get(decision)
        if kind and seen and seen.effect and seen.effect != (effect := effect_of(order, kind, now=now)).shown:
            raise EffectChanged(effect)
        entries = settle_visits(order, kind, by=by, now=now) if kind else []
        made = GateDecision.objects.create(
            order=order,
            after_number=after_number,
            decision=decision,
            under_version_id=order.current_version_id,
            decided_by=decided_by,
            decided_at=decided_at,
            note=note,
            heard_by_id=by.user_id if heard_by_word_of_mouth else None,
            was_read_back=heard_by_word_of_mouth,
            recorded_at=now,
        )
        if kind:
            _change, changed = change_state(
                order,
                kind,
                decided_by=decided_by,
                decided_at=decided_at,
                reason=note,
                decision=made,
                heard_by_id=made.heard_by_id,
                keep_places_until=keep_places_until or kept_until(own_days(by), now),
                clinic_id=by.clinic_id,
                now=now,
            )
            entries.append(changed)
            entries += close_withdrawals(order, by=by, now=now) if kind != ChangeKind.PAUSE else []
        entry = Entry(
            "review.decided",
            clinic_id=by.clinic_id,
            order_id=order.pk,
            patient_id=order.patient_id,
            happened_at=decided_at,
            data={"after": after_number, "decision_id": made.pk},
        )
        entries = [entry, *entries, *settle_waiting(order)]
        record(organisation_id=order.organisation_id, entries=entries, by=by, now=now)
    return made


def _check_it_is_due(
    order: Order, after_number: int, decision: Decision, said_at: datetime | None, now: datetime
) -> None:
    if decision not in CHANGES and order.state != OrderState.ACTIVE:
        raise OrderIsNot(order.state)
    since = settled_at(order, after_number)
    if since is None or not Gate.objects.filter(version=order.current_version_id, after_number=after_number).exists():
        raise NothingToDecide
    if said_at and not max(since - A_MINUTE, now - WRITTEN_DOWN_WITHIN) < said_at <= now:
        raise NotThen


def _check_nobody_was_quicker(order: Order, after_number: int, said_at: datetime | None, seen: Seen | None) -> None:
    latest = latest_decisions([order.pk]).get((order.pk, after_number))
    if seen is not None and seen.latest != (latest.pk if latest else 0) and latest:
        raise DecidedMeanwhile(latest)
    # What was said before the latest decision and is written down after it must not count for later.
    if said_at and latest and said_at + A_MINUTE <= latest.decided_at:
        raise DecidedMeanwhile(latest)
