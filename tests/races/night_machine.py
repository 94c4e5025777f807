"""Whatever a desk, nurses and time do to a clinic at night, in any order; a model goes along and is compared."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scheduling import clinician_tasks
from scheduling.absences import end_absence, record_absence
from scheduling.affected_visits import affected_visits
from scheduling.booking import book_series, book_visit
from scheduling.booking_kept import book_held
from scheduling.cancelling import cancel, cancel_rest
from scheduling.gates import decide
from scheduling.holding import hold_series
from scheduling.intervals import Interval
from scheduling.kept_times import extend_hold, release_hold
from scheduling.locking import BusyNow
from scheduling.models import (
    Absence,
    AbsenceKind,
    Appointment,
    CancelledBy,
    ClinicianTask,
    Decision,
    Event,
    Status,
    TaskKind,
)  # fmt: skip
from scheduling.moving import move
from scheduling.moving_rest import move_rest
from scheduling.opening_hours import change_hours, end_closure, record_closure
from scheduling.openings_to_move import openings_to_move, proposals_to_move_rest, propose_beside
from scheduling.picks import Pick
from scheduling.problems import Refused
from scheduling.proposals import propose_series, propose_visit
from scheduling.restoring import un_cancel
from scheduling.running_visits import record_overrun
from scheduling.series_terms import Wish
from scheduling.visits import record_step
from scheduling.waiting_for_chairs import place_again
from tests.factories import checks_for
from tests.races.invariants import broken
from tests.races.losses import lost
from tests.races.night_clinic import AUTUMN, CHANGES, SPRING, TALKER, WEEKS, NightClinic, at_quarter, days_later
from tests.races.planned import UNDER_WAY, Plan, Planned, one_of, picks_of, rows_now, starts_of
from tests.races.put_back import Kept
from tests.races.stepping import PLAIN

HALF_AN_HOUR = timedelta(minutes=30)
TALKS = 3
# Nobody else is there, so nobody is told that others are writing the same things.
REFUSALS: tuple[type[Exception], ...] = (Refused, *(plain for plain in PLAIN if plain is not BusyNow))
WHICH = st.integers(0, 11)
NIGHTS = st.integers(0, 9)
QUARTERS = st.integers(0, 27)
NEXT = {
    Status.BOOKED: Status.ARRIVED, Status.ARRIVED: Status.SEATED, Status.SEATED: Status.INFUSING,
    Status.INFUSING: Status.RECOVERING, Status.RECOVERING: Status.COMPLETED,
}  # fmt: skip


class NightMachine(RuleBasedStateMachine):
    """Each rule asks one verb. Where a search proposed it, or the model says that it can be had, the verb must do it;
    where the model says that it can't, the verb must refuse and leave no trace."""

    night: ClassVar[NightClinic]
    kept: ClassVar[Kept]
    asked: ClassVar[Counter[str]] = Counter()
    refused: ClassVar[Counter[str]] = Counter()
    # What was asked last, for whoever has to find out why a run failed.
    steps: ClassVar[deque[str]] = deque(maxlen=15)

    def __init__(self) -> None:
        super().__init__()
        self.steps.clear()
        self.kept.put_back()
        self.plan = Plan(self.night, AUTUMN)
        self.season = AUTUMN
        self.looked_at: datetime | None = None

    @initialize(season=st.sampled_from([AUTUMN, SPRING]))
    def begin(self, season: datetime) -> None:
        self.season = self.plan.now = season

    # ------------------------------------------------------------------------------------------------------ asking

    def ask(self, verb: Callable[..., Any], **arguments: Any) -> Any:
        """Asks a verb; None where it refused, which leaves no trace. Whatever it does leaves an event."""
        self.looked_at = None
        before = Event.objects.count()
        rows = list(Appointment.objects.order_by("pk").values_list("pk", "row_version"))
        self.asked[verb.__name__] += 1
        self.steps.append(f"{self.plan.now:%Y-%m-%d %H:%M:%S}Z {verb.__name__} {arguments}")
        try:
            answer = verb(**arguments, by=self.night.by, now=self.plan.now)
        except REFUSALS as refusal:
            said = [one.rule for one in refusal.problems] if isinstance(refusal, Refused) else [type(refusal).__name__]
            self.refused.update(said)
            self.steps[-1] += f" -> refused: {said}"
            assert Event.objects.count() == before
            assert list(Appointment.objects.order_by("pk").values_list("pk", "row_version")) == rows
            return None
        assert Event.objects.count() > before
        return answer if answer is not None else True

    def row(self, one: Planned) -> Appointment:
        return Appointment.objects.select_related("clinic", "patient", "order", "visit_type").get(pk=one.pk)

    def learn(
        self,
        who: str,
        rows: Sequence[Appointment],
        starts: Mapping[int, datetime],
        until: datetime | None = None,
        *,
        option: bool = False,
    ) -> None:
        """Visits that were just written, as they were asked for: booked, or kept until then."""
        assert len(rows) == len(starts)
        minutes = sum(phase.minutes for phase in self.night.phases(who) if not phase.is_turnover)
        for row in rows:
            number = row.dose_number or row.kept_for_number or 0
            start, status = starts[number], Status.HELD if until else Status.BOOKED
            end = start + timedelta(minutes=minutes)
            self.plan.visits[row.pk] = Planned(row.pk, who, number, start, end, status, until, option=option)

    def ends(self, minutes: int, picks: Sequence[Pick]) -> datetime:
        """When what is kept for so long is over: at the latest when the first of it begins."""
        return min(self.plan.now + timedelta(minutes=minutes), *starts_of(picks).values())

    def written(self, one: Planned, start: datetime) -> None:
        """A visit that is booked from a start on, as long as before."""
        one.start, one.end, one.status, one.until = start, start + (one.end - one.start), Status.BOOKED, None

    # ---------------------------------------------------------------------------------- what a search proposed first

    @precondition(lambda self: self.plan.orders_to_book())
    @rule(which=WHICH, many=st.integers(1, 3), hold=st.sampled_from([0, 0, 30, 3000]))
    def take_what_is_proposed(self, which: int, many: int, hold: int) -> None:
        who = one_of(self.plan.orders_to_book(), which)
        order, clinic, now = self.night.orders[who], self.night.clinic, self.plan.now
        found = propose_series(order=order, clinic=clinic, wish=Wish(), how_many=many, count=1, now=now)
        if not found.proposals:
            return
        picks, repack = picks_of(found.proposals[0])
        if picks[0].start == now:
            hold = 0
        verb = hold_series if hold else book_series
        more = {"minutes": hold} if hold else {}
        answer = self.ask(verb, order=order, clinic=clinic, picks=picks, repack=repack, **more)
        assert bool(answer) == self.plan.may_have_more(who), (verb.__name__, picks)
        if answer:
            self.learn(who, answer, starts_of(picks), self.ends(hold, picks) if hold else None)

    @precondition(lambda self: self.plan.with_one_option())
    @rule(which=WHICH)
    def keep_a_second_option(self, which: int) -> None:
        who = one_of(self.plan.with_one_option(), which)
        order, clinic, now = self.night.orders[who], self.night.clinic, self.plan.now
        found = propose_beside(order=order, clinic=clinic, wish=Wish(), how_many=1, count=1, now=now)
        if found.proposals:
            picks, repack = picks_of(found.proposals[0])
            if picks[0].start == now:
                return
            # Only where one of the same infusions is kept already it is an option beside that.
            option = any(one.number in starts_of(picks) for one in self.plan.kept(who, option=False))
            answer = self.ask(hold_series, order=order, clinic=clinic, picks=picks, repack=repack, minutes=60)
            assert bool(answer) == self.plan.may_have_more(who), picks
            if answer:
                self.learn(who, answer, starts_of(picks), self.ends(60, picks), option=option)

    @precondition(lambda self: len(self.plan.of(Status.BOOKED, who=TALKER)) < TALKS)
    @rule()
    def take_the_next_talk(self) -> None:
        night, now = self.night, self.plan.now
        found = propose_visit(
            patient=night.talker, clinic=night.clinic, visit_type=night.talk, wish=Wish(), count=1, now=now
        )
        if found.proposals:
            start = found.proposals[0].visits[0].start
            answer = self.ask(book_visit, patient=night.talker, clinic=night.clinic, visit_type=night.talk, start=start)
            assert answer, start
            self.learn(TALKER, [answer], {0: start})

    @precondition(lambda self: self.plan.of(Status.BOOKED))
    @rule(which=WHICH)
    def move_where_there_is_room(self, which: int) -> None:
        one = one_of(self.plan.of(Status.BOOKED), which)
        found = openings_to_move(appointment=self.row(one), wish=Wish(), count=1, now=self.plan.now)
        if found.proposals and found.proposals[0].visits[0].start != one.start:
            visit = found.proposals[0].visits[0]
            assert self.ask(move, appointment=self.row(one), start=visit.start, repack=visit.by_repack), visit
            self.written(one, visit.start)

    @precondition(lambda self: self.plan.booked_series())
    @rule(which=WHICH)
    def move_the_rest_where_there_is_room(self, which: int) -> None:
        who, first = one_of(self.plan.booked_series(), which)
        order, clinic, now = self.night.orders[who], self.night.clinic, self.plan.now
        found = proposals_to_move_rest(order=order, clinic=clinic, from_number=first, wish=Wish(), count=1, now=now)
        if not found.proposals:
            return
        picks, repack = picks_of(found.proposals[0])
        rest = {one.number: one for one in self.plan.of(Status.BOOKED, who=who) if (one.number or 0) >= first}
        if all(rest[pick.number].start == pick.start for pick in picks):
            return
        assert self.ask(move_rest, order=order, from_number=first, picks=picks, repack=repack), picks
        for pick in picks:
            self.written(rest[pick.number], pick.start)

    # ------------------------------------------------------------------------------ what somebody thought of themselves

    @rule(night=NIGHTS, quarter=QUARTERS, who=WHICH, which=WHICH)
    def book_at(self, night: int, quarter: int, who: int, which: int) -> None:
        self.try_to_book(at_quarter(days_later(self.plan.now, night), quarter), who, which)

    def try_to_book(self, start: datetime, whose: int, which: int = 0) -> None:
        who = one_of([*self.plan.orders_to_book(), TALKER], whose)
        number = 0 if who == TALKER else one_of(self.plan.to_book(who), which)
        can, clinic = self.plan.could_book(who, {number: start}), self.night.clinic
        if who == TALKER:
            patient, talk = self.night.talker, self.night.talk
            answer = self.ask(book_visit, patient=patient, clinic=clinic, visit_type=talk, start=start)
            answer = answer and [answer]
        else:
            order = self.night.orders[who]
            answer = self.ask(book_series, order=order, clinic=clinic, picks=[Pick(number, start)])
        assert bool(answer) == can, (who, number, start)
        if answer:
            self.learn(who, answer, {number: start})

    @precondition(lambda self: self.plan.of(Status.BOOKED))
    @rule(which=WHICH, nights=st.integers(-2, 4), quarter=QUARTERS)
    def move_to(self, which: int, nights: int, quarter: int) -> None:
        one = one_of(self.plan.of(Status.BOOKED), which)
        start = at_quarter(days_later(one.start, nights), quarter)
        if start == one.start:
            return
        can = self.plan.may_have(one.who, {one.number or 0: start}, without=[one.pk])
        assert bool(self.ask(move, appointment=self.row(one), start=start)) == can, (one, start)
        if can:
            self.written(one, start)

    @precondition(lambda self: self.plan.of(Status.BOOKED))
    @rule(which=WHICH)
    def cancel_one(self, which: int) -> None:
        one = one_of(self.plan.of(Status.BOOKED), which)
        assert self.ask(cancel, appointment=self.row(one), side=CancelledBy.PATIENT, reason="ill")
        one.status = Status.CANCELLED

    @precondition(lambda self: self.plan.booked_series())
    @rule(which=WHICH)
    def cancel_the_rest(self, which: int) -> None:
        who, first = one_of(self.plan.booked_series(), which)
        rest = [one for one in self.plan.of(Status.BOOKED, who=who) if (one.number or 0) >= first]
        order = self.night.orders[who]
        assert self.ask(cancel_rest, order=order, from_number=first, side=CancelledBy.CLINIC, reason="snow")
        for one in rest:
            one.status = Status.CANCELLED

    @precondition(lambda self: self.plan.of(Status.CANCELLED))
    @rule(which=WHICH)
    def take_back_a_cancellation(self, which: int) -> None:
        one, now = one_of(self.plan.of(Status.CANCELLED), which), self.plan.now
        can = days_later(now, 0) <= days_later(one.start, 0) and self.plan.may_have(
            one.who, {one.number or 0: one.start}, as_of=min(now, one.start)
        )
        assert bool(self.ask(un_cancel, appointment=self.row(one))) == can, one
        if can:
            self.written(one, one.start)

    # --------------------------------------------------------------------------------------------------- kept times

    @precondition(lambda self: self.plan.options())
    @rule(which=WHICH)
    def book_what_is_kept(self, which: int) -> None:
        who, second = one_of(self.plan.options(), which)
        rows = self.plan.kept(who, option=second)
        others = self.plan.of(Status.HELD, who=who)
        starts = {one.number or 0: one.start for one in rows}
        # What a second option keeps is booked anew.
        can = not second or self.plan.may_have_more(who)
        can = can and self.plan.may_have(who, starts, without=[one.pk for one in others])
        answer = self.ask(book_held, visits=[self.row(one) for one in rows])
        assert bool(answer) == can, rows
        if not answer:
            return
        for one in others:
            one.status = Status.RELEASED
        if second:
            self.learn(who, answer, starts)
        else:
            for one in rows:
                self.written(one, one.start)

    @precondition(lambda self: self.plan.options())
    @rule(which=WHICH, minutes=st.sampled_from([0, 5, 120]))
    def let_go_or_keep_longer(self, which: int, minutes: int) -> None:
        who, second = one_of(self.plan.options(), which)
        rows = self.plan.kept(who, option=second)
        if minutes:
            assert self.ask(extend_hold, visits=[self.row(one) for one in rows], minutes=minutes)
            until = min([self.plan.now + timedelta(minutes=minutes), *(one.start for one in rows)])
            for one in rows:
                one.until = until
        else:
            assert self.ask(release_hold, visits=[self.row(one) for one in rows])
            for one in rows:
                one.status = Status.RELEASED

    @precondition(lambda self: self.plan.of(Status.HELD))
    @rule(which=WHICH, who=WHICH)
    def take_a_time_when_its_hold_is_over(self, which: int, who: int) -> None:
        """To the minute on which it ends; whoever comes then is not kept from it."""
        one = one_of(self.plan.of(Status.HELD), which)
        self.plan.now = one.until or self.plan.now
        self.try_to_book(one.start, who)

    # ---------------------------------------------------------------------------------------------- what really happens

    @precondition(lambda self: self.plan.today())
    @rule(which=WHICH)
    def go_a_step_on(self, which: int) -> None:
        one, now = one_of(self.plan.today(), which), self.plan.now
        to = Status.COMPLETED if one.who == TALKER and one.status == Status.ARRIVED else NEXT[one.status]
        if one.last_step is None:
            can = days_later(now, 0) == days_later(one.start, 0)
        else:
            can = one.last_step <= now < one.last_step + timedelta(days=1)
        if to == Status.INFUSING and one.who == "dee" and one.number == 2:
            can = can and self.plan.reviewed
        done = self.ask(record_step, appointment=self.row(one), to=to, checks=checks_for(to), happened_at=now)
        assert bool(done) == can, (one, to)
        if can:
            one.status, one.last_step = to, now
            one.given_at = now if to == Status.INFUSING else one.given_at

    @precondition(lambda self: self.plan.of(Status.BOOKED))
    @rule(which=WHICH)
    def does_not_come(self, which: int) -> None:
        one, now = one_of(self.plan.of(Status.BOOKED), which), self.plan.now
        can = one.start <= now and days_later(now, 0) == days_later(one.start, 0)
        done = self.ask(record_step, appointment=self.row(one), to=Status.NO_SHOW, happened_at=now)
        assert bool(done) == can, one
        if can:
            one.status = Status.NO_SHOW
            self.plan.missed(one.who)

    @precondition(lambda self: self.plan.asked)
    @rule(which=WHICH)
    def say_how_it_goes_on(self, which: int) -> None:
        """A clinician answers about visits that were missed."""
        who = one_of(sorted(self.plan.asked), which)
        task = ClinicianTask.objects.get(order=self.night.orders[who], kind=TaskKind.MISSED, closed_at=None)
        assert self.ask(clinician_tasks.close, task=task, outcome="goes on")
        self.plan.asked.remove(who)
        self.plan.answered[who] = self.plan.now

    @precondition(lambda self: self.plan.of(*UNDER_WAY))
    @rule(which=WHICH, minutes=st.sampled_from([5, 20, 60, 180]))
    def take_longer(self, which: int, minutes: int) -> None:
        one = one_of(self.plan.of(*UNDER_WAY), which)
        end = self.row(one).period.upper
        done = self.ask(record_overrun, appointment=self.row(one), minutes=minutes)
        assert done or end + timedelta(minutes=minutes) > one.start + timedelta(hours=12), one

    @precondition(lambda self: self.plan.waiting())
    @rule()
    def find_a_chair_for_who_waits(self) -> None:
        waiting = self.row(self.plan.waiting()[0])
        if self.ask(place_again, appointment=waiting):
            waiting.refresh_from_db()
            assert waiting.is_placed

    @precondition(lambda self: self.plan.is_review_due())
    @rule()
    def review(self) -> None:
        assert self.ask(
            decide, order=self.night.orders["dee"], after_number=1, decision=Decision.CONTINUE,
            decided_by=self.night.user,
        )  # fmt: skip
        self.plan.reviewed = True

    # ------------------------------------------------------------------------------------------ what the clinic lacks

    @rule(which=WHICH, night=NIGHTS, quarter=QUARTERS, hours=st.sampled_from([1, 3, 30]))
    def lose_somebody(self, which: int, night: int, quarter: int, hours: int) -> None:
        """A chair that breaks, a nurse who is ill, a prescriber who is away."""
        resource = self.night.resources[which % len(self.night.resources)]
        start = at_quarter(days_later(self.plan.now, night), quarter)
        kind = AbsenceKind.OUT_OF_SERVICE if resource.kind == "chair" else AbsenceKind.AWAY
        period = Interval(start, start + timedelta(hours=hours))
        assert self.ask(record_absence, resource=resource, period=period, kind=kind)

    @rule(night=NIGHTS, quarter=QUARTERS)
    def close(self, night: int, quarter: int) -> None:
        start = at_quarter(days_later(self.plan.now, night), quarter)
        period = Interval(start, start + timedelta(hours=2))
        assert self.ask(record_closure, clinic=self.night.clinic, period=period)

    @precondition(lambda self: self.plan.losses())
    @rule(which=WHICH)
    def get_back_what_was_lost(self, which: int) -> None:
        one = one_of(self.plan.losses(), which)
        if isinstance(one, Absence):
            assert self.ask(end_absence, absence=one)
        else:
            assert self.ask(end_closure, closure=one)

    @rule(which=st.integers(0, len(WEEKS) - 1))
    def change_the_hours(self, which: int) -> None:
        assert self.ask(change_hours, clinic=self.night.clinic, hours=WEEKS[which])

    # ---------------------------------------------------------------------------------------------------------- time

    @rule(minutes=st.sampled_from([5, 20, 60, 60, 240, 1440]))
    def wait(self, minutes: int) -> None:
        self.plan.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.plan.to_come())
    @rule(which=WHICH)
    def wait_for_a_visit(self, which: int) -> None:
        self.plan.now = one_of(self.plan.to_come(), which).start

    @precondition(lambda self: self.plan.now < CHANGES[self.season] - HALF_AN_HOUR)
    @rule()
    def wait_for_the_clocks_to_change(self) -> None:
        self.plan.now = CHANGES[self.season] - HALF_AN_HOUR

    # -------------------------------------------------------------------------------------------------- what must hold

    @invariant()
    def all_holds(self) -> None:
        if self.looked_at == self.plan.now:
            return
        self.looked_at = self.plan.now
        assert broken(self.kept.connection) == []
        assert rows_now(self.plan) == self.plan.seen()
        listed = {one.visit.pk for one in affected_visits(clinic=self.night.clinic, now=self.plan.now)}
        assert listed == lost(self.night, self.plan.now)
