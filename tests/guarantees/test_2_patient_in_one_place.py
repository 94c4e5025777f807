"""DESIGN 4.2: no patient is in two places, across the clinics of an organisation; nothing crosses organisations."""

from __future__ import annotations

from tests.guarantees.attempts import EMPTY, REFERENCE, TAKEN, Attempt, assert_passes, assert_refused, cases, refusal
from tests.guarantees.statements import booking, cancelled, consultation, insert, minutes, uncancelled
from tests.guarantees.world import Application, World

ONE_PLACE = (TAKEN, "patient_in_one_place")
CLINIC_OWNER, PATIENT_OWNER = "appointment_clinic_organisation", "appointment_patient_organisation"

DRAFT = {
    "organisation_id": "%(org)s", "patient_id": "%(ivy)s", "therapy": "'ketamine'", "title": "''", "state": "'draft'",
    "protocol_version_id": "%(org_protocol)s", "draft": "'{}'", "created_at": "now()", "created_by_id": "%(nurse)s",
    "row_version": "1",
}  # fmt: skip

ATTEMPTS = (
    Attempt("at the same time", consultation("ana", "2027-02-03 14:00"), *ONE_PLACE),
    Attempt("a minute into another visit", consultation("ana", "2027-02-03 13:31"), *ONE_PLACE),
    Attempt("the last minute of another visit", consultation("ana", "2027-02-03 15:14"), *ONE_PLACE),
    Attempt("within another visit", consultation("ana", "2027-02-03 14:20"), *ONE_PLACE),
    Attempt(
        "around another visit",
        consultation("ana", "2027-02-03 13:00", period=minutes("2027-02-03 13:00", 0, 300)), *ONE_PLACE,
    ),
    Attempt("at another clinic", consultation("ana", "2027-02-03 14:30", clinic="uptown"), *ONE_PLACE),
    Attempt(
        "an infusion at another clinic",
        booking("moe", 2, "2027-02-04 20:00") + consultation("moe", "2027-02-04 20:30", clinic="uptown"), *ONE_PLACE,
    ),
    Attempt("by video", consultation("ana", "2027-02-03 14:30", mode="'video'"), *ONE_PLACE),
    Attempt("waiting for a chair", consultation("ana", "2027-02-03 14:30", is_placed="false"), *ONE_PLACE),
    Attempt(
        "a kept time", consultation("ana", "2027-02-03 14:30", status="'held'", held_until="now()"), *ONE_PLACE
    ),
    Attempt("over a kept time", consultation("dan", "2027-02-06 14:30"), *ONE_PLACE),
    Attempt(
        "a visit moved over another",
        consultation("ana", "2027-02-15 14:00")
        + f"UPDATE scheduling_appointment SET period = {minutes('2027-02-03 14:00', 0, 30)}"
        + " WHERE id = (SELECT max(id) FROM scheduling_appointment);",
        *ONE_PLACE,
    ),
    Attempt(
        "a visit given to another patient",
        consultation("ben", "2027-02-03 14:30")
        + "UPDATE scheduling_appointment SET patient_id = %(ana)s"
        + " WHERE id = (SELECT max(id) FROM scheduling_appointment);",
        *ONE_PLACE,
    ),
    Attempt(
        "a check put off to the commit",
        "SET CONSTRAINTS ALL DEFERRED;" + consultation("ana", "2027-02-03 14:30"), *ONE_PLACE,
    ),
    Attempt("another organisation's patient", consultation("zoe", "2027-02-15 14:00"), REFERENCE, PATIENT_OWNER),
    Attempt(
        "another organisation's clinic", consultation("ivy", "2027-02-15 14:00", clinic="elsewhere"),
        REFERENCE, CLINIC_OWNER,
    ),
    Attempt(
        "another organisation's clinic and name",
        consultation("ivy", "2027-02-15 14:00", clinic="elsewhere", organisation_id="%(other_org)s"),
        REFERENCE, PATIENT_OWNER,
    ),
    Attempt(
        "a visit moved to another organisation's clinic",
        "UPDATE scheduling_appointment SET clinic_id = %(elsewhere)s WHERE id = %(ivy_visit)s;",
        REFERENCE, CLINIC_OWNER,
    ),
    Attempt(
        "a patient moved to another organisation",
        "UPDATE scheduling_patient SET organisation_id = %(other_org)s WHERE id = %(ivy)s;", REFERENCE, PATIENT_OWNER,
    ),
    Attempt(
        "a clinic moved to another organisation",
        "UPDATE scheduling_clinic SET organisation_id = %(other_org)s WHERE id = %(harbor)s;", REFERENCE, CLINIC_OWNER,
    ),
    Attempt(
        "an order for another organisation's patient",
        insert("order", **{**DRAFT, "patient_id": "%(zoe)s"}), REFERENCE, "order_patient_organisation",
    ),
    Attempt(
        "an order of another organisation",
        insert("order", **{**DRAFT, "organisation_id": "%(other_org)s"}), REFERENCE, "order_patient_organisation",
    ),
    Attempt("nobody's visit", consultation("ana", "2027-02-15 14:00", patient_id="NULL"), EMPTY),
)  # fmt: skip


@cases(ATTEMPTS)
def test_patient_is_not_in_two_places(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_visits_of_a_patient_may_touch(fresh_world: World) -> None:
    fresh_world.run(consultation("ana", "2027-02-03 13:30") + consultation("ana", "2027-02-03 15:15", clinic="uptown"))
    fresh_world.commit()


def test_a_cancelled_visit_leaves_the_patient_free_and_its_undo_does_not(fresh_world: World) -> None:
    fresh_world.run(cancelled("ivy_visit"))
    fresh_world.run(consultation("ivy", "2027-02-01 18:15", clinic="uptown"))
    fresh_world.commit()
    refused = refusal(fresh_world, uncancelled("ivy_visit"))
    assert (refused.sqlstate, refused.diag.constraint_name) == ONE_PLACE


def test_another_patient_comes_at_the_same_time(fresh_world: World) -> None:
    fresh_world.patient("kit")
    fresh_world.run(consultation("kit", "2027-02-03 14:00"))
    fresh_world.run(
        insert("patientidentifier", organisation_id="%(org)s", patient_id="%(kit)s", system="'x'", value="'2'")
    )
    fresh_world.commit()


def test_without_the_constraint_a_patient_is_in_two_places(fresh_world: World, owner: Application) -> None:
    """Control: what the constraint refuses above is refused by nothing else."""
    owner.execute("ALTER TABLE scheduling_appointment DROP CONSTRAINT patient_in_one_place")
    owner.commit()
    for attempt in ATTEMPTS:
        if (attempt.state, attempt.rule) == ONE_PLACE:
            assert_passes(fresh_world, attempt)
