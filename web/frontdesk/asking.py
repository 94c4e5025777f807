"""Asking for a time that a rule stands against: what stands against it, whose word it needs, and the question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.asking import ask_for, ask_for_visit
from scheduling.booking import book_series, book_visit
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Appointment, AskedFor, Order, Patient, Role, VisitKind, VisitType
from scheduling.options import options_of
from scheduling.overrides import Allowed
from scheduling.picks import BookingRefused, Pick
from scheduling.proposals import reasons_not_to_book
from scheduling.series import read_series
from scheduling.why_not import WhyNot
from scheduling.would_ask import Against, against_infusion, against_visit
from web.at_clinic import actor, order_or_404, patient_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.other_time import OtherTimeForm
from web.spoken import infusion, soon

# Whom a question goes to, as the button says it.
ASK = {Role.MANAGER: _("Ask the manager"), Role.PRESCRIBER: _("Ask the prescriber")}


class AskForm(OtherTimeForm):
    """Which infusion or kind of visit, and when."""

    what = forms.ChoiceField(label=_("What?"))
    field_order = ("what", "day", "time")

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["what"]).choices = choices


@dataclass(frozen=True)
class Wished:
    """What the page is about: an infusion of an order, or a kind of visit of a patient."""

    request: ClinicRequest
    patient: Patient
    order: Order | None
    now: datetime

    def choices(self) -> list[tuple[str, str]]:
        """What may be wished, by the value that the form sends."""
        if self.order is None:
            types = VisitType.objects.filter(clinic=self.request.clinic).exclude(kind=VisitKind.INFUSION)
            return [(str(kind.pk), kind.name) for kind in types.order_by("pk")]
        kept = [visit.pk for option in options_of(self.order, now=self.now) for visit in option.visits]
        series = read_series(self.order, now=self.now, without=kept)
        return [(str(number), infusion(number)) for number in series.to_book]

    def against(self, what: str, start: datetime) -> Against:
        """What stands against it. Reads only."""
        if self.order is not None:
            pick = Pick(int(what), start)
            return against_infusion(order=self.order, clinic=self.request.clinic, pick=pick, now=self.now)
        return against_visit(
            patient=self.patient, clinic=self.request.clinic, visit_type=self.kind(what), start=start, now=self.now
        )

    def ask(self, what: str, start: datetime, reason: str, key: str) -> AskedFor:
        by, clinic, now = actor(self.request), self.request.clinic, self.now
        if self.order is not None:
            picks = [Pick(int(what), start)]
            return ask_for(order=self.order, clinic=clinic, picks=picks, reason=reason, by=by, now=now, key=key)
        return ask_for_visit(
            patient=self.patient, clinic=clinic, visit_type=self.kind(what), start=start, reason=reason, by=by, now=now,
            key=key,
        )  # fmt: skip

    def book(self, what: str, start: datetime, allow: list[Allowed], key: str) -> Appointment:
        """Books it, with what this person allows."""
        by, clinic, now = actor(self.request), self.request.clinic, self.now
        if self.order is not None:
            picks = [Pick(int(what), start)]
            return book_series(order=self.order, clinic=clinic, picks=picks, allow=allow, by=by, now=now, key=key)[0]
        return book_visit(
            patient=self.patient, clinic=clinic, visit_type=self.kind(what), start=start, allow=allow, by=by, now=now,
            key=key,
        )  # fmt: skip

    def kind(self, what: str) -> VisitType:
        return get_object_or_404(VisitType, pk=what, clinic=self.request.clinic)

    @property
    def back(self) -> str:
        """The page one came from."""
        if self.order is not None:
            return reverse("series", args=[self.order.pk])
        return reverse("patient", args=[self.patient.pk])


def ask_for_infusion(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Ask for one infusion at a time that is not offered."""
    order = order_or_404(request, order_id)
    if reasons_not_to_book(order, request.clinic) or order.current_version is None:
        return redirect("series", order.pk)
    return ask(Wished(request, order.patient, order, timezone.now()))


def ask_for_other_visit(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """Ask for a visit that is no infusion, at a time that is not offered."""
    return ask(Wished(request, patient_or_404(request, patient_id), None, timezone.now()))


def ask(wished: Wished) -> HttpResponse:
    """What stands against the time in the address; a POST asks for it, allows it, or books what nothing stands against.

    Never books against a rule that the person does not own.
    """
    request = wished.request
    said = request.POST if request.method == "POST" else request.GET
    form = AskForm(
        said if "day" in said else None, clinic=request.clinic, choices=wished.choices(), initial=request.GET
    )
    against, refused = None, []
    if form.is_valid():
        what, start = form.cleaned_data["what"], form.cleaned_data["start"]
        if request.method == "POST":
            answer = settle(wished, what, start)
            if isinstance(answer, HttpResponse):
                return answer
            refused = answer
        against = wished.against(what, start)
    context = {
        "patient": wished.patient,
        "order": wished.order,
        "back": wished.back,
        "form": form,
        "against": against,
        "refused": refused,
        "ask_words": words_for_role(against),
        "may_allow": bool(against and against.role in request.membership_roles),
        "key": uuid4().hex,
    }
    return TemplateResponse(request, "frontdesk/ask.html", context, status=409 if refused else 200)


def words_for_role(against: Against | None) -> str | Promise:
    """What the button says; empty where nobody is to be asked."""
    return ASK.get(against.role, "") if against and against.role else ""


def settle(wished: Wished, what: str, start: datetime) -> HttpResponse | list[WhyNot]:
    """Do what was pressed and lead on, or give the reasons why it can't be done."""
    request, post = wished.request, wished.request.POST
    reason, key = post.get("reason", "")[:300], post.get("key", "")[:60]
    try:
        if post.get("do") == "ask":
            asked = wished.ask(what, start, reason, key)
            ends = max((visit.held_until for visit in asked.kept_times.all() if visit.held_until), default=None)
            words = gettext("Asked. The time is kept until %(time)s.")
            messages.success(request, words % {"time": soon(ends, timezone.localdate()) if ends else ""})
            return redirect("questions")
        rules = {problem.rule for problem in wished.against(what, start).problems} if post.get("do") == "allow" else ()
        visit = wished.book(what, start, [Allowed(rule, reason) for rule in rules], key)
    except BookingRefused as refusal:
        return refusal.problems
    except KeyUsedOtherwise:
        messages.info(request, _("Something was booked from that page already. Here is what stands."))
        return redirect(wished.back)
    messages.success(request, _("Booked."))
    return redirect("visit", visit.pk)
