"""The guarantees of DESIGN 4 when two sessions act at once, each in both orders and without its guard (control)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.guarantees.attempts import (
    NOT_ACTIVE,
    NOT_COVERED,
    NOT_CURRENT,
    NOT_THAT_DAY,
    NUMBER_ORDER,
    REVIEW,
    TAKEN,
    TWICE,
)
from tests.guarantees.clinical_statements import becomes, ruling, signed_anew
from tests.guarantees.statements import (
    GIVEN_3,
    booking,
    changed,
    consultation,
    decision,
    event,
    events_of,
    insert,
    minutes,
    shift,
    started,
    uncancelled,
    version,
)
from tests.guarantees.world import Application, World
from tests.races.sessions import race

ELSEWHERE = {"chair": "chair_2", "nurse": "nurse_2"}
AT_UPTOWN = {"clinic": "uptown", "chair": "chair_3", "nurse": "nurse_3"}
SIGNED_ANEW = (
    version("ana", 2, 3)
    + "UPDATE scheduling_order SET current_version_id = (SELECT max(id) FROM scheduling_orderversion)"
    + " WHERE id = %(ana_order)s;"
)
TWO_CHAIRS = insert(
    "claim", appointment_id="%(ana_visit_4)s", live="true", resource_id="%(chair_2)s", role="'seat'", place="1",
    period=minutes("2027-02-08 14:00", 0, 90),
)  # fmt: skip


def gives_up(chair: str) -> str:
    gone = f"DELETE FROM scheduling_claim WHERE appointment_id = %(ana_visit_4)s AND resource_id = %({chair})s;"
    return gone + events_of("ana") + "SET CONSTRAINTS ALL IMMEDIATE;"


@dataclass(frozen=True)
class Race:
    """`first` is not committed when `second` acts. `guard`: what the control takes away, and with it the refusal.

    `other_way`: how `first` is refused when `second` came before it; empty where it is lawful then. `who`: patients.
    """

    name: str
    first: str
    second: str
    state: str
    guard: str
    before: str = ""
    other_way: str = ""
    who: tuple[str, str] = ("ana", "ana")

    @property
    def both(self) -> tuple[str, str]:
        """The two transactions, each with its events."""
        return self.first + events_of(self.who[0]), self.second + events_of(self.who[1])


def lock_in(function: str, lock: str) -> str:
    """Writes the function anew without its lock."""
    text = f"replace(pg_get_functiondef('scheduling_{function}'::regproc), ' {lock}', '')"
    return f"DO $$ BEGIN EXECUTE {text}; END $$;"


ORDER_LOCK = lock_in("within_the_order", "FOR NO KEY UPDATE")
START_LOCK = lock_in("no_start_past_a_review", "FOR SHARE")
# A start asks twice for the order, and a signature too: whichever asks first waits for both.
START_LOCKS = START_LOCK + lock_in("no_start_under_old_terms", "FOR SHARE")
SIGN_LOCKS = lock_in("only_a_prescriber_signs", "FOR UPDATE") + lock_in("discarded_is_not_signed", "FOR UPDATE")
REVIEWED_ANEW = (
    version("ana", 2, 6)
    + insert("gate", version_id="(SELECT max(id) FROM scheduling_orderversion)", order_id="%(ana_order)s",
             after_number="1", method="'video'", minutes="0")
    + signed_anew("ana")
)  # fmt: skip
RACES = (
    Race("booking while the order is paused", changed("ana", "paused") + becomes("ana", "paused"),
         booking("ana", 5, "2027-02-15 14:00"), NOT_ACTIVE, ORDER_LOCK),
    Race("booking while a new version is signed", SIGNED_ANEW, booking("ana", 5, "2027-02-15 14:00"), NOT_CURRENT,
         ORDER_LOCK),
    Race("two infusions in the wrong order", booking("cleo", 2, "2027-02-15 16:00"),
         booking("cleo", 3, "2027-02-15 14:00"), NUMBER_ORDER, ORDER_LOCK, other_way=NUMBER_ORDER,
         who=("cleo", "cleo")),
    Race("starting while the review is being stopped", decision("ana", "stop"), started("ana_visit_4"), REVIEW,
         START_LOCK, before=GIVEN_3 + decision("ana", "continue")),
    Race("starting while the order is paused", changed("ana", "paused") + becomes("ana", "paused"),
         started("ana_visit_2"), NOT_ACTIVE, START_LOCK),
    Race("booking while the order is stopped", changed("ana", "stopped") + becomes("ana", "stopped"),
         booking("ana", 5, "2027-02-15 14:00"), NOT_ACTIVE, ORDER_LOCK),
    Race("starting while the order is stopped", changed("ana", "stopped") + becomes("ana", "stopped"),
         started("ana_visit_2"), NOT_ACTIVE, START_LOCK),
    Race("starting while the review is paused", decision("ana", "pause"), started("ana_visit_4"), REVIEW, START_LOCK,
         before=GIVEN_3 + decision("ana", "continue")),
    Race("starting while the review is completed", decision("ana", "complete"), started("ana_visit_4"), REVIEW,
         START_LOCK, before=GIVEN_3 + decision("ana", "continue")),
    Race("starting while an amendment puts a review before it", REVIEWED_ANEW, started("ana_visit_2"), REVIEW,
         START_LOCKS),
    Race("booking past a last day that is being signed", version("ana", 2, 6, not_after="'2027-02-10'")
         + signed_anew("ana"), shift("%(ana_visit_4)s", "7 days"), NOT_THAT_DAY, ORDER_LOCK),
    Race("taken back to be planned past a last day that is being signed",
         version("ana", 2, 6, not_after="'2027-02-01'") + signed_anew("ana"),
         "UPDATE scheduling_appointment SET status = 'booked', arrived_at = NULL WHERE id = %(ana_visit_2)s;",
         NOT_THAT_DAY, lock_in("planned_within_its_days", "FOR SHARE"),
         before="UPDATE scheduling_appointment SET status = 'arrived', arrived_at = now() WHERE id = %(ana_visit_2)s;"),
    Race("signed anew while it is stopped", changed("ana", "stopped") + becomes("ana", "stopped"),
         version("ana", 2, 6), NOT_ACTIVE, SIGN_LOCKS),
    Race("starting while a new version is signed", SIGNED_ANEW, started("ana_visit_2"), NOT_CURRENT,
         START_LOCKS),
    Race("two claims of one place", booking("ben", 2, "2027-02-15 14:00"), booking("moe", 2, "2027-02-15 14:00"), TAKEN,
         "ALTER TABLE scheduling_claim DROP CONSTRAINT place_used_once", other_way=TAKEN, who=("ben", "moe")),
    Race("a cancel undone while the place is taken", booking("ben", 2, "2027-02-03 16:00"), uncancelled("cleo_visit_2"),
         TAKEN, "ALTER TABLE scheduling_claim DROP CONSTRAINT place_used_once", other_way=TAKEN,
         before=shift("%(cleo_visit_2)s", "1 day"), who=("ben", "cleo")),
    Race("a patient at two clinics", consultation("ivy", "2027-02-15 14:00"),
         consultation("ivy", "2027-02-15 14:15", clinic="uptown"), TAKEN,
         "ALTER TABLE scheduling_appointment DROP CONSTRAINT patient_in_one_place", other_way=TAKEN,
         who=("ivy", "ivy")),
    Race("too near, in two orders at two clinics", booking("ana", 5, "2027-02-15 14:00"),
         booking("ana_again", 1, "2027-02-16 18:00", **AT_UPTOWN), TAKEN,
         "ALTER TABLE scheduling_appointment DROP CONSTRAINT gap_kept", other_way=TAKEN),
    Race("an infusion booked twice", booking("ana", 5, "2027-02-12 14:00"), booking("ana", 5, "2027-02-15 14:00"),
         TWICE, "DROP INDEX infusion_once", other_way=TWICE),
    Race("both of two chairs given up", gives_up("chair_1"), gives_up("chair_2"), NOT_COVERED,
         lock_in("check_claims", "FOR NO KEY UPDATE"), before=TWO_CHAIRS, other_way=NOT_COVERED),
)  # fmt: skip


@pytest.fixture
def begun(fresh_world: World, request: pytest.FixtureRequest) -> World:
    """The fresh world after what the race needs before it."""
    fresh_world.run(request.getfixturevalue("raced").before)
    fresh_world.commit()
    return fresh_world


races = pytest.mark.parametrize("raced", RACES, ids=[raced.name for raced in RACES])


@races
def test_the_second_waits_and_is_refused(begun: World, raced: Race) -> None:
    assert race(begun, *raced.both, must_wait=True) == raced.state


@races
def test_the_other_way_round_it_waits_too(begun: World, raced: Race) -> None:
    """What came first stands: a visit booked before the pause, a start before the stop."""
    assert race(begun, *reversed(raced.both), must_wait=True) == raced.other_way


@races
def test_without_its_guard_the_race_is_lost(begun: World, owner: Application, raced: Race) -> None:
    """Control: both go through."""
    owner.execute(raced.guard.encode())
    owner.commit()
    assert race(begun, *raced.both, must_wait=False) == ""


BREAKS_OFF = (
    "UPDATE scheduling_appointment SET status = 'stopped_early', left_at = now() WHERE id = %(ana_visit_2)s;"
    + event("appointment_id", "%(ana_visit_2)s")
)
STARTS_NEXT = started("ana_visit_3") + event("appointment_id", "%(ana_visit_3)s")


@pytest.fixture
def infusing(fresh_world: World) -> World:
    """Ana's second infusion runs, and her third is booked."""
    fresh_world.run(started("ana_visit_2"))
    fresh_world.commit()
    return fresh_world


def test_a_start_waits_for_the_one_before_that_is_being_broken_off(infusing: World) -> None:
    assert race(infusing, BREAKS_OFF, STARTS_NEXT, must_wait=True) == REVIEW


def test_a_start_that_came_first_stands(infusing: World) -> None:
    assert race(infusing, STARTS_NEXT, BREAKS_OFF, must_wait=True) == ""


def test_without_its_lock_a_start_goes_past_what_is_being_broken_off(infusing: World, owner: Application) -> None:
    """Control: both go through."""
    owner.execute(lock_in("exit_waits_for_a_ruling", "FOR NO KEY UPDATE").encode())
    owner.commit()
    assert race(infusing, BREAKS_OFF, STARTS_NEXT, must_wait=False) == ""


def test_a_start_waits_for_the_ruling_that_is_being_written(fresh_world: World) -> None:
    ruled = ruling("rex_visit_1") + event("appointment_id", "%(rex_visit_1)s")
    starts = started("rex_visit_2") + event("appointment_id", "%(rex_visit_2)s")
    assert race(fresh_world, ruled, starts, must_wait=True) == ""
