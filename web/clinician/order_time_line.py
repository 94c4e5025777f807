"""An order's infusions and reviews in order, each with every visit that it had, for clinicians."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from scheduling.models import Appointment, ExitRuling, Order, VisitKind
from web.spoken import infusion_of, visit_name


@dataclass(frozen=True, slots=True)
class Line:
    """One infusion or review on the time line, with every visit that it had; the last one stands. A visit knows whether
    it `is_ruled`, where it was broken off."""

    number: int | None
    what: str
    visits: list[Appointment]

    @property
    def given_at(self) -> datetime | None:
        return next((visit.given_at for visit in reversed(self.visits) if visit.given_at), None)


def time_line(order: Order) -> list[Line]:
    """Every infusion of the current version in order, each followed by its review where that has a visit."""
    version = order.current_version
    if version is None:
        return []
    visits = Appointment.objects.filter(order=order).exclude(kind=VisitKind.KEPT).select_related("clinic", "order")
    visits = visits.annotate(is_ruled=Exists(ExitRuling.objects.filter(appointment=OuterRef("pk"))))
    of_number: dict[int, list[Appointment]] = {}
    of_review: dict[int, list[Appointment]] = {}
    for visit in visits.order_by("period", "pk"):
        if visit.dose_number:
            of_number.setdefault(visit.dose_number, []).append(visit)
        elif visit.review_after is not None:
            of_review.setdefault(visit.review_after, []).append(visit)
    lines = []
    for number in range(1, version.doses + 1):
        mine = of_number.get(number, [])
        lines.append(Line(number, infusion_of(number, version.doses), mine))
        if number in of_review:
            lines.append(Line(None, visit_name(of_review[number][-1]), of_review[number]))
    return lines
