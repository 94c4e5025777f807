"""What was checked, answered, covered or waits for a clinician is what was said, by whoever may say it."""

from __future__ import annotations

from tests.guarantees.attempts import (
    CHECK,
    NO_RIGHT,
    NOT_ANSWERS,
    NOT_PRESCRIBER,
    REFERENCE,
    STAYS,
    TWICE,
    Attempt,
    assert_passes,
    assert_refused,
    cases,
)
from tests.guarantees.clinical_statements import (
    answered,
    asked,
    check_signed,
    cover,
    let_pass,
    misses_signed,
    prerequisite,
    task,
    tried,
    visit_check,
)
from tests.guarantees.world import Application, World

NOT_PRESCRIBERS = ("nurse", "desk", "manager", "stranger", "leaver")
NOT_CLINICIANS = ("desk", "manager", "stranger", "leaver")
NINE, SEVEN = "0,0,0,0,0,0,0,0,0", "0,0,0,0,0,0,0"
ONE_ROW = (CHECK, "response_is_one_row_of_answers")
LATEST = "(SELECT max(id) FROM scheduling_questionnaireresponse)"
TASK = "UPDATE scheduling_cliniciantask SET {} WHERE id = %({})s;"
TAKEN = "acknowledged_by_id = %({})s, acknowledged_at = now()"
CLOSED = "closed_by_id = %({})s, closed_at = now(), outcome = 'called'"

TAKEN_BACK = CLOSED.format("desk").replace("called", "taken_back")
SETTLED = "UPDATE scheduling_cliniciantask SET closed_at = now(), outcome = 'settled' WHERE {};"


def answered_for(closer: str, word_of: str | None = None, *, key: str = "missed") -> str:
    """A task about missed visits that somebody closes, with a prescriber's word or without."""
    word = [f"word_of_id = %({word_of})s", "heard_at = now()"] if word_of else []
    said = [TAKEN.format(closer), CLOSED.format(closer), *word]
    close = f"UPDATE scheduling_cliniciantask SET {', '.join(said)} WHERE task_key = '{key}';"
    return task("ana", key=key, kind="'missed'", is_urgent="false") + close


def phq(answers: str, score: int | str, **columns: str) -> str:
    return answered("ana", "asked_phq", answers, score, **columns)


def gad(answers: str, score: int | str, **columns: str) -> str:
    return answered("ana", "asked_gad", answers, score, **({"instrument": "'gad-7'"} | columns))


ANSWERS = (
    *(Attempt(f"a sum of {score} for 5", phq("1,1,1,1,1,0,0,0,0", score), NOT_ANSWERS) for score in (4, 6, 0, "NULL")),
    Attempt("a sum though one is missing", phq("1,1,1,1,1,0,0,0,NULL", 5), NOT_ANSWERS),
    Attempt("an answer of 4", phq("4,0,0,0,0,0,0,0,0", 4), NOT_ANSWERS),
    Attempt("an answer of 99", gad("99,0,0,0,0,0,0", 99), NOT_ANSWERS),
    Attempt("an answer below 0", phq("-1,1,0,0,0,0,0,0,0", 0), *ONE_ROW),
    Attempt("8 answers of 9", phq("0,0,0,0,0,0,0,0", 0), NOT_ANSWERS),
    Attempt("10 answers of 9", phq("0,0,0,0,0,0,0,0,0,0", 0), NOT_ANSWERS),
    Attempt("9 answers of 7", gad(NINE, 0), NOT_ANSWERS),
    Attempt("7 answers of 9", phq(SEVEN, 0), NOT_ANSWERS),
    Attempt("no answers", phq("", "NULL"), NOT_ANSWERS),
    Attempt("three rows of three", phq("{0,0,0},{0,0,0},{0,0,3}", 3), *ONE_ROW),
    Attempt("counted from nought", phq(NINE, 3).replace("'{0,0,0,0,0,0,0,0,0}'", "'[0:8]={0,0,0,0,0,0,0,0,3}'"),
            *ONE_ROW),
    Attempt("an unknown instrument", asked("ana", "own-1", key="own").replace(";", "")
            .replace("INSERT", "WITH own AS (INSERT", 1) + " RETURNING id) "
            + answered("ana", "asked_phq", NINE, 0, instrument="'own-1'")
            .replace("VALUES (%(asked_phq)s", "SELECT (SELECT id FROM own)").replace("now());", "now();"),
            NOT_ANSWERS),
    Attempt("item 9 answered and nobody asked to look", phq("0,0,0,0,0,0,0,0,1", 1), NOT_ANSWERS),
    Attempt("item 9 answered, without a task", phq("0,0,0,0,0,0,0,0,3", 3, needs_clinician="true"), NOT_ANSWERS),
    Attempt("item 9 answered, with a task that can wait", phq("0,0,0,0,0,0,0,0,3", 3, needs_clinician="true")
            + task("ana", key="wait", response_id=LATEST, is_urgent="false"), NOT_ANSWERS),
    Attempt("item 9 answered, with a task about another", phq("0,0,0,0,0,0,0,0,3", 3, needs_clinician="true")
            + task("ben", key="ben", response_id=LATEST), NOT_ANSWERS),
    Attempt("a clinician asked though item 9 is 0", phq(NINE, 0, needs_clinician="true"), NOT_ANSWERS),
    Attempt("a clinician asked of GAD-7", gad(SEVEN, 0, needs_clinician="true"), NOT_ANSWERS),
    Attempt("for another patient", answered("ben", "asked_phq", NINE, 0), REFERENCE, "response_of_its_questionnaire"),
    Attempt("of another instrument", answered("ana", "asked_phq", SEVEN, 0, instrument="'gad-7'"), REFERENCE,
            "response_of_its_questionnaire"),
    Attempt("answered twice", phq(NINE, 0) + phq(NINE, 0), TWICE, "*"),
    Attempt("answered again", answered("ana", "answered_phq", NINE, 0), TWICE, "*"),
    Attempt("asked twice", 2 * asked("ana", "phq-9", key="same"), TWICE, "*"),
    Attempt("open for no time", asked("ana", "phq-9", key="never", closes_at="'2027-02-01'"), CHECK,
            "questionnaire_open_a_while"),
    Attempt("entered by nobody", phq(NINE, 0, how="'phone'"), CHECK, "response_entered_by"),
    Attempt("by the patient and entered", phq(NINE, 0, entered_by_id="%(nurse)s"), CHECK, "response_entered_by"),
    Attempt("what was asked put to another patient",
            "UPDATE scheduling_questionnaire SET patient_id = %(ben)s WHERE id = %(answered_phq)s;", REFERENCE,
            "response_of_its_questionnaire"),
    Attempt("what was asked called another instrument",
            "UPDATE scheduling_questionnaire SET instrument = 'gad-7' WHERE id = %(answered_phq)s;", REFERENCE,
            "response_of_its_questionnaire"),
    Attempt("what was answered removed", "DELETE FROM scheduling_questionnaire WHERE id = %(answered_phq)s;",
            REFERENCE, "*"),
    *(Attempt(f"answers altered: {what}", f"UPDATE scheduling_questionnaireresponse SET {what};", NO_RIGHT)
      for what in ("score = 0", "answers = '{}'", "needs_clinician = false", "answered_at = now()")),
    Attempt("answers removed", "DELETE FROM scheduling_questionnaireresponse;", NO_RIGHT),
)  # fmt: skip

TASKS = (
    Attempt("reopened", TASK.format("closed_by_id = NULL, closed_at = NULL, outcome = ''", "task_closed"), STAYS),
    Attempt("a closed one altered", TASK.format("outcome = 'nothing'", "task_closed"), STAYS),
    Attempt("a closed one dated anew", TASK.format("closed_at = now()", "task_closed"), STAYS),
    *(Attempt(f"{name} removed", f"DELETE FROM scheduling_cliniciantask WHERE id = %({name})s;", STAYS)
      for name in ("task_open", "task_in_hand", "task_closed")),
    Attempt("out of hand again", TASK.format("acknowledged_by_id = NULL, acknowledged_at = NULL", "task_in_hand"),
            STAYS),
    Attempt("in another's hand", TASK.format("acknowledged_by_id = %(prescriber)s", "task_in_hand"), STAYS),
    Attempt("in hand at another time", TASK.format("acknowledged_at = '2027-01-01'", "task_in_hand"), STAYS),
    *(Attempt(f"altered: {what}", TASK.format(what, "task_open"), STAYS)
      for what in ("is_urgent = false", "words = 'x'", "patient_id = %(ben)s", "kind = 'wish'", "task_key = 'x'",
                   "response_id = NULL", "opened_at = '2027-01-01'", "order_id = %(ana_order)s",
                   "clinic_id = %(uptown)s", "appointment_id = %(ana_visit_1)s", "opened_by_id = %(nurse)s")),
    *(Attempt(f"in the hand of {by}", TASK.format(TAKEN.format(by), "task_open"), NOT_PRESCRIBER)
      for by in NOT_CLINICIANS),
    *(Attempt(f"closed by {by}", TASK.format(CLOSED.format(by), "task_open"), NOT_PRESCRIBER)
      for by in NOT_CLINICIANS),
    Attempt("in hand, nobody knows when", TASK.format("acknowledged_by_id = %(nurse)s", "task_open"), CHECK,
            "task_acknowledged_pair"),
    Attempt("closed by nobody, though a patient answered", SETTLED.format("id = %(task_open)s"), STAYS),
    *(Attempt(f"missed visits answered by {closer}, word of {word_of}", answered_for(closer, word_of), NOT_PRESCRIBER)
      for closer, word_of in (("nurse", None), ("nurse", "nurse"), ("nurse", "leaver"), ("desk", "prescriber"))),
    Attempt("a word about something else", TASK.format("word_of_id = %(prescriber)s, heard_at = now()", "task_open"),
            CHECK, "task_word_of_misses"),
    Attempt("a word heard nobody knows when", answered_for("nurse", "prescriber").replace(", heard_at = now()", ""),
            CHECK, "task_word_was_heard_then"),
    Attempt("a time at which nothing was heard", TASK.format("heard_at = now()", "task_open"), CHECK,
            "task_word_was_heard_then"),
    Attempt("an outcome and not closed", TASK.format("outcome = 'x'", "task_open"), CHECK, "task_closed_pair"),
    Attempt("begun closed", task("ana", key="shut", closed_by_id="%(nurse)s", closed_at="now()"), STAYS),
    Attempt("begun in hand", task("ana", key="had", acknowledged_by_id="%(nurse)s", acknowledged_at="now()"), STAYS),
    Attempt("opened twice", 2 * task("ana", key="same"), TWICE, "*"),
)  # fmt: skip

RECORDS = (
    *(Attempt(f"covered by {by}", cover(by), NOT_PRESCRIBER) for by in NOT_PRESCRIBERS),
    *(Attempt(f"a cover given over to {by}",
              cover() + f"UPDATE scheduling_prescribercover SET cover_id = %({by})s;", NOT_PRESCRIBER)
      for by in NOT_PRESCRIBERS[:-1]),
    Attempt("covered by oneself", cover(prescriber_id="%(prescriber)s"), CHECK, "cover_is_someone_else"),
    Attempt("a cover that ends before it begins", cover(last_day="'2027-01-31'"), CHECK, "cover_days_in_order"),
    *(Attempt(f"a check let pass by {by}",
              let_pass(passed_by_id=f"%({by})s"), NOT_PRESCRIBER)
      for by in NOT_PRESCRIBERS),
    Attempt("a check let pass by what the desk heard", let_pass(said_by_id="%(desk)s"), NOT_PRESCRIBER),
    Attempt("a check let pass by another's hand", let_pass(heard_at="NULL", was_read_back="false"), CHECK,
            "visit_check_heard_is_read_back"),
    Attempt("a check let pass and not read back", let_pass(was_read_back="false"), CHECK,
            "visit_check_heard_is_read_back"),
    Attempt("a check let pass without a reason", let_pass(reason="''"), CHECK, "visit_check_passed_with_reason"),
    *(Attempt(f"a check counter-signed by {by}", let_pass() + check_signed(by), NOT_PRESCRIBER)
      for by in NOT_PRESCRIBERS),
    Attempt("a check counter-signed twice", let_pass() + 2 * check_signed("prescriber"), TWICE,
            "scheduling_countersignature_visit_check_id_key"),
    *(Attempt(f"missed visits counter-signed by {by}",
              answered_for("nurse", "prescriber") + misses_signed(by, "missed"), NOT_PRESCRIBER)
      for by in NOT_PRESCRIBERS),
    Attempt("missed visits counter-signed of nobody's word",
            answered_for("prescriber") + misses_signed("prescriber", "missed"), NOT_PRESCRIBER),
    Attempt("missed visits counter-signed twice",
            answered_for("nurse", "prescriber") + 2 * misses_signed("prescriber", "missed"), TWICE,
            "scheduling_countersignature_task_id_key"),
    Attempt("a check said by nobody", visit_check(said_by_id="NULL"), "23502"),
    Attempt("a requirement there until before it was", prerequisite("ana", valid_to="'2026-12-31'"), CHECK,
            "prerequisite_days_in_order"),
    Attempt("a requirement said by nobody", prerequisite("ana", said_by_id="NULL"), "23502"),
    *(Attempt(f"{table} altered", f"UPDATE scheduling_{table} SET id = id;", NO_RIGHT)
      for table in ("visitcheck", "prerequisiterecord", "followuptry", "countersignature", "deviation")),
    *(Attempt(f"{table} removed", f"DELETE FROM scheduling_{table};", NO_RIGHT)
      for table in ("visitcheck", "prerequisiterecord", "followuptry", "countersignature", "deviation", "event")),
    Attempt("a form that belongs to no visit", "INSERT INTO scheduling_visittask (appointment_id, order_id, code,"
            " due_on) VALUES (999999, %(ana_order)s, 'form', '2027-02-08');", REFERENCE, "*"),
    Attempt("a form done, nobody knows when", "INSERT INTO scheduling_visittask (appointment_id, order_id, code,"
            " due_on, done_by_id) VALUES (%(ana_visit_1)s, %(ana_order)s, 'form', '2027-02-08', %(nurse)s);", CHECK,
            "visit_task_done_pair"),
    Attempt("a try at nothing", tried().replace("%(call)s", "999999"), REFERENCE, "*"),
)  # fmt: skip


@cases(ANSWERS)
def test_answers_are_those_that_were_given(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


@cases(TASKS)
def test_what_waits_for_a_clinician_stays(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


@cases(RECORDS)
def test_records_are_kept_and_said_by_whoever_may(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_item_9_comes_with_its_task(fresh_world: World) -> None:
    fresh_world.run(phq("0,0,0,0,0,0,0,0,3", 3, needs_clinician="true") + task("ana", key="look", response_id=LATEST))
    fresh_world.commit()


def test_a_half_answered_one_has_no_sum(fresh_world: World) -> None:
    fresh_world.run(phq("1,NULL,1,1,1,0,0,0,0", "NULL") + gad("3,3,3,3,3,3,3", 21))
    fresh_world.commit()


def test_a_clinician_takes_and_closes(fresh_world: World) -> None:
    fresh_world.run(TASK.format(TAKEN.format("nurse"), "task_open"))
    fresh_world.run(TASK.format(CLOSED.format("prescriber"), "task_open"))
    fresh_world.commit()


def test_a_prescriber_answers_for_missed_visits_or_a_nurse_who_heard_one(fresh_world: World) -> None:
    fresh_world.run(answered_for("prescriber", key="one") + answered_for("nurse", "prescriber", key="two"))
    fresh_world.run(misses_signed("prescriber", "two"))
    fresh_world.commit()


def test_what_needs_nobody_is_closed_by_nobody(fresh_world: World) -> None:
    not_there = {"kind": "'leaves_early'", "is_urgent": "false", "appointment_id": "%(ana_visit_1)s"}
    fresh_world.run(task("ana", key="early", **not_there) + SETTLED.format("task_key = 'early'"))
    fresh_world.commit()


def test_what_was_asked_about_missed_visits_goes_with_who_takes_one_back(fresh_world: World) -> None:
    fresh_world.run(task("ana", key="missed", kind="'missed'", is_urgent="false"))
    fresh_world.run(f"UPDATE scheduling_cliniciantask SET {TAKEN.format('desk')}, {TAKEN_BACK} WHERE kind = 'missed';")
    fresh_world.commit()


def test_a_prescriber_covers_and_lets_a_check_pass(fresh_world: World) -> None:
    fresh_world.run(cover() + let_pass() + check_signed("prescriber"))
    fresh_world.commit()


CONTROLS = (
    ("questionnaireresponse", ("answers_add_up", "answers_reach_a_clinician"), ANSWERS, NOT_ANSWERS),
    ("cliniciantask", ("task_stays", "task_is_a_clinicians"), TASKS, STAYS),
    ("cliniciantask", ("task_is_a_clinicians",), TASKS, NOT_PRESCRIBER),
    ("prescribercover", ("cover_is_a_prescriber",), RECORDS, NOT_PRESCRIBER),
    ("visitcheck", ("check_is_passed_by_a_prescriber",), RECORDS, NOT_PRESCRIBER),
    ("countersignature", ("counter_signature_is_a_prescribers",), RECORDS, NOT_PRESCRIBER),
)


def test_without_the_triggers_it_passes(fresh_world: World, owner: Application) -> None:
    """Control: what they refuse above is refused by nothing else."""
    for table, triggers, _, _ in CONTROLS:
        for trigger in triggers:
            owner.execute(f"DROP TRIGGER IF EXISTS {trigger} ON scheduling_{table}".encode())
    owner.execute("ALTER TABLE scheduling_questionnaireresponse DROP CONSTRAINT response_is_one_row_of_answers")
    owner.commit()
    for _, _, attempts, state in CONTROLS:
        for attempt in attempts:
            if attempt.state == state or (attempt.state, attempt.rule) == ONE_ROW:
                assert_passes(fresh_world, attempt)
