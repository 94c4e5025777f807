"""Seeded small clinics whose chairs are nearly all taken, by visits that may change their chair and others that may
not: Hypothesis likes empty clinics too much to find many starts by repack."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from scheduling.capacity import Busy, Chair, ClinicSnapshot, Nurse, Phase, Prescriber, Seated
from scheduling.intervals import Interval
from tests.scheduling.small_clinics import ZONE, at, period

WORDS = (frozenset[str](),) * 6 + (frozenset({"bed"}), frozenset({"bed", "room"}))
# Every way to deal so many visits, by the number of chairs, is tried.
MOST_MOVABLE = {2: 12, 3: 11, 4: 10}
SMALL, EVERYDAY = (2, 3, 4), (6, 8, 10, 12)
BEFORE, RECOVER, TURNOVER = Phase("arrive", 15, chair=False), Phase("recover", 15), Phase("turnover", 15)
WATCHED = Phase("watch", 15, nurse="watch")
IN_BAY = Phase("recover", 15, place="bay")


def a_visit(random: Random) -> tuple[Phase, ...]:
    infuse = Phase("infuse", random.choice([30, 45, 60]), features=random.choice(WORDS))
    return random.choice(
        [
            (infuse,),
            (infuse, TURNOVER),
            (BEFORE, infuse, RECOVER),
            (infuse, IN_BAY, TURNOVER),
            (WATCHED, infuse),
        ]
    )


def tight_clinic(
    random: Random, day: date, days: int = 1, *, sizes: tuple[int, ...] = SMALL, minutes: int = 180
) -> ClinicSnapshot:
    """So many chairs, open so long; at times an outage, a bay, a nurse who is taken."""
    dates = [day + timedelta(days=index) for index in range(days)]
    chairs = tuple(
        Chair(f"chair {index}", random.choice(WORDS), _outage(random, dates)) for index in range(random.choice(sizes))
    )
    busy: list[Busy] = []
    seated: list[Seated] = []
    for one in dates:
        movable, most = 0, MOST_MOVABLE.get(len(chairs), 1000)
        for chair, stays in zip(chairs, _shuffled(random, at(one, "08:00"), len(chairs), minutes), strict=True):
            for taken in stays:
                busy.append(Busy(chair.id, "seat", taken))
                if random.random() < 0.96:
                    may_move = movable < most and random.random() < 0.93
                    movable += may_move
                    features = frozenset(word for word in sorted(chair.features) if random.random() < 0.3)
                    seated.append(Seated.during(f"visit {len(seated)}", chair.id, taken, features, may_move=may_move))
        if random.random() < 0.3:
            busy.append(Busy("nurse", "watch", period(one, "08:40", random.choice(["09:10", "10:00"]))))
    open_on = {one: days == 1 or random.random() < 0.85 for one in dates}
    opens = {one: at(one, "08:00") for one in dates}
    whole = {one: (Interval(opens[one], opens[one] + timedelta(minutes=minutes)),) for one in dates}
    on_duty = tuple(whole[one][0] for one in dates)
    return ClinicSnapshot(
        ZONE,
        random.choice([15, 30]),
        {one: whole[one] if open_on[one] else () for one in dates},
        chairs,
        (Nurse("nurse", 1, 0, on_duty),),
        (Prescriber("prescriber", on_duty),),
        tuple(busy),
        bays=(Chair("bay", out=_outage(random, dates)),) if random.random() < 0.2 else (),
        seated=lambda: seated,
    )


def _outage(random: Random, dates: list[date]) -> tuple[Interval, ...]:
    if random.random() < 0.9:
        return ()
    return (
        period(random.choice(dates), random.choice(["08:00", "09:20"]), random.choice(["09:30", "10:30", "12:00"])),
    )


def _shuffled(random: Random, start: datetime, chairs: int, minutes: int) -> list[list[Interval]]:
    """Stays by chair: all chairs full but for a break in the first, then cut at moments and put together anew, so that
    the break lies in pieces on several chairs."""
    end = start + timedelta(minutes=minutes + 30)
    hole = start + timedelta(minutes=random.choice([0, 30, 45, 60, 90]))
    length = timedelta(minutes=random.choice([60, 75, 90, 105]))
    rows = [_full(random, start, hole) + _full(random, hole + length, end)]
    rows += [_full(random, start, end) for _ in range(chairs - 1)]
    for _ in range(10 * chairs):
        one, other = random.sample(range(chairs), 2)
        cut = start + timedelta(minutes=15 * random.randint(1, minutes // 15))
        if not any(stay.start < cut < stay.end for stay in rows[one] + rows[other]):
            heads = [[stay for stay in rows[row] if stay.end <= cut] for row in (one, other)]
            tails = [[stay for stay in rows[row] if stay.start >= cut] for row in (one, other)]
            rows[one], rows[other] = heads[0] + tails[1], heads[1] + tails[0]
    return rows


def _full(random: Random, start: datetime, end: datetime) -> list[Interval]:
    """One stay after another, at times with a short break."""
    found = []
    while start < end:
        start += timedelta(minutes=random.choice([0, 0, 0, 0, 15]))
        last = min(start + timedelta(minutes=random.choice([30, 30, 45, 60, 75])), end)
        if start < last:
            found.append(Interval(start, last))
        start = last
    return found
