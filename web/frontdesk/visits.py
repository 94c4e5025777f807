"""One visit: what it is, what was done with it, and what can be done from here."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.answers import approved_for
from notifications.news_waiting import goes_if_sent_now, news_waiting
from scheduling.cancelling import cancel
from scheduling.exit_rulings import is_ruled
from scheduling.models import PATIENT_IS_THERE, Appointment, Claim, ResourceKind, Status
from scheduling.permissions import may
from scheduling.stopped_starts import stop_of
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, OrderOnHold, next_steps
from scheduling.visits import confirm
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.cancel_form import SIDES, CancelForm
from web.frontdesk.having_again import can_be_had_again
from web.frontdesk.history import history_of
from web.frontdesk.inbox_rows import late_replies
from web.frontdesk.kept import kept_alone
from web.frontdesk.ride import ride_of
from web.frontdesk.unreached import unreached
from web.messages_sent import notices_of
from web.nurse.chairs import lacks_chair
from web.nurse.taking_back import may_take_back
from web.readiness_words import waiting_for
from web.spoken import visit_name
from web.templatetags.visit_marks import waits
from web.visit_steps import next_step, next_words, words_for_refusal


def visit(request: ClinicRequest, visit_id: int) -> TemplateResponse:
    """The page of one visit."""
    shown = visit_or_404(request, visit_id)
    return TemplateResponse(request, "frontdesk/visit.html", context_of(request, shown))


def context_of(request: ClinicRequest, shown: Appointment) -> dict[str, object]:
    """The visit with the steps this person may take from here."""
    claims = Claim.objects.filter(appointment=shown).select_related("resource").order_by("resource__kind", "period")
    status, by, now = Status(shown.status), actor(request), timezone.now()
    stop = stop_of(shown)
    step = next_step(shown, stop)
    return {
        "visit": shown,
        "what": visit_name(shown),
        "places": list(dict.fromkeys(c.resource.name for c in claims if c.resource.kind != ResourceKind.PRESCRIBER)),
        "with_whom": list(dict.fromkeys(c.resource.name for c in claims if c.resource.kind == ResourceKind.PRESCRIBER)),
        "step": step if step and (step == Status.ARRIVED or may(by, "appointment.record_treatment")) else None,
        "step_words": next_words(shown, step),
        "stop": stop,
        "step_asks": step in (Status.ARRIVED, Status.INFUSING),
        "takes_back": may_take_back(shown, by, now),
        "waits_for_ruling": shown.needs_ruling and not is_ruled(shown),
        "may_rule": may(by, "exit.rule") or may(by, "exit.write_down"),
        "can_confirm": status == Status.BOOKED and not shown.confirmed_at and not waits(shown),
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
        "news_goes_at": goes_if_sent_now(news_waiting(shown.patient, shown), now),
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


def cancel_visit(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Ask for the reason, then cancel. If someone changed the visit meanwhile it is asked again, the reason kept."""
    shown = visit_or_404(request, visit_id)
    form = CancelForm(request.POST or None, initial={"row_version": shown.row_version})
    if request.method == "POST" and form.is_valid():
        reason, version = form.cleaned_data["reason"], form.cleaned_data["row_version"]
        try:
            cancel(
                appointment=shown,
                side=SIDES[reason],
                reason=reason,
                row_version=version,
                by=actor(request),
                now=timezone.now(),
            )
        except ChangedMeanwhile:
            form = form.again(shown.row_version)
        except NotPossibleFromHere as refusal:
            messages.warning(request, words_for_refusal(refusal))
            return redirect("visit", shown.pk)
        else:
            messages.success(request, _("The visit is cancelled and its time is free."))
            return redirect("visit", shown.pk)
    context = {"visit": shown, "what": visit_name(shown), "form": form}
    return TemplateResponse(request, "frontdesk/cancel.html", context)
