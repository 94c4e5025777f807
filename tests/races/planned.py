"""The model of the state machine: what each visit should be by now, and whether one more could be had."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from scheduling.availability import snapshot
from scheduling.models import HOLDS_PLACE, Absence, Appointment, Closure, Status
from scheduling.picks import Pick
from scheduling.series_terms import Proposal
from tests.races.night_clinic import TALKER, TEMPLATES, NightClinic, day_of
from tests.scheduling.proofs.day_starts import Clinic

One = TypeVar("One")
# As every clinic has it that says nothing else.
MISSED = 2
UNDER_WAY = (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING)


@dataclass
class Planned:
    """What the model knows of a visit. `option`: a second option's, which only keeps the time."""

    pk: int
    who: str
    number: int | None
    start: datetime
    end: datetime
    status: Status = Status.BOOKED
    until: datetime | None = None
    given_at: datetime | None = None
    last_step: datetime | None = None
    option: bool = False

    def is_over(self, now: datetime) -> bool:
        """Whether it is a kept time past its end."""
        return self.status == Status.HELD and self.until is not None and self.until <= now

    def stands(self, now: datetime) -> bool:
        return self.status in HOLDS_PLACE and not self.is_over(now)


@dataclass
class Plan:
    """All visits, and the clock."""

    night: NightClinic
    now: datetime
    visits: dict[int, Planned] = field(default_factory=dict)
    reviewed: bool = False
    # Of whose missed visits a clinician is asked, and when one last answered.
    asked: set[str] = field(default_factory=set)
    answered: dict[str, datetime] = field(default_factory=dict)

    def missed(self, who: str) -> None:
        """With the second infusion that somebody did not come to since the last answer, a clinician is asked."""
        since, missed = self.answered.get(who), self.of(Status.NO_SHOW, who=who)
        if who != TALKER and len([one for one in missed if since is None or one.start > since]) >= MISSED:
            self.asked.add(who)

    def may_have_more(self, who: str) -> bool:
        """Whether more of a series may be booked or kept at all; what is booked may move."""
        return who not in self.asked

    def of(self, *statuses: Status, who: str | None = None) -> list[Planned]:
        """Visits in these statuses, kept times past their end left out; in order of their ids."""
        found = [one for one in self.visits.values() if one.status in statuses and not one.is_over(self.now)]
        return sorted((one for one in found if who in (None, one.who)), key=lambda one: one.pk)

    def kept(self, who: str, *, option: bool) -> list[Planned]:
        return [one for one in self.of(Status.HELD, who=who) if one.option == option]

    def counted(self, who: str, without: Collection[int] = ()) -> dict[int, datetime]:
        """From when each infusion that stands or was given counts."""
        return {
            one.number: max(one.start, one.given_at or one.start)
            for one in self.visits.values()
            if one.who == who and one.number and not one.option and one.pk not in without
            and (one.stands(self.now) or one.given_at)
        }  # fmt: skip

    def to_book(self, who: str) -> list[int]:
        return [number for number in range(1, TEMPLATES[who]["doses"] + 1) if number not in self.counted(who)]

    def orders_to_book(self) -> list[str]:
        return [who for who in self.night.orders if self.to_book(who)]

    def booked_series(self) -> list[tuple[str, int]]:
        """Whose infusions are booked, and from which number on."""
        return [(one.who, one.number) for one in self.of(Status.BOOKED) if one.number]

    def options(self) -> list[tuple[str, bool]]:
        """For whom times are kept, and whether as a second option."""
        return sorted({(one.who, one.option) for one in self.of(Status.HELD)})

    def with_one_option(self) -> list[str]:
        options = self.options()
        return [who for who, second in options if not second and (who, True) not in options]

    def today(self) -> list[Planned]:
        """Whoever may come today, and whoever is here."""
        today = day_of(self.now)
        return [one for one in self.of(Status.BOOKED, *UNDER_WAY) if one.last_step or day_of(one.start) == today]

    def to_come(self) -> list[Planned]:
        return [one for one in self.of(Status.BOOKED) if one.start > self.now]

    def losses(self) -> list[Absence | Closure]:
        """Absences and closures that are not over."""
        absences = Absence.objects.filter(clinic=self.night.clinic, period__endswith__gt=self.now)
        closures = Closure.objects.filter(clinic=self.night.clinic, period__endswith__gt=self.now)
        return [*absences.order_by("pk"), *closures.order_by("pk")]

    def is_review_due(self) -> bool:
        return not self.reviewed and any(one.who == "dee" and one.given_at for one in self.visits.values())

    def waiting(self) -> list[Planned]:
        """Visits that lost their place: the rows know best."""
        rows = Appointment.objects.filter(live=True, is_placed=False).exclude(held_until__lte=self.now).order_by("pk")
        return [self.visits[pk] for pk in rows.values_list("pk", flat=True)]

    def seen(self) -> dict[int, tuple[str, datetime, datetime | None]]:
        """As rows should be: a kept time past its end may be released yet or not, and what is under way ends when it
        ends."""
        return {
            one.pk: (
                str(Status.RELEASED if one.is_over(self.now) else one.status),
                one.start,
                None if one.status in UNDER_WAY or one.last_step else one.end,
            )
            for one in self.visits.values()
        }

    # ------------------------------------------------------------------------------------------- what could be had

    def may_have(
        self, who: str, starts: Mapping[int, datetime], *, without: Collection[int] = (), as_of: datetime | None = None
    ) -> bool:
        """Whether these infusions (or, number 0, this talk) could be booked, said without asking the verb."""
        standing = {} if who == TALKER else self.counted(who, without)
        return (
            all(start >= (as_of or self.now) for start in starts.values())
            and not starts.keys() & standing.keys()
            and self._keeps_distance(who, standing, starts)
            and all(self._is_free(who, start, without) for start in starts.values())
        )

    def could_book(self, who: str, starts: Mapping[int, datetime]) -> bool:
        """As `may_have`, of what was not there before."""
        return self.may_have_more(who) and self.may_have(who, starts)

    def _keeps_distance(self, who: str, standing: Mapping[int, datetime], starts: Mapping[int, datetime]) -> bool:
        placed = sorted({**standing, **starts}.items())
        return all(
            _apart(who, earlier[1], later[1])
            for earlier, later in pairwise(placed)
            if earlier[0] in starts or later[0] in starts
        )

    def _is_free(self, who: str, start: datetime, without: Collection[int]) -> bool:
        phases, day = self.night.phases(who), day_of(start)
        end = start + timedelta(minutes=sum(phase.minutes for phase in phases if not phase.is_turnover))
        others = [one for one in self.visits.values() if one.who == who and one.pk not in without]
        if any(one.stands(self.now) and one.end > self.now and one.start < end and start < one.end for one in others):
            return False
        around = snapshot(clinic=self.night.clinic, first_day=day, last_day=day, now=self.now, without=without)
        clinic = Clinic(around)
        return (
            start in clinic.grid_starts(day)
            and clinic.seats_allow(start.timestamp(), phases)
            and clinic.allows_but_for_seats(day, start, phases)
        )


def _apart(who: str, earlier: datetime, later: datetime) -> bool:
    """Whether two neighbours of a series lie as far apart as was ordered."""
    if who == "cyd":
        return timedelta(hours=48) <= later - earlier <= timedelta(hours=96)
    return 2 <= (day_of(later) - day_of(earlier)).days <= 4


def rows_now(plan: Plan) -> dict[int, tuple[str, datetime, datetime | None]]:
    """The rows, said as the model says them."""
    found = {}
    for row in Appointment.objects.filter(clinic=plan.night.clinic):
        over = row.status == Status.HELD and row.held_until is not None and row.held_until <= plan.now
        ended = row.status in UNDER_WAY or row.arrived_at is not None
        found[row.pk] = (
            str(Status.RELEASED if over else row.status), row.period.lower, None if ended else row.period.upper,
        )  # fmt: skip
    return found


def one_of(found: Sequence[One], which: int) -> One:
    return found[which % len(found)]


def starts_of(picks: Sequence[Pick]) -> dict[int, datetime]:
    return {pick.number: pick.start for pick in picks}


def picks_of(proposal: Proposal) -> tuple[list[Pick], bool]:
    """What to book, and whether somebody has to make room."""
    picks = [Pick(visit.number, visit.start) for visit in proposal.visits]
    return picks, any(visit.by_repack for visit in proposal.visits)
