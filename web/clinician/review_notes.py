"""What clinical staff wrote down about a series: at reviews, at changes of the order, at calls. Newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from scheduling.models import FollowUpTry, GateDecision, Order, OrderChange
from web.spoken import infusion

MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Note:
    """Who wrote what, when and about what."""

    at: datetime
    who: str
    about: str
    text: str


def notes_of(order: Order, *, without: Collection[GateDecision] = ()) -> list[Note]:
    """The latest notes; those of `without` are shown elsewhere. Three queries."""
    shown = {made.pk for made in without}
    decisions = order.decisions.exclude(note="").exclude(pk__in=shown).select_related("decided_by", "heard_by")
    changes = order.changes.exclude(reason="").filter(decision=None).select_related("decided_by", "heard_by")
    tries = FollowUpTry.objects.filter(follow_up__order=order).exclude(note="")
    notes = [
        *(_of_decision(one) for one in decisions),
        *(_of_change(one) for one in changes),
        *(_of_try(one) for one in tries.select_related("follow_up", "tried_by")),
    ]
    return sorted(notes, key=lambda note: note.at, reverse=True)[:MOST_SHOWN]


def _of_decision(made: GateDecision) -> Note:
    about = gettext("Review after %(infusion)s") % {"infusion": infusion(made.after_number).lower()}
    return Note(made.recorded_at, (made.heard_by or made.decided_by).shown_name, about, made.note)


def _of_change(change: OrderChange) -> Note:
    writer = change.heard_by or change.decided_by
    return Note(change.recorded_at, writer.shown_name if writer else "", change.get_kind_display(), change.reason)


def _of_try(one: FollowUpTry) -> Note:
    values = {"what": one.follow_up.get_kind_display(), "infusion": infusion(one.follow_up.after_number).lower()}
    about = gettext("%(what)s after %(infusion)s") % values
    return Note(one.tried_at, one.tried_by.shown_name, about, one.note)
