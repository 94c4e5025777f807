"""The visit that a pick of an order becomes: an infusion with its signed terms, or the review between two."""

from __future__ import annotations

from scheduling.capacity import Busy, Phase
from scheduling.models import GateMethod, VisitKind
from scheduling.picks import AnyPick, ReviewPick
from scheduling.problems import presence
from scheduling.review_visits import MODES
from scheduling.series import Series
from scheduling.visit_rows import NewVisit


def visit_of_order(
    series: Series, pick: AnyPick, phases: tuple[Phase, ...], claims: tuple[Busy, ...], broken: tuple[str, ...]
) -> NewVisit:
    """What is to be written for a pick, with what it takes and the rules it was allowed to break."""
    patient, period = series.order.patient, presence(pick.start, phases)
    if isinstance(pick, ReviewPick):
        return NewVisit(
            patient=patient,
            kind=VisitKind.REVIEW,
            period=period,
            phases=phases,
            claims=claims,
            mode=MODES[GateMethod(series.gates[pick.after].method)],
            of_order={"order_id": series.order.pk, "review_after": pick.after},
            overruled=broken,
        )
    terms, gap = series.terms[pick.number], series.gaps[pick.number]
    return NewVisit(
        patient=patient,
        kind=VisitKind.INFUSION,
        period=period,
        phases=phases,
        claims=claims,
        is_tentative=series.waits_for_review(pick.number),
        of_order={
            "order_id": series.order.pk,
            "dose_id": terms.dose_id,
            "dose_number": pick.number,
            "terms_id": terms.pk,
            "therapy": terms.therapy,
            "gap_id": gap.pk,
            "gap_days": gap.days,
            "gap_minutes": gap.minutes,
        },
        overruled=broken,
    )
