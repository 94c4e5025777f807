"""What is only kept says so and is never a visit; two options may overlap; questions and overrides are whole."""

from __future__ import annotations

from tests.guarantees.attempts import CHECK, TAKEN, Attempt, assert_refused, cases
from tests.guarantees.statements import consultation, insert
from tests.guarantees.world import World

KEPT = {"kind": "'kept'", "status": "'held'", "held_until": "now()"}
NEWEST = "WHERE id = (SELECT max(id) FROM scheduling_appointment)"
KEPT_IS_HELD, REVIEW_OF_ORDER = "appointment_kept_time_is_held", "appointment_review_of_order"
QUESTION = {
    "organisation_id": "%(org)s", "clinic_id": "%(harbor)s", "patient_id": "%(ana)s", "order_id": "%(ana_order)s",
    "picks": "'[]'", "rules": "'{hours}'", "role": "'manager'", "reason": "''", "state": "'open'",
    "asked_by_id": "%(prescriber)s", "asked_at": "now()", "answer_reason": "''",
}  # fmt: skip


def kept(who: str, start: str, **columns: str) -> str:
    return consultation(who, start, **{**KEPT, **columns})


def question(**columns: str) -> str:
    return insert("askedfor", **{**QUESTION, **columns})


ATTEMPTS = (
    Attempt(
        "a kept time that is booked", kept("ana", "2027-02-15 14:00", status="'booked'", held_until="NULL"),
        CHECK, KEPT_IS_HELD,
    ),
    Attempt(
        "a visit kept for an infusion", consultation("ana", "2027-02-15 14:00", kept_for_number="1"),
        CHECK, KEPT_IS_HELD,
    ),
    Attempt(
        "an option that becomes a second visit at once",
        kept("ana", "2027-02-03 14:00")
        + f"UPDATE scheduling_appointment SET kind = 'consultation' {NEWEST};",
        TAKEN, "patient_in_one_place",
    ),
    Attempt(
        "a review between infusions of no order", kept("ana", "2027-02-15 14:00", review_after="3"),
        CHECK, REVIEW_OF_ORDER,
    ),
    Attempt(
        "a consultation between infusions",
        consultation("ana", "2027-02-15 14:00", order_id="%(ana_order)s", review_after="3"), CHECK, REVIEW_OF_ORDER,
    ),
    Attempt("a question about two things", question(order_id="NULL"), CHECK, "asked_for_one_thing"),
    Attempt("an answer by nobody", question(state="'allowed'"), CHECK, "asked_for_answered_pair"),
    Attempt(
        "an open question that was answered", question(answered_at="now()", answered_by_id="%(prescriber)s"),
        CHECK, "asked_for_answered_pair",
    ),
    Attempt("a question in no known state", question(state="'maybe'"), CHECK, "*"),
    Attempt(
        "a rule broken without a reason",
        insert("override", appointment_id="%(ana_visit_2)s", rule="'hours'", allowed_by_id="%(prescriber)s",
               allowed_at="now()", reason="''"),
        CHECK, "override_has_reason",
    ),
)  # fmt: skip


@cases(ATTEMPTS)
def test_kept_times_and_questions_are_whole(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_two_options_of_a_patient_may_overlap_each_other_and_a_visit(fresh_world: World) -> None:
    review = kept("ana", "2027-02-03 14:10", order_id="%(ana_order)s", review_after="3")
    fresh_world.run(kept("ana", "2027-02-03 14:00") + review)
    fresh_world.commit()
