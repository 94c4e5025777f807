"""A form that was sent while the session was locked: kept in the session, unsent, until whoever sent it is back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

KEY: Final = "refused_form"
LARGEST: Final = 200_000
# Proofs and secrets are never kept.
LEFT_OUT: Final = ("csrfmiddlewaretoken", "password")


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """Where it was sent, the page it stood on, and its fields as (name, text)."""

    path: str
    page: str
    fields: tuple[tuple[str, str], ...]

    @property
    def written(self) -> list[str]:
        """What reads like somebody's own words, to know the form by."""
        return [text for _, text in self.fields if " " in text.strip()]


def keep(request: HttpRequest) -> None:
    """Keeps the form that was just refused, in place of an earlier one. One with files or a book in it is let go."""
    fields = [(name, text) for name, texts in request.POST.lists() if name not in LEFT_OUT for text in texts]
    if not request.FILES and sum(len(text) for _, text in fields) <= LARGEST:
        kept: dict[str, Any] = {"path": request.get_full_path(), "page": page_of(request), "fields": fields}
        request.session[KEY] = kept


def is_kept(session: SessionBase) -> bool:
    """Whether one waits."""
    return KEY in session


def take(session: SessionBase) -> RefusedForm | None:
    """The form that waits, which from now on stands on a page alone."""
    kept = session.pop(KEY, None)
    if kept is None:
        return None
    return RefusedForm(kept["path"], kept["page"], tuple((name, text) for name, text in kept["fields"]))


def page_of(request: HttpRequest) -> str:
    """The page somebody looks at: this one, or for what is sent the one it came from."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(came_from)
    # A path of ours that begins with two of these would be another host's name where it stands alone.
    page = "/" + parts.path.lstrip("/\\")
    return f"{page}?{parts.query}" if parts.query else page
