from __future__ import annotations

import psycopg
import pytest
from django.apps import apps
from django.db import ProgrammingError, connection

from config import database_roles
from tests.databases import Committed


@pytest.mark.django_db
def test_ordinary_tests_run_as_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == ("infusion_app", "ordinary")


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_cannot_change_events(statement: str) -> None:
    table = apps.get_model("scheduling", "Event")._meta.db_table
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute(statement.format(table))


def test_a_table_without_a_model_is_out_of_reach(committed_database: Committed) -> None:
    with psycopg.connect(committed_database.owner_url) as owner:
        owner.execute("CREATE TABLE unknown (id int)")
    with (
        psycopg.connect(committed_database.app_url) as application,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        application.execute("SELECT * FROM unknown")


def test_no_table_may_be_emptied_at_once(committed_database: Committed) -> None:
    with psycopg.connect(committed_database.owner_url) as owner:
        granted = owner.execute(
            "SELECT count(*) FROM information_schema.role_table_grants"
            " WHERE grantee = 'infusion_app' AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')"
        ).fetchone()
    assert granted == (0,)


def test_every_append_only_model_has_two_rights() -> None:
    rights = database_roles.rights_by_table()
    evidence = [model for model in apps.get_models() if database_roles.is_append_only(model)]
    assert evidence
    assert {rights[model._meta.db_table] for model in evidence} == {"SELECT, INSERT"}
