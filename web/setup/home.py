"""The first page of setup: the go-live list, and where each thing is set up."""

from __future__ import annotations

from django.template.response import TemplateResponse

from notifications.models import StaffContact
from notifications.notice_facts import ChannelName
from scheduling.practising import practice_of
from web.current_clinic import ClinicRequest
from web.setup.going_live import lines_of


def setup(request: ClinicRequest) -> TemplateResponse:
    """What is done, what is open, and the way to each page."""
    lines = lines_of(request.clinic)
    own = StaffContact.objects.filter(user=request.user, channel=ChannelName.SMS).first()
    context = {
        "lines": lines,
        "green": sum(line.state.is_green for line in lines),
        "own_phone": own.value if own else "",
        "practice": None if request.clinic.is_practice else practice_of(request.clinic),
    }
    return TemplateResponse(request, "setup/home.html", context)
