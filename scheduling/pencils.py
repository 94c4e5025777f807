"""Pencils: times kept for a series before its order is signed. Nobody is told, nothing can be started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduling import permissions
from scheduling.booking_kept import book_held
from scheduling.checking import check_series
from scheduling.drafted_series import read_drafted
from scheduling.events import Actor
from scheduling.fresh_look import enter_order, refusing_plainly
from scheduling.hold_length import kept_until
from scheduling.holding import write_held
from scheduling.holds import let_go
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import writing
from scheduling.models import Appointment, Clinic, Order, VisitKind
from scheduling.openings_to_move import propose_beside
from scheduling.options import Option, options_of
from scheduling.order_content import reasons_against
from scheduling.permissions import NotAllowed
from scheduling.picks import AnyPick, BookingRefused, as_said, sound_picks
from scheduling.problems import because
from scheduling.proposals import reasons_not_to_pencil
from scheduling.series_terms import SearchResult, Wish
from scheduling.visit_rows import Keeping
from scheduling.visit_steps import NotPossibleFromHere
from scheduling.why_not import WhyNot


@dataclass(frozen=True, slots=True)
class Inked:
    """What became of a pencil at the signature: visits that are booked, or `problems` why it is only kept still.
    `until`: how long."""

    booked: tuple[Appointment, ...] = ()
    problems: tuple[WhyNot, ...] = ()
    until: datetime | None = None


def propose_pencil(*, order: Order, clinic: Clinic, wish: Wish, count: int, now: datetime) -> SearchResult:
    """The `count` best ways to keep times for all infusions of a draft. What its pencil keeps counts as free."""
    if reasons := [*reasons_not_to_pencil(order, clinic), *_unsound(order)]:
        return SearchResult((), tuple(reasons))
    kept = pencil_of(order, now=now)
    ids = [visit.pk for visit in kept.visits] if kept else []
    series = read_drafted(order, clinic, now=now, without=ids)
    return propose_beside(
        order=order, clinic=clinic, wish=wish, how_many=len(series.to_book), count=count, now=now,
        instead_of=kept.visits if kept else (), series=series,
    )  # fmt: skip


def pencil_series(
    *,
    order: Order,
    clinic: Clinic,
    picks: Sequence[AnyPick],
    hours: int,
    held_with: str = "",
    by: Actor,
    now: datetime,
    key: str = "",
) -> list[Appointment]:
    """Keeps the picked times of a draft for so many hours, all or none, never longer than till the first of them. A
    pencil the draft has already is let go for it. The same `key` again gives the same times.

    Refuses with BookingRefused as keeping does, and an order that is no draft. Records `appointment.held` for each;
    tells nobody.
    """
    permissions.check(by, "order.pencil", organisation_id=order.organisation_id, clinic_id=clinic.pk)
    picks = sound_picks(picks, now=now)
    request = {"verb": "pencil", "order": order.pk, "clinic": clinic.pk, "picks": as_said(picks), "hours": hours}
    with refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return list(Appointment.objects.filter(pk__in=answer).order_by("period"))
        order, clinic = enter_order(order=order, clinic=clinic, starts=[pick.start for pick in picks], now=now)
        if unsound := _unsound(order):
            raise BookingRefused(unsound)
        kept = pencil_of(order, now=now)
        let_go(kept.visits if kept else (), patient_id=order.patient_id, by=by, now=now)
        visits = check_series(order=order, clinic=clinic, picks=picks, now=now, pencil=True)
        until = kept_until(clinic, None, hours * 60, picks[0].start, now=now)
        held = write_held(visits, clinic, Keeping(until, held_with, as_option=True), by=by, now=now)
        keep_answer(by=by, key=key, answer=[visit.pk for visit in held])
    return held


def pencil_of(order: Order, *, now: datetime) -> Option | None:
    """The times that are kept for a draft, or were before it was signed."""
    kept = [option for option in options_of(order, now=now) if option.visits[0].kind == VisitKind.KEPT]
    return kept[0] if kept else None


def ink(*, order: Order, by: Actor, now: datetime) -> Inked:
    """Books what was pencilled for an order that is signed now, all or nothing. Where it no longer fits, or whoever
    signed may not book at that clinic, it stays kept till its end, for the desk to see. As `book_held` otherwise."""
    order.refresh_from_db()
    kept = pencil_of(order, now=now)
    if kept is None or order.current_version is None:
        return Inked()
    try:
        return Inked(tuple(book_held(visits=kept.visits, by=by, now=now)))
    except BookingRefused as refusal:
        return Inked(problems=tuple(refusal.problems), until=kept.until)
    except (NotAllowed, NotPossibleFromHere):
        return Inked(until=kept.until)


def _unsound(order: Order) -> list[WhyNot]:
    return [because("not_sound")] if order.draft and reasons_against(order.draft) else []
