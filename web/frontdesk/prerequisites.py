"""What a series needs before its visits: what was said of it, and the forms to say it anew, for whom the plan names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor
from scheduling.models import Appointment, Order, PrerequisiteAnswer, PrerequisiteRecord, Role, Status
from scheduling.prerequisite_rows import prerequisites_of, standing_of, with_prerequisites
from scheduling.prerequisites import (
    NoSuchPrerequisite,
    NotForYou,
    NotItsDays,
    may_say,
    note_is_for_all,
    record_met,
    waive,
    withdraw,
)
from scheduling.protocol_parts import Prerequisite
from scheduling.readiness import Stands
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest
from web.spoken import infusion, short_day

MET, WAIVED, WITHDRAWN = PrerequisiteAnswer.MET, PrerequisiteAnswer.WAIVED, PrerequisiteAnswer.WITHDRAWN
CLINICAL = frozenset({Role.NURSE, Role.PRESCRIBER})
DAY = forms.DateInput(attrs={"type": "date"})
SAID = {
    MET: _("Written down: it is there."),
    WAIVED: _("Written down: it is not needed."),
    WITHDRAWN: _("Written down: it is no longer there."),
}


class SayForm(forms.Form):
    """From when until when, for how many visits, for which visit."""

    first = forms.DateField(label=_("From"), required=False, widget=DAY, help_text=_("Empty: from today on."))
    last = forms.DateField(label=_("Until, the last day"), required=False, widget=DAY)
    visits = forms.IntegerField(
        label=_("For how many visits"), required=False, min_value=1, max_value=60,
        help_text=_("Counted from the first day on. Empty: not limited."),
    )  # fmt: skip
    visit = forms.ChoiceField(label=_("For which visits"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def __init__(self, said: QueryDict | None = None, *, needs: Prerequisite, booked: Sequence[Appointment]) -> None:
        super().__init__(said, auto_id=f"{needs.code}-%s")
        field = self.fields["visit"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- for the type checker
        alone = [(str(one.pk), gettext("%(visit)s alone") % {"visit": _named(one)}) for one in booked]
        field.choices = [("", gettext("All of the series")), *alone]
        if not needs.counts_visits:
            del self.fields["visits"]


@dataclass(frozen=True, slots=True)
class Card:
    """One prerequisite: where it stands for the next visit, or in general, who may say so, and what was said."""

    needs: Prerequisite
    next: Stands | None
    form: SayForm
    may_meet: bool
    may_waive: bool
    may_take_back: bool
    met_by: str
    waived_by: str
    said: tuple[tuple[PrerequisiteRecord, bool], ...]


def before_visits(request: ClinicRequest, order_id: int) -> HttpResponse:
    """All that the order asks for before its visits; a POST says of one thing that it is there, not needed or gone."""
    order = order_or_404(request, order_id)
    by, now = actor(request), timezone.now()
    booked = booked_of(order, now)
    wrong: SayForm | None = None
    if request.method == "POST":
        answer = say(request, order, booked, by, now)
        if isinstance(answer, HttpResponse):
            return answer
        wrong = answer
    context = {
        "order": order,
        "patient": order.patient,
        "cards": cards_of(order, booked, by, wrong, request.POST.get("code", "")),
        "next": booked[0] if booked else None,
        "form": wrong,
    }
    return TemplateResponse(request, "frontdesk/before_visits.html", context, status=422 if wrong else 200)


def booked_of(order: Order, now: datetime) -> list[Appointment]:
    """Visits that have not started, with what they need, the next first."""
    visits = Appointment.objects.filter(order=order, dose__isnull=False, live=True, given_at__isnull=True)
    visits = visits.exclude(status=Status.HELD).order_by("period")
    return list(with_prerequisites(visits))


def cards_of(order: Order, booked: Sequence[Appointment], by: Actor, wrong: SayForm | None, code: str) -> list[Card]:
    """One card a prerequisite, in the plan's order; the form that was wrong stands in its card."""
    now = timezone.now()
    standing = {one.needs.code: one for one in standing_of(booked[0], now=now)} if booked else {}
    said: dict[str, list[PrerequisiteRecord]] = {}
    rows = PrerequisiteRecord.objects.filter(order=order).select_related("said_by", "appointment").order_by("-pk")
    for row in rows:
        said.setdefault(row.code, []).append(row)
    reads_all = bool(by.roles & CLINICAL)
    return [
        Card(
            needs=one,
            next=standing.get(one.code),
            form=wrong if wrong and one.code == code else SayForm(needs=one, booked=booked),
            may_meet=may_say(one, MET, by),
            may_waive=may_say(one, WAIVED, by),
            may_take_back=may_say(one, WITHDRAWN, by) and bool(said.get(one.code)),
            met_by=roles_said(one.met_by),
            waived_by=roles_said(one.waived_by),
            said=tuple((row, reads_all or note_is_for_all(one, row.answer)) for row in said.get(one.code, ())),
        )
        for one in prerequisites_of(order)
    ]


def say(
    request: ClinicRequest, order: Order, booked: Sequence[Appointment], by: Actor, now: datetime
) -> HttpResponse | SayForm | None:
    """Write down what was said and lead back; the form where it makes no sense."""
    needs = next((one for one in prerequisites_of(order) if one.code == request.POST.get("code")), None)
    if needs is None:
        messages.warning(request, _("The order does not ask for this any more. This is what it asks for now."))
        return redirect("before_visits", order.pk)
    form = SayForm(request.POST, needs=needs, booked=booked)
    if not form.is_valid():
        return form
    chosen = next((one for one in booked if str(one.pk) == form.cleaned_data["visit"]), None)
    try:
        answer = write(order, needs, form.cleaned_data, chosen, request.POST.get("do", ""), by=by, now=now)
    except NotItsDays:
        form.add_error("last", gettext("The last day lies before the first."))
        return form
    except NotForYou as refusal:
        words = gettext("The order names who may say so: %(roles)s. Nothing was written down.")
        messages.warning(request, words % {"roles": roles_said(refusal.roles)})
    except NoSuchPrerequisite:
        messages.warning(request, _("The order does not ask for this any more. This is what it asks for now."))
    else:
        messages.success(request, SAID[answer])
    back = request.POST.get("back")
    return redirect("not_ready") if back == "not_ready" else redirect("before_visits", order.pk)


def write(
    order: Order,
    needs: Prerequisite,
    said: dict[str, Any],
    chosen: Appointment | None,
    do: str,
    *,
    by: Actor,
    now: datetime,
) -> PrerequisiteAnswer:
    """One of the three verbs; gives what was said."""
    today = ClinicTime(chosen.time_zone).local_day(now) if chosen else timezone.localdate(now)
    first: date = said["first"] or today
    about: dict[str, Any] = {
        "order": order, "code": needs.code, "first": first, "appointment": chosen, "note": said["note"], "by": by,
        "now": now,
    }  # fmt: skip
    if do == "waive":
        waive(last=said["last"], **about)
        return WAIVED
    if do == "withdraw":
        withdraw(**about)
        return WITHDRAWN
    record_met(last=said["last"], visits=said.get("visits"), **about)
    return MET


def roles_said(roles: Sequence[str]) -> str:
    """Front desk, Nurse."""
    return ", ".join(str(Role(role).label) for role in roles)


def _named(visit: Appointment) -> str:
    """Infusion 3, Mon, Dec 7."""
    return f"{infusion(visit.dose_number or 0)}, {short_day(visit.period.lower)}"
