"""The two database roles: the owner changes the schema, the application only rows, and not those that are evidence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory.models
from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from psycopg import sql

from config import env

ALL_ROW_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"
APPEND_ONLY_RIGHTS = "SELECT, INSERT"


@contextmanager
def as_owner(alias: str = "default") -> Iterator[BaseDatabaseWrapper]:
    """Lets Django's connection speak as DATABASE_OWNER_URL says, and gives it back as it was."""
    if not settings.DATABASE_OWNER_URL:
        raise CommandError("DATABASE_OWNER_URL is not set: changing the schema needs the database's owner.")
    connection = connections[alias]
    before = connection.settings_dict
    owner = env.database(settings.DATABASE_OWNER_URL, name="DATABASE_OWNER_URL")
    if owner["USER"] == before["USER"]:
        raise CommandError("DATABASE_URL and DATABASE_OWNER_URL name the same role; the application must not be owner.")
    connection.close()
    # A dictionary of its own: Django's settings hold the other one.
    connection.settings_dict = before | owner
    try:
        yield connection
    finally:
        connection.close()
        connection.settings_dict = before


def grant_application_rights(connection: BaseDatabaseWrapper) -> None:
    """Sets the application's rights anew: what no model accounts for it can't touch, and it can empty no table.

    A model says `append_only: ClassVar[bool] = True` where its rows are evidence; the application adds and reads
    those. pghistory's event tables are evidence too.
    """
    role = sql.Identifier(settings.DATABASES["default"]["USER"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = sql.Identifier(cursor.fetchone()[0])
        cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}").format(schema, role))
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
        cursor.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA {} TO {}").format(schema, role))
        rights = rights_by_table()
        # A migration back to an earlier state leaves models without a table.
        for table in sorted(set(connection.introspection.table_names(cursor)) & set(rights)):
            cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(rights[table]), sql.Identifier(table), role))


def rights_by_table() -> dict[str, str]:
    """Table name to the application's rights on it, for every table that a model stands for."""
    rights = {"django_migrations": "SELECT"}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            rights[model._meta.db_table] = APPEND_ONLY_RIGHTS if is_append_only(model) else ALL_ROW_RIGHTS
    return rights


def is_append_only(model: type[Model]) -> bool:
    return bool(getattr(model, "append_only", False)) or issubclass(model, pghistory.models.Event)
