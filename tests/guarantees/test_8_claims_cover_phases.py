"""DESIGN 4.8: a visit that holds a place has claims that cover its phases, judged at the commit."""

from __future__ import annotations

import pytest

from tests.guarantees.attempts import NOT_COVERED, OLD_SNAPSHOT, Attempt, assert_refused, cases
from tests.guarantees.statements import booking, consultation, minutes, uncancelled
from tests.guarantees.world import Application, World

OF_VISIT_4 = "WHERE appointment_id = %(ana_visit_4)s"
SEAT = f"{OF_VISIT_4} AND role = 'seat'"
LATER = "tstzrange(lower(period) + interval '5 min', upper(period) + interval '5 min')"
NEW = "(SELECT max(id) FROM scheduling_appointment)"


def phase(position: int, changes: str) -> str:
    return f"UPDATE scheduling_appointmentphase SET {changes} {OF_VISIT_4} AND position = {position};"


def without_claims(sql: str) -> str:
    return sql + f"DELETE FROM scheduling_claim WHERE appointment_id = {NEW};"


def new_phase(start: int, end: int, needs: str) -> str:
    period = minutes("2027-02-08 14:00", start, end)
    return (
        "INSERT INTO scheduling_appointmentphase"
        " (appointment_id, position, name, period, needs_chair, nurse, prescriber)"
        f" VALUES (%(ana_visit_4)s, 9, 'more', {period}, {needs});"
    )


ATTEMPTS = (
    *(Attempt(f"no {role}", f"DELETE FROM scheduling_claim {OF_VISIT_4} AND role = '{role}';", NOT_COVERED)
      for role in ("seat", "watch", "attention", "with-patient")),
    Attempt("no claims at all", f"DELETE FROM scheduling_claim {OF_VISIT_4};", NOT_COVERED),
    Attempt("one of two watches gone",
            f"DELETE FROM scheduling_claim {OF_VISIT_4} AND role = 'watch' AND lower(period) > '2027-02-08 14:10Z';",
            NOT_COVERED),
    Attempt("a chair given back before turnover",
            f"UPDATE scheduling_claim SET period = {minutes('2027-02-08 14:00', 0, 75)} {SEAT};", NOT_COVERED),
    Attempt("a claim cut at its start",
            f"UPDATE scheduling_claim SET period = {minutes('2027-02-08 14:00', 5, 90)} {SEAT};", NOT_COVERED),
    Attempt("claims moved, the visit not", f"UPDATE scheduling_claim SET period = {LATER} {OF_VISIT_4};", NOT_COVERED),
    Attempt("the visit moved, its phases not",
            f"UPDATE scheduling_appointment SET period = {LATER} WHERE id = %(ana_visit_4)s;", NOT_COVERED),
    Attempt("the visit and its phases moved, claims not",
            f"UPDATE scheduling_appointment SET period = {LATER} WHERE id = %(ana_visit_4)s;"
            f"UPDATE scheduling_appointmentphase SET period = {LATER} {OF_VISIT_4};", NOT_COVERED),
    Attempt("a longer visit", "UPDATE scheduling_appointment SET period ="
            f" {minutes('2027-02-08 14:00', 0, 120)} WHERE id = %(ana_visit_4)s;", NOT_COVERED),
    Attempt("a claim given to another visit",
            f"UPDATE scheduling_claim SET appointment_id = %(ana_visit_3)s {SEAT};", NOT_COVERED),
    Attempt("the phases given to another visit",
            "UPDATE scheduling_appointmentphase SET appointment_id = %(ana_visit_3)s, position = position + 10"
            f" {OF_VISIT_4};", NOT_COVERED),
    Attempt("a use called another", f"UPDATE scheduling_claim SET role = 'attention', period ="
            f" {minutes('2027-02-15 14:00', 0, 10)} {OF_VISIT_4} AND role = 'watch'"
            " AND upper(period) < '2027-02-08 14:20Z';", NOT_COVERED),
    Attempt("no phases", f"DELETE FROM scheduling_appointmentphase {OF_VISIT_4};", NOT_COVERED),
    Attempt("a phase in the middle gone", f"DELETE FROM scheduling_appointmentphase {OF_VISIT_4} AND position = 2;",
            NOT_COVERED),
    Attempt("turnover that needs a nurse too", phase(4, "nurse = 'watch'"), NOT_COVERED),
    Attempt("a discharge that needs a prescriber too", phase(3, "prescriber = 'with-patient'"), NOT_COVERED),
    Attempt("a longer turnover", phase(4, f"period = {minutes('2027-02-08 14:00', 75, 120)}"), NOT_COVERED),
    Attempt("a phase added with a chair", new_phase(90, 100, "true, 'none', 'none'"), NOT_COVERED),
    Attempt("a phase added with a nurse", new_phase(90, 100, "false, 'attention', 'none'"), NOT_COVERED),
    Attempt("booked without claims", without_claims(booking("ana", 5, "2027-02-15 14:00")), NOT_COVERED),
    Attempt("kept without claims",
            without_claims(booking("ana", 5, "2027-02-15 14:00", status="'held'", held_until="now()")), NOT_COVERED),
    Attempt("booked without phases",
            booking("ana", 5, "2027-02-15 14:00")
            + f"DELETE FROM scheduling_appointmentphase WHERE appointment_id = {NEW};", NOT_COVERED),
    Attempt("a consultation without phases", consultation("ivy", "2027-02-15 14:00")
            + f"DELETE FROM scheduling_appointmentphase WHERE appointment_id = {NEW};", NOT_COVERED),
    Attempt("placed without claims",
            without_claims(booking("ana", 5, "2027-02-15 14:00", is_placed="false"))
            + f"UPDATE scheduling_appointment SET is_placed = true WHERE id = {NEW};", NOT_COVERED),
    Attempt("a cancel undone after its claims went",
            "DELETE FROM scheduling_claim WHERE appointment_id = %(cleo_visit_2)s;" + uncancelled("cleo_visit_2"),
            NOT_COVERED),
    Attempt("a seated visit without its nurse",
            "UPDATE scheduling_appointment SET status = 'seated', arrived_at = now(), seated_at = now()"
            " WHERE id = %(ana_visit_4)s;"
             f"DELETE FROM scheduling_claim {OF_VISIT_4} AND role = 'watch';", NOT_COVERED),
    Attempt("another clinic's chair", booking("ana", 5, "2027-02-15 14:00", chair="chair_3"), NOT_COVERED),
    Attempt("another organisation's chair", booking("ana", 5, "2027-02-15 14:00", chair="chair_4"), NOT_COVERED),
    Attempt("another organisation's nurse", booking("ana", 5, "2027-02-15 14:00", nurse="nurse_4"), NOT_COVERED),
    Attempt("the visit taken to another clinic, its chair not",
            "UPDATE scheduling_appointment SET clinic_id = %(uptown)s, time_zone = 'America/Los_Angeles'"
            " WHERE id = %(ana_visit_4)s;", NOT_COVERED),
    Attempt("a nurse for a chair",
            "INSERT INTO scheduling_place (resource_id, role, number) VALUES (%(nurse_2)s, 'seat', 1);"
            + booking("ana", 5, "2027-02-15 14:00", chair="nurse_2"), NOT_COVERED),
    Attempt("on an older snapshot", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;"
            + consultation("ivy", "2027-02-15 14:00"), OLD_SNAPSHOT),
)  # fmt: skip


@cases(ATTEMPTS)
def test_a_placed_visit_keeps_its_claims(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_claims_may_be_written_anew_within_a_transaction(fresh_world: World) -> None:
    fresh_world.run(
        f"DELETE FROM scheduling_claim {OF_VISIT_4} AND role = 'seat';"
        "INSERT INTO scheduling_claim (appointment_id, live, resource_id, role, place, period)"
        f" VALUES (%(ana_visit_4)s, true, %(chair_2)s, 'seat', 1, {minutes('2027-02-08 14:00', 0, 90)});"
    )
    fresh_world.commit()


def test_a_chair_is_changed_in_the_middle(fresh_world: World) -> None:
    fresh_world.run(
        f"UPDATE scheduling_claim SET period = {minutes('2027-02-08 14:00', 0, 40)} {OF_VISIT_4} AND role = 'seat';"
        "INSERT INTO scheduling_claim (appointment_id, live, resource_id, role, place, period)"
        f" VALUES (%(ana_visit_4)s, true, %(chair_2)s, 'seat', 1, {minutes('2027-02-08 14:00', 40, 90)});"
    )
    fresh_world.commit()


def test_a_nurse_of_another_clinic_of_the_organisation_helps_out(fresh_world: World) -> None:
    fresh_world.run(booking("ana", 5, "2027-02-15 14:00", nurse="nurse_3"))
    fresh_world.commit()


def test_a_visit_may_wait_for_a_chair(fresh_world: World) -> None:
    fresh_world.run(without_claims(booking("ana", 5, "2027-02-15 14:00", is_placed="false")))
    fresh_world.commit()


def test_a_patient_who_is_there_stays_longer_than_planned(fresh_world: World) -> None:
    """What happened is always storable: presence is held to the phases only until the patient comes."""
    fresh_world.run(
        f"UPDATE scheduling_appointment SET status = 'arrived', arrived_at = now(), period = {LATER}"
        " WHERE id = %(ana_visit_4)s"
    )
    fresh_world.commit()


@pytest.mark.parametrize("table", ["appointment", "claim", "appointmentphase"])
def test_without_the_triggers_claims_are_missing(fresh_world: World, owner: Application, table: str) -> None:
    """Control, one table at a time: each trigger refuses what the two others do not see."""
    alone = {
        "appointment": booking("ana", 5, "2027-02-15 14:00", chair="chair_3"),
        "claim": f"DELETE FROM scheduling_claim {OF_VISIT_4};",
        "appointmentphase": phase(4, "nurse = 'watch'"),
    }
    owner.execute(f"DROP TRIGGER claims_cover_phases ON scheduling_{table}".encode())
    if table == "appointment":
        owner.execute("DROP TRIGGER claims_cover_phases ON scheduling_appointmentphase")
    owner.commit()
    fresh_world.run(alone[table])
    fresh_world.commit()
