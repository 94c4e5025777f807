"""A patient's own wish to come again after a series: passed on to a clinician. It books nothing, and says so."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from notifications.links import visits_told
from notifications.models import Message
from scheduling.events import Actor
from scheduling.models import Order
from scheduling.wishes import MAY_WISH, NothingToWishFor, open_wishes, pass_on_wish
from web.patient.linked import Link, acting

ASKED, MAY_ASK = "asked", "may_ask"


def wish_state(message: Message) -> str:
    """Whether a wish of this patient waits already, or may be made behind this link; empty where neither."""
    if open_wishes([message.patient_id]).exists():
        return ASKED
    return MAY_ASK if order_behind(message) and not message.patient.is_gone else ""


def order_behind(message: Message) -> Order | None:
    """The newest series behind the link that is under way or finished."""
    told = visits_told(message).filter(order__state__in=MAY_WISH).values("order")
    return Order.objects.filter(pk__in=told).order_by("-pk").first()


@acting
def wish_linked(request: HttpRequest, link: Link) -> HttpResponse:
    """The patient wishes to come again; pressed twice it is one wish."""
    order = order_behind(link.message)
    if order is None:
        return redirect("linked_visits", link.token)
    words = request.POST.get("words", "").replace("\x00", "")
    try:
        pass_on_wish(
            patient=link.message.patient,
            clinic=link.message.clinic,
            order=order,
            words=words,
            by=Actor.patient(),
            now=link.now,
        )
    except NothingToWishFor:
        return redirect("linked_visits", link.token)
    messages.success(request, _("The clinic has your wish. Somebody will answer you."))
    return redirect("linked_visits", link.token)
