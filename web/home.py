"""Where a person lands: the board, or for who has no part in a clinic's day a page that says so."""

from __future__ import annotations

from django.template.response import TemplateResponse

from scheduling.permissions import CLINICAL, DESK
from web.current_clinic import ClinicRequest
from web.frontdesk.board import board

SEES_THE_BOARD = DESK | CLINICAL


def home(request: ClinicRequest) -> TemplateResponse:
    """The landing page."""
    if request.membership_roles & SEES_THE_BOARD:
        return board(request)
    return TemplateResponse(request, "home.html")
