"""DESIGN 4.5: nothing is booked on an order that is not active, nothing starts past a review not at continue."""

from __future__ import annotations

import pytest

from tests.guarantees.attempts import (
    CHECK,
    CLOSED_RECORD,
    NO_RIGHT,
    NOT_ACTIVE,
    NOT_PRESCRIBER,
    OLD_SNAPSHOT,
    REVIEW,
    TWICE,
    Attempt,
    assert_passes,
    assert_refused,
    cases,
    refusal,
)
from tests.guarantees.clinical_statements import repeated, ruling
from tests.guarantees.statements import (
    EVENTS,
    GIVEN_3,
    booking,
    cancelled,
    changed,
    consultation,
    decision,
    deviation,
    finished,
    insert,
    started,
    turned_into,
    uncancelled,
    version,
)
from tests.guarantees.world import Application, World

ONLY_START_4 = started("ana_visit_4")
START_4 = GIVEN_3 + ONLY_START_4
TAKEN_BACK_3 = (
    "UPDATE scheduling_appointment SET status = 'booked', given_at = NULL, arrived_at = NULL, seated_at = NULL,"
    " finished_at = NULL, left_at = NULL WHERE id = %(ana_visit_3)s;"
)
BROKEN_OFF_3 = GIVEN_3 + (
    "UPDATE scheduling_appointment SET status = 'stopped_early', left_at = now() WHERE id = %(ana_visit_3)s;"
)
COUNTS_AFTER_ALL = (
    ruling("ana_visit_3", counts=False)
    + repeated("ana_visit_3")
    + ruling("ana_visit_3")
    + repeated("ana_visit_3", again=False)
)
NOT_PRESCRIBERS = ("nurse", "desk", "manager", "stranger", "leaver")
NOW_GIVEN = {"given_at": "now()", "arrived_at": "now()", "seated_at": "now()"}
NEW_TERMS = (
    "INSERT INTO scheduling_planneddose (order_id, number) VALUES (%(eve_order)s, 1);"
    "INSERT INTO scheduling_doseterms (version_id, dose_id, order_id, patient_id, therapy, phases, spacing)"
    " SELECT max(v.id), max(d.id), %(eve_order)s, %(eve)s, 'ketamine', '[]', '[]'"
    " FROM scheduling_orderversion v, scheduling_planneddose d;"
    "INSERT INTO scheduling_dosegap (terms_id, patient_id, therapy, days, minutes, reason)"
    " SELECT max(id), %(eve)s, 'ketamine', 0, 0, '' FROM scheduling_doseterms;"
)
ON_NEW_TERMS = {
    "dose_id": "(SELECT max(id) FROM scheduling_planneddose)",
    "terms_id": "(SELECT max(id) FROM scheduling_doseterms)",
    "gap_id": "(SELECT max(id) FROM scheduling_dosegap)",
    "gap_days": "0",
    "gap_minutes": "0",
}


def counter_signature(by: str) -> str:
    return insert(
        "countersignature", decision_id="(SELECT max(id) FROM scheduling_gatedecision)", signed_by_id=f"%({by})s",
        signed_at="now()",
    )  # fmt: skip


SPOKEN = decision("ana", "continue", heard_by_id="%(nurse)s", was_read_back="true")
OLD, STRICT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;"

ATTEMPTS = (
    Attempt("booking on a draft", version("eve", 1, 1) + NEW_TERMS
            + booking("ana", 1, "2027-02-15 14:00", patient_id="%(eve)s", order_id="%(eve_order)s", **ON_NEW_TERMS),
            NOT_ACTIVE),
    Attempt("booking on a paused order", booking("dan", 4, "2027-02-20 14:00"), NOT_ACTIVE),
    Attempt("booking on a stopped order", booking("fay", 1, "2027-02-20 14:00"), NOT_ACTIVE),
    Attempt("booking on a completed order", booking("gil", 1, "2027-02-20 14:00"), NOT_ACTIVE),
    Attempt("booking on an expired order", booking("hal", 1, "2027-02-20 14:00"), NOT_ACTIVE),
    Attempt("keeping a time on a paused order",
            booking("dan", 4, "2027-02-20 14:00", status="'held'", held_until="now()"), NOT_ACTIVE),
    Attempt("a kept time made firm on a paused order",
            "UPDATE scheduling_appointment SET status = 'booked', held_until = NULL WHERE id = %(dan_visit_2)s;",
            NOT_ACTIVE),
    Attempt("a cancel undone on a paused order", uncancelled("dan_visit_3"), NOT_ACTIVE),
    Attempt("a visit of a paused order taken to another clinic",
            "UPDATE scheduling_appointment SET clinic_id = %(uptown)s, time_zone = 'America/Los_Angeles'"
            " WHERE id = %(dan_visit_1)s;", NOT_ACTIVE),
    Attempt("a consultation made an infusion of a paused order",
            consultation("dan", "2027-02-20 14:00") + turned_into("dan", 4), NOT_ACTIVE),
    Attempt("a paused order's infusion started", started("dan_visit_1"), NOT_ACTIVE),
    Attempt("a stopped order's infusion recorded as given",
            booking("fay", 1, "2027-02-20 14:00", status="'completed'", left_at="now()", **NOW_GIVEN), NOT_ACTIVE),
    Attempt("no decision yet", START_4, REVIEW),
    Attempt("recorded as completed at once",
            "UPDATE scheduling_appointment SET status = 'completed', given_at = now(), left_at = now()"
            " WHERE id = %(ana_visit_4)s;", REVIEW),
    Attempt("recorded as transferred",
            "UPDATE scheduling_appointment SET status = 'transferred', given_at = now(), left_at = now()"
            " WHERE id = %(ana_visit_4)s;", REVIEW),
    Attempt("inserted as running", booking("ana", 5, "2027-02-15 14:00", status="'infusing'", **NOW_GIVEN), REVIEW),
    Attempt("inserted as completed",
            booking("ana", 5, "2027-02-15 14:00", status="'completed'", left_at="now()", **NOW_GIVEN), REVIEW),
    *(Attempt(f"continue, then {last}", decision("ana", "continue") + decision("ana", last) + START_4, REVIEW)
      for last in ("pause", "stop", "complete")),
    Attempt("continue with changed order, and no change signed", decision("ana", "continue_changed") + START_4, REVIEW),
    Attempt("continue with changed order, decided under another version by one's own word",
            decision("ana", "continue_changed", under_version_id="NULL") + START_4, REVIEW),
    *(Attempt(f"only {answer}", decision("ana", answer) + START_4, REVIEW)
      for answer in ("pause", "stop", "complete", "perhaps", "")),
    Attempt("another review's decision", decision("ana", "continue", after=2) + START_4, REVIEW),
    Attempt("another order's decision", decision("ben", "continue") + START_4, REVIEW),
    Attempt("a decision numbered to stay the latest",
            decision("ana", "continue", id="1000000") + decision("ana", "stop") + START_4, REVIEW),
    Attempt("a decision dated to stay the latest",
            decision("ana", "continue", decided_at="'2099-01-01'", recorded_at="'2099-01-01'")
            + decision("ana", "stop") + START_4, REVIEW),
    Attempt("a given consultation made an infusion",
            consultation("ana", "2027-02-15 14:00", status="'completed'", left_at="now()", given_at="now()")
            + turned_into("ana", 5), REVIEW),
    Attempt("a given infusion made a later one", turned_into("ana", 5, visit="%(ana_visit_1)s"), REVIEW),
    Attempt("a later version that keeps the review",
            GIVEN_3 + version("ana", 2, 6)
            + insert("gate", version_id="(SELECT max(id) FROM scheduling_orderversion)", order_id="%(ana_order)s",
                     after_number="3", method="'video'", minutes="0")
            + "UPDATE scheduling_order SET current_version_id = (SELECT max(id) FROM scheduling_orderversion)"
            " WHERE id = %(ana_order)s;" + ONLY_START_4, REVIEW),
    *(Attempt(f"{answer}, of one who has died",
              "UPDATE scheduling_patient SET deceased_at = now() WHERE id = %(ana)s;" + decision("ana", answer),
              CLOSED_RECORD)
      for answer in ("continue", "continue_changed")),
    Attempt("decided of an infusion that was not given", decision("ana", "continue") + ONLY_START_4, REVIEW),
    Attempt("decided before the infusion was given",
            decision("ana", "continue", decided_at="now() - interval '2 minutes'") + START_4, REVIEW),
    Attempt("decided of a start that was taken back since",
            GIVEN_3 + decision("ana", "continue") + TAKEN_BACK_3 + ONLY_START_4, REVIEW),
    Attempt("decided of an infusion that was entered in error",
            GIVEN_3 + decision("ana", "continue")
            + "UPDATE scheduling_appointment SET status = 'entered_in_error' WHERE id = %(ana_visit_3)s;"
            + ONLY_START_4, REVIEW),
    Attempt("decided before the infusion was ruled to count after all",
            BROKEN_OFF_3 + decision("ana", "continue") + COUNTS_AFTER_ALL + ONLY_START_4, REVIEW),
    *(Attempt(f"decided by {by}", decision("ana", "continue", by=by), NOT_PRESCRIBER) for by in NOT_PRESCRIBERS),
    Attempt("decided by nobody", decision("ana", "continue", decided_by_id="NULL"), NOT_PRESCRIBER),
    Attempt("heard and not read back", decision("ana", "continue", heard_by_id="%(nurse)s"),
            CHECK, "decision_heard_is_read_back"),
    Attempt("read back and heard by nobody", decision("ana", "continue", was_read_back="true"),
            CHECK, "decision_heard_is_read_back"),
    *(Attempt(f"counter-signed by {by}", SPOKEN + counter_signature(by), NOT_PRESCRIBER) for by in NOT_PRESCRIBERS),
    Attempt("counter-signed twice", SPOKEN + 2 * counter_signature("prescriber"), TWICE,
            "scheduling_countersignature_decision_id_key"),
    Attempt("a decision changed", "UPDATE scheduling_gatedecision SET decision = 'continue';", NO_RIGHT),
    Attempt("a decision removed", "DELETE FROM scheduling_gatedecision;", NO_RIGHT),
    Attempt("a review removed", "DELETE FROM scheduling_gate;", NO_RIGHT),
    Attempt("a review moved", "UPDATE scheduling_gate SET after_number = 6;", NO_RIGHT),
    *(Attempt(f"a deviation by {by}", deviation("ana_visit_4", by=by), NOT_PRESCRIBER) for by in NOT_PRESCRIBERS),
    Attempt("a deviation without a reason", deviation("ana_visit_4").replace("'was started'", "''"),
            CHECK, "deviation_has_reason"),
    Attempt("another visit's deviation", deviation("ana_visit_3") + START_4, REVIEW),
    Attempt("a decision that the front desk heard",
            decision("ana", "continue", heard_by_id="%(desk)s", was_read_back="true"), NOT_PRESCRIBER),
    Attempt("a stop that the front desk heard",
            changed("ana", "stopped", heard_by_id="%(desk)s", was_read_back="true"), NOT_PRESCRIBER),
    Attempt("booking on an older snapshot", OLD + booking("ana", 5, "2027-02-15 14:00"), OLD_SNAPSHOT),
    Attempt("starting on an older snapshot", OLD + START_4, OLD_SNAPSHOT),
    Attempt("deciding on an older snapshot", OLD + decision("ana", "stop"), OLD_SNAPSHOT),
    Attempt("booking serializable", STRICT + booking("ana", 5, "2027-02-15 14:00"), OLD_SNAPSHOT),
    Attempt("starting serializable", STRICT + START_4, OLD_SNAPSHOT),
    Attempt("a table of one's own in front", "CREATE TEMPORARY TABLE scheduling_gate (id int);" + START_4, NO_RIGHT),
)  # fmt: skip


@cases(ATTEMPTS)
def test_nothing_starts_past_order_or_review(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_continue_opens_the_review(fresh_world: World) -> None:
    fresh_world.run(decision("ana", "pause") + decision("ana", "continue") + START_4)
    fresh_world.commit()


def test_continue_after_the_infusion_was_ruled_to_count_after_all_opens_the_review(fresh_world: World) -> None:
    fresh_world.run(BROKEN_OFF_3 + COUNTS_AFTER_ALL)
    fresh_world.commit()
    fresh_world.run(decision("ana", "continue") + ONLY_START_4)
    fresh_world.commit()


def test_a_spoken_decision_that_was_read_back_opens_the_review(fresh_world: World) -> None:
    fresh_world.run(SPOKEN + counter_signature("prescriber") + START_4)
    fresh_world.commit()


def test_infusions_before_the_review_need_no_decision(fresh_world: World) -> None:
    fresh_world.run(finished("ana_visit_2") + started("ana_visit_3"))
    fresh_world.commit()


@pytest.mark.parametrize("visit", ["ana_visit_4", "dan_visit_1"])
def test_a_prescribers_deviation_lets_what_happened_be_recorded(fresh_world: World, visit: str) -> None:
    fresh_world.run(deviation(visit) + started(visit))
    fresh_world.commit()


def test_a_deviation_lets_the_start_pass_that_is_recorded_with_it_and_no_other(fresh_world: World) -> None:
    fresh_world.run(deviation("ana_visit_4"))
    fresh_world.run(EVENTS)
    fresh_world.commit()
    refused = refusal(fresh_world, START_4)
    assert refused.sqlstate == REVIEW


def test_a_paused_orders_visit_may_be_cancelled_and_its_arrival_recorded(fresh_world: World) -> None:
    fresh_world.run(cancelled("dan_visit_2").replace("SET", "SET held_until = NULL,"))
    fresh_world.run(
        "UPDATE scheduling_appointment SET status = 'arrived', arrived_at = now() WHERE id = %(dan_visit_1)s"
    )
    fresh_world.commit()


def test_a_resumed_order_is_booked_again(fresh_world: World) -> None:
    fresh_world.state("dan", "active", before="paused")
    fresh_world.run(booking("dan", 4, "2027-02-20 14:00"))
    fresh_world.commit()


def test_the_database_does_not_believe_a_table_of_ones_own(fresh_world: World, owner: Application) -> None:
    """Even where the application may make temporary tables, which shadow the real ones of their name."""
    owner.execute(f"GRANT TEMPORARY ON DATABASE {owner.info.dbname} TO infusion_app".encode())
    owner.commit()
    shadows = "CREATE TEMPORARY TABLE scheduling_{0} (LIKE scheduling_{0} INCLUDING ALL);"
    refused = refusal(fresh_world, shadows.format("gate") + START_4)
    assert refused.sqlstate == REVIEW
    member = "INSERT INTO pg_temp.scheduling_membership SELECT 99, 'prescriber', %(harbor)s, %(nurse)s;"
    refused = refusal(fresh_world, shadows.format("membership") + member + decision("ana", "continue", by="nurse"))
    assert refused.sqlstate == NOT_PRESCRIBER


@pytest.mark.parametrize(
    ("triggers", "state"),
    [
        (("within_the_order", "no_start_past_a_review", "no_start_past_a_review_new"), NOT_ACTIVE),
        (("no_start_past_a_review", "no_start_past_a_review_new", "no_start_under_old_terms"), REVIEW),
    ],
)
def test_without_the_triggers_it_starts(
    fresh_world: World, owner: Application, triggers: tuple[str, ...], state: str
) -> None:
    """Control: what the triggers refuse above is refused by nothing else."""
    for trigger in triggers:
        owner.execute(f"DROP TRIGGER {trigger} ON scheduling_appointment".encode())
    owner.commit()
    for attempt in ATTEMPTS:
        if attempt.state == state:
            assert_passes(fresh_world, attempt)
