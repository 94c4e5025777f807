"""An infusion that was broken off waits for a prescriber's ruling; one given elsewhere is written with a signature."""

from __future__ import annotations

import pytest

from scheduling.models import Status
from tests.guarantees.attempts import (
    CHECK,
    NO_RIGHT,
    NOT_PRESCRIBER,
    NOT_SIGNED,
    NUMBER_ORDER,
    REVIEW,
    STAYS,
    TWICE,
    Attempt,
    assert_passes,
    assert_refused,
    cases,
)
from tests.guarantees.clinical_statements import exited, repeated, ruling, signed_anew
from tests.guarantees.statements import (
    booking,
    consultation,
    deviation,
    finished,
    insert,
    started,
    turned_into,
    version,
)
from tests.guarantees.world import Application, World

NOT_PRESCRIBERS = ("nurse", "desk", "manager", "stranger", "leaver")
ONLY_INFUSIONS, IS_OVER = (
    (CHECK, "appointment_only_infusions_are_ruled_on"),
    (CHECK, "appointment_given_elsewhere_is_over"),
)
START_2 = started("rex_visit_2")
REX_1 = "UPDATE scheduling_appointment SET {} WHERE id = %(rex_visit_1)s;"
IVYS = "UPDATE scheduling_appointment SET {} WHERE id = %(ivy_visit)s;"
ENDED = {"arrived_at": "now()", "seated_at": "now()", "given_at": "now()", "left_at": "now()"}
PLACED = {"chair": "chair_2", "nurse": "nurse_2"}
GIVEN_AGAIN = ruling("rex_visit_1", counts=False) + repeated("rex_visit_1")
NO_INFUSION = (
    "kind = 'consultation', dose_id = NULL, dose_number = NULL, terms_id = NULL, therapy = NULL, gap_id = NULL,"
    " gap_days = NULL, gap_minutes = NULL"
)
# Ben's next version, with terms for his second infusion that a visit may be written under.
SIGNED_ANEW = (
    version("ben", 2, 3)
    + insert("doseterms", version_id="(SELECT max(id) FROM scheduling_orderversion)", dose_id="%(ben_dose_2)s",
             order_id="%(ben_order)s", patient_id="%(ben)s", therapy="'ketamine'", phases="'[]'", spacing="'[]'")
    + insert("dosegap", terms_id="(SELECT max(id) FROM scheduling_doseterms)", patient_id="%(ben)s",
             therapy="'ketamine'", days="0", minutes="0", reason="''")
    + signed_anew("ben")
)  # fmt: skip
ON_NEW_TERMS = {
    "terms_id": "(SELECT max(id) FROM scheduling_doseterms)", "gap_id": "(SELECT max(id) FROM scheduling_dosegap)",
    "gap_days": "0", "gap_minutes": "0",
}  # fmt: skip
ELSEWHERE = {"given_where": "'Elsewhere'"}

ATTEMPTS = (
    Attempt("the next one started", START_2, REVIEW),
    Attempt("the next one recorded as given", finished("rex_visit_2"), REVIEW),
    Attempt("a later one inserted as running", booking("rex", 3, "2027-02-13 14:00", status="'infusing'",
            arrived_at="now()", seated_at="now()", given_at="now()"), REVIEW),
    Attempt("the ruling said not to be owed", REX_1.format("needs_ruling = false"), REVIEW),
    Attempt("the exit called another one",
            REX_1.format("status = 'transferred', needs_ruling = false") + START_2, REVIEW),
    Attempt("the exit called completed", REX_1.format("status = 'completed', needs_ruling = false"), REVIEW),
    Attempt("the exit called a cancel", REX_1.format(
        "status = 'cancelled', given_at = NULL, arrived_at = NULL, seated_at = NULL, left_at = NULL,"
        " cancelled_at = now(), cancelled_by = 'clinic', notice_minutes = 1, needs_ruling = false"), REVIEW),
    Attempt("what was ruled unsaid", ruling("rex_visit_1")
            + REX_1.format("status = 'infusing', left_at = NULL, needs_ruling = false"), REVIEW),
    Attempt("another one's ruling", exited("ben_visit_1", "transferred") + ruling("ben_visit_1") + START_2, REVIEW),
    Attempt("another one's deviation", deviation("rex_visit_1") + START_2, REVIEW),
    *(Attempt(f"ruled on by {by}", ruling("rex_visit_1", by=by), NOT_PRESCRIBER) for by in NOT_PRESCRIBERS),
    *(Attempt(f"a ruling that the {by} heard", ruling("rex_visit_1", heard_by_id=f"%({by})s", was_read_back="true"),
              NOT_PRESCRIBER) for by in ("desk", "manager", "stranger")),
    Attempt("a ruling that was heard and not read back", ruling("rex_visit_1", heard_by_id="%(nurse)s"), CHECK,
            "exit_ruling_heard_is_read_back"),
    Attempt("ruled to be repeated, and nothing done", ruling("rex_visit_1", counts=False), NOT_SIGNED),
    Attempt("ruled anew that it counts, and nothing done", GIVEN_AGAIN + ruling("rex_visit_1"), NOT_SIGNED),
    Attempt("a later ruling under a lower number", GIVEN_AGAIN + ruling("rex_visit_1", id="-1"), NOT_SIGNED),
    Attempt("counts after all though it is booked again", GIVEN_AGAIN + booking("rex", 1, "2027-02-10 14:00")
            + ruling("rex_visit_1") + repeated("rex_visit_1", again=False), TWICE, "infusion_once"),
    Attempt("booked again after it counts after all", GIVEN_AGAIN + ruling("rex_visit_1")
            + repeated("rex_visit_1", again=False) + booking("rex", 1, "2027-02-10 14:00"), TWICE, "infusion_once"),
    Attempt("repeated once a later one was given", ruling("rex_visit_1") + START_2
            + ruling("rex_visit_1", counts=False), NUMBER_ORDER),
    Attempt("the next one started after it is given again after all", ruling("rex_visit_1") + GIVEN_AGAIN + START_2,
            REVIEW),
    Attempt("repeated by a ruling that another one follows", ruling("rex_visit_1", counts=False) + ruling("rex_visit_1")
            + repeated("rex_visit_1"), NOT_SIGNED),
    Attempt("a ruling on what was completed", ruling("ana_visit_1"), NOT_SIGNED),
    Attempt("a ruling on what is to come", ruling("rex_visit_2"), NOT_SIGNED),
    Attempt("a ruling on a consultation", ruling("ivy_visit"), NOT_SIGNED),
    Attempt("a ruling altered", "UPDATE scheduling_exitruling SET counts = false;", NO_RIGHT),
    Attempt("a ruling removed", "DELETE FROM scheduling_exitruling;", NO_RIGHT),
    *(Attempt(f"inserted as {status}, and the next started",
              booking("cleo", 2, "2027-02-24 14:00", status=f"'{status}'", **ENDED)
              + booking("cleo", 3, "2027-02-25 14:00")
              + "UPDATE scheduling_appointment SET status = 'infusing', arrived_at = now(), seated_at = now(),"
              " given_at = now() WHERE id = (SELECT max(id) FROM scheduling_appointment);", REVIEW)
      for status in ("stopped_early", "transferred", "left_uncleared")),
    Attempt("transferred, then said to be given, and the next started",
            "UPDATE scheduling_appointment SET status = 'transferred', arrived_at = now(), left_at = now()"
            " WHERE id = %(cleo_visit_1)s;"
            "UPDATE scheduling_appointment SET given_at = now() WHERE id = %(cleo_visit_1)s;"
            + booking("cleo", 3, "2027-02-25 14:00")
            + "UPDATE scheduling_appointment SET status = 'infusing', arrived_at = now(), seated_at = now(),"
            " given_at = now() WHERE id = (SELECT max(id) FROM scheduling_appointment);", REVIEW),
    Attempt("a transferred consultation made the infusion", consultation(
        "cleo", "2027-02-24 14:00", status="'transferred'", **ENDED) + turned_into("cleo", 2)
        + booking("cleo", 3, "2027-02-25 14:00")
        + "UPDATE scheduling_appointment SET status = 'infusing', arrived_at = now(), seated_at = now(),"
        " given_at = now() WHERE id = (SELECT max(id) FROM scheduling_appointment);", REVIEW),
    Attempt("what was broken off made no infusion", REX_1.format(f"needs_ruling = false, {NO_INFUSION}"), STAYS),
    Attempt("what was given made no infusion",
            f"UPDATE scheduling_appointment SET {NO_INFUSION} WHERE id = %(ana_visit_1)s;", STAYS),
    Attempt("what is booked made no infusion",
            f"UPDATE scheduling_appointment SET {NO_INFUSION} WHERE id = %(ana_visit_2)s;", STAYS),
    Attempt("what was given put under another order", turned_into("ana_again", 1, visit="%(ana_visit_1)s"), STAYS),
    Attempt("repeated without a ruling", repeated("rex_visit_1"), NOT_SIGNED),
    Attempt("repeated though it counts", ruling("rex_visit_1") + repeated("rex_visit_1"), NOT_SIGNED),
    Attempt("repeated by another one's ruling", exited("ben_visit_1", "transferred")
            + ruling("ben_visit_1", counts=False) + repeated("rex_visit_1"), NOT_SIGNED),
    Attempt("a completed one repeated", repeated("ana_visit_1"), NOT_SIGNED),
    Attempt("booked again without a ruling", booking("rex", 1, "2027-02-12 14:00"), TWICE, "infusion_once"),
    Attempt("booked again though it counts", ruling("rex_visit_1") + booking("rex", 1, "2027-02-12 14:00"), TWICE,
            "infusion_once"),
    Attempt("booked again twice", ruling("rex_visit_1", counts=False) + repeated("rex_visit_1")
            + booking("rex", 1, "2027-02-10 14:00") + booking("rex", 1, "2027-02-10 18:00", **PLACED), TWICE,
            "infusion_once"),
    Attempt("a repeat unsaid", GIVEN_AGAIN + repeated("rex_visit_1", again=False), NOT_SIGNED),
    Attempt("a repeat that begins so", booking("cleo", 2, "2027-02-24 14:00", is_repeated="true"), NOT_SIGNED),
    Attempt("begun as waiting for a ruling", booking("cleo", 2, "2027-02-24 14:00", needs_ruling="true"), NOT_SIGNED),
    Attempt("a consultation that waits for a ruling", IVYS.format("needs_ruling = true"), *ONLY_INFUSIONS),
    Attempt("a consultation that is repeated", IVYS.format("is_repeated = true"), *ONLY_INFUSIONS),
    Attempt("given elsewhere and nobody signs", booking("ben", 2, "2027-02-24 14:00", status="'completed'", **ENDED,
                                                        **ELSEWHERE), NOT_SIGNED),
    Attempt("given elsewhere as another order is signed", version("ana", 2, 6)
            + booking("ben", 2, "2027-02-24 14:00", status="'completed'", **ENDED, **ELSEWHERE), NOT_SIGNED),
    Attempt("a booked one said to be given elsewhere",
            "UPDATE scheduling_appointment SET given_where = 'Elsewhere' WHERE id = %(ana_visit_4)s;", *IS_OVER),
    Attempt("a given one said to be given elsewhere",
            "UPDATE scheduling_appointment SET given_where = 'Elsewhere' WHERE id = %(ana_visit_1)s;", NOT_SIGNED),
    Attempt("a consultation said to be given elsewhere", IVYS.format("given_where = 'Elsewhere'"), *IS_OVER),
    Attempt("past a review as given elsewhere, by way of a consultation",
            consultation("ana", "2027-02-15 14:00", status="'completed'", **ENDED)
            + "UPDATE scheduling_appointment SET given_where = 'Elsewhere'"
            " WHERE id = (SELECT max(id) FROM scheduling_appointment);" + turned_into("ana", 5), *ONLY_INFUSIONS),
    Attempt("signed as given elsewhere, to start here", SIGNED_ANEW
            + booking("ben", 2, "2027-02-24 14:00", **ON_NEW_TERMS, **ELSEWHERE), *IS_OVER),
    Attempt("given elsewhere, then broken off", SIGNED_ANEW
            + booking("ben", 2, "2027-02-24 14:00", status="'completed'", **ENDED, **ON_NEW_TERMS, **ELSEWHERE)
            + "UPDATE scheduling_appointment SET status = 'stopped_early' WHERE given_where <> '';", *IS_OVER),
    Attempt("given elsewhere, then another infusion", SIGNED_ANEW
            + booking("ben", 2, "2027-02-24 14:00", status="'completed'", **ENDED, **ON_NEW_TERMS, **ELSEWHERE)
            + turned_into("ben", 3), STAYS),
    Attempt("given elsewhere, then here", SIGNED_ANEW
            + booking("ben", 2, "2027-02-24 14:00", status="'completed'", **ENDED, **ON_NEW_TERMS, **ELSEWHERE)
            + "UPDATE scheduling_appointment SET given_where = '' WHERE given_where <> '';", NOT_SIGNED),
)  # fmt: skip


@cases(ATTEMPTS)
def test_nothing_goes_on_past_an_exit(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_a_ruling_that_it_counts_lets_the_next_start(fresh_world: World) -> None:
    fresh_world.run(ruling("rex_visit_1") + START_2)
    fresh_world.commit()


def test_a_ruling_that_it_is_repeated_lets_it_be_booked_and_started_again(fresh_world: World) -> None:
    fresh_world.run(ruling("rex_visit_1", counts=False) + repeated("rex_visit_1"))
    fresh_world.run(booking("rex", 1, "2027-02-10 14:00"))
    fresh_world.commit()
    fresh_world.name("again", "SELECT max(id) FROM scheduling_appointment")
    fresh_world.run(started("again"))
    fresh_world.commit()


def test_a_later_ruling_that_it_counts_lets_the_next_start(fresh_world: World) -> None:
    fresh_world.run(GIVEN_AGAIN)
    fresh_world.commit()
    fresh_world.run(ruling("rex_visit_1", heard_by_id="%(nurse)s", was_read_back="true"))
    fresh_world.run(repeated("rex_visit_1", again=False))
    fresh_world.commit()
    fresh_world.run(START_2)
    fresh_world.commit()


def test_an_exit_that_is_taken_back_needs_no_ruling(fresh_world: World) -> None:
    fresh_world.run(REX_1.format("status = 'infusing', left_at = NULL, needs_ruling = false"))
    fresh_world.commit()


def test_a_plan_may_let_its_exits_go_on(fresh_world: World) -> None:
    """Only those that are named wait; where what is written is no list, all do."""
    for exits, waits in (("[]", False), ('["transferred"]', False), ('["stopped_early"]', True), ("null", True)):
        fresh_world.run(version("moe", 1 + int(fresh_world.value(
            "SELECT count(*) FROM scheduling_orderversion WHERE order_id = %(moe_order)s")), 6,
            content=f"'{{\"exits_close\": {exits}}}'"))  # fmt: skip
        fresh_world.run(
            insert("doseterms", version_id="(SELECT max(id) FROM scheduling_orderversion)", dose_id="%(moe_dose_1)s",
                   order_id="%(moe_order)s", patient_id="%(moe)s", therapy="'ketamine'", phases="'[]'", spacing="'[]'")
            + insert("dosegap", terms_id="(SELECT max(id) FROM scheduling_doseterms)", patient_id="%(moe)s",
                     therapy="'ketamine'", days="0", minutes="0", reason="''")
            + signed_anew("moe")
            + "UPDATE scheduling_appointment SET terms_id = (SELECT max(id) FROM scheduling_doseterms), gap_days = 0,"
            " gap_minutes = 0, gap_id = (SELECT max(id) FROM scheduling_dosegap) WHERE id = %(moe_visit_1)s;"
            + exited("moe_visit_1", "stopped_early")
        )  # fmt: skip
        assert fresh_world.value("SELECT needs_ruling FROM scheduling_appointment WHERE id = %(moe_visit_1)s") is waits
        fresh_world.connection.rollback()


def test_one_given_elsewhere_is_written_with_the_signature(fresh_world: World) -> None:
    fresh_world.run(SIGNED_ANEW)
    fresh_world.run(booking("ben", 2, "2027-02-24 14:00", status="'completed'", **ENDED, **ON_NEW_TERMS, **ELSEWHERE))
    fresh_world.commit()


@pytest.mark.parametrize("status", [status for status in Status if status in ("stopped_early", "transferred")])
def test_what_was_not_begun_waits_for_no_ruling(fresh_world: World, status: str) -> None:
    """Whoever is taken to hospital before the infusion began had none that a prescriber could rule on."""
    if status == "transferred":
        fresh_world.run(
            "UPDATE scheduling_appointment SET status = 'transferred', arrived_at = now(), left_at = now()"
            " WHERE id = %(cleo_visit_1)s;"
        )
        fresh_world.commit()
        assert not fresh_world.value("SELECT needs_ruling FROM scheduling_appointment WHERE id = %(cleo_visit_1)s")


OF_APPOINTMENTS = (
    "exit_waits_for_a_ruling", "waits_for_a_ruling_from_the_start",
    "no_start_past_a_review", "no_start_past_a_review_new", "given_elsewhere_is_signed", "infusion_stays_one",
)  # fmt: skip


def test_without_the_guards_it_goes_on(fresh_world: World, owner: Application) -> None:
    """Control: without what these guard, every attempt passes that no key or number refuses."""
    for trigger in OF_APPOINTMENTS:
        owner.execute(f"DROP TRIGGER {trigger} ON scheduling_appointment".encode())
    for constraint in ("appointment_only_infusions_are_ruled_on", "appointment_given_elsewhere_is_over"):
        owner.execute(f"ALTER TABLE scheduling_appointment DROP CONSTRAINT {constraint}".encode())
    owner.execute("DROP TRIGGER ruling_is_a_prescribers ON scheduling_exitruling")
    owner.execute("ALTER TABLE scheduling_exitruling DROP CONSTRAINT exit_ruling_heard_is_read_back")
    owner.commit()
    for attempt in ATTEMPTS:
        if attempt.state not in (TWICE, NO_RIGHT):
            assert_passes(fresh_world, attempt)
