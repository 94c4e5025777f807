"""`migrate` as the database's owner, who then says what the application's role may do."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from config import database_roles


class Command(migrate.Command):
    help = "Brings the database up to date as its owner, then grants the application's role its rights."

    def execute(self, *args: Any, **options: Any) -> str | None:
        # Around the system checks too: some ask the database.
        with database_roles.as_owner(options["database"]) as connection:
            said = super().execute(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                database_roles.grant_application_rights(connection)
        return said
