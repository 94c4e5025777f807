"""Deciding a review by its page: what the prescriber says, or what a nurse heard, is written down and carried out."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from scheduling.gates import CHANGES, DecidedMeanwhile, NothingToDecide, Seen, decide
from scheduling.models import Decision, Gate, GateDecision, Order, Role
from scheduling.order_effects import EffectChanged
from scheduling.order_states import OrderIsNot, RecordClosed
from scheduling.visit_steps import NotThen
from scheduling.word_of_mouth import ReasonMissing
from web.at_clinic import actor, order_or_404
from web.clinician.review_cards import review_cards
from web.clinician.review_forms import DecisionForm, HeardForm
from web.clinician.review_page import change_page, page
from web.clinician.review_words import decided_by_another, why_not_now, written_down
from web.current_clinic import ClinicRequest

# A second press within this time finds what the first wrote down.
PRESSED_TWICE = timedelta(minutes=2)


def review(request: ClinicRequest, order_id: int, after_number: int) -> HttpResponse:
    """The page; by POST it shows what a change would do, or has the decision written down. What was typed stays where
    nothing was."""
    order = order_or_404(request, order_id)
    gate = get_object_or_404(Gate, version=order.current_version_id, after_number=after_number)
    if (look := request.POST.get("look")) in CHANGES:
        return page(request, order, gate, form_for(request, only_looks=True), look=Decision(look))
    form = form_for(request)
    if request.method == "GET" or not form.is_valid():
        return page(request, order, gate, form)
    if not form.said["decision"]:
        return page(request, order, gate, form, refused=gettext("Choose a decision first. Nothing was written down."))
    return write_down(request, order, gate, form)


def form_for(request: ClinicRequest, *, only_looks: bool = False) -> DecisionForm:
    """A prescriber's own, else a nurse's for what was heard. Who only looks finds what was typed, and no errors."""
    sent = request.POST if request.method == "POST" and not only_looks else None
    typed = request.POST.dict() if only_looks else {}
    if Role.PRESCRIBER in request.membership_roles:
        return DecisionForm(sent, initial=typed)
    now = timezone.localtime().replace(second=0, microsecond=0)
    return HeardForm(sent, clinic=request.clinic, initial={"time": now.time(), **typed})


def write_down(request: ClinicRequest, order: Order, gate: Gate, form: DecisionForm) -> HttpResponse:
    """Have it carried out, and go on to the next one that waits."""
    decision, said, now = Decision(form.said["decision"]), form.said, timezone.now()
    heard = isinstance(form, HeardForm)
    try:
        made = decide(
            order=order,
            after_number=gate.after_number,
            decision=decision,
            decided_by=form.people[said["who"]] if isinstance(form, HeardForm) else request.user,
            note=said["note"],
            heard_by_word_of_mouth=heard,
            read_back=heard,
            said_at=said.get("said_at"),
            seen=Seen(said["latest"], said["effect"]),
            keep_days=form.cleaned_data.get("keep_days"),
            by=actor(request),
            now=now,
        )
    except DecidedMeanwhile as refusal:
        if is_ours(refusal.latest, request, decision, now):
            return go_on(request, order, refusal.latest)
        return page(request, order, gate, form, refused=decided_by_another(refusal.latest))
    except (EffectChanged, ReasonMissing, NotThen, NothingToDecide, OrderIsNot, RecordClosed) as refusal:
        return as_it_is_now(request, order, gate, form, refusal)
    return go_on(request, order, made)


def as_it_is_now(
    request: ClinicRequest, order: Order, gate: Gate, form: DecisionForm, refusal: Exception
) -> HttpResponse:
    """The page again with what stood against it, and with what was typed."""
    decision = Decision(form.said["decision"])
    look = decision if decision in CHANGES else None
    if isinstance(refusal, ReasonMissing):
        form.add_error("note", gettext("A pause and a stop say why; only clinical staff read it."))
    elif isinstance(refusal, NotThen):
        words = gettext("It can't have been said then: after the infusion, within the last day, not in the future.")
        form.add_error("time", words)
    elif isinstance(refusal, EffectChanged):
        words = gettext("The visits changed meanwhile. This is what it would do now; nothing was written down.")
        return page(request, order, gate, form, look=look, refused=words)
    else:
        return page(request, order_or_404(request, order.pk), gate, form, refused=why_not_now(refusal))
    return page(request, order, gate, form, look=look)


def go_on(request: ClinicRequest, order: Order, made: GateDecision) -> HttpResponse:
    """Say what was written down; then to the change that is to be drafted, to the order where the patient is to be told
    what became of it, or to the inbox at the next review."""
    messages.success(request, written_down(order, made))
    if made.decision == Decision.CONTINUE_CHANGED and (change := change_page(order)):
        return redirect(change)
    if made.decision in CHANGES:
        return redirect("order", order.pk)
    cards = review_cards(request.clinic, request.user, today=timezone.localdate(), now=timezone.now())
    following = next((card for card in cards if not card.waits_for_signature), None)
    at = f"#review-{following.order.pk}-{following.after_number}" if following else ""
    return redirect(reverse("clinician") + at)


def is_ours(latest: GateDecision, request: ClinicRequest, decision: Decision, now: datetime) -> bool:
    """Whether what stands there is what this person just sent, by a second press."""
    who = latest.heard_by_id or latest.decided_by_id
    return (who, latest.decision) == (request.user.pk, decision) and latest.recorded_at > now - PRESSED_TWICE
