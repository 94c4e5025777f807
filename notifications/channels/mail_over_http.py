"""The HTTP below anymail's providers: `one_request` in the place of requests' own connections and retries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from notifications.channels.one_request import one_request


class OneTry(BaseAdapter):
    """A transport for a requests session: one connection a request, one try, a hard limit on the whole."""

    def __init__(self, total_seconds: float) -> None:
        super().__init__()
        self.total_seconds = total_seconds

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 -- the signature of requests
        timeout: Any = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Raises as `one_request` does."""
        asked = urlsplit(request.url or "")
        # No provider in use streams.
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        answer = one_request(
            asked,
            request.method or "POST",
            request.path_url,
            body=body,
            headers={name: str(value) for name, value in request.headers.items()},
            total_seconds=self.total_seconds,
        )
        found = Response()
        found.status_code = answer.status
        found.headers = CaseInsensitiveDict(answer.headers)
        found.encoding = "utf-8"
        found.url = request.url or ""
        found.request = request
        found._content = answer.body
        return found

    def close(self) -> None:
        """Keeps nothing open."""
