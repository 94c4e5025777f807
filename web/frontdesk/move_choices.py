"""What moving a visit to one start would do: for it alone, and with all that is booked behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext

from notifications.would_be_told import would_be_told
from scheduling.booking_warnings import BookingWarnings
from scheduling.capacity import Busy
from scheduling.effect_on_series import Neighbour, neighbours_after_move
from scheduling.models import Appointment, Resource
from scheduling.picks import AnyPick, Pick, ReviewPick, pick_of
from scheduling.places_to_move import would_become
from scheduling.rest_behind import rest_behind
from scheduling.visit_rows import NewVisit
from scheduling.why_not import WhyNot
from web.current_clinic import ClinicRequest
from web.frontdesk.will_be_sent import WillBeSent, in_words
from web.spoken import infusion, short_day, word_of


@dataclass(frozen=True, slots=True)
class Effect:
    """One line about a neighbour in the series; `bad` where the order forbids it, `poor` where it prefers otherwise."""

    words: str
    bad: bool
    poor: bool


@dataclass(frozen=True, slots=True)
class Alone:
    """The visit alone at `start` until `end`, with whom and what it would have then; or `problems`, and nothing."""

    start: datetime
    end: datetime
    places: tuple[str, ...]
    problems: tuple[WhyNot, ...]
    effects: tuple[Effect, ...]
    warnings: tuple[WhyNot, ...]
    messages: Sequence[WillBeSent]

    @property
    def fits(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Line:
    """One visit of the rest: what it is, when it is now (None: not booked yet) and when it would be."""

    words: str
    was: datetime | None
    start: datetime


@dataclass(frozen=True, slots=True)
class WithRest:
    """The visit and all that is booked behind it. `picks` is what the form sends, as `picked.Picked` reads it."""

    lines: tuple[Line, ...]
    picks: tuple[str, ...]
    messages: Sequence[WillBeSent]


def alone(request: ClinicRequest, visit: Appointment, start: datetime, now: datetime, *, repack: bool) -> Alone:
    """The visit alone at this start."""
    new, problems = would_become(appointment=visit, start=start, now=now, repack=repack)
    length = visit.period.upper - visit.period.lower
    near = neighbours_after_move(appointment=visit, start=start, now=now)
    word = word_of(visit.order.current_version) if visit.order else ""
    warnings: Sequence[WhyNot] = ()
    if visit.order and visit.dose_number and new:
        warnings = BookingWarnings(visit.order, request.clinic, instead_of=[visit.pk], now=now).at(
            {visit.dose_number: start}
        )
    went = (
        would_be_told(patient=visit.patient, clinic=request.clinic, moved={visit.pk: start}, now=now) if new else []
    )  # fmt: skip
    return Alone(
        start=start,
        end=new.period.end if new else start + length,
        places=_places(new),
        problems=problems,
        effects=tuple(effect_words(one, start, word) for one in near),
        warnings=tuple(warnings),
        messages=in_words(went, now),
    )


def with_rest(request: ClinicRequest, visit: Appointment, start: datetime, now: datetime) -> WithRest | None:
    """The visit with the rest behind it; None where nothing is behind it or the rest can't follow."""
    picks = rest_behind(appointment=visit, start=start, now=now)
    if not picks or visit.order is None:
        return None
    booked = Appointment.objects.filter(order=visit.order, status=visit.status)
    rows = {
        (type(pick), pick_key(pick)): row for row in booked if row.dose_number or row.review_after
        for pick in [pick_of(row)]
    }  # fmt: skip
    word = word_of(visit.order.current_version)
    lines, moved = [], {}
    for pick in picks:
        row = rows.get((type(pick), pick_key(pick)))
        words = infusion(pick.number, word) if isinstance(pick, Pick) else gettext("Review")
        lines.append(Line(words, row.period.lower if row else None, pick.start))
        if row is not None and row.period.lower != pick.start:
            moved[row.pk] = pick.start
    went = would_be_told(patient=visit.patient, clinic=request.clinic, moved=moved, now=now)
    ordered = sorted(lines, key=lambda one: one.start)
    return WithRest(tuple(ordered), tuple(as_sent(pick) for pick in picks), in_words(went, now))


def pick_key(pick: AnyPick) -> int:
    """The infusion, or the one before the review."""
    return pick.after if isinstance(pick, ReviewPick) else pick.number


def as_sent(pick: AnyPick) -> str:
    """As `picked.Picked` reads it."""
    at = pick.start.isoformat()
    return f"review@{pick.after}@{at}" if isinstance(pick, ReviewPick) else f"{pick.number}@{at}"


def effect_words(one: Neighbour, start: datetime, word: str) -> Effect:
    """Infusion 4 (Mon, Jan 11) would be 1 day after: outside its window. `start`: of the visit that moves."""
    said = {"infusion": infusion(one.number, word), "day": short_day(one.start), "n": one.days_then}
    if one.is_later and one.start < start:
        text = ngettext(
            "%(infusion)s (%(day)s) would be %(n)s day before it",
            "%(infusion)s (%(day)s) would be %(n)s days before it",
            one.days_then,
        )
    elif one.is_later:
        text = ngettext(
            "%(infusion)s (%(day)s) would be %(n)s day after it",
            "%(infusion)s (%(day)s) would be %(n)s days after it",
            one.days_then,
        )
    elif start < one.start:
        text = ngettext(
            "%(n)s day before %(infusion)s (%(day)s)", "%(n)s days before %(infusion)s (%(day)s)", one.days_then
        )  # fmt: skip
    else:
        text = ngettext(
            "%(n)s day after %(infusion)s (%(day)s)", "%(n)s days after %(infusion)s (%(day)s)", one.days_then
        )  # fmt: skip
    how = gettext("outside its window") if one.breaks else gettext("the order prefers another distance")
    is_poor = one.breaks or one.strains
    words = f"{text % said}: {how}" if is_poor else text % said
    return Effect(words, bad=one.breaks, poor=one.strains and not one.breaks)


def _places(new: NewVisit | None) -> tuple[str, ...]:
    """The names of what it would have, chairs first."""
    if new is None:
        return ()
    ids = {int(claim.resource_id) for claim in new.claims}
    names = dict(Resource.objects.filter(pk__in=ids).values_list("pk", "name"))
    return tuple(dict.fromkeys(names[int(claim.resource_id)] for claim in _chairs_first(new)))


def _chairs_first(new: NewVisit) -> list[Busy]:
    return sorted(new.claims, key=lambda claim: claim.role != "seat")
