"""DESIGN 4.8: half-open, non-empty, bounded ranges; who/when pairs; statuses that agree with timestamps."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from scheduling.models import AFTER_GIVEN, HOLDS_PLACE, OrderState, Status, VisitKind
from tests.guarantees.attempts import CHECK, Attempt, assert_refused, cases
from tests.guarantees.statements import insert, minutes
from tests.guarantees.world import World

PERIODS = {
    "empty": ("'empty'", "bounded"),
    "with equal ends": (minutes("2027-06-01 14:00", 0, 0), "bounded"),
    "without a start": ("tstzrange(NULL, '2027-06-01')", "bounded"),
    "without an end": ("tstzrange('2027-06-01', NULL)", "bounded"),
    "that never ends": ("tstzrange('2027-06-01', 'infinity')", "half_open"),
    "from before time": ("tstzrange('-infinity', '2027-06-01')", "half_open"),
    "with its last instant": ("tstzrange('2027-06-01', '2027-06-02', '[]')", "half_open"),
    "without its first instant": ("tstzrange('2027-06-01', '2027-06-02', '()')", "half_open"),
}
TABLES = ("appointment", "appointmentphase", "claim", "absence", "closure")


def visit(**columns: str) -> str:
    changes = ", ".join(f"{column} = {value}" for column, value in columns.items())
    return f"UPDATE scheduling_appointment SET {changes} WHERE id = %(ana_visit_2)s;"


def newest(table: str, changes: str) -> str:
    return f"UPDATE scheduling_{table} SET {changes} WHERE id = (SELECT max(id) FROM scheduling_{table});"


NOW = "now()"
THERE = {"arrived_at": NOW, "seated_at": NOW}
CANCELLED = {"status": "'cancelled'", "cancelled_at": NOW, "cancelled_by": "'patient'", "notice_minutes": "1"}
HELD_PAIR, CANCELLED_PAIR = "appointment_held_until_pair", "appointment_cancelled_pair"
GIVEN, NOT_GIVEN = "appointment_status_says_given", "appointment_status_says_not_given"
THERE_ARRIVED, SAYS_WHEN = "appointment_there_has_arrived", "appointment_status_says_when"

ATTEMPTS = (
    *(
        Attempt(f"{table} {name}", newest(table, f"period = {period}"), CHECK,
                f"{table}_period_{rule}")
        for table in TABLES for name, (period, rule) in PERIODS.items() if table != "appointmentphase"
    ),
    *(Attempt(f"appointmentphase {name}", newest("appointmentphase", f"period = {period}"), CHECK, rule)
      for name, period, rule in (
          ("empty", "'empty'", "appointmentphase_period_half_open"),
          ("without a start", "tstzrange(NULL, '2027-06-01')", "appointmentphase_period_half_open"),
          ("without an end", "tstzrange('2027-06-01', NULL)", "phase_period_bounded"),
          ("that never ends", "tstzrange('2027-06-01', 'infinity')", "appointmentphase_period_half_open"),
          ("with its last instant", "tstzrange('2027-06-01', '2027-06-02', '[]')", "appointmentphase_period_half_open"),
      )),
    *(Attempt(f"{table} backwards", newest(table, "period = tstzrange('2027-06-02', '2027-06-01')"), "22000")
      for table in TABLES),
    Attempt("an unknown status", visit(status="'postponed'"), CHECK, "appointment_status_known"),
    Attempt("kept without until when", visit(status="'held'"), CHECK, HELD_PAIR),
    Attempt("booked and kept until", visit(held_until=NOW), CHECK, HELD_PAIR),
    Attempt("cancelled, nobody knows when", visit(**CANCELLED | {"cancelled_at": "NULL"}), CHECK, CANCELLED_PAIR),
    Attempt("cancelled by nobody", visit(**CANCELLED | {"cancelled_by": "''"}), CHECK, CANCELLED_PAIR),
    Attempt("cancelled by someone unknown", visit(**CANCELLED | {"cancelled_by": "'weather'"}), CHECK, CANCELLED_PAIR),
    Attempt("cancelled without notice given", visit(**CANCELLED | {"notice_minutes": "NULL"}), CHECK, CANCELLED_PAIR),
    Attempt("booked and cancelled", visit(cancelled_at=NOW), CHECK, CANCELLED_PAIR),
    Attempt("booked with who cancelled", visit(cancelled_by="'clinic'"), CHECK, CANCELLED_PAIR),
    Attempt("booked with why cancelled", visit(cancel_reason="'snow'"), CHECK, CANCELLED_PAIR),
    Attempt("booked with notice given", visit(notice_minutes="1"), CHECK, CANCELLED_PAIR),
    Attempt("confirmed by nobody", visit(confirmed_at=NOW), CHECK, "appointment_confirmed_pair"),
    Attempt("confirmed, nobody knows when", visit(confirmed_by="'link'"), CHECK, "appointment_confirmed_pair"),
    Attempt("there and never came", visit(status="'arrived'"), CHECK, THERE_ARRIVED),
    Attempt("seated and never came", visit(status="'seated'", seated_at=NOW), CHECK, THERE_ARRIVED),
    Attempt("running and never came", visit(status="'infusing'", given_at=NOW), CHECK, THERE_ARRIVED),
    Attempt("seated, nobody knows when", visit(status="'seated'", arrived_at=NOW), CHECK, SAYS_WHEN),
    Attempt("recovering from nothing finished", visit(status="'recovering'", given_at=NOW, **THERE), CHECK, SAYS_WHEN),
    *(Attempt(f"{status}, nobody knows when they left", visit(status=f"'{status}'", given_at=given, **THERE), CHECK,
              SAYS_WHEN)
      for status, given in (("completed", NOW), ("stopped_early", NOW), ("transferred", NOW), ("left_uncleared", NOW),
                            ("turned_away", "NULL"))),
    *(Attempt(f"{status} and nothing given", visit(status=f"'{status}'", finished_at=NOW, left_at=NOW, **THERE), CHECK,
              GIVEN)
      for status in ("infusing", "recovering", "completed", "stopped_early")),
    *(Attempt(f"{status} and given", visit(status=f"'{status}'", given_at=NOW), CHECK, NOT_GIVEN)
      for status in ("booked", "released", "no_show")),
    Attempt("cancelled and given", visit(given_at=NOW, **CANCELLED), CHECK, NOT_GIVEN),
    Attempt("seated and given", visit(status="'seated'", given_at=NOW, **THERE), CHECK, NOT_GIVEN),
    Attempt("sent home and given", visit(status="'turned_away'", given_at=NOW, left_at=NOW), CHECK, NOT_GIVEN),
    *(Attempt(f"{status} and was there", visit(status=f"'{status}'", arrived_at=NOW), CHECK, SAYS_WHEN)
      for status in ("booked", "released", "no_show")),
    Attempt("booked and has left", visit(left_at=NOW), CHECK, SAYS_WHEN),
    Attempt("a part with an end and no start", newest("appointmentphase", "actual_end_at = now()"), CHECK,
            "phase_actual_pair"),
    Attempt("a part with an unknown nurse", newest("appointmentphase", "nurse = 'two'"), CHECK, "phase_nurse_known"),
    Attempt("a part with an unknown prescriber", newest("appointmentphase", "prescriber = 'near'"), CHECK,
            "phase_prescriber_known"),
    Attempt("a follow-up due and not open", newest("followup", "due_at = now()"), CHECK, "follow_up_opened_pair"),
    Attempt("a follow-up done, nobody knows when", newest("followup", "state = 'done'"), CHECK,
            "follow_up_settled_pair"),
    Attempt("a follow-up settled and waiting", newest("followup", "settled_at = now()"), CHECK,
            "follow_up_settled_pair"),
    Attempt("a protocol approved by nobody", insert("protocolversion", protocol_id="%(org_plan)s", number="2",
            template="'{}'", approved_at="now()"), CHECK, "protocol_version_approved_pair"),
    Attempt("a nurse who may watch nobody",
            "UPDATE scheduling_resource SET watch_places = 0 WHERE id = %(nurse_1)s;", CHECK, "resource_nurse_watches"),
    Attempt("a nurse who watches more while busy",
            "UPDATE scheduling_resource SET watch_while_attending = 9 WHERE id = %(nurse_1)s;", CHECK,
            "resource_attending_within_watch"),
    Attempt("place number 0", insert("place", resource_id="%(chair_2)s", role="'use'", number="0"), CHECK,
            "place_from_one"),
    Attempt("a place twice", insert("place", resource_id="%(chair_2)s", role="'seat'", number="1"), "23505",
            "place_once"),
    Attempt("opening after closing", newest("clinichours", "opens = '19:00'"), CHECK, "hours_open_before_close"),
    Attempt("a shift that ends before it starts", newest("shift", "ends = '07:00'"), CHECK, "shift_starts_before_end"),
    Attempt("a shift until before it is from", newest("shift", "from_date = '2027-02-02', until_date = '2027-02-01'"),
            CHECK, "shift_dates_in_order"),
    Attempt("a grid of 7 minutes", "UPDATE scheduling_clinic SET grid_minutes = 7 WHERE id = %(harbor)s;", CHECK,
            "clinic_grid"),
    Attempt("a patient merged into itself",
            "UPDATE scheduling_patient SET merged_into_id = id WHERE id = %(ivy)s;", CHECK,
            "patient_not_merged_into_itself"),
    Attempt("a block without a label", insert("absence", resource_id="%(nurse_1)s", clinic_id="%(harbor)s", reason="''",
            kind="'block'", period=minutes("2027-02-20 14:00", 30, 90)), CHECK, "absence_block_has_label"),
    Attempt("a sick nurse who is let go", insert("absence", resource_id="%(nurse_1)s", clinic_id="%(harbor)s",
            reason="''", release_at="now()", period=minutes("2027-02-20 14:00", 30, 90)), CHECK,
            "absence_only_blocks_end_early"),
)  # fmt: skip


@cases(ATTEMPTS)
def test_contradiction_is_refused(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


@pytest.mark.parametrize(
    ("constraint", "column", "known"),
    [
        ("appointment_status_known", "status", Status),
        ("appointment_kind_known", "kind", VisitKind),
        ("order_state_known", "state", OrderState),
    ],
)
def test_the_database_knows_the_same_words(
    world: World, constraint: str, column: str, known: type[models.TextChoices]
) -> None:
    text = world.value(f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{constraint}'")
    words = world.value(f"SELECT array_agg(found[1]) FROM regexp_matches($${text}$$, '''([a-z_]+)''', 'g') AS found")
    assert sorted(words) == sorted(known.values)


@pytest.mark.parametrize("status", list(Status))
def test_the_database_groups_statuses_as_the_models_do(world: World, status: Status) -> None:
    """`live` and `spaced` are worked out by the expressions that the columns are generated from."""
    counted = status in (*HOLDS_PLACE, *AFTER_GIVEN)
    held = status in HOLDS_PLACE
    assert generated(world, "live", status, given=True) is held
    assert generated(world, "spaced", status, given=True) is counted
    assert generated(world, "spaced", status, given=False) is held


def generated(world: World, column: str, status: Status, *, given: bool) -> Any:
    expression = world.value(
        "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"
        " JOIN pg_attribute a ON a.attrelid = adrelid AND a.attnum = adnum"
        f" WHERE adrelid = 'scheduling_appointment'::regclass AND attname = '{column}'"
    )
    given_at = "now()" if given else "NULL::timestamptz"
    return world.value(
        f"SELECT {expression} FROM (VALUES ('{status}'::varchar, {given_at}, 1)) AS visit (status, given_at, dose_id)"
    )
