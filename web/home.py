"""Where a person lands: the board, or for who has no part in a clinic's day a page that says so."""

from __future__ import annotations

from django.template.response import TemplateResponse

from scheduling.models import Role
from web.current_clinic import ClinicRequest
from web.frontdesk.board import board

SEES_THE_BOARD = frozenset({Role.FRONT_DESK, Role.MANAGER, Role.NURSE, Role.PRESCRIBER})


def home(request: ClinicRequest) -> TemplateResponse:
    """The landing page."""
    if request.membership_roles & SEES_THE_BOARD:
        return board(request)
    return TemplateResponse(request, "home.html")
