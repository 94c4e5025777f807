"""DESIGN 4.1: no place is used twice."""

from __future__ import annotations

from tests.guarantees.attempts import (
    EMPTY,
    GENERATED,
    REFERENCE,
    TAKEN,
    Attempt,
    assert_passes,
    assert_refused,
    cases,
    refusal,
)
from tests.guarantees.statements import booking, cancelled, insert, minutes, uncancelled
from tests.guarantees.world import Application, World

WHILE_ANA = minutes("2027-02-03 14:00", 30, 60)
NOBODY = minutes("2027-02-15 14:00", 0, 60)
MOVE_BEN_TO_ANAS_CHAIR = f"UPDATE scheduling_claim SET period = {WHILE_ANA} WHERE id = %(ben_visit_1_seat)s;"


def claim(visit: str, resource: str, role: str, place: str, period: str, live: str = "true") -> str:
    return insert(
        "claim",
        appointment_id=f"%({visit})s",
        live=live,
        resource_id=resource if resource.isdigit() else f"%({resource})s",
        role=f"'{role}'",
        place=place,
        period=period,
    )


ATTEMPTS = (
    Attempt("a taken chair", booking("ben", 2, "2027-02-03 14:30", nurse="nurse_2"), TAKEN, "place_used_once"),
    Attempt("during turnover", booking("ben", 2, "2027-02-03 15:15", nurse="nurse_2"), TAKEN, "place_used_once"),
    Attempt("a nurse's taken watch", claim("ben_visit_1", "nurse_1", "watch", "1", WHILE_ANA), TAKEN,
            "place_used_once"),
    Attempt(
        "a nurse one-to-one with two",
        booking("ben", 2, "2027-02-03 14:00", chair="chair_2", watch="2"), TAKEN, "place_used_once",
    ),
    Attempt(
        "a prescriber with two patients",
        booking("ben", 2, "2027-02-03 14:00", chair="chair_2", nurse="nurse_2"), TAKEN, "place_used_once",
    ),
    Attempt(
        "a kept time counts", booking("ben", 3, "2027-02-06 14:15", nurse="nurse_2"), TAKEN, "place_used_once"
    ),
    Attempt("moving a claim over another", MOVE_BEN_TO_ANAS_CHAIR, TAKEN, "place_used_once"),
    Attempt(
        "moving a claim to a taken place",
        claim("ben_visit_1", "nurse_1", "watch", "2", WHILE_ANA)
        + "UPDATE scheduling_claim SET place = 1 WHERE place = 2;",
        TAKEN, "place_used_once",
    ),
    Attempt(
        "moving a claim to a taken chair",
        claim("ben_visit_1", "chair_2", "seat", "1", WHILE_ANA)
        + "UPDATE scheduling_claim SET resource_id = %(chair_1)s WHERE resource_id = %(chair_2)s;",
        TAKEN, "place_used_once",
    ),
    Attempt(
        "a check put off to the commit",
        "SET CONSTRAINTS ALL DEFERRED;" + MOVE_BEN_TO_ANAS_CHAIR, TAKEN, "place_used_once",
    ),
    Attempt("place 99", claim("ben_visit_1", "chair_1", "seat", "99", NOBODY), REFERENCE, "claim_of_a_place"),
    Attempt("place 0", claim("ben_visit_1", "chair_1", "seat", "0", NOBODY), REFERENCE, "claim_of_a_place"),
    Attempt("a fourth to watch", claim("ben_visit_1", "nurse_1", "watch", "4", NOBODY), REFERENCE, "claim_of_a_place"),
    Attempt("a chair that watches", claim("ben_visit_1", "chair_1", "watch", "1", NOBODY), REFERENCE,
            "claim_of_a_place"),
    Attempt("an unknown use", claim("ben_visit_1", "chair_1", "bed", "1", NOBODY), REFERENCE, "claim_of_a_place"),
    Attempt("no such chair", claim("ben_visit_1", "999999", "seat", "1", NOBODY), REFERENCE, "claim_of_a_place"),
    Attempt("no such visit", claim("chair_4", "chair_2", "seat", "1", NOBODY).replace("%(chair_4)s", "999999"),
            REFERENCE, "claim_follows_live"),
    Attempt("a place in use removed", "DELETE FROM scheduling_place WHERE resource_id = %(chair_1)s;", REFERENCE,
            "claim_of_a_place"),
    Attempt("a place in use renumbered", "UPDATE scheduling_place SET number = 7 WHERE resource_id = %(chair_1)s;",
            REFERENCE, "claim_of_a_place"),
    Attempt("a claim said not to hold", claim("ben_visit_1", "chair_2", "seat", "1", NOBODY, "false"), REFERENCE,
            "claim_follows_live"),
    Attempt("a cancelled visit said to hold", claim("cleo_visit_2", "chair_2", "seat", "1", NOBODY), REFERENCE,
            "claim_follows_live"),
    Attempt("a claim made to let go", "UPDATE scheduling_claim SET live = false WHERE id = %(ana_visit_2_seat)s;",
            REFERENCE, "claim_follows_live"),
    Attempt("a claim made to hold again", "UPDATE scheduling_claim SET live = true WHERE id = %(cleo_visit_2_seat)s;",
            REFERENCE, "claim_follows_live"),
    Attempt("a claim that says neither", claim("ben_visit_1", "chair_2", "seat", "1", NOBODY, "NULL"), EMPTY),
    Attempt("a claim without a place", claim("ben_visit_1", "chair_2", "seat", "NULL", NOBODY), EMPTY),
    Attempt("a visit said to hold", "UPDATE scheduling_appointment SET live = true WHERE id = %(cleo_visit_2)s;",
            GENERATED),
    Attempt(
        "a conflict skipped in silence",
        claim("ben_visit_1", "chair_1", "seat", "1", WHILE_ANA)
        .replace(";", " ON CONFLICT ON CONSTRAINT place_used_once DO NOTHING;"),
        "55000", "place_used_once",
    ),
)  # fmt: skip


@cases(ATTEMPTS)
def test_place_is_not_used_twice(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_visits_may_touch(fresh_world: World) -> None:
    fresh_world.run(booking("ben", 2, "2027-02-03 15:30"))
    fresh_world.commit()


def test_a_nurse_watches_as_many_as_she_has_places(fresh_world: World) -> None:
    for place in ("2", "3"):
        fresh_world.run(claim("ben_visit_1", "nurse_1", "watch", place, WHILE_ANA))
    fresh_world.commit()


def test_two_claims_swap_their_places_in_one_statement(fresh_world: World) -> None:
    fresh_world.run(claim("ben_visit_1", "nurse_1", "watch", "2", minutes("2027-02-03 14:00", 25, 65)))
    fresh_world.commit()
    fresh_world.run(
        "UPDATE scheduling_claim SET place = 3 - place WHERE role = 'watch' AND resource_id = %(nurse_1)s"
        f" AND period && {WHILE_ANA}"
    )
    fresh_world.connection.commit()
    assert (
        fresh_world.value(f"SELECT count(*) FROM scheduling_claim WHERE role = 'watch' AND period && {WHILE_ANA}") == 2
    )


def test_a_cancel_frees_at_once_and_its_undo_finds_the_place_taken(fresh_world: World) -> None:
    fresh_world.run(cancelled("ana_visit_2"))
    fresh_world.commit()
    fresh_world.run(booking("ben", 2, "2027-02-03 14:00"))
    fresh_world.commit()
    refused = refusal(fresh_world, uncancelled("ana_visit_2"))
    assert (refused.sqlstate, refused.diag.constraint_name) == (TAKEN, "place_used_once")


def test_a_cancel_is_undone_while_the_place_is_free(fresh_world: World) -> None:
    fresh_world.run(cancelled("ana_visit_2"))
    fresh_world.commit()
    fresh_world.run(uncancelled("ana_visit_2"))
    fresh_world.commit()
    assert (
        fresh_world.value("SELECT bool_and(live) FROM scheduling_claim WHERE appointment_id = %(ana_visit_2)s") is True
    )


def test_without_the_constraint_places_are_used_twice(fresh_world: World, owner: Application) -> None:
    """Control: what the constraint refuses above is refused by nothing else."""
    owner.execute("ALTER TABLE scheduling_claim DROP CONSTRAINT place_used_once")
    owner.commit()
    for attempt in ATTEMPTS:
        if (attempt.state, attempt.rule) == (TAKEN, "place_used_once"):
            assert_passes(fresh_world, attempt)
