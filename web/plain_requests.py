"""What no browser sends is put aside before anything reads it: text that is not UTF-8, and cookies with a NUL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase

UTF_8: Final = frozenset({None, "utf-8", "utf8"})


class PlainRequests:
    """Middleware: 400 where a request says that its text is in another encoding than UTF-8.

    Django takes whatever Python can decode with: encodings that are none of text ("base64"), and such as make halves of
    characters ("unicode_escape"), which no page and no column holds. A cookie with a NUL, which no column holds either,
    is none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let it through, or refuse with BadRequest."""
        encoding = request.encoding
        if (encoding.lower() if encoding else None) not in UTF_8:
            raise BadRequest
        request.COOKIES = {name: kept for name, kept in request.COOKIES.items() if "\x00" not in kept}
        return self.get_response(request)
