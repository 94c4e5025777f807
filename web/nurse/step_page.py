"""One visit under the thumb: the next step with what it asks, and one tap further all else that may happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.models import PatientAddress, RideHome
from scheduling.covers import prescribers_of
from scheduling.deviations import may_have_started
from scheduling.models import PATIENT_IS_THERE, Appointment, CheckKind, Role, Status, VisitCheck, VisitKind
from scheduling.permissions import may
from scheduling.step_demands import (
    ASKS_WHO,
    demands_of,
    leave_blockers,
    observed_until,
    start_blockers,
)
from scheduling.stopped_starts import Stop, stop_of
from scheduling.visit_checks import clearance_of, latest_checks
from scheduling.visit_demands import Blocker
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.board_rows import read_parts
from web.nurse.taking_back import may_take_back
from web.nurse.timers import timer_of
from web.spoken import address, said, visit_name
from web.visit_steps import MUST_WAIT, next_step, next_words

IDENTIFIERS: Mapping[str, str | Promise] = {
    "birth_date": _("Birth date"),
    "phone": _("Phone number"),
    "address": _("Home address"),
    "photo_id": _("Photo ID"),
}
# Steps at which what a start asks for is shown.
UP_TO_THE_START = (Status.ARRIVED, Status.SEATED, Status.INFUSING)
# What is asked, in the words of the page; `MAY_PASS` a prescriber may let pass.
PASSABLE: Mapping[str, CheckKind] = {
    "fast_broken": CheckKind.FASTING,
    "ride": CheckKind.RIDE,
    "observed": CheckKind.OBSERVED,
}


@dataclass(frozen=True, slots=True)
class InTheWay:
    """One thing that stands in the way, in words; `passable` is what a prescriber would let pass, `is_needed_before`
    what has a page of its own, on which it is said to be there."""

    words: str
    passable: str
    is_needed_before: bool


def visit_next(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """The page of the next step of one visit."""
    visit = visit_or_404(request, visit_id)
    # The time of a start that was refused for what is still to be asked.
    context = context_of(request, visit) | {"typed_time": request.GET.get("happened_at", "")}
    return TemplateResponse(request, "nurse/step.html", context)


def context_of(request: ClinicRequest, visit: Appointment) -> dict[str, object]:
    """The next step with what it asks, what was said already, what stands in its way, and the ways out."""
    by, now, stop = actor(request), timezone.now(), stop_of(visit)
    step = next_step(visit, stop, now)
    known = latest_checks([visit.pk])
    demands, treats = demands_of(visit), may(by, "appointment.record_treatment")
    asks_start = step in UP_TO_THE_START
    blockers = blockers_of(visit, step, known, is_prescriber=Role.PRESCRIBER in by.roles)
    waits_for_word = [one.rule for one in blockers] == ["clearance"]
    return {
        "visit": visit,
        "what": visit_name(visit),
        "step": step if step == Status.ARRIVED or treats else None,
        "step_words": next_words(visit, step),
        "stop": stop,
        "stop_words": MUST_WAIT[stop] if stop else "",
        "to_rule": broken_off_before(visit) if stop == Stop.RULING else None,
        "asks_who": step in ASKS_WHO,
        "identifiers": list(IDENTIFIERS.items()),
        "phone": phone_of(visit),
        "fasting": demands.fasting if asks_start else None,
        "fasting_said": known.get((visit.pk, CheckKind.FASTING)),
        "ride": demands.ride and asks_start,
        "ride_said": known.get((visit.pk, CheckKind.RIDE)),
        "driver": RideHome.objects.filter(visit=visit).first() if demands.ride and asks_start else None,
        "in_the_way": [
            InTheWay(said(one.words), PASSABLE.get(one.rule, ""), one.rule == "prerequisite") for one in blockers
        ],
        "is_stopped": bool(blockers) and not waits_for_word and step == Status.COMPLETED,
        "waits_for_word": waits_for_word,
        "cleared": clearance_of(visit, known),
        "is_prescriber": Role.PRESCRIBER in by.roles,
        "prescribers": prescribers_of(request.clinic.organisation_id) if blockers else [],
        "observed_until": observed_until(visit),
        "timer": timer_of(visit, read_parts(visit), now=now),
        "may_exit": treats and visit.status in PATIENT_IS_THERE,
        "takes_back": may_take_back(visit, by, now),
        "may_deviate": may(by, "deviation.sign") and may_have_started(visit),
        "treats": treats,
    }


def blockers_of(
    visit: Appointment, step: Status | None, known: Mapping[tuple[int, str], VisitCheck], *, is_prescriber: bool
) -> list[Blocker]:
    """What stands in the way of this step and is not asked on the page itself: of a start only what was answered no."""
    now = timezone.now()
    if step == Status.COMPLETED and visit.kind == VisitKind.INFUSION:
        return leave_blockers(visit, known, at=now, is_cleared=is_prescriber)
    if step in UP_TO_THE_START:
        answered = {kind for _visit, kind in known}
        asked = {"fasting", *(() if CheckKind.RIDE in answered else ("ride",))}
        return [one for one in start_blockers(visit, {}, known, now=now) if one.rule not in asked]
    return []


def broken_off_before(visit: Appointment) -> Appointment | None:
    """The infusion of the same order that waits for a ruling."""
    return Appointment.objects.unruled().filter(order=visit.order_id).exclude(pk=visit.pk).order_by("pk").first()


def phone_of(visit: Appointment) -> str:
    """A number to compare with what the patient says; empty where none is on file."""
    links = PatientAddress.objects.filter(patient=visit.patient_id, ended_at=None, address__kind="phone")
    link = links.select_related("address").order_by("-preferred", "pk").first()
    return address(link.address) if link else ""
