"""One review on one screen: the series, scores and notes, and what the prescriber decides; or what a nurse heard."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext

from scheduling.gates import (
    CHANGES,
    DecidedMeanwhile,
    EffectChanged,
    NothingToDecide,
    ReasonMissing,
    Seen,
    decide,
)
from scheduling.models import Decision, Gate, GateDecision, Order, OrderState, Role
from scheduling.order_effects import effect_of
from scheduling.order_states import OrderIsNot
from scheduling.reviews import ReviewDue, due_among, settled_at
from scheduling.visit_steps import NotThen
from web.at_clinic import actor, order_or_404
from web.clinician.course import courses_of
from web.clinician.effects import effect_lines
from web.clinician.review_cards import review_cards
from web.clinician.review_forms import DecisionForm, HeardForm
from web.clinician.review_notes import notes_of
from web.current_clinic import ClinicRequest
from web.spoken import clock, infusion_of, infusions, short_day

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
            keep_places_until=form.keep_until(now),
            by=actor(request),
            now=now,
        )
    except DecidedMeanwhile as refusal:
        if is_ours(refusal.latest, request, decision, now):
            return go_on(request, order, refusal.latest)
        return page(request, order, gate, form, refused=decided_by_another(refusal.latest))
    except (EffectChanged, ReasonMissing, NotThen, NothingToDecide, OrderIsNot) as refusal:
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
    """Say what was written down; then to the change that is to be drafted, or to the inbox at the next review."""
    messages.success(request, written_down(order, made))
    if made.decision == Decision.CONTINUE_CHANGED and (change := change_page(order)):
        return redirect(change)
    cards = review_cards(request.clinic, request.user, today=timezone.localdate(), now=timezone.now())
    following = next((card for card in cards if not card.waits_for_signature), None)
    at = f"#review-{following.order.pk}-{following.after_number}" if following else ""
    return redirect(reverse("clinician") + at)


def change_page(order: Order) -> str:
    """Where a change of the order is drafted."""
    try:
        return reverse("amend_order", args=[order.pk])
    except NoReverseMatch:
        return ""


def is_ours(latest: GateDecision, request: ClinicRequest, decision: Decision, now: datetime) -> bool:
    """Whether what stands there is what this person just sent, by a second press."""
    who = latest.heard_by_id or latest.decided_by_id
    return (who, latest.decision) == (request.user.pk, decision) and latest.recorded_at > now - PRESSED_TWICE


def written_down(order: Order, made: GateDecision) -> str:
    """What was done, in a sentence."""
    following = infusions([made.after_number + 1]).lower()
    words = {
        Decision.CONTINUE: gettext("Written down: %(name)s goes on with %(next)s."),
        Decision.CONTINUE_CHANGED: gettext(
            "Written down: %(name)s goes on once the changed order is signed. Until then %(next)s waits."
        ),
        Decision.PAUSE: gettext("Written down: the order of %(name)s is paused."),
        Decision.STOP: gettext("Written down: the order of %(name)s is stopped."),
        Decision.COMPLETE: gettext("Written down: the order of %(name)s is completed."),
    }
    return words[Decision(made.decision)] % {"name": order.patient.shown_name, "next": following}


def decided_by_another(latest: GateDecision) -> str:
    """Who decided what, and when."""
    words = gettext(
        "%(who)s decided “%(what)s” on %(day)s at %(time)s. Nothing of yours was written down, and what you typed is"
        " still here: a decision from now on stands beside theirs and counts."
    )
    when = {"day": short_day(latest.decided_at), "time": clock(latest.decided_at)}
    return words % {"who": latest.decided_by.shown_name, "what": latest.get_decision_display(), **when}


def why_not_now(refusal: Exception) -> str:
    """Why this review can't be decided as it stands."""
    if isinstance(refusal, OrderIsNot):
        words = gettext("The order is “%(state)s” by now. Nothing was written down.")
        return words % {"state": OrderState(refusal.state).label}
    return gettext("This review is due once the infusion before it is given. Nothing was written down.")


def page(
    request: ClinicRequest,
    order: Order,
    gate: Gate,
    form: DecisionForm,
    *,
    look: Decision | None = None,
    refused: str = "",
) -> TemplateResponse:
    """The review as it is now. With `look` the effect of that decision is shown before it can be made."""
    now = timezone.now()
    made = list(order.decisions.filter(after_number=gate.after_number).select_related("decided_by", "heard_by"))
    made.sort(key=lambda one: one.pk)
    kind = CHANGES.get(look) if look else None
    form.fields["note"].required = look in (Decision.PAUSE, Decision.STOP)
    effect = effect_of(order, kind, now=now) if kind else None
    version = order.current_version
    context = {
        "order": order,
        "patient": order.patient,
        "gate": gate,
        "after": infusion_of(gate.after_number, version.doses) if version and gate.after_number else "",
        "next_number": gate.after_number + 1,
        "due": due_now(request, gate),
        "since": settled_at(order, gate.after_number),
        "is_open_order": order.state in (OrderState.ACTIVE, OrderState.PAUSED),
        "course": courses_of([order], now=now)[order.pk],
        "decisions": made,
        "latest_id": made[-1].pk if made else 0,
        "notes": notes_of(order, without=made),
        "form": form,
        "heard": isinstance(form, HeardForm),
        "look": look,
        "effect": effect,
        "effect_lines": effect_lines(effect) if effect else [],
        "refused": refused,
        "change_page": change_page(order),
        "now": now,
    }
    return TemplateResponse(request, "clinician/review.html", context)


def due_now(request: ClinicRequest, gate: Gate) -> ReviewDue | None:
    """The review if it is due."""
    this = Gate.objects.filter(pk=gate.pk, order__state=OrderState.ACTIVE)
    this = this.select_related("order__patient", "version__signed_by")
    return next(iter(due_among(this, {}, request.clinic)), None)
