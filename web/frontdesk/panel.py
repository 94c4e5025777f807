"""One part of a page that stands alone as a page, or beside the board where it was opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from web.current_clinic import ClinicRequest

# What a link or form inside the panel carries, so that its answer stays in the panel.
STAYS: Final = SafeString(' hx-boost="true"')


def is_panel(request: ClinicRequest) -> bool:
    """Whether only the part is wanted: `?panel=1`, or HTMX asks."""
    return request.GET.get("panel") == "1" or bool(request.htmx)


def answer(
    request: ClinicRequest,
    part: str,
    context: Mapping[str, object],
    *,
    title: str | Promise = "",
    page: str = "frontdesk/changing.html",
    status: int = 200,
) -> TemplateResponse:
    """The part alone, or inside `page`. HTMX shows no answer that says it failed, so in the panel it never does."""
    alone = is_panel(request)
    shown = {**context, "panel": alone, "stays": STAYS if alone else "", "part": part, "title": title}
    if alone:
        response = TemplateResponse(request, "frontdesk/panel.html", shown)
        # The address stays the board's; an attribute of the panel is not enough, as HTMX lets a boosted form win.
        response["HX-Push-Url"] = "false"
        return response
    return TemplateResponse(request, page, shown, status=status)
