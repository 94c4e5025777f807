"""The HTTP below Twilio's SDK: base URL from a setting, and one request as `one_request` makes it.

The SDK's own client can't say whether a request ever left, and that is what tells a refusal from an unknown outcome.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from twilio.http import HttpClient
from twilio.http.response import Response

from notifications.channels.one_request import one_request


class PlainHttpClient(HttpClient):  # type: ignore[misc]
    """Sends the SDK's requests to `base_url`; each ends within `total_seconds`."""

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
        """One request, one answer; raises as `one_request` does."""
        asked = urlsplit(url)
        query = urlencode(params, doseq=True) if params else asked.query
        sent = dict(headers or {})
        body = None
        if data is not None and method.upper() != "GET":
            body = urlencode(data, doseq=True).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        if auth:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
        target = asked.path + (f"?{query}" if query else "")
        answer = one_request(
            self.base, method.upper(), target, body=body, headers=sent, total_seconds=self.total_seconds
        )
        return Response(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)
