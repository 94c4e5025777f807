"""Questions: what the desk asked for, answered by the role that owns the rule; the desk sees what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.answering import allow, refuse, withdraw
from scheduling.asking import open_questions
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import AskedFor, AskState, Role
from scheduling.picks import BookingRefused
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.spoken import infusion_of, said, word_of

ANSWERS = (Role.MANAGER, Role.PRESCRIBER)
SHOWN_FOR = timedelta(days=14)
MOST_ANSWERED = 30
# The rules that may be let pass, as whoever answers reads them.
RULES: Mapping[str, str | Promise] = {
    "hours": _("The clinic is not open for the whole visit."),
    "last_end": _("The visit ends later than the clinic lets visits end."),
    "grid": _("Visits do not start at this time of day here."),
    "spacing": _("The ordered distance between infusions is not kept."),
    "within_days": _("The series would lie outside the days the order allows."),
    "per_week": _("It would be one infusion too many in a calendar week."),
    "missed_visits": _("Visits of this series were missed."),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question in words. `times` are infusion or kind of visit with its start; `kept_until` as long as it is kept."""

    asked: AskedFor
    times: tuple[tuple[str, datetime], ...]
    rules: tuple[str | Promise, ...]
    kept_until: datetime | None
    key: str


def questions(request: ClinicRequest) -> TemplateResponse:
    """What this person may answer, what else waits, and what was answered lately."""
    now, clinic = timezone.now(), request.clinic
    roles = [role for role in ANSWERS if role in request.membership_roles]
    mine = sorted(
        (one for role in roles for one in open_questions(clinic=clinic, role=role)), key=lambda one: one.asked_at
    )
    rows = AskedFor.objects.filter(clinic=clinic).select_related(
        "patient", "order", "visit_type", "asked_by", "answered_by"
    )
    waiting = list(rows.filter(state=AskState.OPEN).exclude(role__in=roles).order_by("asked_at", "pk"))
    answered = rows.exclude(state=AskState.OPEN).filter(answered_at__gte=now - SHOWN_FOR)
    over = list(answered.order_by("-answered_at", "-pk")[:MOST_ANSWERED])
    everything = [*mine, *waiting, *over]
    prefetch_related_objects(everything, "kept_times", "order__current_version")
    context = {
        "mine": in_words(mine, now),
        "waiting": in_words(waiting, now),
        "over": in_words(over, now),
        "may_answer": bool(roles),
        "is_prescriber": Role.PRESCRIBER in request.membership_roles,
    }
    return TemplateResponse(request, "frontdesk/questions.html", context)


def in_words(asked: Sequence[AskedFor], now: datetime) -> list[Question]:
    """The questions as the page shows them; no query."""
    return [
        Question(
            asked=one,
            times=tuple((what_of(one, number), datetime.fromisoformat(start)) for number, start, *_ in one.picks),
            rules=tuple(RULES.get(rule, rule) for rule in one.rules),
            kept_until=kept_until(one, now),
            key=uuid4().hex,
        )
        for one in asked
    ]


def what_of(asked: AskedFor, number: int | None) -> str:
    """Infusion 3 of 6, or what the clinic calls this kind of visit."""
    version = asked.order.current_version if asked.order else None
    if number is not None and version is not None:
        return infusion_of(number, version.doses, word_of(version))
    return asked.visit_type.name if asked.visit_type else ""


def kept_until(asked: AskedFor, now: datetime) -> datetime | None:
    """Until when the times are kept; None once they no longer are."""
    ends = [visit.held_until for visit in asked.kept_times.all() if visit.held_until and visit.held_until > now]
    return min(ends, default=None)


def answer_question(request: ClinicRequest, question_id: int) -> HttpResponse:
    """Allow what was asked, which books it, or refuse it; says why where that can't be done."""
    asked, reason = question_or_404(request, question_id), request.POST.get("reason", "")[:300]
    by, now = actor(request), timezone.now()
    try:
        if request.POST.get("do") == "allow":
            allow(asked=asked, reason=reason, by=by, now=now, key=request.POST.get("key", "")[:60])
            messages.success(request, _("Allowed and booked."))
        else:
            refuse(asked=asked, reason=reason, by=by, now=now)
            messages.success(request, _("Refused. The time is free again."))
    except BookingRefused as refusal:
        messages.warning(request, " ".join(said(problem) for problem in refusal.problems))
    except KeyUsedOtherwise:
        messages.info(request, _("This question was answered from that page already."))
    return redirect("questions")


def withdraw_question(request: ClinicRequest, question_id: int) -> HttpResponse:
    """Take the question back; its time is free again."""
    asked = question_or_404(request, question_id)
    try:
        withdraw(asked=asked, by=actor(request), now=timezone.now())
    except BookingRefused as refusal:
        messages.warning(request, " ".join(said(problem) for problem in refusal.problems))
    else:
        messages.success(request, _("Taken back. The time is free again."))
    return redirect("questions")


def question_or_404(request: ClinicRequest, question_id: int) -> AskedFor:
    """A question of this clinic."""
    rows = AskedFor.objects.filter(clinic=request.clinic).select_related("patient", "order", "visit_type", "clinic")
    return get_object_or_404(rows, pk=question_id)
