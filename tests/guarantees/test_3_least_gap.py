"""DESIGN 4.3: the hard minimum gap, from the signed terms; shortened only by a signature."""

from __future__ import annotations

import pytest

from tests.guarantees.attempts import (
    CHECK,
    EMPTY,
    GENERATED,
    NO_RIGHT,
    NOT_PRESCRIBER,
    NOT_SIGNED,
    REFERENCE,
    STAYS,
    TAKEN,
    Attempt,
    assert_passes,
    assert_refused,
    cases,
    refusal,
)
from tests.guarantees.statements import (
    booking,
    cancelled,
    changed,
    exception,
    finished,
    insert,
    shift,
    started,
    version,
)
from tests.guarantees.world import Application, World

TOO_NEAR = (TAKEN, "gap_kept")
GIVEN_EARLIER = "UPDATE scheduling_appointment SET given_at = given_at - interval '4 days' WHERE id = %(ana_visit_1)s;"
COPIED = (REFERENCE, "appointment_signed_gap")
CHANGE_VISIT_4 = "UPDATE scheduling_appointment SET {} WHERE id = %(ana_visit_4)s;"
BARE_GAP = insert("dosegap", terms_id="%(ana_terms_4)s", patient_id="%(ana)s", therapy="'ketamine'", days="0",
                  minutes="60", reason="''")  # fmt: skip

ATTEMPTS = (
    Attempt("47 h 45 min for 48 h", booking("ana", 5, "2027-02-10 13:45"), *TOO_NEAR),
    Attempt("too near at another clinic", booking("ana", 5, "2027-02-10 13:45", clinic="uptown", chair="chair_3"),
            *TOO_NEAR),
    Attempt("too near before the next one", shift("%(ana_visit_2)s", "15 min"),
            *TOO_NEAR),
    Attempt("too near a given one", shift("%(ana_visit_2)s", "-15 min"), *TOO_NEAR),
    Attempt("too near a running one", started("ana_visit_2") + shift("%(ana_visit_3)s", "-15 min"), *TOO_NEAR),
    Attempt("too near one that was stopped",
            finished("ana_visit_2")
            + "UPDATE scheduling_appointment SET status = 'stopped_early' WHERE id = %(ana_visit_2)s;"
            + shift("%(ana_visit_3)s", "-15 min"), *TOO_NEAR),
    Attempt("too near in another order of the therapy", booking("ana_again", 1, "2027-02-10 13:45"), *TOO_NEAR),
    Attempt("too near a kept one",
            changed("dan", "active", before="paused")
            + "UPDATE scheduling_order SET state = 'active' WHERE id = %(dan_order)s;"
            + booking("dan", 3, "2027-02-08 13:45", chair="chair_2", nurse="nurse_2"), *TOO_NEAR),
    Attempt("a kept time too near",
            booking("ana", 5, "2027-02-10 13:45", status="'held'", held_until="now()"), *TOO_NEAR),
    Attempt("waiting for a chair", booking("ana", 5, "2027-02-10 13:45", is_placed="false"), *TOO_NEAR),
    Attempt("a day early, in days", booking("ben", 2, "2027-02-03 04:45"), *TOO_NEAR),
    Attempt("a series moved visit by visit, too near in between", shift("%(ana_visit_3)s", "1 hour")
            + shift("%(ana_visit_2)s", "2 hours"), *TOO_NEAR),
    Attempt("a check put off to the commit",
            "SET CONSTRAINTS ALL DEFERRED;" + booking("ana", 5, "2027-02-10 13:45"), *TOO_NEAR),
    Attempt("minutes copied wrongly", booking("ana", 5, "2027-02-10 13:45", gap_minutes="60"), *COPIED),
    Attempt("days copied wrongly", booking("ana", 5, "2027-02-11 13:45", gap_days="1"), *COPIED),
    Attempt("minutes changed", CHANGE_VISIT_4.format("gap_minutes = 0"), *COPIED),
    Attempt("days changed", CHANGE_VISIT_4.format("gap_days = 7"), *COPIED),
    Attempt("another infusion's gap", CHANGE_VISIT_4.format("gap_id = %(ana_gap_5)s"), *COPIED),
    Attempt("another patient's gap", CHANGE_VISIT_4.format("gap_id = %(cleo_gap_1)s, gap_minutes = 0"), *COPIED),
    Attempt("another therapy", CHANGE_VISIT_4.format("therapy = 'other'"), *COPIED),
    Attempt("no such gap", CHANGE_VISIT_4.format("gap_id = 999999"), *COPIED),
    Attempt("without a gap", CHANGE_VISIT_4.format("gap_id = NULL"), CHECK, "appointment_infusion_has_dose"),
    Attempt("without minutes", CHANGE_VISIT_4.format("gap_minutes = NULL"), CHECK, "appointment_infusion_has_dose"),
    Attempt("without days", CHANGE_VISIT_4.format("gap_days = NULL"), CHECK, "appointment_infusion_has_dose"),
    Attempt("without a therapy", CHANGE_VISIT_4.format("therapy = NULL"), CHECK, "appointment_infusion_has_dose"),
    Attempt("in another zone", CHANGE_VISIT_4.format("time_zone = 'Pacific/Kiritimati'"), REFERENCE,
            "appointment_zone"),
    Attempt("in no zone", CHANGE_VISIT_4.format("time_zone = NULL"), EMPTY),
    Attempt("a guard set by hand", CHANGE_VISIT_4.format("guard = 'empty'"), GENERATED),
    Attempt("a visit said not to count", CHANGE_VISIT_4.format("spaced = false"), GENERATED),
    Attempt("a shorter gap nobody signed", BARE_GAP, NOT_SIGNED),
    Attempt("a shorter gap with a new signature for another order",
            version("ben", 2, 3) + BARE_GAP, NOT_SIGNED),
    Attempt("an exception by a nurse", exception("ana", 4, 60, by="nurse"), NOT_PRESCRIBER),
    Attempt("an exception by the desk", exception("ana", 4, 60, by="desk"), NOT_PRESCRIBER),
    Attempt("an exception by the manager", exception("ana", 4, 60, by="manager"), NOT_PRESCRIBER),
    Attempt("an exception by another organisation's prescriber", exception("ana", 4, 60, by="stranger"),
            NOT_PRESCRIBER),
    Attempt("an exception by a prescriber who left", exception("ana", 4, 60, by="leaver"), NOT_PRESCRIBER),
    Attempt("an exception without a reason", exception("ana", 4, 60, reason="''"), CHECK, "dose_gap_exception_signed"),
    Attempt("an exception without a time", exception("ana", 4, 60, signed_exception_at="NULL"), CHECK,
            "dose_gap_exception_signed"),
    Attempt("an exception for another patient", exception("ana", 4, 60, patient_id="%(ben)s"), REFERENCE,
            "gap_patient_of_terms"),
    Attempt("an exception for another therapy", exception("ana", 4, 60, therapy="'other'"), REFERENCE,
            "gap_patient_of_terms"),
    Attempt("a negative gap", exception("ana", 4, -60), CHECK, "scheduling_dosegap_minutes_check"),
    Attempt("a signed gap changed", "UPDATE scheduling_dosegap SET minutes = 0;", NO_RIGHT),
    Attempt("a signed gap removed", "DELETE FROM scheduling_dosegap WHERE id = %(ana_gap_6)s;", NO_RIGHT),
)  # fmt: skip


@cases(ATTEMPTS)
def test_gap_is_not_shortened(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_when_an_infusion_was_given_stays(fresh_world: World) -> None:
    """Its distance counts from there: moved back, the next one could come too soon."""
    for moved in (shift("%(ana_visit_1)s", "-4 days"), GIVEN_EARLIER):
        assert refusal(fresh_world, moved).sqlstate == STAYS


def test_without_the_trigger_it_is_moved(fresh_world: World, owner: Application) -> None:
    owner.execute("DROP TRIGGER given_stays ON scheduling_appointment")
    owner.commit()
    fresh_world.run(shift("%(ana_visit_1)s", "-4 days"))


def test_48_hours_later_is_accepted(fresh_world: World) -> None:
    fresh_world.run(booking("ana", 5, "2027-02-10 14:00"))
    fresh_world.commit()


def test_no_gap_lets_infusions_touch(fresh_world: World) -> None:
    fresh_world.run(booking("cleo", 2, "2027-02-02 15:15", chair="chair_2", nurse="nurse_2"))
    fresh_world.commit()


# Clocks go forward in New York on 14 March 2027 and back on 7 November; times here are UTC.
@pytest.mark.parametrize(
    ("days", "gap", "first", "too_early", "earliest"),
    [
        pytest.param(2, 0, "03-13 14:00", "03-15 03:45", "03-15 04:00", id="two days over the shorter day"),
        pytest.param(2, 0, "11-06 14:00", "11-08 04:45", "11-08 05:00", id="two days over the longer day"),
        pytest.param(1, 0, "03-13 23:00", "03-14 04:45", "03-14 05:00", id="the day after, on the shorter day"),
        pytest.param(1, 0, "11-07 03:00", "11-07 03:45", "11-07 04:00", id="a late start before the longer day"),
        pytest.param(0, 2880, "03-13 14:00", "03-15 13:45", "03-15 14:00", id="48 hours over the shorter day"),
        pytest.param(0, 2880, "11-06 14:00", "11-08 13:45", "11-08 14:00", id="48 hours over the longer day"),
        pytest.param(1, 2880, "03-13 14:00", "03-15 13:45", "03-15 14:00", id="both: the hours decide"),
        pytest.param(3, 1440, "03-13 14:00", "03-16 03:45", "03-16 04:00", id="both: the days decide"),
    ],
)
def test_gap_over_a_clock_change(
    fresh_world: World, days: int, gap: int, first: str, too_early: str, earliest: str
) -> None:
    fresh_world.ordered("kit", days=days, gap=gap)
    fresh_world.run(
        booking(
            "kit",
            1,
            f"2027-{first}",
            period=f"tstzrange('2027-{first}Z', '2027-{first}Z'::timestamptz + interval '5 min')",
        )
    )
    fresh_world.commit()
    refused = refusal(fresh_world, booking("kit", 2, f"2027-{too_early}", chair="chair_2", nurse="nurse_2"))
    assert (refused.sqlstate, refused.diag.constraint_name) == TOO_NEAR
    fresh_world.run(booking("kit", 2, f"2027-{earliest}", chair="chair_2", nurse="nurse_2"))
    fresh_world.commit()


def test_a_whole_series_moves_in_one_statement(fresh_world: World) -> None:
    fresh_world.run(shift("%(ana_visit_2)s, %(ana_visit_3)s, %(ana_visit_4)s", "1 hour"))
    fresh_world.commit()


def test_a_cancelled_infusion_does_not_count(fresh_world: World) -> None:
    fresh_world.run(cancelled("ana_visit_4") + booking("ana", 5, "2027-02-08 14:00"))
    fresh_world.commit()


def test_an_infusion_entered_in_error_does_not_count(fresh_world: World) -> None:
    fresh_world.run(
        "UPDATE scheduling_appointment SET status = 'entered_in_error' WHERE id = %(ana_visit_1)s;"
        + shift("%(ana_visit_2)s", "-15 min")
    )
    fresh_world.commit()


def test_an_exception_signed_by_a_prescriber_is_kept_to(fresh_world: World) -> None:
    fresh_world.run(exception("ana", 4, 1440))
    fresh_world.name("shorter", "SELECT max(id) FROM scheduling_dosegap")
    fresh_world.run(
        "UPDATE scheduling_appointment SET gap_id = %(shorter)s, gap_minutes = 1440 WHERE id = %(ana_visit_4)s"
    )
    fresh_world.commit()
    refused = refusal(fresh_world, booking("ana", 5, "2027-02-09 13:45"))
    assert (refused.sqlstate, refused.diag.constraint_name) == TOO_NEAR
    fresh_world.run(booking("ana", 5, "2027-02-09 14:00"))
    fresh_world.commit()


def test_without_the_constraint_infusions_come_too_near(fresh_world: World, owner: Application) -> None:
    """Control: what the constraint refuses above is refused by nothing else."""
    owner.execute("ALTER TABLE scheduling_appointment DROP CONSTRAINT gap_kept")
    owner.commit()
    for attempt in ATTEMPTS:
        if (attempt.state, attempt.rule) == TOO_NEAR:
            assert_passes(fresh_world, attempt)
