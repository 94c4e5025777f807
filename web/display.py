"""How a page is shown to somebody without an account: the size of its text, and both size and language in the middle of
a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

TEXT_SIZES = ("normal", "large", "larger")
COOKIE = "text_size"
A_YEAR = 365 * 24 * 3600
# The id of a form in work. The choices above it are buttons of that form, so that they take along what is filled in.
IN_WORK: Final = "answers"
SHOW_IN, SHOW_SIZE = "show_in", "show_size"


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
    _keep_size(request, answer, size if size in TEXT_SIZES else TEXT_SIZES[0])
    return answer


def is_chosen_so(request: HttpRequest) -> bool:
    """Whether a form in work was sent by one of the choices above it, and by no button of its own."""
    return SHOW_IN in request.POST or SHOW_SIZE in request.POST


def shown_so(request: HttpRequest, draw: Callable[[], HttpResponse]) -> HttpResponse:
    """What `draw` makes, in the language and size that were chosen above a form in work, which hold from now on. What
    is no choice changes nothing."""
    language, size = request.POST.get(SHOW_IN, ""), request.POST.get(SHOW_SIZE, "")
    if size in TEXT_SIZES:
        request.COOKIES[COOKIE] = size
    if language in dict(settings.LANGUAGES):
        translation.activate(language)
    answer = draw()
    if size in TEXT_SIZES:
        _keep_size(request, answer, size)
    if language in dict(settings.LANGUAGES):
        _keep_language(answer, language)
    return answer


def _keep_size(request: HttpRequest, answer: HttpResponse, size: str) -> None:
    answer.set_cookie(COOKIE, size, max_age=A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())


def _keep_language(answer: HttpResponse, language: str) -> None:
    """As Django's own `set_language` keeps it."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
