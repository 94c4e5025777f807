"""Puts a database's rows back as they were, so that every schedule of two verbs begins at the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from tests.plugin_servers import run_places

# What verbs write. A write to another table would stay, and the next schedule would see it: `kept` looks for that, but
# for histories, which no verb reads.
WRITTEN: Final = (
    "absence", "appointment", "appointmentphase", "askedfor", "claim", "clinic", "clinichours", "cliniciantask",
    "closure", "event", "eventtoplan", "eventtoseal", "exitruling", "followup", "gatedecision", "idempotencykey",
    "order", "orderchange", "override", "patient", "place", "postname", "resource", "shift", "visitcheck", "visittask",
)  # fmt: skip
# The primary key, and the columns that are not generated.
COLUMNS = """
SELECT k.attname, array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '')
FROM pg_index i
JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = i.indkey[0]
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum > 0 AND NOT a.attisdropped
WHERE i.indrelid = %s::regclass AND i.indisprimary GROUP BY k.attname
"""
# A row that was written since has another xmin than the copy remembers.
KEEP = "CREATE TABLE kept.{table} AS SELECT *, xmin::text AS was FROM {table}"
PUT_BACK = """
DELETE FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM kept.{table} k WHERE k.{key} = t.{key} AND k.was = t.xmin::text);
INSERT INTO {table} ({columns})
  SELECT {columns} FROM kept.{table} k WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.{key} = k.{key});
IF FOUND THEN
  UPDATE kept.{table} k SET was = t.xmin::text FROM {table} t WHERE t.{key} = k.{key} AND t.xmin::text <> k.was;
END IF;
"""
OTHERS = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND relname LIKE 'scheduling\\_%%' AND relname NOT LIKE '%%history' AND relname <> ALL(%s) ORDER BY relname
"""
FUNCTION = "CREATE FUNCTION kept.put_back() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {statements} END $$"


@dataclass
class Kept:
    """The rows as they were when it was made. `connection` is a superuser's, for whoever wants to look."""

    connection: psycopg.Connection[Any]

    def put_back(self) -> None:
        """Takes away what was written since and brings back what was changed or removed. Ids go on counting."""
        self.connection.execute("SELECT kept.put_back()")


@contextmanager
def kept(database: str) -> Iterator[Kept]:
    """Remembers the rows that verbs write. On the way back neither triggers nor foreign keys are asked."""
    url = run_places().database_url("postgres", database)
    with psycopg.connect(url, autocommit=True, options="-c session_replication_role=replica") as connection:
        connection.execute("CREATE SCHEMA kept")
        statements = [_keep(connection, f"scheduling_{table}") for table in WRITTEN]
        connection.execute(sql.SQL(FUNCTION).format(statements=sql.SQL("").join(statements)))
        before = _others(connection)
        yield Kept(connection)
        connection.execute("DROP SCHEMA kept CASCADE")
        changed = {table for table, count in _others(connection).items() if count != before[table]}
        assert not changed, f"written, and not put back: {changed}"


def _others(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each of the tables has that are not put back."""
    tables = [table for (table,) in connection.execute(OTHERS, [[f"scheduling_{table}" for table in WRITTEN]])]
    counts = [
        sql.SQL("SELECT {name}, count(*) FROM {table}").format(name=table, table=sql.Identifier(table))
        for table in tables
    ]
    return dict(connection.execute(sql.SQL(" UNION ALL ").join(counts)).fetchall())


def _keep(connection: psycopg.Connection[Any], table: str) -> sql.Composed:
    """Copies a table; what puts it back."""
    name = sql.Identifier(table)
    connection.execute(sql.SQL(KEEP).format(table=name))
    row = connection.execute(COLUMNS, [table.join('""')]).fetchone()
    assert row is not None
    key, columns = row
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL(PUT_BACK).format(table=name, key=sql.Identifier(key), columns=listed)
