"""What must hold before web or worker may start. `manage.py check --database default` runs it too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error
from django.db import connection

from notifications.channels.registry import channel_for
from notifications.link_address import TOKEN_LETTERS, url_for
from notifications.mail_providers import check_reports
from notifications.notice_facts import ChannelName
from notifications.rendering import LONGEST_LINK
from notifications.segments import measure


class MustNotStart(Exception):
    """One sentence for the person who starts the program."""


def demo_accounts_outside_the_demo(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Everyone knows the demo passwords: where they stand and the database is not the demo's own, nothing may start."""
    if settings.EMBEDDED or not databases:
        return []
    users = get_user_model()
    # `migrate` asks before the first migration has made the table.
    if users._meta.db_table not in connection.introspection.table_names():
        return []
    found = users._default_manager.filter(username__in=settings.DEMO_USERNAMES)
    names = sorted(found.values_list("username", flat=True))
    if not names:
        return []
    return [
        Error(
            f"The demo accounts {', '.join(names)} exist in this database, and their password is public: "
            "remove them, or point DATABASE_URL at another database.",
            id="config.E001",
        )
    ]


def find_link_fault() -> str | None:
    """Why the links to patients' pages can't stand in a text: with one too long a reminder takes two segments."""
    link = measure(url_for("x" * TOKEN_LETTERS))
    if link.encoding != "gsm-7":
        return "PUBLIC_URL has letters that a text can't hold: only plain ones are possible."
    if link.units > LONGEST_LINK:
        too_many = link.units - LONGEST_LINK
        return f"PUBLIC_URL is {too_many} letters too long: a reminder with its link has to fit one text."
    return None


def refuse_or_pass() -> None:
    """Raises `MustNotStart` with the first thing that is wrong."""
    for channel in ChannelName:
        try:
            channel_for(channel)
        except ValueError as wrong_url:
            raise MustNotStart(str(wrong_url)) from wrong_url
    try:
        check_reports(settings.EMAIL_URL, settings.INBOUND_MAIL_SECRET)
    except ValueError as unheard:
        raise MustNotStart(str(unheard)) from unheard
    if fault := find_link_fault():
        raise MustNotStart(fault)
    for problem in demo_accounts_outside_the_demo(databases=["default"]):
        raise MustNotStart(problem.msg)
