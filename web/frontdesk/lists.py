"""The desk's one page of work: nine lists with their counts, which stay up to date by asking."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from notifications.desk_work import counts
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.desk_lists import lists_of
from web.frontdesk.list_answers import place_of_answer
from web.frontdesk.list_rows import NAMES
from web.live import nothing_new


def lists(request: ClinicRequest) -> TemplateResponse:
    """All nine, and what came of the last press where its row is or was."""
    context = context_of(request, timezone.now())
    context["answer"] = place_of_answer(request, context["lists"])
    return TemplateResponse(request, "frontdesk/lists.html", context)


def list_changes(request: ClinicRequest) -> HttpResponse:
    """The lists again when they are no longer as in `?version=`, else 204."""
    now = timezone.now()
    if request.GET.get("version") == counts(clinic=request.clinic, now=now).version:
        return nothing_new()
    return TemplateResponse(request, "frontdesk/lists_body.html", context_of(request, now))


def list_counts(request: ClinicRequest) -> HttpResponse:
    """What the bar says of the lists when that is no longer as in `?version=`, else 204. Two queries."""
    counted = counts(clinic=request.clinic, now=timezone.now())
    if request.GET.get("version") == counted.version:
        return nothing_new()
    named = [(which, NAMES[which], number) for which, number in counted.of.items()]
    context = {"counted": named, "total": counted.total, "version": counted.version}
    return TemplateResponse(request, "components/list_counts_now.html", context)


def context_of(request: ClinicRequest, now: datetime) -> dict[str, Any]:
    """What the page shows. The version is read first: what changes meanwhile comes next time."""
    version = counts(clinic=request.clinic, now=now).version
    return {"lists": lists_of(request.clinic, actor(request), now=now), "version": version, "now": now}
