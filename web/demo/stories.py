"""What happens at the demo clinic: series under way, and a day with one of everything."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Final

from scheduling.models import GateDecision, Order, Status
from scheduling.series_terms import Wish
from web.demo.stage import Stage

VISIT_MINUTES: Final = 135

# Minutes before now at which a visit of today began, and where it stands; a visit takes 120 minutes.
RIGHT_NOW: Final = (
    (195, Status.COMPLETED),
    (75, Status.RECOVERING),
    (30, Status.INFUSING),
    (45, Status.INFUSING),
    (10, Status.SEATED),
    (-15, Status.ARRIVED),
)


def tell_today(stage: Stage) -> None:
    """The day around now: every step of a visit, a no-show, visits still to come, tomorrow's unconfirmed."""
    for minutes, status in RIGHT_NOW:
        order = stage.order("ketamine-series", at=stage.ago(days=2))
        start = stage.on_grid(stage.ago(minutes=minutes), VISIT_MINUTES)
        visit = stage.book_one(order, start, at=stage.ago(days=1))
        if visit:
            stage.confirm(visit, at=stage.ago(days=0.9))
            stage.play(visit, until=status)
    order = stage.order("ketamine-series", at=stage.ago(days=2))
    missed = stage.book_one(order, stage.on_grid(stage.ago(minutes=60), VISIT_MINUTES), at=stage.ago(days=1))
    if missed:
        stage.miss(missed)
    order = stage.order("infliximab-series", at=stage.ago(days=2))
    later = stage.book_one(order, stage.on_grid(stage.ago(minutes=-60), 200), at=stage.ago(days=1))
    if later and later.period.lower > stage.now:
        stage.confirm(later, at=stage.ago(days=0.5))
    consultation = stage.on_grid(stage.ago(minutes=-45), 45)
    if consultation > stage.now:
        stage.book_visit(stage.new_patient(), "consultation-video", consultation, at=stage.ago(days=1))
    tell_tomorrow(stage)


def tell_tomorrow(stage: Stage) -> None:
    """The next open day: two who have not confirmed, one who has, and a consultation."""
    for hours, is_confirmed in ((1, False), (2, True), (3, False)):
        order = stage.order("ketamine-series", at=stage.ago(days=2))
        visit = stage.book_one(order, stage.next_day.start + timedelta(hours=hours), at=stage.ago(days=1))
        if visit and is_confirmed:
            stage.confirm(visit, at=stage.ago(days=0.2))
    stage.book_visit(
        stage.new_patient(), "consultation", stage.next_day.start + timedelta(hours=2), at=stage.ago(days=1)
    )


def tell_orders(stage: Stage) -> None:
    """What the desk and the prescriber have before them: two orders to book, one draft to sign, a review due."""
    stage.order("ketamine-series", at=stage.ago(days=1))
    stage.order("esketamine-series", at=stage.ago(days=0.2))
    stage.draft(stage.new_patient(), "ketamine-series", at=stage.ago(days=0.1))
    tell_series(stage, "ketamine-series", days_ago=12, how_many=6, wish=Wish(time(10)), decides=False)


def tell_background(stage: Stage) -> None:
    """Series under way: some early, some past their review, one in its months of maintenance."""
    for days_ago, hour in ((4, 9), (7, 11), (12, 13), (15, 9), (18, 14)):
        tell_series(stage, "ketamine-series", days_ago=days_ago, how_many=None, wish=Wish(time(hour)))
    tell_series(stage, "esketamine-series", days_ago=14, how_many=8, wish=Wish(time(12)))
    tell_series(stage, "infliximab-series", days_ago=50, how_many=3, wish=Wish(time(8, 30)))
    for _ in range(2):
        stage.new_patient(days_ago=20)


def tell_series(
    stage: Stage, code: str, *, days_ago: int, how_many: int | None, wish: Wish, decides: bool = True
) -> None:
    """A series signed and booked days ago, given as far as its times are past, reviewed in time if `decides`."""
    signed = stage.ago(days=days_ago)
    order = stage.order(code, at=signed)
    for visit in stage.book_more(order, how_many=how_many, wish=wish, at=signed + timedelta(minutes=30)):
        if not visit.is_tentative:
            stage.play(visit)
    last = order.appointments.filter(given_at__isnull=False).order_by("-dose_number").first()
    if decides and last and last.left_at and _review_follows(order, last.dose_number):
        decided = last.left_at + timedelta(minutes=20)
        stage.go_on(order, last.dose_number or 0, at=min(decided, stage.now))
        for visit in stage.book_more(order, how_many=None, wish=wish, at=min(decided, stage.now)):
            stage.play(visit)


def _review_follows(order: Order, number: int | None) -> bool:
    version = order.current_version
    decided = GateDecision.objects.filter(order=order, after_number=number)
    return version is not None and version.gates.filter(after_number=number).exists() and not decided.exists()
