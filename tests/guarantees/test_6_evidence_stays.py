"""DESIGN 4.6: evidence can't be changed or removed by the application, and it can't make itself more than it is."""

from __future__ import annotations

import pytest
from django.apps import apps

from config.database_roles import is_append_only
from tests.guarantees.attempts import NO_RIGHT, Attempt, assert_refused, cases
from tests.guarantees.world import World

TABLES = {
    model._meta.db_table: model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.managed and not model._meta.proxy
}
EVIDENCE = sorted(table for table, model in TABLES.items() if is_append_only(model))
MUST_BE_EVIDENCE = {
    "scheduling_event", "scheduling_eventseal", "scheduling_orderversion", "scheduling_planneddose",
    "scheduling_doseterms", "scheduling_dosegap", "scheduling_gate", "scheduling_gatedecision",
    "scheduling_countersignature", "scheduling_deviation", "scheduling_clinichistory", "scheduling_orderhistory",
    "scheduling_patienthistory",
    "scheduling_userhistory", "scheduling_orderchange", "scheduling_exitruling", "scheduling_visitcheck",
    "scheduling_prerequisiterecord", "scheduling_followuptry", "scheduling_questionnaireresponse",
}  # fmt: skip

ATTEMPTS = (
    *(Attempt(f"{table} changed", f"UPDATE {table} SET {TABLES[table]._meta.pk.column} = NULL", NO_RIGHT)
      for table in EVIDENCE),
    *(Attempt(f"{table} removed", f"DELETE FROM {table}", NO_RIGHT) for table in EVIDENCE),
    *(Attempt(f"{table} emptied", f"TRUNCATE {table} CASCADE", NO_RIGHT) for table in sorted(TABLES)),
    *(Attempt(sql, sql, NO_RIGHT, events=False) for sql in (
        "SET ROLE infusion_owner",
        "SET SESSION AUTHORIZATION infusion_owner",
        "SET session_replication_role = replica",
        "ALTER ROLE infusion_app SUPERUSER",
        "GRANT infusion_owner TO infusion_app",
        "CREATE ROLE helper",
        "GRANT UPDATE ON scheduling_event TO infusion_app; UPDATE scheduling_event SET reason = ''",
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO infusion_app; TRUNCATE scheduling_event CASCADE",
        "ALTER TABLE scheduling_appointment DISABLE TRIGGER ALL",
        "ALTER TABLE scheduling_appointment DISABLE TRIGGER no_start_past_a_review",
        "ALTER TABLE scheduling_claim DROP CONSTRAINT place_used_once",
        "ALTER TABLE scheduling_appointment DROP COLUMN guard",
        "ALTER TABLE scheduling_event OWNER TO infusion_app",
        "ALTER TABLE scheduling_event RENAME TO old_events",
        "ALTER TABLE scheduling_event INHERIT scheduling_eventseal",
        "DROP TRIGGER within_the_order ON scheduling_appointment",
        "DROP TABLE scheduling_event CASCADE",
        "DROP FUNCTION scheduling_within_the_order() CASCADE",
        "DROP INDEX infusion_once",
        "DROP SCHEMA public CASCADE",
        "CREATE OR REPLACE FUNCTION scheduling_is_prescriber(bigint, bigint) RETURNS boolean RETURN true",
        "CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER mine BEFORE INSERT ON scheduling_gate EXECUTE FUNCTION scheduling_signing_alone_creates()",
        "CREATE RULE mine AS ON INSERT TO scheduling_event DO INSTEAD NOTHING",
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE scheduling_membership (id int)",
        "CREATE TEMPORARY VIEW scheduling_gate AS SELECT 1",
        "CREATE SCHEMA mine",
        "CREATE EXTENSION dblink",
        "UPDATE pg_trigger SET tgenabled = 'D'",
        "DELETE FROM pg_constraint",
        "SELECT setval('scheduling_event_id_seq', 1)",
        "SELECT setval('scheduling_gatedecision_id_seq', 1)",
        "ALTER SEQUENCE scheduling_event_id_seq RESTART",
        "COPY scheduling_event TO PROGRAM 'cat'",
        "COPY scheduling_event FROM '/dev/null'",
        "SELECT pg_read_file('/etc/hostname')",
        "ALTER DATABASE infusion SET session_replication_role = replica",
        "REINDEX TABLE scheduling_event",
        "UPDATE django_migrations SET name = ''",
    )),
)  # fmt: skip


@cases(ATTEMPTS)
def test_evidence_and_schema_are_out_of_reach(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_what_must_be_evidence_is() -> None:
    assert set(EVIDENCE) >= MUST_BE_EVIDENCE


def test_evidence_can_be_added_and_read(world: World) -> None:
    rights = world.connection.execute(
        "SELECT table_name, array_agg(privilege_type::text ORDER BY privilege_type)"
        " FROM information_schema.role_table_grants"
        " WHERE grantee = 'infusion_app' AND table_name = ANY(%s) GROUP BY table_name",
        [EVIDENCE],
    ).fetchall()
    assert dict(rights) == {table: ["INSERT", "SELECT"] for table in EVIDENCE}


@pytest.mark.parametrize("right", ["TRUNCATE", "TRIGGER", "REFERENCES", "MAINTAIN"])
def test_no_table_grants(world: World, right: str) -> None:
    version = world.value("SELECT current_setting('server_version_num')::int")
    if right == "MAINTAIN" and version < 170000:
        assert version >= 150000
        return
    granted = world.connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND has_table_privilege('infusion_app', oid, %s)",
        [right],
    ).fetchall()
    assert granted == []


def test_triggers_look_at_the_schemas_own_tables(world: World) -> None:
    """Any function of ours without its own search path would find a session's temporary table first."""
    loose = world.value(
        "SELECT coalesce(array_agg(proname::text), '{}') FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang"
        " WHERE l.lanname IN ('plpgsql', 'sql') AND p.pronamespace = 'public'::regnamespace"
        " AND p.prosrc ~ '(FROM|INTO)\\s' AND NOT coalesce(p.proconfig::text ~ 'search_path=.*pg_temp', false)"
    )
    assert loose == []
