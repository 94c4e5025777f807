"""Where a person lands: the board, until it has a page of its own."""

from __future__ import annotations

from django.template.response import TemplateResponse

from web.current_clinic import ClinicRequest


def home(request: ClinicRequest) -> TemplateResponse:
    """The landing page."""
    return TemplateResponse(request, "home.html")
