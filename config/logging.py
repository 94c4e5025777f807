"""Log lines for people (`text`) or machines (`json`). They carry ids only: no name, contact or query string."""

from __future__ import annotations

import logging
import logging.config
import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

log = structlog.get_logger("web")
ROW_VALUES = re.compile(
    r"(DETAIL: |LINE \d+: |CONTEXT: +JSON data).*?(?=\n(?:DETAIL|HINT|CONTEXT|\n|Traceback|The above)|\Z)", re.DOTALL
)
# The token of a link to a page, a calendar feed or the way out of mails: Django's lines of a 403 or 500 repeat it.
LINK = re.compile(r"/([vcu])/[^/\s'\"?]+")
COMMON: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_settings(*, json: bool) -> dict[str, Any]:
    """Django's LOGGING: one stream, one line an entry."""
    ending: Any = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.processors.KeyValueRenderer(key_order=["level", "logger", "event"], drop_missing=True)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": COMMON,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    without_row_values,
                    without_tokens,
                    ending,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # RequestLogMiddleware says it, without the address.
            "django.request": {"level": "ERROR"},
            # Two lines every ten seconds that say nothing.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            # It complains of each HEAD request.
            "gunicorn.http.wsgi": {"level": "ERROR"},
        },
    }


def without_row_values(_: Any, __: str, entry: dict[str, Any]) -> dict[str, Any]:
    """PostgreSQL's DETAIL repeats the values of the row it refused, a patient's among them; so do the line of the
    statement that it shows, and what it says of JSON."""
    for key in ("exception", "event"):
        if isinstance(entry.get(key), str):
            entry[key] = ROW_VALUES.sub(r"\1(left out)", entry[key])
    return entry


def without_tokens(_: Any, __: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Whoever reads the log must not be able to open a patient's page."""
    for key in ("exception", "event"):
        if isinstance(entry.get(key), str):
            entry[key] = LINK.sub(r"/\1/(link)", entry[key])
    return entry


def configure(settings: dict[str, Any]) -> None:
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[*COMMON, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestLogMiddleware:
    """One line a request, but none for a poll without news: route name, never the address, for links carry tokens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=uuid.uuid4().hex[:12])
        began = time.monotonic()
        response = self.get_response(request)
        quiet = response.status_code == HTTPStatus.NO_CONTENT or request.path.startswith("/health/")
        log.log(
            logging.DEBUG if quiet else logging.INFO,
            "request",
            method=request.method,
            route=request.resolver_match.view_name if request.resolver_match else "",
            status=response.status_code,
            milliseconds=round((time.monotonic() - began) * 1000),
        )
        return response
