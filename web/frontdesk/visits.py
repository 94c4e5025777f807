"""One visit: what it is, what was done with it, and what can be done from here."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.answers import approved_for
from scheduling.exit_rulings import is_ruled
from scheduling.models import PATIENT_IS_THERE, Appointment, Status
from scheduling.permissions import may
from scheduling.stopped_starts import stop_of
from scheduling.visit_steps import NotPossibleFromHere, OrderOnHold, next_steps
from scheduling.visits import confirm
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.calls import numbers_of
from web.frontdesk.cancel_form import reason_words
from web.frontdesk.change_bar import bar_of
from web.frontdesk.having_again import can_be_had_again
from web.frontdesk.history import history_of
from web.frontdesk.inbox_rows import late_replies
from web.frontdesk.kept import kept_alone
from web.frontdesk.notice_given import notice_of
from web.frontdesk.open_wishes import open_wish
from web.frontdesk.panel import answer
from web.frontdesk.ride import ride_of
from web.frontdesk.running_late import MINUTES, lateness_of
from web.frontdesk.unreached import unreached
from web.frontdesk.who_has import who_has
from web.messages_sent import notices_of
from web.nurse.chairs import lacks_chair
from web.nurse.taking_back import may_take_back
from web.readiness_words import waiting_for
from web.spoken import visit_name
from web.templatetags.visit_marks import waits
from web.visit_steps import is_days_ahead, next_step, next_words, words_for_refusal


def visit(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """The page of one visit, or the panel beside the board."""
    shown = visit_or_404(request, visit_id)
    context = context_of(request, shown)
    part = "frontdesk/visit_panel.html"
    return answer(request, part, context, title=visit_name(shown), page="frontdesk/visit.html")


def context_of(request: ClinicRequest, shown: Appointment) -> dict[str, object]:
    """The visit with the steps this person may take from here."""
    status, by, now = Status(shown.status), actor(request), timezone.now()
    stop = stop_of(shown)
    step = next_step(shown, stop, now)
    return {
        "visit": shown,
        "what": visit_name(shown),
        **who_has(shown, now),
        "numbers": numbers_of([shown.patient_id])[0][shown.patient_id],
        "step": step if step and (step == Status.ARRIVED or may(by, "appointment.record_treatment")) else None,
        "step_words": next_words(shown, step),
        "stop": stop,
        # Also where it was refused just now: what is missing is said on the page of the step.
        "step_asks": step in (Status.ARRIVED, Status.INFUSING) or "asks" in request.GET,
        "takes_back": may_take_back(shown, by, now),
        "waits_for_ruling": shown.needs_ruling and not is_ruled(shown),
        "may_rule": may(by, "exit.rule") or may(by, "exit.write_down"),
        "can_confirm": status == Status.BOOKED and not shown.confirmed_at and not waits(shown),
        "is_days_ahead": is_days_ahead(shown, now),
        "can_cancel": status == Status.BOOKED,
        "can_take_back": can_be_had_again(shown, now),
        "kept": kept_alone(shown, request.clinic, request.user, now=now),
        "lacks_chair": lacks_chair(shown),
        "waits_for": waiting_for(shown, now),
        "ride": ride_of(shown),
        "is_under_way": status in PATIENT_IS_THERE and may(by, "appointment.record_treatment"),
        "can_miss": Status.NO_SHOW in next_steps(shown) and shown.period.lower <= now,
        "history": history_of(shown),
        "notices": notices_of(shown.patient, visit=shown, now=now if may(by, "message.send_again") else None),
        "unreached": unreached(shown.patient, request.clinic) if shown.period.lower > now else None,
        "bar": bar_of(shown, now),
        "open_wish": open_wish(shown, now),
        "lateness": lateness_of(shown, request.clinic, now),
        "late_minutes": MINUTES,
        "cancel_reason": reason_words(shown.cancel_reason, request.membership_roles),
        "notice_given": notice_of(shown, request.clinic),
        "now": now,
        "replies": late_replies(shown, request.clinic),
        "quick": approved_for(request.clinic, shown.patient.language) if shown.live else [],
        "quick_key": uuid4().hex,
    }


def confirm_visit(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """The patient said on the telephone that they are coming."""
    shown = visit_or_404(request, visit_id)
    try:
        changed = confirm(appointment=shown, how="desk", by=actor(request), now=timezone.now())
    except OrderOnHold:
        messages.warning(request, _("Nothing was changed: this visit waits for the prescriber and can't be confirmed."))
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    else:
        messages.success(request, _("Confirmed.") if changed else _("This visit was confirmed before."))
    return redirect("visit", shown.pk)
