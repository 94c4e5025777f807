"""Times that are kept: what is kept for an order, and what becomes of it by one press."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext

from scheduling.booking_kept import book_held
from scheduling.events import Actor
from scheduling.kept_times import extend_hold, release_hold, take_over_hold
from scheduling.models import Appointment, Clinic, Order, User
from scheduling.options import Option, options_of
from scheduling.parked_calls import drop_call
from scheduling.picks import BookingRefused
from scheduling.typed_numbers import read_number
from scheduling.visit_steps import NotPossibleFromHere
from web.at_clinic import actor, visits
from web.current_clinic import ClinicRequest
from web.frontdesk.keep_form import KeepForm
from web.read_aloud import booked_words
from web.spoken import clock, said
from web.visit_steps import words_for_refusal


@dataclass(frozen=True, slots=True)
class KeptOption:
    """Times kept together as a page shows them: `key` makes a second press of "Book" harmless, `longer` is the form
    that keeps them on. `is_mine`: the person who looks keeps them."""

    option: Option
    name: str
    is_mine: bool
    key: str
    longer: KeepForm


def kept_options(order: Order, clinic: Clinic, user: User, *, now: datetime) -> list[KeptOption]:
    """What is kept for an order at this clinic now. One query."""
    here = [option for option in options_of(order, now=now) if option.visits[0].clinic_id == clinic.pk]
    return [shown(option, clinic, user, name, now=now) for option, name in zip(here, names(len(here)), strict=True)]


def kept_alone(visit: Appointment, clinic: Clinic, user: User, *, now: datetime) -> KeptOption | None:
    """A kept visit of no order as an option of its own; None for any other visit, and past its end."""
    if visit.order_id is not None or visit.held_until is None or visit.held_until <= now:
        return None
    return shown(Option((visit,), visit.held_until, visit.held_with, visit.booked_by), clinic, user, "", now=now)


def names(count: int) -> list[str]:
    """What options are called: one alone needs no name."""
    return [gettext("First option"), gettext("Second option")] if count > 1 else [""] * count


def shown(option: Option, clinic: Clinic, user: User, name: str, *, now: datetime) -> KeptOption:
    form = KeepForm(clinic=clinic, now=now, auto_id=f"longer-{option.visits[0].pk}-%s")
    return KeptOption(option, name, option.kept_by == user, uuid4().hex, form)


def settle_kept(request: ClinicRequest) -> HttpResponse:
    """Book, let go, keep longer or take over the kept times named by `visit`, and lead back to their series or visit.

    404 for visits of elsewhere. Says why where it can't be done.
    """
    wanted = {pk for text in request.POST.getlist("visit") if (pk := read_number(text)) is not None}
    kept = list(visits(request).filter(pk__in=wanted).order_by("period"))
    if not kept or len(kept) < len(wanted):
        raise Http404
    settle = SETTLE.get(request.POST.get("do", ""))
    if settle is None:
        raise Http404
    try:
        messages.success(request, settle(request, kept, actor(request), timezone.now()))
    except BookingRefused as refusal:
        messages.warning(request, " ".join(said(problem) for problem in refusal.problems))
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    if kept[0].order_id is None:
        return redirect("visit", kept[0].pk)
    return redirect("series", kept[0].order_id)


def _book(request: ClinicRequest, kept: Sequence[Appointment], by: Actor, now: datetime) -> str:
    booked = book_held(visits=kept, by=by, now=now, key=request.POST.get("key", "")[:60])
    drop_call(patient=booked[0].patient, clinic=request.clinic, by=by)
    return booked_words(booked)


def _let_go(request: ClinicRequest, kept: Sequence[Appointment], by: Actor, now: datetime) -> str:
    release_hold(visits=kept, by=by, now=now)
    return gettext("These times are free again.")


def _keep_longer(request: ClinicRequest, kept: Sequence[Appointment], by: Actor, now: datetime) -> str:
    form = KeepForm(request.POST, clinic=request.clinic, now=now)
    ends = extend_hold(visits=kept, by=by, now=now, until=form.ends)[0].held_until
    return gettext("Kept until %(time)s.") % {"time": clock(ends) if ends else ""}


def _take_over(request: ClinicRequest, kept: Sequence[Appointment], by: Actor, now: datetime) -> str:
    take_over_hold(visits=kept, by=by, now=now)
    return gettext("You keep these times now.")


SETTLE: dict[str, Callable[[ClinicRequest, Sequence[Appointment], Actor, datetime], str]] = {
    "book": _book,
    "let_go": _let_go,
    "longer": _keep_longer,
    "take_over": _take_over,
}
