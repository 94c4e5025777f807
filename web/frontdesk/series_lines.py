"""The infusions of a series in order, each with the visit that settles it, and reviews that have one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduling.amendment_effects import fits_no_longer
from scheduling.models import GONE, Appointment, Order, OrderState, Status, VisitKind
from scheduling.prerequisite_rows import with_prerequisites
from web.readiness_words import ready_words
from web.spoken import infusion_of, visit_name, word_of
from web.templatetags.visit_marks import waits as waits_for_review


@dataclass(frozen=True, slots=True)
class Line:
    """One infusion of the series with its visit, if it has one; or, without a number, a review that has a visit.
    `ready`: that the visit is, or what it waits for."""

    number: int | None
    what: str
    visit: Appointment | None
    waits: bool
    no_longer_fits: bool = False
    ready: str = ""


def lines_of(order: Order, now: datetime) -> list[Line]:
    """The infusions in order, each followed by its review where that has a visit; a cancelled visit, one that is no
    longer kept, or one that was broken off and is given again, leaves its infusion to book again."""
    version = order.current_version
    if version is None:
        return []
    visits = Appointment.objects.filter(order=order).exclude(kind=VisitKind.KEPT).exclude(status__in=GONE)
    visits = visits.exclude(held_until__lte=now).order_by("period")
    standing: dict[int, Appointment] = {}
    reviews: dict[int, Appointment] = {}
    broken_off: dict[int, list[Appointment]] = {}
    unruled = set(Appointment.objects.unruled().filter(order=order).values_list("pk", flat=True))
    for visit in with_prerequisites(visits).select_related("clinic", "terms", "order"):
        if visit.dose_number and visit.is_repeated:
            broken_off.setdefault(visit.dose_number, []).append(visit)
        elif visit.dose_number and stands(visit):
            standing[visit.dose_number] = visit
        elif visit.review_after and (visit.live or visit.status == Status.COMPLETED):
            reviews[visit.review_after] = visit
    lines: list[Line] = []
    beyond = [number for number in standing if number > version.doses]
    for number in (*range(1, version.doses + 1), *sorted(beyond)):
        visit_there = standing.get(number)
        waits = bool(visit_there and (waits_for_review(visit_there) or visit_there.pk in unruled))
        stale = bool(visit_there and fits_no_longer(visit_there))
        name = infusion_of(number, version.doses, word_of(version))
        lines += [Line(None, name, one, waits=False) for one in broken_off.get(number, [])]
        ready = ready_words(visit_there, now) if visit_there else ""
        lines.append(Line(number, name, visit_there, waits, stale, ready))
        if review := reviews.get(number):
            lines.append(Line(None, visit_name(review), review, waits=order.state == OrderState.PAUSED))
    return lines


def stands(visit: Appointment) -> bool:
    """Whether the visit settles its infusion: it is booked, under way, or was given."""
    return visit.live or visit.given_at is not None
