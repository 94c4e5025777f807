"""Visits that are near and not ready: whom to run after what, with one press where the thing has come."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.template.response import TemplateResponse
from django.utils import timezone

from scheduling.chasing import not_ready
from scheduling.events import Actor
from scheduling.models import Appointment, PrerequisiteAnswer
from scheduling.prerequisites import may_say
from scheduling.readiness import Stands
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.spoken import visit_name

# What one press can settle: the others want a day or a number of visits.
ONE_PRESS = ("missing", "overdue", "withdrawn")


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing. `by_one_press`: who looks may say here that it is there."""

    stands: Stands
    by_one_press: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One visit with what it lacks."""

    visit: Appointment
    what: str
    lacks: tuple[Lack, ...]


def not_ready_visits(request: ClinicRequest) -> TemplateResponse:
    """The list, the next visit first, with what is missing most in numbers above it."""
    by, found = actor(request), not_ready(clinic=request.clinic, now=timezone.now())
    count = Counter(lack.needs.name for one in found for lack in one.lacks)
    rows = [
        Row(one.visit, visit_name(one.visit), tuple(Lack(lack, by_one_press(lack, by)) for lack in one.lacks))
        for one in found
    ]
    return TemplateResponse(request, "frontdesk/not_ready.html", {"rows": rows, "counts": count.most_common()})


def by_one_press(lack: Stands, by: Actor) -> bool:
    """Whether "it is there" says all, and this person may say it."""
    return lack.where in ONE_PRESS and not lack.needs.counts_visits and may_say(lack.needs, PrerequisiteAnswer.MET, by)
