"""Reads the environment: what is named there replaces an embedded part. Every complaint is one sentence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict


class WrongSetting(Exception):
    """A variable is missing or has no meaning; `str()` is the sentence for the person who starts the program."""


def given(name: str) -> bool:
    return bool(os.environ.get(name, "").strip())


def text(name: str, default: str | None = None) -> str:
    """The variable's value; an empty one counts as not set. Raises `WrongSetting` when there is no default either."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise WrongSetting(f"{name} is not set. It is required when DATABASE_URL names a database of your own.")
    return value


def database(url: str, *, name: str) -> dict[str, Any]:
    """A Django DATABASES entry for a PostgreSQL URL or conninfo string, with libpq's own rules for reading it."""
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError:
        # libpq's own words would repeat the password.
        raise WrongSetting(f"{name} is not a PostgreSQL URL (postgresql://user:password@host:5432/database).") from None
    if not parts.get("dbname") and not parts.get("service"):
        raise WrongSetting(f"{name} names no database (postgresql://user@host/database).")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": "5", **parts},
    }


def url(name: str, default: str | None, *, schemes: tuple[str, ...]) -> str:
    """The variable's value, checked to be a URL of one of `schemes`; `name+` takes all that begin so."""
    value = text(name, default)
    scheme = urlsplit(value).scheme
    if scheme not in schemes and scheme.partition("+")[0] + "+" not in schemes:
        raise WrongSetting(f"{name} must begin with one of {', '.join(f'{scheme}:' for scheme in schemes)}.")
    return value


def host_of(address: str) -> str:
    return urlsplit(address).hostname or ""


def port() -> int:
    value = text("PORT", "8000")
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise WrongSetting(f"PORT={value} is not a port number.")
    return int(value)


def whole_number(name: str, default: int, *, least: int, most: int) -> int:
    """The variable's value as a whole number between these two, both allowed."""
    value = text(name, str(default))
    if not value.isdecimal() or not least <= int(value) <= most:
        raise WrongSetting(f"{name}={value} is not a whole number from {least} to {most}.")
    return int(value)


def kept_secret(path: Path) -> str | None:
    """The secret the embedded mode made for itself, or None where it has not been made yet."""
    try:
        return path.read_text().strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
