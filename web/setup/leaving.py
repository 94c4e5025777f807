"""Somebody leaves today: what they have in hand, who takes it over, and which visits lose them."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.duty import end_duty
from notifications.models import DutyShift
from scheduling.affected_visits import affected_by
from scheduling.furnishing import FOR_GOOD, take_out_of_use
from scheduling.intervals import Interval
from scheduling.inviting import NoManagerLeft
from scheduling.leaving import CLINICIANS, InHand, NotThatPerson, in_hand, leave
from scheduling.losses import without
from scheduling.models import Role, User
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.manager.losing import AffectedLine, lines_of
from web.setup.staff import user_or_404
from web.setup.staff_form import LeaveForm


def leave_today(request: ClinicRequest, user_id: int) -> HttpResponse:
    """Shows it all and asks who takes over; a POST does it, at once and whole."""
    user, clinic, today = user_or_404(request, user_id), request.clinic, timezone.localdate()
    found = in_hand(user=user, clinic=clinic, today=today)
    heirs = {str(one.pk): one for one in heirs_of(request, user, found)}
    form = LeaveForm(
        request.POST if request.method == "POST" else None,
        people=[(key, one.shown_name) for key, one in heirs.items()],
        must=found.needs_heir,
    )
    if request.method == "POST" and form.is_valid():
        try:
            carry_out(request, user, heirs.get(form.cleaned_data["heir"]), found)
        except NotThatPerson:
            form.add_error("heir", _("They can't take over: they are away themselves, or have not the role for it."))
        except NoManagerLeft:
            form.add_error(None, _("Nobody could set this clinic up any more: name another manager first."))
        else:
            messages.success(request, _("%(name)s can't sign in any more.") % {"name": user.shown_name})
            return redirect("setup_staff")
    context = {"person": user, "found": found, "form": form, "looked": looked_at(request, found), "heirs": heirs}
    return TemplateResponse(request, "setup/leave.html", context, status=422 if form.errors else 200)


def carry_out(request: ClinicRequest, user: User, heir: User | None, found: InHand) -> None:
    """The account, the tasks and covers, the duty list, and the person's own post: all or nothing."""
    by, now = actor(request), timezone.now()
    with transaction.atomic():
        leave(user=user, clinic=request.clinic, heir=heir, today=timezone.localdate(), by=by, now=now)
        for shift in DutyShift.objects.filter(user=user, clinic=request.clinic, ends_at__gt=now).select_related(
            "clinic"
        ):
            end_duty(shift=shift, by=by, now=now)
        for resource in found.resources:
            take_out_of_use(resource=resource, by=by, now=now)


def heirs_of(request: ClinicRequest, user: User, found: InHand) -> list[User]:
    """Who may take over: prescribers for a prescriber, clinicians otherwise."""
    roles = (Role.PRESCRIBER,) if found.prescribes else CLINICIANS
    rows = User.objects.filter(memberships__clinic=request.clinic, memberships__role__in=roles, is_active=True)
    return list(rows.exclude(pk=user.pk).distinct().order_by("display_name", "username"))


def looked_at(request: ClinicRequest, found: InHand) -> list[AffectedLine]:
    """Visits that are booked with the person's own post, or their own hours."""
    if not found.resources:
        return []
    now = timezone.now()
    loss = without([str(one.pk) for one in found.resources], Interval(now, now + FOR_GOOD))
    return lines_of(affected_by(clinic=request.clinic, loss=loss, now=now), loss, now)
