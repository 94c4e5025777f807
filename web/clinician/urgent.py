"""The mark on every page of clinical staff while something urgent waits that nobody has in hand."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from notifications.task_alerts import Unanswered, unanswered
from scheduling.models import Clinic, Role
from scheduling.permissions import ALLOWED


def urgent_for(request: HttpRequest) -> list[Unanswered]:
    """The urgent tasks that wait where this person is a clinician; for others nothing is asked."""
    places: dict[Clinic, frozenset[Role]] = getattr(request, "places", {})
    mine = [clinic for clinic, roles in places.items() if roles & ALLOWED["task.take"]]
    return unanswered(clinics=mine, now=timezone.now()) if mine else []
