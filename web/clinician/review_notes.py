"""What clinical staff wrote down about a series: at reviews, changes of the order, visits, calls. Newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from scheduling.models import Deviation, ExitRuling, FollowUpTry, GateDecision, Order, OrderChange, VisitCheck
from web.spoken import infusion, visit_name

MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Note:
    """Who wrote what, when and about what."""

    at: datetime
    who: str
    about: str
    text: str


def notes_of(order: Order, *, without: Collection[GateDecision] = ()) -> list[Note]:
    """The latest notes; those of `without` are shown elsewhere. Six queries."""
    shown = {made.pk for made in without}
    decisions = order.decisions.exclude(note="").exclude(pk__in=shown).select_related("decided_by", "heard_by")
    changes = order.changes.exclude(reason="").filter(decision=None).select_related("decided_by", "heard_by")
    tries = FollowUpTry.objects.filter(follow_up__order=order).exclude(note="")
    notes = [
        *(_of_decision(one) for one in decisions),
        *(_of_change(one) for one in changes),
        *(_of_try(one) for one in tries.select_related("follow_up", "tried_by")),
        *notes_of_visits(order),
    ]
    return sorted(notes, key=lambda note: note.at, reverse=True)[:MOST_SHOWN]


def notes_of_visits(order: Order) -> list[Note]:
    """Why a visit ended otherwise or went on all the same, what was ruled, and what a start against the order was
    signed with. Three queries."""
    checks = VisitCheck.objects.filter(appointment__order=order).exclude(reason="")
    rulings = ExitRuling.objects.filter(appointment__order=order).exclude(note="")
    deviations = Deviation.objects.filter(appointment__order=order)
    visit = "appointment__order__current_version"
    return [
        *(
            Note(one.said_at, (one.passed_by or one.said_by).shown_name,
                 f"{visit_name(one.appointment)}, {one.get_kind_display().lower()}", one.reason)
            for one in checks.select_related(visit, "passed_by", "said_by")
        ),
        *(
            Note(one.decided_at, one.decided_by.shown_name, visit_name(one.appointment), one.note)
            for one in rulings.select_related(visit, "decided_by")
        ),
        *(
            Note(one.signed_at, one.signed_by.shown_name, visit_name(one.appointment), one.reason)
            for one in deviations.select_related(visit, "signed_by")
        ),
    ]  # fmt: skip


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
