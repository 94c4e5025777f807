"""What was decided at reviews, and which of them let the series go on. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from scheduling.models import Appointment, Decision, ExitRuling, GateDecision, Status
from scheduling.word_of_mouth import A_MINUTE

# Of what was given elsewhere only the day is known.
A_DAY: Final = timedelta(days=1)

# An order and the number after which the review stands.
Key = tuple[int, int]


def latest_decisions(order_ids: Iterable[int]) -> dict[Key, GateDecision]:
    """(order, after number) of each review that was decided, with the decision that counts: the latest."""
    decisions = that_count(order_ids).select_related("decided_by", "heard_by")
    return {(made.order_id, made.after_number): made for made in decisions}


def that_count(order_ids: Iterable[int]) -> QuerySet[GateDecision]:
    """Decisions of these orders, the earlier first, that are about the infusion before the review as it stands now:
    given when it was decided (to the minute; elsewhere to the day), not taken back since, not to be given again, and
    not ruled since to count after all. Before the first every decision is. As `scheduling_review_lets_go_on` has it."""
    given = Appointment.objects.filter(
        Q(given_at__lte=_after_deciding(A_MINUTE)) | ~Q(given_where="") & Q(given_at__lte=_after_deciding(A_DAY)),
        ~Exists(_counts_after_all()),
        order=OuterRef("order"),
        dose_number=OuterRef("after_number"),
        given_at__isnull=False,
        is_repeated=False,
    ).exclude(status=Status.ENTERED_IN_ERROR)
    return GateDecision.objects.filter(Q(after_number=0) | Exists(given), order_id__in=list(order_ids)).order_by("pk")


def _after_deciding(time: timedelta) -> Combinable:
    return ExpressionWrapper(OuterRef("decided_at") + time, output_field=DateTimeField())


def _counts_after_all() -> QuerySet[ExitRuling]:
    """Rulings since the decision by which an infusion that was to be given again counts after all: what was decided
    before was decided of its repeat, or of it as it no longer stood."""
    before = ExitRuling.objects.filter(appointment=OuterRef("appointment"), pk__lt=OuterRef("pk"))
    since = ExitRuling.objects.filter(counts=True, recorded_at__gte=OuterRef(OuterRef("recorded_at")))
    return since.filter(Exists(before), appointment=OuterRef("pk"))


def opened_reviews(order_ids: Iterable[int], *, once_signed: bool = False) -> set[Key]:
    """(order, after number) of the reviews whose latest decision lets the series go on.

    "Continue with changed order" does so once the change is signed: under another version than it was decided under.
    `once_signed`: as it will be when a change is signed now.
    """
    rows = that_count(order_ids)
    latest = {
        (order_id, after): (decision, under, None if once_signed else current)
        for order_id, after, decision, under, current in rows.values_list(
            "order_id", "after_number", "decision", "under_version_id", "order__current_version_id"
        )
    }
    return {key for key, (decision, under, current) in latest.items() if lets_go_on(decision, under, current)}


def lets_go_on(decision: str, under_version_id: int | None, current_version_id: int | None) -> bool:
    """Whether a latest decision lets the series go on under the version that is signed now."""
    if decision == Decision.CONTINUE_CHANGED:
        return under_version_id != current_version_id
    return decision == Decision.CONTINUE
