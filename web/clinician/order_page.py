"""The page of one order for clinicians: where it stands, what was signed and said, and what may be done now."""

from __future__ import annotations

from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.untold import still_to_tell
from scheduling.models import ChangeKind, Order, OrderState
from scheduling.order_states import next_changes
from scheduling.permissions import may
from scheduling.withdrawing import open_withdrawals
from web.at_clinic import actor, order_or_404
from web.clinician.order_story import changes, reviews, signatures, told_about
from web.clinician.order_time_line import time_line
from web.clinician.review_notes import notes_of_visits
from web.clinician.scores import scores_of
from web.current_clinic import ClinicRequest

# What the button of a change says, and its icon. The calendar's own change has none.
BUTTONS: dict[ChangeKind, tuple[str | Promise, str]] = {
    ChangeKind.PAUSE: (_("Pause the order"), "circle-pause"),
    ChangeKind.RESUME: (_("Let it go on"), "circle-play"),
    ChangeKind.COMPLETE: (_("Complete the order"), "circle-check"),
    ChangeKind.STOP: (_("Stop the order"), "circle-stop"),
}
# Tone and icon of a state; its words are the state's own.
MARKS: dict[str, tuple[str, str]] = {
    OrderState.DRAFT: ("review", "clipboard-clock"),
    OrderState.ACTIVE: ("success", "circle-check"),
    OrderState.PAUSED: ("warning", "circle-pause"),
    OrderState.COMPLETED: ("neutral", "circle-check"),
    OrderState.STOPPED: ("neutral", "circle-stop"),
    OrderState.EXPIRED: ("neutral", "calendar-off"),
}


def order_page(request: ClinicRequest, order_id: int) -> TemplateResponse:
    """The page; what is clinical on it is for clinical roles alone, as the route says."""
    order = order_or_404(request, order_id)
    now = timezone.now()
    tone, icon = MARKS[order.state]
    context = {
        "order": order,
        "patient": order.patient,
        "tone": tone,
        "icon": icon,
        "buttons": buttons_for(request, order),
        "signatures": signatures(order),
        "reviews": reviews(order),
        "changes": changes(order),
        "notes": notes_of_visits(order),
        "scores": scores_of(order.patient),
        "lines": time_line(order),
        "told": told_about(order),
        "has_withdrawn": bool(open_withdrawals(order)),
        "to_tell": still_to_tell(order, now=now),
        "now": now,
        "may_draft": may(actor(request), "order.draft") and order.discarded_at is None,
        "may_tell": may(actor(request), "order.tell_patient"),
    }
    return TemplateResponse(request, "clinician/order.html", context)


def buttons_for(request: ClinicRequest, order: Order) -> list[tuple[str, str | Promise, str]]:
    """(change, words, icon) of what may be done to the order now, by this person or written down by them."""
    by = actor(request)
    if not (may(by, "order.change") or may(by, "order.write_down")):
        return []
    possible = [kind for kind in next_changes(order) if kind in BUTTONS]
    if order.patient.is_gone:
        possible = [kind for kind in possible if kind != ChangeKind.RESUME]
    return [(kind.value, *BUTTONS[kind]) for kind in possible]
