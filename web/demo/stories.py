"""What happens at the demo clinic: series under way, and a day with one of everything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from django.db import transaction

from scheduling.models import Appointment, Order, Status, VisitKind
from scheduling.orders import orders_to_book
from scheduling.reviews import reviews_due
from scheduling.series_terms import Wish
from web.demo.clinicians import tell_booster, tell_broken_off, tell_cover, tell_pause
from web.demo.ordering import tell_drafts
from web.demo.stage import EARLIER, NEARBY, SOON, Stage

KETAMINE, ESKETAMINE, INFLIXIMAB = "ketamine-series", "esketamine-series", "infliximab-series"
# How many infusions a demo order has, and how long the chair is taken by one.
DOSES: Final = {KETAMINE: 6, INFLIXIMAB: 3}
CHAIR_MINUTES: Final = {KETAMINE: 135, INFLIXIMAB: 200}

# Of what, how many minutes before now it began, and where it stands.
RIGHT_NOW: Final = (
    (KETAMINE, 180, Status.COMPLETED),
    (INFLIXIMAB, 150, Status.RECOVERING),
    (KETAMINE, 30, Status.INFUSING),
    (INFLIXIMAB, 90, Status.INFUSING),
    (KETAMINE, 10, Status.SEATED),
    (INFLIXIMAB, -15, Status.ARRIVED),
    (KETAMINE, 60, Status.NO_SHOW),
)
HOW_MANY: Final = {Status.INFUSING: 2}


def tell_today(stage: Stage) -> None:
    """The day around now: every step of a visit, a no-show, visits still to come; then the next open day.

    What the day has already is not told again.
    """
    begun: list[tuple[Appointment, Status]] = []
    for code, minutes, status in RIGHT_NOW:
        if stage.visits_today().filter(status=status).count() < HOW_MANY.get(status, 1):
            # Where a day has no room for a long one, a short one shows the same.
            for one in dict.fromkeys((code, KETAMINE)):
                start = stage.on_grid(stage.ago(minutes=minutes), CHAIR_MINUTES[one])
                if visit := begin_series(stage, one, start, confirmed=status != Status.NO_SHOW, until=status):
                    begun.append((visit, status))
                    break
    # Only now: a visit that is over leaves its chair free, and the next story would be booked onto it after the fact.
    for visit, status in begun:
        if status == Status.NO_SHOW:
            stage.miss(visit)
        else:
            stage.play(visit, until=status)
    later = stage.on_grid(stage.ago(minutes=-75), CHAIR_MINUTES[KETAMINE])
    ahead = stage.visits_today().filter(period__startswith__gt=stage.now, live=True)
    if later > stage.now and not ahead.filter(kind=VisitKind.INFUSION).exists():
        begin_series(stage, KETAMINE, later, confirmed=True)
    talk = stage.on_grid(stage.ago(minutes=-45), 45)
    if talk > stage.now and not ahead.filter(kind=VisitKind.CONSULTATION).exists():
        stage.book_visit(stage.new_patient(), "consultation-video", talk, at=stage.ago(days=1))
    tell_next_day(stage)


def tell_next_day(stage: Stage) -> None:
    """Two who have not confirmed, one who has, and someone's first talk."""
    visits = stage.visits_on(stage.next_day)
    if visits.filter(confirmed_at__isnull=True, kind=VisitKind.INFUSION).count() < 2:
        for code, hours, confirmed in ((KETAMINE, 1, False), (INFLIXIMAB, 2, True), (INFLIXIMAB, 3, False)):
            begin_series(stage, code, stage.next_day.start + timedelta(hours=hours), confirmed=confirmed)
    if not visits.filter(kind=VisitKind.CONSULTATION).exists():
        talk = stage.next_day.start + timedelta(hours=2)
        stage.book_visit(stage.new_patient(), "consultation", talk, at=stage.ago(days=1))


def begin_series(
    stage: Stage, code: str, start: datetime, *, confirmed: bool = False, until: Status | None = None
) -> Appointment | None:
    """A series booked yesterday, all of it; its first infusion is at `start` or near it, and is given back.

    Where the hour is full there is nobody: neither patient nor order.
    """
    with transaction.atomic():
        order = stage.order(code, at=stage.ago(days=2), doses=DOSES[code])
        steps = NEARBY if until is None else SOON if until == Status.ARRIVED else EARLIER
        visit = stage.book_one(order, start, at=stage.ago(days=1), steps=steps)
        if visit is None:
            stage.made -= 1
            transaction.set_rollback(True)
            return None
        wish = Wish(stage.clock.local(start).time())
        stage.book_more(order, how_many=DOSES[code] - 1, wish=wish, at=stage.ago(days=1))
        if confirmed:
            stage.confirm(visit, at=stage.ago(days=0.9))
    return visit


def tell_orders(stage: Stage) -> None:
    """Makes sure of two orders to book, a draft to sign and a review due; what nobody dealt with is still there."""
    if len(orders_to_book(clinic=stage.clinic)) < 2:
        # Whose forms are not there yet: booking it says so.
        stage.order(KETAMINE, at=stage.ago(days=1), ready=False)
        stage.order(ESKETAMINE, at=stage.ago(days=0.2))
    tell_drafts(stage, KETAMINE)
    if not reviews_due(clinic=stage.clinic):
        tell_series(stage, KETAMINE, days_ago=12, how_many=6, wish=Wish(time(10)))


def tell_background(stage: Stage) -> None:
    """Series under way: some early, some past their review, one in its months of maintenance."""
    # Booked all before any is given, as above: they meet on one day.
    begun = [
        book_days_ago(stage, code, days_ago=days_ago, how_many=how_many, wish=Wish(time(hour)))[1]
        for code, days_ago, how_many, hour in ((ESKETAMINE, 14, 12, 12), (KETAMINE, 3, 6, 13), (KETAMINE, 1, 6, 9))
    ]
    for booked in begun:
        give(stage, booked)
    tell_series(stage, KETAMINE, days_ago=13, how_many=None, wish=Wish(time(11)), reviewed=3, is_heard=True)
    tell_series(stage, KETAMINE, days_ago=15, how_many=None, wish=Wish(time(9)), reviewed=3)
    tell_booster(stage, tell_series(stage, KETAMINE, days_ago=33, how_many=None, wish=Wish(time(14)), reviewed=3))
    tell_pause(stage, tell_series(stage, INFLIXIMAB, days_ago=24, how_many=3, wish=Wish(time(9))))
    tell_broken_off(stage, KETAMINE, days_ago=4)
    tell_cover(stage)
    tell_series(stage, INFLIXIMAB, days_ago=50, how_many=3, wish=Wish(time(8, 30)))
    for _ in range(4):
        stage.new_patient(days_ago=20)
    stage.bury(stage.new_patient(days_ago=40))


def book_days_ago(
    stage: Stage, code: str, *, days_ago: int, how_many: int | None, wish: Wish
) -> tuple[Order, Sequence[Appointment]]:
    """A series signed and booked days ago, of which nothing is given yet."""
    signed = stage.ago(days=days_ago)
    order = stage.order(code, at=signed)
    return order, stage.book_more(order, how_many=how_many, wish=wish, at=signed + timedelta(minutes=30))


def give(stage: Stage, booked: Sequence[Appointment]) -> None:
    """Gives what is past of it and waits for no review."""
    for visit in booked:
        if not visit.is_tentative:
            stage.play(visit)


def tell_series(
    stage: Stage,
    code: str,
    *,
    days_ago: int,
    how_many: int | None,
    wish: Wish,
    reviewed: int | None = None,
    is_heard: bool = False,
) -> Order:
    """A series signed and booked days ago, given as far as its times are past.

    `reviewed`: after that infusion the prescriber said to go on, and the rest was booked. `is_heard`: they said it on
    the telephone only just now, and their signature is due.
    """
    order, booked = book_days_ago(stage, code, days_ago=days_ago, how_many=how_many, wish=wish)
    give(stage, booked)
    if reviewed and booked and booked[-1].left_at:
        decided = stage.ago(minutes=90) if is_heard else min(booked[-1].left_at + timedelta(minutes=20), stage.now)
        stage.go_on(order, reviewed, at=decided, is_heard=is_heard)
        for visit in stage.book_more(order, how_many=None, wish=wish, at=decided):
            stage.play(visit)
    return order
