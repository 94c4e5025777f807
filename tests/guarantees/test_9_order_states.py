"""An order moves between its states by a prescriber's word alone, and nothing is signed that may not be."""

from __future__ import annotations

import itertools

import psycopg
import pytest

from scheduling.models import ChangeKind, OrderState
from scheduling.order_states import LEADS_TO
from tests.counts import count
from tests.guarantees.attempts import (
    CHECK,
    CLOSED_RECORD,
    NO_RIGHT,
    NOT_ACTIVE,
    NOT_APPROVED,
    NOT_PRESCRIBER,
    NOT_SIGNED,
    NOT_SO,
    NOT_THAT_DAY,
    OLD_SNAPSHOT,
    TWICE,
    Attempt,
    assert_passes,
    assert_refused,
    cases,
    refusal,
)
from tests.guarantees.clinical_statements import becomes, signed_anew
from tests.guarantees.statements import booking, changed, decision, insert, shift, started, version
from tests.guarantees.world import Application, World

# Somebody whose order is in each state there is. A new state without an example fails the tests.
IN_STATE = {"draft": "eve", "active": "ben", "paused": "dan", "completed": "gil", "stopped": "fay", "expired": "hal"}
PAIRS = list(itertools.permutations(OrderState.values, 2))
LAWFUL = {(before, str(after)): kind for kind, (from_, after) in LEADS_TO.items() for before in map(str, from_)}
NOT_PRESCRIBERS = ("nurse", "desk", "manager", "stranger", "leaver")
PAUSED = changed("ben", "paused") + becomes("ben", "paused")
RESUMED = changed("ben", "active", before="paused") + becomes("ben", "active")
ARRIVED = {"status": "'arrived'", "arrived_at": "now()"}
RUNNING = ARRIVED | {"status": "'infusing'", "seated_at": "now()", "given_at": "now()"}
BACK_TO_BOOKED = (
    "UPDATE scheduling_appointment SET status = 'booked', arrived_at = NULL, seated_at = NULL, given_at = NULL"
    " WHERE id = (SELECT max(id) FROM scheduling_appointment);"
)
AFTER_THE_LAST = "2027-03-11 14:00"
DIED = "UPDATE scheduling_patient SET deceased_at = '2027-01-01' WHERE id = %(eve)s;"
MERGED = "UPDATE scheduling_patient SET merged_into_id = %(ivy)s WHERE id = %(eve)s;"
ALTERED_PLAN = "UPDATE scheduling_protocolversion SET {} WHERE id = %({})s;"
APPROVED = "approved_by_id = %({})s, approved_at = now()"

CHANGES = (
    *(Attempt(f"paused by {by}", changed("ben", "paused", decided_by_id=f"%({by})s") + becomes("ben", "paused"),
              NOT_PRESCRIBER) for by in NOT_PRESCRIBERS),
    *(Attempt(f"resumed by {by}",
              changed("dan", "active", before="paused", decided_by_id=f"%({by})s") + becomes("dan", "active"),
              NOT_PRESCRIBER) for by in NOT_PRESCRIBERS),
    *(Attempt(f"{state} by a nurse", changed("ben", state, decided_by_id="%(nurse)s") + becomes("ben", state),
              NOT_PRESCRIBER) for state in ("stopped", "completed")),
    Attempt("paused by nobody", changed("ben", "paused", decided_by_id="NULL") + becomes("ben", "paused"),
            NOT_PRESCRIBER),
    Attempt("by the word for another order", changed("ana", "paused") + becomes("ben", "paused"), NOT_SO),
    Attempt("by a word of a transaction before", changed("dan", "active", before="paused") + becomes("dan", "active")
            + becomes("dan", "paused"), NOT_SO),
    Attempt("by a word that says another state", changed("ben", "paused") + becomes("ben", "stopped"), NOT_SO),
    Attempt("by a word that was taken back",
            "SAVEPOINT before;" + changed("ben", "paused") + "ROLLBACK TO before;" + becomes("ben", "paused"), NOT_SO),
    Attempt("by a word dated into this transaction", changed("ben", "paused") + becomes("ben", "paused")
            + changed("ben", "active", before="paused", written_in="1") + becomes("ben", "active")
            + becomes("ben", "stopped"), NOT_SO),
    Attempt("a word that is not carried out", changed("ben", "paused"), NOT_SO),
    Attempt("a word used twice", PAUSED + RESUMED + becomes("ben", "paused"), NOT_SO),
    Attempt("a word numbered to stay the latest", changed("ben", "paused", id="1000000") + becomes("ben", "paused")
            + RESUMED + becomes("ben", "paused"), NOT_SO),
    Attempt("paused twice", PAUSED + changed("ben", "paused"), NOT_SO),
    Attempt("a pause that says it resumes", changed("ben", "paused", kind="'resume'"), NOT_SO),
    Attempt("expired without a last day", changed("ben", "expired") + becomes("ben", "expired"), NOT_SO),
    Attempt("stopped as the calendar's", changed("ben", "stopped", decided_by_id="NULL"), NOT_PRESCRIBER),
    Attempt("heard and not read back", changed("ben", "paused", heard_by_id="%(nurse)s"), CHECK,
            "order_change_heard_is_read_back"),
    Attempt("read back and heard by nobody", changed("ben", "paused", was_read_back="true"), CHECK,
            "order_change_heard_is_read_back"),
    Attempt("at a review that decided otherwise", changed("ben", "paused", decision_id="%(ben_decision)s"), NOT_SIGNED),
    Attempt("at another order's review", decision("ana", "pause")
            + changed("ben", "paused", decision_id="(SELECT max(id) FROM scheduling_gatedecision)"), NOT_SIGNED),
    Attempt("on an older snapshot", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;" + PAUSED, OLD_SNAPSHOT),
    Attempt("a word altered", "UPDATE scheduling_orderchange SET reason = '';", NO_RIGHT),
    Attempt("a word removed", "DELETE FROM scheduling_orderchange;", NO_RIGHT),
    Attempt("an order that begins active", insert(
        "order", organisation_id="%(org)s", patient_id="%(ivy)s", therapy="'ketamine'", title="''", state="'active'",
        protocol_version_id="%(org_protocol)s", draft="'{}'", created_at="now()", created_by_id="%(nurse)s",
        row_version="1", current_version_id="%(ana_version_1)s"), NOT_SO),
    *(Attempt(f"counter-signed by {by}",
              changed("ben", "paused", heard_by_id="%(nurse)s", was_read_back="true") + becomes("ben", "paused")
              + insert("countersignature", change_id="(SELECT max(id) FROM scheduling_orderchange)",
                       signed_by_id=f"%({by})s", signed_at="now()"), NOT_PRESCRIBER) for by in NOT_PRESCRIBERS),
    Attempt("counter-signed under nothing", insert("countersignature", signed_by_id="%(prescriber)s",
                                                    signed_at="now()"), NOT_PRESCRIBER),
    Attempt("counter-signed under two", PAUSED + insert(
        "countersignature", change_id="(SELECT max(id) FROM scheduling_orderchange)", decision_id="%(ben_decision)s",
        signed_by_id="%(prescriber)s", signed_at="now()"), CHECK, "counter_signature_of_one"),
)  # fmt: skip

SIGNING = (
    Attempt("for one who has died", DIED + version("eve", 1, 3), CLOSED_RECORD),
    Attempt("for a merged record", MERGED + version("eve", 1, 3), CLOSED_RECORD),
    Attempt("under a plan nobody approved",
            version("eve", 1, 3).replace("%(eve_order)s", "%(unapproved_order)s"), NOT_APPROVED),
    *(Attempt(f"when it is {state}", version(who, 2, 6), NOT_ACTIVE) for state, who in IN_STATE.items()
      if state in ("completed", "stopped", "expired")),
    *(Attempt(f"as number {number}", version("ana", number, 6), NOT_SIGNED) for number in (0, 1, 3, 9)),
    Attempt("twice in a transaction", 2 * version("ana", 2, 6), NOT_SIGNED),
    Attempt("no infusions", version("eve", 1, 0), CHECK, "order_version_has_doses"),
    Attempt("fewer than none", version("eve", 1, -1), CHECK, "*"),
    Attempt("days that end before they begin", version("eve", 1, 3, not_before="'2027-03-02'",
                                                       not_after="'2027-03-01'"), CHECK, "order_version_days_in_order"),
    Attempt("on an older snapshot", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;" + version("eve", 1, 3),
            OLD_SNAPSHOT),
    *(Attempt(f"then {what}", f"UPDATE scheduling_orderversion SET {what};", NO_RIGHT)
      for what in ("content = '{}'", "doses = 9", "content_hash = ''", "signed_by_id = signed_by_id",
                   "not_after = NULL", "signing_transaction = pg_current_xact_id()::text::bigint")),
    *(Attempt(f"then {table} altered", f"UPDATE scheduling_{table} SET id = id;", NO_RIGHT)
      for table in ("planneddose", "doseterms", "dosegap", "gate")),
)  # fmt: skip

DAYS = (
    Attempt("a day before", booking("kay", 2, "2027-02-28 14:00"), NOT_THAT_DAY),
    Attempt("a day after", booking("kay", 2, AFTER_THE_LAST), NOT_THAT_DAY),
    Attempt("late on the day before, in the clinic's zone", shift("%(kay_visit_1)s", "-33 hours -15 minutes"),
            NOT_THAT_DAY),
    Attempt("kept on a day after", booking("kay", 2, AFTER_THE_LAST, status="'held'", held_until="now()"),
            NOT_THAT_DAY),
    Attempt("moved to a day after", shift("%(kay_visit_1)s", "10 days"), NOT_THAT_DAY),
    Attempt("written as arrived on a day after", booking("kay", 2, AFTER_THE_LAST, **ARRIVED), NOT_THAT_DAY),
    Attempt("written as arrived on a day after, then booked",
            booking("kay", 2, AFTER_THE_LAST, **ARRIVED) + BACK_TO_BOOKED, NOT_THAT_DAY),
    Attempt("written as running on a day after, then booked",
            booking("kay", 2, AFTER_THE_LAST, **RUNNING) + BACK_TO_BOOKED, NOT_THAT_DAY),
    Attempt("arrived, moved to a day after and booked",
            "UPDATE scheduling_appointment SET status = 'arrived', arrived_at = now() WHERE id = %(kay_visit_1)s;"
            + shift("%(kay_visit_1)s", "10 days"), NOT_THAT_DAY),
    Attempt("booked before a new version's first day", version("kay", 2, 6, not_before="'2027-03-05'")
            + signed_anew("kay") + "UPDATE scheduling_appointment SET period = period WHERE id = %(kay_visit_1)s;"
            + shift("%(kay_visit_1)s", "1 day"), NOT_THAT_DAY),
)  # fmt: skip

PLANS = (
    *(Attempt(f"an approved plan's {what}", ALTERED_PLAN.format(change, "org_protocol"), "ID013")
      for what, change in (("words", "template = '{\"doses\": 1}'"), ("number", "number = 99"),
                                                      ("time", "approved_at = now()"),
                           ("plan", "protocol_id = %(other_org_plan)s, number = 9"))),
    Attempt("an ordered plan's words", ALTERED_PLAN.format("template = '{\"doses\": 1}'", "ordered_plan"), "ID013"),
    Attempt("an ordered plan removed", "DELETE FROM scheduling_protocolversion WHERE id = %(ordered_plan)s;", "ID013"),
    Attempt("an approved plan removed", "DELETE FROM scheduling_protocolversion WHERE id = %(org_protocol)s;", "ID013"),
    *(Attempt(f"a plan approved by {by}", ALTERED_PLAN.format(APPROVED.format(by), "fresh_plan"), NOT_PRESCRIBER)
      for by in NOT_PRESCRIBERS),
    Attempt("a plan's approval taken back",
            ALTERED_PLAN.format("approved_by_id = NULL, approved_at = NULL", "org_protocol"), NOT_PRESCRIBER),
    Attempt("a plan approved and altered after",
            ALTERED_PLAN.format(APPROVED.format("prescriber"), "fresh_plan")
            + ALTERED_PLAN.format("template = '{\"doses\": 1}'", "fresh_plan"), "ID013"),
    Attempt("a plan that begins approved by a nurse", insert(
        "protocolversion", protocol_id="%(org_plan)s", number="20", template="'{}'", approved_by_id="%(nurse)s",
        approved_at="now()"), NOT_PRESCRIBER),
    Attempt("a version's number twice", insert("protocolversion", protocol_id="%(org_plan)s", number="1",
                                               template="'{}'"), TWICE, "protocol_version_once"),
)  # fmt: skip


@cases(CHANGES)
def test_an_order_changes_by_a_prescribers_word(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


@cases(SIGNING)
def test_what_is_signed_may_be_signed_and_stays(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


@cases(DAYS)
def test_nothing_is_planned_outside_the_orders_days(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


@cases(PLANS)
def test_a_plan_in_use_stays(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_every_state_has_an_order_in_it(world: World) -> None:
    assert IN_STATE.keys() == set(OrderState.values)
    for state, who in IN_STATE.items():
        assert world.value(f"SELECT state FROM scheduling_order WHERE id = %({who}_order)s") == state


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_no_state_is_written_without_a_word(world: World, before: str, after: str) -> None:
    refused = refusal(world, becomes(IN_STATE[before], after))
    wanted = CHECK if (before, after) == ("draft", "active") else NOT_SO
    assert refused.sqlstate == wanted
    count("attempts in SQL refused: 9 order states")


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_words_lead_where_the_table_says(world: World, before: str, after: str) -> None:
    """Every kind of change for every pair: only the one of the table is taken."""
    count("pairs of order states in SQL")
    for kind in ChangeKind.values:
        by = "NULL" if kind == "expire" else "%(prescriber)s"
        word = changed(IN_STATE[before], after, before=before, kind=f"'{kind}'", decided_by_id=by)
        if LAWFUL.get((before, after)) == kind:
            continue
        refused = refusal(world, word + becomes(IN_STATE[before], after))
        assert refused.sqlstate == NOT_SO, (kind, str(refused))
        count("attempts in SQL refused: 9 order states")


@pytest.mark.parametrize(("before", "after"), sorted(LAWFUL))
def test_lawful_changes_are_taken(fresh_world: World, before: str, after: str) -> None:
    fresh_world.ordered("una", not_after="'2027-12-31'")
    if before == "paused":
        fresh_world.state("una", "paused")
    fresh_world.commit()
    fresh_world.state("una", after, before=before)
    fresh_world.commit()
    assert fresh_world.value("SELECT state FROM scheduling_order WHERE id = %(una_order)s") == after


def test_an_open_plan_is_altered_and_approved_once(fresh_world: World) -> None:
    fresh_world.run(ALTERED_PLAN.format("template = '{\"doses\": 3}'", "fresh_plan"))
    fresh_world.run(ALTERED_PLAN.format(APPROVED.format("prescriber"), "fresh_plan"))
    fresh_world.commit()


def test_the_first_and_the_last_day_are_good(fresh_world: World) -> None:
    fresh_world.run(shift("%(kay_visit_1)s", "-1 day") + booking("kay", 2, "2027-03-10 14:00"))
    fresh_world.commit()


def test_what_runs_on_the_last_day_may_run_on(fresh_world: World) -> None:
    fresh_world.run(started("kay_visit_1") + version("kay", 2, 6, not_after="'2027-03-01'") + signed_anew("kay"))
    fresh_world.commit()


CONTROLS = (
    ("change_is_a_prescribers ON scheduling_orderchange", CHANGES, {NOT_PRESCRIBER}, "paused by", ""),
    ("version_moves_by_signing ON scheduling_order", CHANGES, {NOT_SO}, "by", "transaction"),
    ("only_a_prescriber_signs ON scheduling_orderversion", SIGNING, {CLOSED_RECORD, NOT_APPROVED, NOT_ACTIVE}, "", ""),
    ("plan_stays ON scheduling_protocolversion", PLANS, {"ID013"}, "", "removed"),
    ("plan_is_approved_later ON scheduling_protocolversion", PLANS, {NOT_PRESCRIBER}, "a plan approved by", ""),
)


@pytest.mark.parametrize(("trigger", "attempts", "states", "named", "but"), CONTROLS)
def test_without_the_trigger_it_passes(
    fresh_world: World, owner: Application, trigger: str, attempts: tuple[Attempt, ...], states: set[str], named: str,
    but: str,
) -> None:  # fmt: skip
    """Control: what the trigger refuses above is refused by nothing else."""
    owner.execute(f"DROP TRIGGER {trigger}".encode())
    owner.commit()
    tried = [
        attempt
        for attempt in attempts
        if attempt.state in states and attempt.name.startswith(named) and not (but and but in attempt.name)
    ]
    assert tried
    for attempt in tried:
        if attempt.name != "paused by nobody":
            assert_passes(fresh_world, attempt)


def test_without_the_days_it_is_booked_past_the_last(fresh_world: World, owner: Application) -> None:
    """Control: with the three triggers that look at days gone, every attempt passes."""
    for trigger in ("within_the_order", "planned_within_its_days", "moved_within_its_days"):
        owner.execute(f"DROP TRIGGER {trigger} ON scheduling_appointment".encode())
    owner.commit()
    for attempt in DAYS:
        assert_passes(fresh_world, attempt)


def test_without_the_check_at_commit_a_word_is_not_carried_out(fresh_world: World, owner: Application) -> None:
    owner.execute("DROP TRIGGER change_is_carried_out ON scheduling_orderchange")
    owner.commit()
    fresh_world.run(changed("ben", "paused"))
    fresh_world.commit()
    with pytest.raises(psycopg.Error):
        fresh_world.run(becomes("ben", "paused"))
