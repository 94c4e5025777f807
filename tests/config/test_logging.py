from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.db import DataError, IntegrityError
from structlog.stdlib import ProcessorFormatter

from config.logging import logging_settings


def line(*, as_json: bool, exception: BaseException | None = None, said: str = "it failed") -> str:
    """One formatted log line, as the handler would write it."""
    formatter_settings: dict[str, Any] = dict(logging_settings(json=as_json)["formatters"]["lines"])
    formatter = formatter_settings.pop("()")(**formatter_settings)
    assert isinstance(formatter, ProcessorFormatter)
    trace = (type(exception), exception, None) if exception else None
    record = logging.LogRecord("test", logging.ERROR, "file", 1, said, (), trace)
    return formatter.format(record)


def test_machines_get_json() -> None:
    assert json.loads(line(as_json=True))["event"] == "it failed"


def test_people_get_fields() -> None:
    assert line(as_json=False).startswith("level='error' logger='test' event='it failed'")


@pytest.mark.parametrize("as_json", [True, False])
def test_the_values_of_a_refused_row_stay_out_of_the_log(*, as_json: bool) -> None:
    refused = IntegrityError(
        'duplicate key value violates unique constraint "one_phone"\nDETAIL:  Key (phone)=(+1 555 0100) already exists.'
    )
    text = line(as_json=as_json, exception=refused)
    assert "one_phone" in text
    assert "0100" not in text


@pytest.mark.parametrize("as_json", [True, False])
def test_what_was_sent_stays_out_of_the_log_where_postgresql_shows_the_statement(*, as_json: bool) -> None:
    refused = DataError(
        'unsupported Unicode escape sequence\nLINE 1: ...recordset(NULL, E\'[{"held_with": "Rosa 0100"\n      ^\n'
        'DETAIL:  \\u0000 cannot be converted to text.\nCONTEXT:  JSON data, line 1: ..."held_with": "Rosa 0100...'
    )
    text = line(as_json=as_json, exception=refused)
    assert "unsupported Unicode escape sequence" in text
    assert "0100" not in text


@pytest.mark.django_db
def test_a_request_is_logged_by_route_not_by_address(caplog: pytest.LogCaptureFixture, client: Any) -> None:
    with caplog.at_level(logging.INFO, logger="web"):
        client.get("/metrics?token=secret")
    assert caplog.messages
    assert "secret" not in caplog.text


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("page", ["/v/{}/confirm/", "/v/{}/calendar.ics", "/c/{}.ics", "/u/{}/"])
def test_what_django_says_of_a_refused_page_gives_no_link_away(page: str, *, as_json: bool) -> None:
    token = "dGhpc19pc19hX3Rva2Vu"
    for said in ("Forbidden (CSRF token missing.): %s", "Internal Server Error: %s", "Service Unavailable: %s"):
        text = line(as_json=as_json, said=said % page.format(token), exception=ValueError(page.format(token)))
        assert "/(link)" in text
        assert token not in text


def test_every_line_of_a_refused_press_goes_through_that_formatter() -> None:
    handlers = logging_settings(json=True)["handlers"].values()
    assert {handler["formatter"] for handler in handlers} == {"lines"}
