"""DESIGN 4.6: every change leaves an event in its transaction."""

from __future__ import annotations

from tests.guarantees.attempts import CHECK, NO_EVENT, REFERENCE, TWICE, Attempt, assert_refused, cases
from tests.guarantees.clinical_statements import (
    answered,
    asked,
    becomes,
    cover,
    prerequisite,
    ruling,
    task,
    tried,
    visit_check,
    visit_task,
)
from tests.guarantees.statements import (
    booking,
    changed,
    consultation,
    decision,
    deviation,
    event,
    exception,
    insert,
    version,
)
from tests.guarantees.world import World

NOBODY = "tstzrange('2027-06-01 14:00Z', '2027-06-01 15:00Z')"
AT_HARBOR = {"resource_id": "%(nurse_1)s", "clinic_id": "%(harbor)s"}
VISIT_TYPE = {"kind": "'review'", "mode": "'video'", "phases": "'[]'", "join_link": "''"}
ORDER = {
    "organisation_id": "%(org)s", "patient_id": "%(ivy)s", "therapy": "'ketamine'", "title": "''", "state": "'draft'",
    "protocol_version_id": "%(org_protocol)s", "draft": "'{}'", "created_at": "now()", "created_by_id": "%(nurse)s",
    "row_version": "1",
}  # fmt: skip
CLAIM = insert("claim", appointment_id="%(ivy_visit)s", live="true", resource_id="%(chair_2)s", role="'seat'",
               place="1", period=NOBODY)  # fmt: skip
PHASE = insert("appointmentphase", appointment_id="%(ivy_visit)s", position="9", name="'wait'", period=NOBODY,
               needs_chair="false", nurse="'none'", prescriber="'none'")  # fmt: skip
SHIFT_ON_TUESDAY = insert("shift", **AT_HARBOR, weekday="'tue'", starts="'08:00'", ends="'16:00'")
SEALED = (
    "INSERT INTO scheduling_eventseal (event_id, chain, number, hash, sealed_at) SELECT {}, 'clinic-1', {}, '', now();"
)
NEW_ROWS = {
    "appointment": consultation("ivy", "2027-06-01 14:00"),
    "appointmentphase": PHASE,
    "claim": CLAIM,
    "deviation": deviation("ana_visit_3"),
    "order": insert("order", **ORDER),
    "order_sites": insert("order_sites", order_id="%(eve_order)s", clinic_id="%(elsewhere)s"),
    "orderversion": version("eve", 1, 3),
    "gatedecision": decision("ana", "continue"),
    "countersignature": insert("countersignature", decision_id="%(ben_decision)s", signed_by_id="%(prescriber)s",
                               signed_at="now()"),
    "followup": insert("followup", order_id="%(ana_order)s", kind="'call'", after_number="2", offset_days="1",
                       state="'waiting'"),
    "dosegap": exception("ana", 5, 60),
    "patient": "INSERT INTO scheduling_patient (organisation_id, mrn, given_name, family_name, preferred_name, gender,"
    " language, second_language, interpreter_needed, time_zone, is_restricted, is_demo, created_at, row_version)"
    " SELECT organisation_id, '', 'New', 'Test', '', '', 'en', '', false, '', false, false, now(), 1"
    " FROM scheduling_patient WHERE id = %(ivy)s;",
    "patientidentifier": insert("patientidentifier", organisation_id="%(org)s", patient_id="%(ben)s", system="'x'",
                                value="'9'"),
    "clinichours": insert("clinichours", clinic_id="%(harbor)s", weekday="'tue'", opens="'08:00'", closes="'18:00'"),
    "closure": insert("closure", clinic_id="%(harbor)s", period=NOBODY, reason="''"),
    "resource": "INSERT INTO scheduling_resource (clinic_id, kind, code, name, features, watch_places,"
    " watch_while_attending, is_active) VALUES (%(harbor)s, 'chair', 'new', 'New', '{}', 0, 0, true);",
    "place": insert("place", resource_id="%(chair_1)s", role="'seat'", number="2"),
    "shift": SHIFT_ON_TUESDAY,
    "absence": insert("absence", **AT_HARBOR, period=NOBODY, reason="''"),
    "membership": insert("membership", user_id="%(nurse)s", clinic_id="%(harbor)s", role="'prescriber'"),
    "visittype": insert("visittype", clinic_id="%(harbor)s", code="'new'", name="''", **VISIT_TYPE),
    "organisation": insert("organisation", name="'New'", slug="'new'"),
    "protocol": insert("protocol", organisation_id="%(org)s", code="'new'", name="''", therapy="'other'"),
    "protocolversion": insert("protocolversion", protocol_id="%(org_plan)s", number="2", template="'{}'"),
    "override": insert("override", appointment_id="%(ivy_visit)s", rule="'hours'", allowed_by_id="%(prescriber)s",
                       allowed_at="now()", reason="'said so'"),
    "askedfor": insert("askedfor", organisation_id="%(org)s", clinic_id="%(harbor)s", patient_id="%(ana)s",
                       order_id="%(ana_order)s", picks="'[]'", rules="'{hours}'", role="'manager'", reason="''",
                       state="'open'", asked_by_id="%(nurse)s", asked_at="now()", answer_reason="''"),
    "orderchange": changed("ben", "paused") + becomes("ben", "paused"),
    "prescribercover": cover(),
    "visitcheck": visit_check(),
    "exitruling": ruling("rex_visit_1"),
    "visittask": visit_task(),
    "prerequisiterecord": prerequisite("ana"),
    "followuptry": tried(),
    "questionnaire": asked("ana", "gad-7", key="again"),
    "questionnaireresponse": answered("ana", "asked_phq", "0,0,0,0,0,0,0,0,0", 0),
    "cliniciantask": task("ana", key="new"),
    "deskrow": insert("deskrow", clinic_id="%(harbor)s", kind="'order_to_book'", subject="1", row_version="1"),
    "persontotalkto": insert("persontotalkto", patient_id="%(ivy)s", name="'Al'", relation="'son'", scope="'times'",
                             pass_phrase="''", noted_at="now()"),
    "patientneed": insert("patientneed", patient_id="%(ivy)s", kind="'note'", words="'x'", noted_at="now()"),
    "timetocome": insert("timetocome", patient_id="%(ivy)s", weekday="'mon'"),
    "goliveword": insert("goliveword", clinic_id="%(harbor)s", step="'sender'", is_waived="false", reason="''",
                         said_by_id="%(manager)s", said_at="now()"),
    "staffinvite": insert("staffinvite", user_id="%(nurse)s", clinic_id="%(harbor)s", token_hash="'x'",
                          made_at="now()", useful_until="now() + interval '1 day'"),
    "postname": insert("postname", post_id="%(nurse_1)s", day="'2027-06-01'", name="'Ana'"),
}  # fmt: skip
CHANGED = (
    "appointment", "appointmentphase", "claim", "order", "order_sites", "followup", "patient", "patientidentifier",
    "clinic", "clinichours", "closure", "resource", "place", "shift", "absence", "membership", "visittype",
    "organisation", "protocol", "protocolversion", "questionnaire",
)  # fmt: skip
# Rows that nothing refers to; the others are kept by those that do.
REMOVED = (
    "order_sites", "followup", "patientidentifier", "clinichours", "closure", "shift", "absence", "membership",
    "visittype",
)  # fmt: skip

ATTEMPTS = (
    *(Attempt(f"a new {table} in silence", sql, NO_EVENT, events=False) for table, sql in NEW_ROWS.items()),
    *(
        Attempt(f"a changed {table} in silence",
                f"UPDATE scheduling_{table} SET {'period = period' if table == 'claim' else 'id = id'}"
                f" WHERE id = (SELECT max(id) FROM scheduling_{table});", NO_EVENT, events=False)
        for table in CHANGED
    ),
    *(
        Attempt(f"a removed {table} in silence",
                f"DELETE FROM scheduling_{table} WHERE id = (SELECT max(id) FROM scheduling_{table});", NO_EVENT,
                events=False)
        for table in REMOVED
    ),
    Attempt("an infusion booked in silence", booking("ana", 5, "2027-02-15 14:00"), NO_EVENT, events=False),
    Attempt("an event about another visit",
            "UPDATE scheduling_appointment SET is_pinned = true WHERE id = %(ana_visit_2)s;"
            + event("appointment_id", "%(ana_visit_3)s"), NO_EVENT, events=False),
    Attempt("an event about the patient only",
            "UPDATE scheduling_appointment SET is_pinned = true WHERE id = %(ana_visit_2)s;"
            + event("patient_id", "%(ana)s"), NO_EVENT, events=False),
    Attempt("an event in the transaction before",
            event("clinic_id", "%(harbor)s") + "COMMIT;" + SHIFT_ON_TUESDAY, NO_EVENT, events=False),
    Attempt("an event dated into this transaction",
            event("clinic_id", "%(harbor)s", written_in="pg_current_xact_id()::text::bigint + 1") + "COMMIT;"
            + SHIFT_ON_TUESDAY, NO_EVENT, events=False),
    Attempt("an event that was taken back",
            "SAVEPOINT before;" + event("clinic_id", "%(harbor)s") + "ROLLBACK TO before;" + SHIFT_ON_TUESDAY,
            NO_EVENT, events=False),
    Attempt("a shift moved to another clinic, told there only",
            "UPDATE scheduling_shift SET clinic_id = %(uptown)s;" + event("clinic_id", "%(uptown)s"), NO_EVENT,
            events=False),
    Attempt("checked before the event is written", "SET CONSTRAINTS ALL IMMEDIATE;" + SHIFT_ON_TUESDAY, NO_EVENT),
    Attempt("a clinic's zone changed without a word on its visits",
            "UPDATE scheduling_clinic SET time_zone = 'America/Chicago' WHERE id = %(harbor)s;"
            + event("clinic_id", "%(harbor)s"), NO_EVENT, events=False),
    Attempt("a visit removed", "DELETE FROM scheduling_appointment WHERE id = %(ivy_visit)s;", REFERENCE, "*"),
    Attempt("a patient removed", "DELETE FROM scheduling_patient WHERE id = %(ivy)s;", REFERENCE, "*"),
    Attempt("an order removed", "DELETE FROM scheduling_order WHERE id = %(eve_order)s;", REFERENCE, "*"),
    Attempt("a clinic removed", "DELETE FROM scheduling_clinic WHERE id = %(elsewhere)s;", REFERENCE, "*"),
    Attempt("staff nobody named",
            event("clinic_id", "%(harbor)s", actor_kind="'staff'"), CHECK, "event_staff_is_named"),
    Attempt("the system in a person's name",
            event("clinic_id", "%(harbor)s", user_id="%(nurse)s"), CHECK, "event_staff_is_named"),
    Attempt("an event about nothing there is", event("appointment_id", "999999"), REFERENCE, "*"),
    Attempt("two seals of a number",
            SEALED.format("min(id)", 7).replace(";", " FROM scheduling_event;")
            + SEALED.format("max(id)", 7).replace(";", " FROM scheduling_event;"), TWICE, "seal_once"),
    Attempt("an event sealed twice",
            SEALED.format("min(id)", 7).replace(";", " FROM scheduling_event;")
            + SEALED.format("min(id)", 8).replace(";", " FROM scheduling_event;"), TWICE,
            "scheduling_eventseal_event_id_key"),
)  # fmt: skip


@cases(ATTEMPTS)
def test_no_change_goes_without_an_event(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_every_table_that_must_leave_an_event_is_tried(world: World) -> None:
    guarded = world.value(
        "SELECT array_agg(DISTINCT substr(tgrelid::regclass::text, 12)) FROM pg_trigger"
        " WHERE tgname = 'leaves_an_event'"
    )
    assert {name.strip('"') for name in guarded} == NEW_ROWS.keys() | set(CHANGED)


def test_with_their_events_all_changes_are_accepted(fresh_world: World) -> None:
    for sql in NEW_ROWS.values():
        fresh_world.run(sql)
        fresh_world.run(event("reason", "''", organisation_id="(SELECT max(id) FROM scheduling_organisation)"))
        fresh_world.commit()


def test_another_place_of_the_same_chair_is_bookkeeping(fresh_world: World) -> None:
    fresh_world.run("UPDATE scheduling_claim SET place = 2 WHERE role = 'watch' AND appointment_id = %(ana_visit_2)s")
    fresh_world.connection.commit()


def test_an_event_says_which_transaction_wrote_it_whatever_is_said(fresh_world: World) -> None:
    fresh_world.run(event("clinic_id", "%(harbor)s", written_in="1"))
    assert fresh_world.value(
        "SELECT written_in = pg_current_xact_id()::text::bigint FROM scheduling_event ORDER BY id DESC LIMIT 1"
    )


def test_before_and_after_of_rows_are_kept(fresh_world: World) -> None:
    fresh_world.run("UPDATE scheduling_clinic SET name = 'Harbour' WHERE id = %(harbor)s")
    fresh_world.commit()
    kept = fresh_world.value(
        "SELECT array_agg(name ORDER BY pgh_id) FROM scheduling_clinichistory WHERE id = %(harbor)s"
    )
    assert kept == ["harbor", "Harbour"]
