"""A retried request does its work once: its key is written first in the verb's transaction, its answer last."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import connection

from scheduling.events import Actor
from scheduling.models import IdempotencyKey

KEY_LENGTH = 80
INSERT = """
INSERT INTO scheduling_idempotencykey (actor, key, request_hash, asked_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (actor, key) DO NOTHING
"""
ANSWER = "UPDATE scheduling_idempotencykey SET answer = %s WHERE actor = %s AND key = %s"


class KeyUsedOtherwise(Exception):
    """This key came before with another request."""


def earlier_answer(*, by: Actor, key: str, request: Any, now: datetime) -> Any | None:
    """The answer given to (`by`, `key`) before, or None after writing the key, so that a twin of this request waits.

    `request` is plain data; the same key with another request is refused with KeyUsedOtherwise. An empty key asks for
    nothing. Call it first in the transaction; `keep_answer` belongs to the end of it.
    """
    if not key:
        return None
    key = key[:KEY_LENGTH]
    asked = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [_actor(by), key, asked, now])
        if cursor.rowcount:
            return None
    row = IdempotencyKey.objects.get(actor=_actor(by), key=key)
    if row.request_hash != asked:
        raise KeyUsedOtherwise
    return row.answer


def keep_answer(*, by: Actor, key: str, answer: Any) -> None:
    """Keeps the answer for whoever asks again with this key."""
    if key:
        with connection.cursor() as cursor:
            cursor.execute(ANSWER, [json.dumps(answer), _actor(by), key[:KEY_LENGTH]])


def _actor(by: Actor) -> str:
    return f"{by.kind}:{by.user_id or by.name}"
