"""What only clinicians settle at the demo clinic: a word to counter-sign, a cover, a pause, a ruling, a booster."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Final

from scheduling.as_needed_content import AsNeededTerms
from scheduling.as_needed_orders import draft_as_needed
from scheduling.covering import arrange_cover
from scheduling.events import Actor
from scheduling.models import Order, Status, User
from scheduling.pausing import pause_order
from scheduling.series_terms import Wish
from scheduling.signing import sign_order
from scheduling.visits import record_step
from scheduling.word_of_mouth import Word
from web.demo.stage import Stage

AWAY: Final = timedelta(days=6)
PAUSED_FOR: Final = "A new medicine from the family doctor: I look at it first."
BOOSTERS: Final = AsNeededTerms(count=2, min_days=21)


def tell_cover(stage: Stage) -> None:
    """The other prescriber is away this week; the demo's prescriber decides meanwhile."""
    today = stage.clock.local_day(stage.now)
    manager = Actor.staff(User.objects.get(username="manager"), stage.clinic)
    arrange_cover(
        prescriber=User.objects.get(username="okafor"), cover=stage.prescriber, first_day=today, last_day=today + AWAY,
        today=today, by=manager, now=stage.ago(days=0.3),
    )  # fmt: skip


def tell_pause(stage: Stage, order: Order) -> None:
    """Paused, and no longer kept than until a day ago: the desk is asked what becomes of the places."""
    word = Word(stage.prescriber, PAUSED_FOR)
    pause_order(order=order, word=word, keep_days=2, by=stage.doctor, now=stage.ago(days=3))


def tell_broken_off(stage: Stage, code: str, *, days_ago: int) -> None:
    """The first infusion of a series was stopped early; whether it counts is still to be said."""
    signed = stage.ago(days=days_ago)
    order = stage.order(code, at=signed)
    for visit in stage.book_more(order, how_many=1, wish=Wish(time(11)), at=signed + timedelta(minutes=30)):
        if visit.period.upper < stage.now:
            stage.play(visit, until=Status.INFUSING)
            happened_at = visit.period.lower + timedelta(minutes=40)
            record_step(
                appointment=visit, to=Status.STOPPED_EARLY, happened_at=happened_at, by=stage.nurse, now=happened_at
            )


def tell_booster(stage: Stage, series: Order) -> None:
    """Two more after a series that was given, one at a time, signed and to book."""
    order = draft_as_needed(order=series, terms=BOOSTERS, by=stage.nurse, now=stage.ago(days=1))
    sign_order(order=order, by=stage.doctor, now=stage.ago(days=0.9))
