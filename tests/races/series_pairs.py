"""The pairs in which at least one verb books, keeps or moves a series, and what each must come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from scheduling.affected_visits import affected_visits
from scheduling.models import Appointment, Event, OrderState, Status
from tests.factories import NOW
from tests.races.acts import (
    AT_EIGHT,
    allows,
    books,
    books_kept,
    calls_off,
    cancels,
    cancels_all,
    closes,
    confirms,
    decides,
    dies,
    is_merged,
    keeps,
    keeps_longer,
    lets_go,
    makes_room_for,
    moves,
    moves_all,
    nurse_is_away,
    opens_late,
    pauses,
    puts_off,
    refuses,
    steps,
    takes_back,
    takes_longer,
    talks_to,
)
from tests.races.pairs import BOTH, FIRST, SECOND, Two, visits_of
from tests.races.stage import HELD_UNTIL, People, on
from tests.races.stepping import Schedule

ONE: Final = frozenset({FIRST, SECOND})
LOSSES: Final = ("clinic.absence_recorded", "clinic.closed", "clinic.hours_changed")
WRITTEN: Final = ("appointment.booked", "appointment.moved")
AT_ELEVEN: Final = on(4, "11:00")
KIM_IS_OVER: Final = on(5, "18:30")
Also = Callable[[People, Schedule], None]


def whole_or_nothing(*whose: str) -> Also:
    """Each of these orders has both of its infusions or none."""

    def also(people: People, schedule: Schedule) -> None:
        counts = {who: len(visits_of(people, who)) for who in whose}
        assert set(counts.values()) <= {0, 2}, (str(schedule), counts)

    return also


def booked_once(people: People, schedule: Schedule) -> None:
    assert len(visits_of(people, "ana")) == 2, str(schedule)


def nothing_booked(people: People, schedule: Schedule) -> None:
    assert visits_of(people, "ana") == [], str(schedule)


def no_longer_waits(people: People, schedule: Schedule) -> None:
    """The review was decided, so nothing of the order waits for it, moved or not."""
    waiting = Appointment.objects.filter(order=people.orders["fay"], live=True, is_tentative=True)
    assert not waiting.exists(), str(schedule)


def booked_before_the_pause_or_not_at_all(people: People, schedule: Schedule) -> None:
    people.orders["ana"].refresh_from_db()
    assert people.orders["ana"].state == OrderState.PAUSED, str(schedule)
    whole_or_nothing("ana")(people, schedule)


def booked_before_the_loss(people: People, schedule: Schedule) -> None:
    """What lost its nurse or its day was written before anybody knew of that, and is on the list of what is affected;
    a booking that came later was refused."""
    if schedule.ends != BOTH:
        return
    loss = Event.objects.filter(verb__in=LOSSES).latest("pk")
    affected = affected_visits(clinic=people.clinic, now=NOW)
    written = Event.objects.filter(verb__in=WRITTEN).exclude(pk__lt=loss.pk)
    assert affected, str(schedule)
    assert not written.exists(), str(schedule)


BOOKING: Final = (
    Two("book / book", books("ana", 5, 7), books("ben", 5, 7), ONE, whole_or_nothing("ana", "ben")),
    Two("book / book, one day of two", books("ana", 5, 7), books("ben", 7, 11), ONE, whole_or_nothing("ana", "ben")),
    Two("book / book, one order", books("ana", 5, 7), books("ana", 11, 15), ONE, booked_once),
    Two(
        "book / the same again", books("ana", 5, 7, key="k"), books("ana", 5, 7, key="k"), frozenset({BOTH}),
        booked_once,
    ),
    Two("book / move", books("ana", 5, 7), moves("cleo", 0, 5), ONE, whole_or_nothing("ana")),
    Two("book / cancel", books("ana", 6), cancels("cleo"), frozenset({BOTH, SECOND})),
    Two("book / cancel the rest", books("ana", 6, 8), cancels_all("cleo"), frozenset({BOTH, SECOND})),
    Two("hold / book", keeps("ana", 5, 7), books("ben", 5, 7), ONE, whole_or_nothing("ana", "ben")),
    Two("book / book what was kept", books("ana", 12, 14, now=HELD_UNTIL), books_kept("dan"), ONE),
    Two("book / take back a cancellation", books("ana", 13), takes_back("eve"), ONE),
    Two("book / order paused", books("ana", 5, 7), pauses("ana"), frozenset({BOTH, SECOND}),
        booked_before_the_pause_or_not_at_all),
    Two("book / death", books("ana", 5, 7), dies("ana"), frozenset({BOTH, SECOND}), nothing_booked),
)  # fmt: skip
CHANGING: Final = (
    Two("book / absence", books("ana", 5, 7), nurse_is_away(5, 6), frozenset({BOTH, SECOND}), booked_before_the_loss),
    Two("book / closure", books("ana", 5, 7), closes(7), frozenset({BOTH, SECOND}), booked_before_the_loss),
    Two("book / change of hours", books("ana", 5, 7), opens_late(), frozenset({BOTH, SECOND}), booked_before_the_loss),
    Two("move / absence", moves("cleo", 0, 5), nurse_is_away(5), frozenset({BOTH, SECOND}), booked_before_the_loss),
    Two("cancel the rest / absence", cancels_all("hal"), nurse_is_away(19, 21), frozenset({BOTH})),
    Two("death / absence", dies("hal"), nurse_is_away(19, 21), frozenset({BOTH})),
    Two("decide / cancel", decides("fay"), cancels("fay", 1), frozenset({BOTH}), no_longer_waits),
    Two("decide / cancel the rest", decides("fay"), cancels_all("fay"), frozenset({BOTH}), no_longer_waits),
    Two("merge / cancel", is_merged("joy", into="ana"), calls_off("joy"), frozenset({BOTH})),
    Two("decide / absence", decides("fay"), nurse_is_away(7), frozenset({BOTH}), no_longer_waits),
    Two("book / overrun", books("ana", 4, wall="13:00", now=AT_ELEVEN), takes_longer("ida", "13:30"),
        frozenset({BOTH, SECOND})),
    Two("cancel / overrun", cancels("lou"), takes_longer("ida", "16:00"), frozenset({BOTH})),
    Two("move / overrun", moves("lou", 0, 5), takes_longer("ida", "16:00"), frozenset({BOTH})),
)  # fmt: skip
ARRIVE: Final = steps("gil", Status.ARRIVED)
ELSEWHERE: Final = (
    Two("book / book at another clinic", books("ana", 5, 7), talks_to("ana", 5), ONE, whole_or_nothing("ana")),
    Two("make room / make room", makes_room_for("oli"), makes_room_for("pia"), ONE),
    Two("make room / cancel who moves", makes_room_for("oli"), calls_off("mia"), frozenset({BOTH, SECOND})),
    Two("make room / move who moves", makes_room_for("oli"), puts_off("mia"), frozenset({BOTH})),
)
DAY: Final = (
    Two("arrive / cancel", ARRIVE, cancels("gil", now=AT_EIGHT), ONE),
    Two("arrive / confirm", ARRIVE, confirms("gil", now=AT_EIGHT), frozenset({BOTH, FIRST})),
    Two("arrive / arrive", ARRIVE, ARRIVE, ONE),
    Two("arrive / did not come", ARRIVE, steps("gil", Status.NO_SHOW), ONE),
    # Who records an arrival on a day from which the visit was just moved away is asked to try again.
    Two("arrive / move", ARRIVE, moves("gil", 0, 5), ONE, says=frozenset({"BusyNow"})),
    Two("finish / overrun", steps("ida", Status.RECOVERING, now=AT_ELEVEN), takes_longer("ida", "13:30"),
        frozenset({BOTH})),
)  # fmt: skip
ASKING: Final = (
    Two("allow / refuse", allows(), refuses(), ONE),
    Two("allow / allow", allows(), allows(), ONE),
    Two("allow / refuse, kept times over", allows(now=KIM_IS_OVER), refuses(now=KIM_IS_OVER), ONE),
    Two("book / refuse", books("ana", 22), refuses(), frozenset({BOTH, SECOND})),
)
MOVING: Final = (
    Two("move / move to one time", moves("gil", 0, 5), moves("cleo", 0, 5), ONE),
    Two("move / move the same", moves("cleo", 0, 5), moves("cleo", 0, 5, "13:00"), frozenset({BOTH})),
    Two("move / move what was seen", moves("cleo", 0, 5, seen=True), moves("cleo", 0, 5, "13:00", seen=True), ONE),
    Two("move / cancel", moves("cleo", 0, 5), cancels("cleo"), frozenset({BOTH, SECOND})),
    Two("move / decide", moves("fay", 1, 7), decides("fay"), frozenset({BOTH}), no_longer_waits),
    Two("move the rest / cancel the rest", moves_all("cleo", 5, 7), cancels_all("cleo"), frozenset({BOTH, SECOND})),
    Two("take back / take back", takes_back("eve"), takes_back("eve"), ONE),
)
KEEPING: Final = (
    Two("hold / hold, two options", keeps("ana", 5, 7), keeps("ana", 11, 15), frozenset({BOTH})),
    Two("book what was kept / the same", books_kept("dan"), books_kept("dan"), ONE),
    Two("book what was kept / let go", books_kept("dan"), lets_go("dan"), ONE),
    Two("book what was kept / keep longer", books_kept("dan"), keeps_longer("dan"), frozenset({BOTH, FIRST})),
)
SERIES_PAIRS: Final = (*BOOKING, *CHANGING, *ELSEWHERE, *DAY, *ASKING, *MOVING, *KEEPING)
