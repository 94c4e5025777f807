"""How a page is shown to somebody without an account: the size of its text."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

TEXT_SIZES = ("normal", "large", "larger")
COOKIE = "text_size"
A_YEAR = 365 * 24 * 3600


def text_size_of(request: HttpRequest) -> str:
    """The size this person chose; normal when none or an unknown one was kept."""
    kept = request.COOKIES.get(COOKIE, "")
    return kept if kept in TEXT_SIZES else TEXT_SIZES[0]


def choose_text_size(request: HttpRequest) -> HttpResponseRedirect:
    """Keep the wished text size in a cookie and go back to the page; an unknown size means normal."""
    size = request.POST.get("size", "")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    answer = HttpResponseRedirect(back)
    kept = size if size in TEXT_SIZES else TEXT_SIZES[0]
    answer.set_cookie(COOKIE, kept, max_age=A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    return answer
