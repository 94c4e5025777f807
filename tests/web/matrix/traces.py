"""What a form that was sent left behind, and what its answer says: rows of this transaction, and words for a person."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Final

from django.contrib.messages import constants
from django.db import connection
from django.http import HttpResponseBase

# Who is signed in, and what they are told next, is kept with the browser; a wrong password is counted.
OF_BROWSERS: Final = frozenset({"django_session", "scheduling_wrongpassword"})
TABLES: Final = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
# Rows that this transaction wrote have its number, or a later one where it took savepoints.
OF_TABLE: Final = (
    "SELECT '{table}', count(*), count(*) FILTER (WHERE xmin::text::bigint >= %(mine)s::text::bigint) FROM \"{table}\""
)
# Where pages say what is wrong: at the top of a form, in a line of a message, or as a whole page.
ALERT: Final = re.compile(r'role="alert"|class="alert[ "]|class="errorlist|data-problem')
A_WHOLE_PAGE: Final = re.compile(r"<h1[^>]*>(.*?)</h1>.*?<p[^>]*>(.*?)</p>", re.DOTALL)
TAGS: Final = re.compile(r"<[^>]+>")
A_SENTENCE = 12


def counts(cursor: Any, mine: str) -> dict[str, tuple[int, int]]:
    """How many rows each table has, and how many of them are of this transaction."""
    cursor.execute(TABLES)
    tables = sorted({row[0] for row in cursor.fetchall()} - OF_BROWSERS)
    cursor.execute(" UNION ALL ".join(OF_TABLE.format(table=table) for table in tables), {"mine": mine})
    return {table: (rows, of_mine) for table, rows, of_mine in cursor.fetchall()}


class Rows:
    """The rows of a database as they were; `changed` within a transaction says which tables are others now."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            self.before = {table: rows for table, (rows, _) in counts(cursor, "4294967295").items()}

    def changed(self) -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id_if_assigned()::text")
            mine = cursor.fetchone()[0]
            if mine is None:
                return set()
            now = counts(cursor, mine)
        return {table for table, (rows, of_mine) in now.items() if of_mine or rows != self.before[table]}


def page_of(answer: HttpResponseBase) -> str:
    return bytes(getattr(answer, "content", b"")).decode(errors="replace")


def told(answer: Any) -> list[tuple[int, str]]:
    """The messages that the next page will show, with their level."""
    waiting = getattr(getattr(answer, "wsgi_request", None), "_messages", None)
    return [(one.level, str(one.message)) for one in getattr(waiting, "_queued_messages", ())]


def is_refused(answer: Any) -> bool:
    """Whether the answer says that it was not done."""
    if answer.status_code >= 400 or any(level >= constants.WARNING for level, _ in told(answer)):
        return True
    return answer.status_code == 200 and 'role="alert"' in page_of(answer)


def says_so(answer: Any) -> bool:
    """Whether a person reads why: a message on the next page, an alert on this one, or a heading with words below."""
    if any(len(words) >= A_SENTENCE for _, words in told(answer)):
        return True
    page = page_of(answer)
    if ALERT.search(page):
        return True
    whole = A_WHOLE_PAGE.search(page)
    return whole is not None and all(
        len(unescape(TAGS.sub("", words)).strip()) >= A_SENTENCE for words in whole.groups()
    )
