"""What happens at the demo clinic: series under way, and a day with one of everything."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from scheduling.gates import reviews_due
from scheduling.models import Order, OrderState, Status
from scheduling.orders import orders_to_book
from scheduling.series_terms import Wish
from web.demo.stage import Stage

VISIT_MINUTES: Final = 135
SERIES: Final = 6

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
        begin_series(stage, stage.on_grid(stage.ago(minutes=minutes), VISIT_MINUTES), confirmed=True, until=status)
    begin_series(stage, stage.on_grid(stage.ago(minutes=60), VISIT_MINUTES), until=Status.NO_SHOW)
    later = stage.on_grid(stage.ago(minutes=-75), VISIT_MINUTES)
    if later > stage.now:
        begin_series(stage, later, confirmed=True)
    consultation = stage.on_grid(stage.ago(minutes=-45), 45)
    if consultation > stage.now:
        stage.book_visit(stage.new_patient(), "consultation-video", consultation, at=stage.ago(days=1))
    # The next open day: two who have not confirmed, one who has, and someone's first talk.
    for hours, confirmed in ((1, False), (2, True), (3, False)):
        begin_series(stage, stage.next_day.start + timedelta(hours=hours), confirmed=confirmed)
    talk = stage.next_day.start + timedelta(hours=2)
    stage.book_visit(stage.new_patient(), "consultation", talk, at=stage.ago(days=1))


def begin_series(stage: Stage, start: datetime, *, confirmed: bool = False, until: Status | None = None) -> None:
    """A series of six booked yesterday, all of it; its first infusion is at `start` and has come as far as `until`."""
    order = stage.order("ketamine-series", at=stage.ago(days=2))
    visit = stage.book_one(order, start, at=stage.ago(days=1))
    if visit is None:
        return
    stage.book_more(order, how_many=SERIES - 1, wish=Wish(stage.clock.local(start).time()), at=stage.ago(days=1))
    if confirmed:
        stage.confirm(visit, at=stage.ago(days=0.9))
    if until == Status.NO_SHOW:
        stage.miss(visit)
    elif until:
        stage.play(visit, until=until)


def tell_orders(stage: Stage) -> None:
    """Makes sure of two orders to book, a draft to sign and a review due; what nobody dealt with is still there."""
    if len(orders_to_book(clinic=stage.clinic)) < 2:
        stage.order("ketamine-series", at=stage.ago(days=1))
        stage.order("esketamine-series", at=stage.ago(days=0.2))
    if not Order.objects.filter(sites=stage.clinic, state=OrderState.DRAFT).exists():
        stage.draft(stage.new_patient(), "ketamine-series", at=stage.ago(days=0.1))
    if not reviews_due(clinic=stage.clinic):
        tell_series(stage, "ketamine-series", days_ago=12, how_many=SERIES, wish=Wish(time(10)))


def tell_background(stage: Stage) -> None:
    """Series under way: some early, some past their review, one in its months of maintenance."""
    for days_ago, hour in ((1, 9), (3, 13)):
        tell_series(stage, "ketamine-series", days_ago=days_ago, how_many=SERIES, wish=Wish(time(hour)))
    for days_ago, hour in ((13, 11), (15, 9), (18, 14)):
        tell_series(stage, "ketamine-series", days_ago=days_ago, how_many=None, wish=Wish(time(hour)), reviewed=3)
    tell_series(stage, "esketamine-series", days_ago=14, how_many=12, wish=Wish(time(12)))
    tell_series(stage, "infliximab-series", days_ago=50, how_many=3, wish=Wish(time(8, 30)))
    for _ in range(2):
        stage.new_patient(days_ago=20)


def tell_series(
    stage: Stage, code: str, *, days_ago: int, how_many: int | None, wish: Wish, reviewed: int | None = None
) -> None:
    """A series signed and booked days ago, given as far as its times are past.

    `reviewed`: after that infusion the prescriber said to go on, and the rest was booked.
    """
    signed = stage.ago(days=days_ago)
    order = stage.order(code, at=signed)
    booked = stage.book_more(order, how_many=how_many, wish=wish, at=signed + timedelta(minutes=30))
    for visit in booked:
        if not visit.is_tentative:
            stage.play(visit)
    if reviewed and booked and booked[-1].left_at:
        decided = min(booked[-1].left_at + timedelta(minutes=20), stage.now)
        stage.go_on(order, reviewed, at=decided)
        for visit in stage.book_more(order, how_many=None, wish=wish, at=decided):
            stage.play(visit)
