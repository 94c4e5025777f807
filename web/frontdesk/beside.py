"""A visit beside the board: what the desk needs on the telephone, without leaving the day."""

from __future__ import annotations

from django.template.response import TemplateResponse
from django.utils import timezone

from scheduling.models import Claim, ResourceKind, Status
from scheduling.permissions import may
from scheduling.stopped_starts import stop_of
from scheduling.visit_steps import next_steps
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.board_blocks import TO_BOOK_ANEW
from web.frontdesk.calls import numbers_of
from web.frontdesk.ride import ride_of
from web.readiness_words import ready_words
from web.spoken import visit_name
from web.templatetags.visit_marks import waits
from web.visit_steps import next_step, next_words


def visit_beside(request: ClinicRequest, visit_id: int) -> TemplateResponse:
    """The visit in the space beside the board. What asks something has a page of its own, to which links lead."""
    visit, by, now = visit_or_404(request, visit_id), actor(request), timezone.now()
    claims = Claim.objects.filter(appointment=visit).select_related("resource").order_by("period", "pk")
    names = {kind: list(dict.fromkeys(c.resource.name for c in claims if c.resource.kind == kind))
             for kind in ResourceKind}  # fmt: skip
    numbers, _only = numbers_of([visit.patient_id])
    status, stop = Status(visit.status), stop_of(visit)
    step = next_step(visit, stop)
    context = {
        "visit": visit,
        "what": visit_name(visit),
        "chairs": [*names[ResourceKind.CHAIR], *names[ResourceKind.BAY]],
        "nurses": names[ResourceKind.NURSE],
        "prescribers": names[ResourceKind.PRESCRIBER],
        "numbers": numbers[visit.patient_id],
        "ride": ride_of(visit),
        "ready": ready_words(visit, now),
        "stopped": TO_BOOK_ANEW[stop].text if stop in TO_BOOK_ANEW else "",
        "waits": waits(visit) and visit.live,
        "step": step if step == Status.ARRIVED or may(by, "appointment.record_treatment") else None,
        "step_words": next_words(visit, step),
        "can_confirm": status == Status.BOOKED and not visit.confirmed_at and not waits(visit),
        "can_change": status == Status.BOOKED,
        "can_miss": Status.NO_SHOW in next_steps(visit) and visit.period.lower <= now,
    }
    return TemplateResponse(request, "frontdesk/beside.html", context)
