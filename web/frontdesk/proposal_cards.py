"""Proposals as small calendars and in words, each with what it is best at and the sentence to read aloud."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from notifications.words_before_booking import ToBeSent, WordsBeforeBooking
from scheduling.booking_warnings import BookingWarnings
from scheduling.choosing import Best, Choice, choose
from scheduling.clinic_time import ClinicTime, week_start
from scheduling.models import Clinic, Resource
from scheduling.series import Series
from scheduling.series_terms import Proposal, SearchResult
from scheduling.why_not import WhyNot
from web.frontdesk.wish_form import WEEKDAYS
from web.read_aloud import read_aloud, waits_for_review
from web.spoken import wall_clock, word_of

# Among how many proposals three that differ in kind are looked for; of one infusion every start is a proposal.
FOUND = 12
STARTS_FOUND = 160
MOST_WEEKS = 6
KEYS = list(WEEKDAYS.values())
BEST: Mapping[Best, str | Promise] = {
    "finish": _("finishes first"),
    "wish": _("nearest to %(time)s"),
    "steady": _("steadiest weekdays"),
}


@dataclass(frozen=True, slots=True)
class Day:
    """A square of the small calendar with the day of the month; `number` is the infusion on it ("" for none), `review`
    says that a review is. Words, since a page writes numbers many times slower."""

    shown: str
    number: str
    review: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One visit of a proposal: an infusion by its number, or a review."""

    number: int | None
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ProposalCard:
    """One way to book the series. `picks` is what its form sends, `moves` whose chair changes, in words; `weeks` is
    empty for series too long to draw. `messages` are what the patient would be sent; `changed`: what the last change of
    one visit did, in words; `waits`: which infusions wait for a review, in words."""

    key: str
    best: str
    title: str
    weekdays: str
    times: str
    lines: tuple[Line, ...]
    picks: tuple[str, ...]
    moves: str
    weeks: tuple[tuple[Day, ...], ...]
    aloud: str
    outside: tuple[int, ...]
    warnings: tuple[WhyNot, ...] = ()
    messages: tuple[ToBeSent, ...] = ()
    changed: str = ""
    waits: str = ""

    @property
    def numbers(self) -> list[int]:
        """Which infusions it places."""
        return [line.number for line in self.lines if line.number is not None]

    def changed_by(self, words: str) -> ProposalCard:
        """The card, saying what the last change did."""
        return replace(self, changed=words, best=gettext("changed"))


def cards(
    found: SearchResult,
    clinic: Clinic,
    *,
    wished: time | None,
    key: Callable[[], str],
    warnings: BookingWarnings | None = None,
) -> list[ProposalCard]:
    """Three of the proposals found, each with a key of its own, and with what `warnings` says of it. One query where
    chairs change hands, else none."""
    choices = choose(found.proposals, ClinicTime(clinic.time_zone), wished=wished is not None)
    chairs = _chair_names(choices)
    return [_card(choice, wished, chairs, key(), warnings) for choice in choices]


def card_of(proposal: Proposal, *, key: str, warnings: BookingWarnings | None = None) -> ProposalCard:
    """One proposal by itself."""
    choice = Choice(proposal, ())
    return _card(choice, None, _chair_names([choice]), key, warnings)


def with_messages(card: ProposalCard, words: WordsBeforeBooking, series: Series) -> ProposalCard:
    """The card with what the patient would be sent, and what waits for a review."""
    waiting = [number for number in card.numbers if series.waits_for_review(number)]
    kept = [line.start for line in card.lines if line.number in waiting]
    firm = [line.start for line in card.lines if line.start not in kept]
    card = with_reviews(card, waiting, word_of(series.version))
    return replace(card, messages=tuple(words.about(firm, kept)))


def with_reviews(card: ProposalCard, waiting: Sequence[int], word: str) -> ProposalCard:
    """The card that says of the infusions `waiting` for a review that they do, so that none of them is promised."""
    aloud = read_aloud(
        [line.start for line in card.lines if line.number],
        [line.start for line in card.lines if not line.number],
        [line.start for line in card.lines if line.number in waiting],
    )
    return replace(card, aloud=aloud, waits=waits_for_review(waiting, word))


def _chair_names(choices: Sequence[Choice]) -> dict[str, str]:
    moves = [move for choice in choices for visit in choice.proposal.visits for move in visit.moves]
    ids = {int(chair) for move in moves for chair in (move.from_chair, move.to_chair)}
    return {str(pk): name for pk, name in Resource.objects.filter(pk__in=ids).values_list("pk", "name")} if ids else {}


def _card(
    choice: Choice, wished: time | None, chairs: Mapping[str, str], key: str, warnings: BookingWarnings | None
) -> ProposalCard:
    proposal = choice.proposal
    days = {timezone.localdate(visit.start): visit.number for visit in proposal.visits}
    return ProposalCard(
        key=key,
        best=_best(choice, wished),
        title=_title(list(days)),
        weekdays=get_text_list([str(KEYS[n]) for n in sorted({day.weekday() for day in days})], gettext("and")),
        times=_times(proposal),
        lines=_lines(proposal),
        picks=picks_of(proposal),
        moves=_moves(proposal, chairs),
        weeks=_weeks(days, {timezone.localdate(review.start) for review in proposal.reviews}),
        aloud=read_aloud([visit.start for visit in proposal.visits], [review.start for review in proposal.reviews]),
        outside=proposal.outside_soft,
        warnings=tuple(warnings.at({visit.number: visit.start for visit in proposal.visits})) if warnings else (),
    )


def _best(choice: Choice, wished: time | None) -> str:
    """Finishes first, nearest to 9:00 AM."""
    said = {"time": wall_clock(wished) if wished else ""}
    return ", ".join(str(BEST[one]) % said for one in choice.best) or gettext("another way")


def _lines(proposal: Proposal) -> tuple[Line, ...]:
    infusions = [Line(visit.number, visit.start, visit.end) for visit in proposal.visits]
    reviews = [Line(None, review.start, review.end) for review in proposal.reviews]
    return tuple(sorted([*infusions, *reviews], key=lambda line: line.start))


def picks_of(proposal: Proposal) -> tuple[str, ...]:
    """As `picked.Picked` reads them."""
    infusions = [f"{visit.number}@{visit.start.isoformat()}" for visit in proposal.visits]
    return (*infusions, *(f"review@{review.after}@{review.start.isoformat()}" for review in proposal.reviews))


def _moves(proposal: Proposal, chairs: Mapping[str, str]) -> str:
    """Moves 1 visit to another chair: Chair 1 to Chair 2."""
    moves = [move for visit in proposal.visits for move in visit.moves]
    if not moves:
        return ""
    ways = [
        gettext("%(from)s to %(to)s") % {"from": chairs.get(move.from_chair, ""), "to": chairs.get(move.to_chair, "")}
        for move in moves
    ]
    words = ngettext(
        "Moves %(n)s visit to another chair: %(ways)s.", "Moves %(n)s visits to another chair: %(ways)s.", len(moves)
    )
    return words % {"n": len(moves), "ways": ", ".join(dict.fromkeys(ways))}


def _title(days: list[date]) -> str:
    length = (max(days) - min(days)).days + 1
    return ngettext("done in one day", "done in %(days)s days", length) % {"days": length}


def _times(proposal: Proposal) -> str:
    """Always 10:00 AM; or from and to."""
    times = sorted({timezone.localtime(visit.start).time() for visit in proposal.visits})
    if len(times) == 1:
        return gettext("always %(time)s") % {"time": wall_clock(times[0])}
    return gettext("between %(first)s and %(last)s") % {"first": wall_clock(times[0]), "last": wall_clock(times[-1])}


def _weeks(days: Mapping[date, int], reviews: Collection[date]) -> tuple[tuple[Day, ...], ...]:
    first, last = week_start(min([*days, *reviews])), week_start(max([*days, *reviews]))
    count = (last - first).days // 7 + 1
    if count > MOST_WEEKS:
        return ()
    starts = [first + timedelta(weeks=n) for n in range(count)]
    return tuple(
        tuple(
            Day(str(day.day), str(days.get(day, "")), day in reviews)
            for day in (start + timedelta(days=n) for n in range(7))
        )
        for start in starts
    )
