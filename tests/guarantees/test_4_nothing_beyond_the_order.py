"""DESIGN 4.4: infusions stand in the order's current signed version, each once, in number order; signing makes them."""

from __future__ import annotations

import pytest

from tests.guarantees.attempts import (
    CHECK,
    NOT_CURRENT,
    NOT_PRESCRIBER,
    NOT_SIGNED,
    NOT_SO,
    NOT_THIS_SITE,
    NUMBER_ORDER,
    REFERENCE,
    TWICE,
    Attempt,
    assert_passes,
    assert_refused,
    cases,
)
from tests.guarantees.statements import booking, consultation, insert, shift, turned_into, version
from tests.guarantees.world import Application, World

NOT_ITS_DOSE = (REFERENCE, "appointment_dose_of_order")
NOT_ITS_TERMS = (REFERENCE, "appointment_terms_of_dose")
NO_DOSE = (CHECK, "appointment_infusion_has_dose")
ONCE = (TWICE, "infusion_once")
CURRENT = "UPDATE scheduling_order SET current_version_id = {} WHERE id = %(lou_order)s;"
NEWEST_VERSION = "(SELECT max(id) FROM scheduling_orderversion)"
CHANGE_VISIT_4 = "UPDATE scheduling_appointment SET {} WHERE id = %(ana_visit_4)s;"
OLD_TERMS_2 = {"terms_id": "%(old_lou_terms_2)s", "gap_id": "%(old_lou_gap_2)s"}
OLD_TERMS_5 = {"terms_id": "%(old_lou_terms_5)s", "gap_id": "%(old_lou_gap_5)s"}


def dose(who: str, number: int) -> str:
    return insert("planneddose", order_id=f"%({who}_order)s", number=str(number))


def terms(who: str, number: int, version_id: str) -> str:
    return insert(
        "doseterms", version_id=version_id, dose_id=f"%({who}_dose_{number})s", order_id=f"%({who}_order)s",
        patient_id=f"%({who})s", therapy="'ketamine'", phases="'[]'", spacing="'[]'",
    )  # fmt: skip


def gate(who: str, version_id: str) -> str:
    return insert(
        "gate", version_id=version_id, order_id=f"%({who}_order)s", after_number="1", method="'video'", minutes="0"
    )


ATTEMPTS = (
    Attempt("an infusion booked twice", booking("ana", 2, "2027-02-12 14:00"), *ONCE),
    Attempt("a given infusion booked again", booking("ana", 1, "2027-02-12 14:00"), *ONCE),
    Attempt("an infusion kept twice",
            booking("ana", 2, "2027-02-12 14:00", status="'held'", held_until="now()"), *ONCE),
    Attempt("an infusion recorded twice",
            booking("ana", 1, "2027-02-12 14:00", status="'completed'", given_at="now()", left_at="now()"), *ONCE),
    Attempt("a visit made another infusion that is booked", turned_into("ana", 3, visit="%(ana_visit_4)s"), *ONCE),
    Attempt("terms of an older version", booking("lou", 2, "2027-02-05 18:00", **OLD_TERMS_2), NOT_CURRENT),
    Attempt("an infusion the new version leaves out", booking("lou", 5, "2027-02-05 18:00", **OLD_TERMS_5),
            NOT_CURRENT),
    Attempt("a booked visit put back on older terms",
            booking("lou", 2, "2027-02-05 18:00") + "UPDATE scheduling_appointment SET terms_id = %(old_lou_terms_2)s,"
            " gap_id = %(old_lou_gap_2)s WHERE terms_id = %(lou_terms_2)s;", NOT_CURRENT),
    Attempt("a consultation made an infusion on older terms",
            consultation("lou", "2027-02-05 18:00")
            + turned_into("lou", 2).replace("%(lou_terms_2)s", "%(old_lou_terms_2)s")
            .replace("%(lou_gap_2)s", "%(old_lou_gap_2)s"), NOT_CURRENT),
    Attempt("an infusion beyond the order", dose("ana", 7), NOT_SIGNED),
    Attempt("an infusion number 0", dose("ana", 0), NOT_SIGNED),
    Attempt("an infusion number 0 while signing", version("eve", 1, 3) + dose("eve", 0), CHECK,
            "planned_dose_from_one"),
    Attempt("an infusion beyond what is being signed", version("eve", 1, 2) + dose("eve", 3), NOT_SIGNED),
    Attempt("an infusion of an order nobody signs", dose("eve", 1), NOT_SIGNED),
    Attempt("an infusion of another order than is being signed", version("ben", 2, 9) + dose("ana", 7), NOT_SIGNED),
    Attempt("an infusion number twice", version("ana", 2, 6) + dose("ana", 2), TWICE, "planned_dose_once"),
    Attempt("terms added later", terms("lou", 5, "%(lou_version_2)s"), NOT_SIGNED),
    Attempt("terms added to an older version", terms("lou", 5, "%(lou_version_1)s"), NOT_SIGNED),
    Attempt("terms beyond what is being signed", version("lou", 3, 3) + terms("lou", 5, NEWEST_VERSION), NOT_SIGNED),
    Attempt("terms for another order's infusion",
            version("lou", 3, 3) + terms("ana", 5, NEWEST_VERSION), NOT_SIGNED),
    Attempt("terms of another order's version",
            version("lou", 3, 6) + terms("lou", 2, NEWEST_VERSION).replace("%(lou_order)s", "%(ana_order)s"),
            REFERENCE, "terms_version_of_order"),
    Attempt("terms for another patient",
            version("lou", 3, 6) + terms("lou", 2, NEWEST_VERSION).replace("%(lou)s", "%(ana)s"),
            REFERENCE, "terms_patient_of_order"),
    Attempt("terms twice", version("lou", 3, 6) + 2 * terms("lou", 2, NEWEST_VERSION), TWICE, "dose_terms_once"),
    Attempt("a review added later", gate("lou", "%(lou_version_2)s"), NOT_SIGNED),
    Attempt("a review of another order's version",
            version("lou", 3, 6) + gate("ana", NEWEST_VERSION), REFERENCE, "gate_version_of_order"),
    Attempt("back to an older version", CURRENT.format("%(lou_version_1)s"), NOT_SIGNED),
    Attempt("to another order's version", CURRENT.format("%(ana_version_1)s"), NOT_SIGNED),
    Attempt("to another order's version as it is signed", version("ana", 2, 6) + CURRENT.format(NEWEST_VERSION),
            REFERENCE, "order_current_version_own"),
    Attempt("to no version", CURRENT.format("NULL"), NOT_SIGNED),
    Attempt("active without a signature", "UPDATE scheduling_order SET state = 'active' WHERE id = %(eve_order)s;",
            CHECK, "order_signed_has_version"),
    Attempt("a signed order back to draft", "UPDATE scheduling_order SET state = 'draft' WHERE id = %(ana_order)s;",
            NOT_SO),
    Attempt("an unknown state", "UPDATE scheduling_order SET state = 'open' WHERE id = %(ana_order)s;",
            NOT_SO),
    *(Attempt(f"signed by {by}", version("eve", 1, 6, by=by), NOT_PRESCRIBER)
      for by in ("nurse", "desk", "manager", "stranger", "leaver")),
    Attempt("signed by nobody", version("eve", 1, 6, signed_by_id="NULL"), NOT_PRESCRIBER),
    Attempt("a version number twice", version("ana", 1, 6), NOT_SIGNED),
    Attempt("another order's infusion", CHANGE_VISIT_4.format("dose_id = %(ben_dose_2)s"), *NOT_ITS_DOSE),
    Attempt("another number", CHANGE_VISIT_4.format("dose_number = 5"), *NOT_ITS_DOSE),
    Attempt("another order", CHANGE_VISIT_4.format("order_id = %(ana_again_order)s"), *NOT_ITS_DOSE),
    Attempt("another infusion's terms", CHANGE_VISIT_4.format("terms_id = %(ana_terms_5)s"), *NOT_ITS_TERMS),
    Attempt("another patient under the order", booking("moe", 2, "2027-02-05 20:00", patient_id="%(ivy)s"),
            REFERENCE, "appointment_signed_gap"),
    Attempt("an infusion without an order", CHANGE_VISIT_4.format("order_id = NULL"), *NO_DOSE),
    Attempt("an infusion without a dose", CHANGE_VISIT_4.format("dose_id = NULL"), *NO_DOSE),
    Attempt("an infusion without a number", CHANGE_VISIT_4.format("dose_number = NULL"), *NO_DOSE),
    Attempt("an infusion without terms", CHANGE_VISIT_4.format("terms_id = NULL"), *NO_DOSE),
    Attempt("an infusion called a consultation", CHANGE_VISIT_4.format("kind = 'consultation'"), *NO_DOSE),
    Attempt("an unknown kind of visit", consultation("ivy", "2027-02-05 18:00", kind="'booster'"),
            CHECK, "appointment_kind_known"),
    Attempt("at a clinic the order does not name",
            booking("moe", 2, "2027-02-05 20:00", clinic="uptown", chair="chair_3", nurse="nurse_3"), NOT_THIS_SITE),
    Attempt("moved to a clinic the order does not name",
            "UPDATE scheduling_appointment SET clinic_id = %(uptown)s, time_zone = 'America/Los_Angeles'"
            " WHERE id = %(moe_visit_1)s;", NOT_THIS_SITE),
    Attempt("a later one before an earlier one", booking("cleo", 3, "2027-02-01 10:00"), NUMBER_ORDER),
    Attempt("an earlier one after a later one",
            booking("cleo", 3, "2027-02-03 18:00") + booking("cleo", 2, "2027-02-03 20:00"), NUMBER_ORDER),
    Attempt("a visit moved past the next",
            booking("cleo", 2, "2027-02-03 18:00") + shift("%(cleo_visit_1)s", "30 hours"), NUMBER_ORDER),
    Attempt("a visit made a later infusion than its next",
            booking("cleo", 2, "2027-02-03 18:00") + turned_into("cleo", 3, visit="%(cleo_visit_1)s"), NUMBER_ORDER),
    Attempt("an order given to another patient",
            "UPDATE scheduling_order SET patient_id = %(ivy)s WHERE id = %(ana_order)s;", NOT_SIGNED),
    Attempt("an order for another therapy", "UPDATE scheduling_order SET therapy = 'other' WHERE id = %(ana_order)s;",
            NOT_SIGNED),
)  # fmt: skip


@cases(ATTEMPTS)
def test_nothing_goes_beyond_the_order(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_an_infusion_is_booked_again_after_a_cancel(fresh_world: World) -> None:
    fresh_world.run(booking("cleo", 2, "2027-02-02 16:00"))
    fresh_world.commit()


def test_an_infusion_entered_in_error_may_be_given_after_all(fresh_world: World) -> None:
    fresh_world.run("UPDATE scheduling_appointment SET status = 'entered_in_error' WHERE id = %(ana_visit_1)s")
    fresh_world.run(booking("ana", 1, "2027-01-30 14:00"))
    fresh_world.commit()


def test_a_new_signature_adds_an_infusion_and_keeps_the_others(fresh_world: World) -> None:
    fresh_world.sign("ben", number=2, doses=4, gap=0)
    fresh_world.run(booking("ben", 4, "2027-02-10 14:00"))
    fresh_world.commit()
    numbers = fresh_world.value(
        "SELECT array_agg(number ORDER BY number) FROM scheduling_planneddose WHERE order_id = %(ben_order)s"
    )
    assert numbers == [1, 2, 3, 4]


def test_a_booked_visit_moves_on_to_the_new_terms(fresh_world: World) -> None:
    fresh_world.run(
        "UPDATE scheduling_appointment SET terms_id = %(lou_terms_1)s, gap_id = %(lou_gap_1)s"
        " WHERE id = %(lou_visit_1)s"
    )
    fresh_world.commit()


def test_a_signature_knows_its_transaction_whatever_is_said(fresh_world: World) -> None:
    fresh_world.run(version("eve", 1, 3, signing_transaction="1"))
    assert fresh_world.value(
        "SELECT signing_transaction = pg_current_xact_id()::text::bigint FROM scheduling_orderversion"
        f" WHERE id = {NEWEST_VERSION}"
    )


def test_a_series_moves_in_one_statement_past_its_own_times(fresh_world: World) -> None:
    """Number order is judged when the statement is done, so that a move passes through disorder."""
    fresh_world.run(booking("cleo", 2, "2027-02-02 16:00") + booking("cleo", 3, "2027-02-02 21:30"))
    fresh_world.run(shift("SELECT id FROM scheduling_appointment WHERE patient_id = %(cleo)s AND live", "-5 hours"))
    fresh_world.commit()


@pytest.mark.parametrize(
    ("trigger", "states"),
    [
        ("within_the_order ON scheduling_appointment", {NOT_CURRENT, NOT_THIS_SITE, NUMBER_ORDER}),
        ("only_a_prescriber_signs ON scheduling_orderversion", {NOT_PRESCRIBER}),
    ],
)
def test_without_the_trigger_it_goes_beyond(
    fresh_world: World, owner: Application, trigger: str, states: set[str]
) -> None:
    """Control: what the trigger refuses above is refused by nothing else."""
    owner.execute(f"DROP TRIGGER {trigger}".encode())
    owner.commit()
    for attempt in ATTEMPTS:
        if attempt.state in states and attempt.name != "signed by nobody":
            assert_passes(fresh_world, attempt)
