"""The HTTP below Twilio's SDK: base URL from a setting, one try, a hard time limit, nothing logged.

The SDK's own client can't say whether a request ever left, and that is what tells a refusal from an unknown outcome.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlencode, urlsplit

from twilio.http import HttpClient
from twilio.http.response import Response

from notifications.channels.deadline import closes_after


class NeverSent(Exception):
    """No connection in time: the gateway has seen nothing of the request."""


class PlainHttpClient(HttpClient):  # type: ignore[misc]
    """Sends the SDK's requests to `base_url`; each opens a connection of its own and ends within `total_seconds`."""

    def __init__(self, base_url: str, total_seconds: float) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False, timeout=total_seconds)
        self.base = urlsplit(base_url)
        self.total_seconds = total_seconds

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: FBT001, FBT002 -- the SDK's signature
    ) -> Response:
        """One request, one answer. Raises `NeverSent` before the first byte left, OSError or HTTPException after."""
        asked = urlsplit(url)
        query = urlencode(params, doseq=True) if params else asked.query
        sent = dict(headers or {})
        body = None
        if data is not None and method.upper() != "GET":
            body = urlencode(data, doseq=True).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        if auth:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
        connection = self._connection()
        try:
            with closes_after(self.total_seconds, lambda: connection.sock) as limit:
                try:
                    connection.connect()
                    # A slow look-up or handshake may have outlived the lease, and another worker then sends.
                    limit.check()
                except OSError as problem:
                    raise NeverSent(type(problem).__name__) from problem
                connection.request(method.upper(), asked.path + (f"?{query}" if query else ""), body, sent)
                answer = connection.getresponse()
                text = answer.read().decode("utf-8", "replace")
                return Response(answer.status, text, dict(answer.getheaders()))
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        kind = HTTPSConnection if self.base.scheme == "https" else HTTPConnection
        return kind(self.base.hostname or "", self.base.port, timeout=self.total_seconds)
