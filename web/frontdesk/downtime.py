"""The downtime sheet as a page: two days on paper for when the network is gone."""

from __future__ import annotations

from django.conf import settings
from django.template.response import TemplateResponse
from django.utils import timezone

from web.current_clinic import ClinicRequest
from web.frontdesk.downtime_rows import sheet_of


def downtime_sheet(request: ClinicRequest) -> TemplateResponse:
    """The sheet as of now, to print."""
    sheet = sheet_of(request.clinic, now=timezone.now())
    context = {"sheet": sheet, "is_written": bool(settings.DOWNTIME_FOLDER)}
    return TemplateResponse(request, "frontdesk/sheet.html", context)
