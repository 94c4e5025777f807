"""Inserts many new rows at the price of one: a statement with one JSON value, where `bulk_create` binds every field."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, time
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault
from psycopg.types.range import TimestamptzRange

Row = TypeVar("Row", bound=Model)


def insert_rows(rows: Iterable[Row]) -> list[Row]:
    """Inserts unsaved rows of one model in their order, and gives them with the ids and generated values they got.

    For plain fields, half-open times, lists and JSON; no signals, as with `bulk_create`. What the database is to fill
    in, it fills in for all rows or for none.
    """
    objects = list(rows)
    if not objects:
        return objects
    model = type(objects[0])
    fields = [field for field in _written(model) if not isinstance(getattr(objects[0], field.attname), DatabaseDefault)]
    document = json.dumps(
        [{field.column: getattr(one, field.attname) for field in fields} for one in objects], default=_as_json
    )
    returned = model._meta.db_returning_fields
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, tuple(fields)), [document])
        gotten = cursor.fetchall() if returned else [()] * len(objects)
    for one, values in zip(objects, gotten, strict=True):
        for field, value in zip(returned, values, strict=True):
            setattr(one, field.attname, value)
        one._state.adding, one._state.db = False, connection.alias
    return objects


@cache
def _written(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    """The fields that a new row brings along: not its id, and nothing the database computes."""
    fields = (field for field in model._meta.concrete_fields if not field.generated)
    return tuple(field for field in fields if field is not model._meta.auto_field)


@cache
def _statement(model: type[Model], fields: tuple[Field[Any, Any], ...]) -> str:
    quote = connection.ops.quote_name
    table, columns = quote(model._meta.db_table), ", ".join(quote(str(field.column)) for field in fields)
    returned = ", ".join(quote(str(field.column)) for field in model._meta.db_returning_fields)
    # The table's own row type says how each value is read; the rows go in, and come back, in the order given.
    given = f"jsonb_populate_recordset(NULL::{table}, %s) WITH ORDINALITY"
    rows = f"SELECT {columns} FROM {given} ORDER BY ordinality"  # noqa: S608 -- names of a model
    return f"INSERT INTO {table} ({columns}) {rows}" + (f" RETURNING {returned}" if returned else "")


def _as_json(value: object) -> str:
    """What JSON has no word for, as PostgreSQL reads it."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, TimestamptzRange) and value.lower and value.upper:
        return f"[{value.lower.isoformat()},{value.upper.isoformat()})"
    raise TypeError(f"a row can't hold {value!r}")
