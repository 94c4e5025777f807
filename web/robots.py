"""What search engines may read of us: nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

NOTHING = "User-agent: *\nDisallow: /\n"


def robots(request: HttpRequest) -> HttpResponse:
    """Says that no page is for them."""
    return HttpResponse(NOTHING, content_type="text/plain; charset=utf-8")
