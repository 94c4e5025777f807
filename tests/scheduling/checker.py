"""Says every rule that a proposal breaks. It looks at what is proposed, from the claims up, and searches nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise

from scheduling.capacity import STEP_SECONDS, Busy, Chair, ClinicSnapshot, Equipment, Phase, Seated
from scheduling.clinic_time import AmbiguousTime
from scheduling.intervals import Interval, covers, merge
from scheduling.series_terms import PatientTimes, Proposal, ProposedReview, ProposedVisit, SeriesTerms, Wish
from tests.scheduling.proofs.rules import Rules

FIVE_MINUTES = timedelta(minutes=5)
Claims = dict[tuple[str, str], list[Interval]]


def broken(
    clinic: ClinicSnapshot,
    terms: SeriesTerms,
    patient: PatientTimes,
    wish: Wish,
    now: datetime,
    proposal: Proposal,
) -> list[str]:
    """A sentence for each rule broken; empty for a proposal that may be booked as it stands."""
    return [*_Check(clinic, terms, patient, wish, now, proposal).all()]


class _Check:
    def __init__(
        self,
        clinic: ClinicSnapshot,
        terms: SeriesTerms,
        patient: PatientTimes,
        wish: Wish,
        now: datetime,
        proposal: Proposal,
    ) -> None:
        self.clinic, self.terms, self.patient, self.wish, self.now = clinic, terms, patient, wish, now
        self.proposal = proposal
        self.seated = {one.visit: one for one in (clinic.seated() if clinic.seated else ())}
        self.seats = {one.id: one for one in (*clinic.chairs, *clinic.bays)}
        self.bays = {one.id for one in clinic.bays}
        self.pieces = {one.id: one for one in clinic.equipment}
        self.nurses = {one.id: one for one in clinic.nurses}
        self.on_site = {one.id: merge(one.on_site) for one in clinic.prescribers}
        self.shifts = {one.id: merge(one.shifts) for one in clinic.nurses}

    def all(self) -> Iterator[str]:
        wanted = {dose.number: dose.phases for dose in self.terms.doses}
        numbers = [visit.number for visit in self.proposal.visits]
        if numbers != sorted(wanted):
            yield f"places {numbers} where {sorted(wanted)} are asked for"
            return
        for visit in self.proposal.visits:
            for text in (
                *self._when(visit, wanted[visit.number], self.wish),
                *self._visit(visit, wanted[visit.number]),
            ):
                yield f"infusion {visit.number}: {text}"
        yield from self._reviews()
        yield from self._moves()
        yield from self._together()
        yield from self._said()

    # ------------------------------------------------------------------------------------------------ one visit

    def _when(self, visit: ProposedVisit | ProposedReview, phases: tuple[Phase, ...], wish: Wish) -> Iterator[str]:
        clock, there = self.clinic.clock, Interval(visit.start, visit.end)
        local, day = clock.local(visit.start), clock.local_day(visit.start)
        if there.minutes != sum(phase.minutes for phase in phases if not phase.is_turnover):
            yield f"lasts {there.minutes} minutes"
        if (local.hour * 60 + local.minute) % self.clinic.grid_minutes or local.second or local.microsecond:
            yield f"starts off the grid at {local}"
        try:
            clock.at_wall(day, local.time())
        except AmbiguousTime:
            yield f"starts at {local}, which the clock shows twice"
        if not covers(self.clinic.open.get(day, ()), there):
            yield f"is not within the hours of {day}"
        if self.clinic.last_end and clock.local(visit.end).replace(tzinfo=None) > datetime.combine(
            day, self.clinic.last_end
        ):
            yield f"ends after {self.clinic.last_end}"
        if visit.start < self.now:
            yield "is past"
        if wish.weekdays is not None and clock.weekday(visit.start) not in wish.weekdays:
            yield "is not on a wished weekday"
        if any(busy.overlaps(there) for busy in self.patient.busy):
            yield "the patient is busy"
        if self.patient.available is not None:
            ranges = [clock.on_day(day, one) for one in self.patient.available.get(clock.weekday(visit.start), ())]
            if not covers([one for one in ranges if one], there):
                yield "the patient is not available"

    def _visit(self, visit: ProposedVisit | ProposedReview, phases: tuple[Phase, ...]) -> Iterator[str]:
        """Whether the claims are what the phases ask for: no more, no less, each of one resource that has the words."""
        claims: dict[str, list[Busy]] = defaultdict(list)
        for claim in visit.claims:
            claims[claim.role].append(claim)
        spans = [*_spans(visit.start, phases)]
        for role in ("watch", "attention"):
            yield from _one_resource(role, claims.pop(role, []), [one for phase, one in spans if phase.nurse == role])
        with_patient = [one for phase, one in spans if phase.prescriber == "with-patient"]
        yield from _one_resource("with-patient", claims["with-patient"], with_patient)
        nurses = {claim.resource_id for claim in visit.claims if claim.role in ("watch", "attention")}
        if len(nurses) > 1 or (isinstance(visit, ProposedVisit) and nurses != {visit.nurse} - {None}):
            yield f"has the nurses {sorted(nurses)}"
        for claim in claims.pop("with-patient"):
            if claim.resource_id not in visit.prescribers:
                yield f"does not name {claim.resource_id}"
        yield from self._present([one for phase, one in spans if phase.prescriber == "present"], visit.prescribers)
        yield from self._seats(visit, claims.pop("seat", []), phases)
        yield from self._equipment(claims.pop("use", []), spans)
        if claims:
            yield f"claims {sorted(claims)}"
        staffed = [one for phase, one in spans if phase.chair and not phase.is_turnover]
        for step in (step for one in staffed if self.clinic.min_staff for step in _steps(one)):
            if self._on_duty(step) < self.clinic.min_staff:
                yield f"too few staff at {step.start}"

    def _seats(
        self, visit: ProposedVisit | ProposedReview, claims: list[Busy], phases: tuple[Phase, ...]
    ) -> Iterator[str]:
        seated = [(phase, one) for phase, one in _spans(visit.start, phases) if phase.chair]
        unknown = [claim.resource_id for claim in claims if claim.resource_id not in self.seats]
        if unknown:
            yield f"sits in {unknown}"
            return
        if not seated:
            if claims:
                yield "has a seat that it does not need"
            return
        whole, bay_from = Interval(seated[0][1].start, seated[-1][1].end), None
        if any(claim.resource_id in self.bays for claim in claims):
            bay_from = min((one.start for phase, one in seated if phase.place == "bay"), default=None)
        held = {claim.resource_id: claim.period for claim in claims}
        if isinstance(visit, ProposedVisit) and {visit.chair} - {None} != held.keys() - self.bays:
            yield f"names chair {visit.chair} and holds {sorted(held)}"
        turnover = timedelta(minutes=sum(phase.minutes for phase in phases if phase.is_turnover))
        expected = [(False, whole)]
        if bay_from is not None:
            left = max((one.end for _, one in seated if one.end <= bay_from), default=None)
            in_chair = [] if left is None else [(False, Interval(whole.start, left + turnover))]
            expected = [*in_chair, (True, Interval(bay_from, whole.end))]
        if sorted((claim.resource_id in self.bays, claim.period) for claim in claims) != expected:
            yield f"holds {claims} where its phases ask for {expected}"
        for claim in claims:
            in_bay = claim.resource_id in self.bays
            its = [phase for phase, one in seated if bay_from is None or (one.start >= bay_from) == in_bay]
            missing = {word for phase in its for word in phase.features} - self.seats[claim.resource_id].features
            if missing:
                yield f"{claim.resource_id} has no {sorted(missing)}"

    def _equipment(self, claims: list[Busy], spans: list[tuple[Phase, Interval]]) -> Iterator[str]:
        used: dict[str, list[Interval]] = defaultdict(list)
        for claim in claims:
            used[claim.resource_id].append(claim.period)
        words = {word for phase, _ in spans for word in phase.equipment}
        needed = {word: merge(one for phase, one in spans if word in phase.equipment) for word in words}
        for word, periods in needed.items():
            if not any(
                word in self.pieces[piece].features and all(covers(held, one) for one in periods)
                for piece, held in used.items()
                if piece in self.pieces
            ):
                yield f"has no {word} throughout"
        for piece, held in used.items():
            asked = merge(
                one for word in words & self.pieces[piece].features for one in needed[word] if covers(held, one)
            )
            if asked != merge(held) or len(held) != len(merge(held)):
                yield f"uses {piece} in {held}"

    def _present(self, needed: list[Interval], names: tuple[str, ...]) -> Iterator[str]:
        for step in (step for one in needed for step in _steps(one)):
            if not any(self._is_present(name, step) for name in names):
                yield f"none of {names} is there at {step.start}"

    def _is_present(self, prescriber_id: str, step: Interval) -> bool:
        if not _covered(self.on_site[prescriber_id], step):
            return False
        return self.clinic.prescriber_presence_rule == "on-site" or not any(
            one.overlaps(step) for one in self._taken.get((prescriber_id, "with-patient"), ())
        )

    def _on_duty(self, step: Interval) -> int:
        nurses = (
            _covered(self.shifts[one.id], step) and not any(away.overlaps(step) for away in one.absent)
            for one in self.clinic.nurses
        )
        return sum(nurses) + sum(_covered(periods, step) for periods in self.on_site.values())

    # ------------------------------------------------------------------------------------------------ together

    def _reviews(self) -> Iterator[str]:
        starts = self.terms.known | {visit.number: visit.start for visit in self.proposal.visits}
        ends = {visit.number: visit.end for visit in self.proposal.visits}
        wanted = sorted(after for after in self.terms.reviews if after in starts and after + 1 in starts)
        if sorted(review.after for review in self.proposal.reviews) != wanted:
            yield f"has reviews after {[review.after for review in self.proposal.reviews]}, not after {wanted}"
            return
        for review in self.proposal.reviews:
            phases = self.terms.reviews[review.after]
            for text in (*self._when(review, phases, Wish()), *self._visit(review, phases)):
                yield f"review after {review.after}: {text}"
            if not ends.get(review.after, starts[review.after]) <= review.start:
                yield f"review after {review.after}: begins too early"
            if not review.end <= starts[review.after + 1]:
                yield f"review after {review.after}: ends too late"

    def _moves(self) -> Iterator[str]:
        """Whether each visit moved may be, and stands with its chair's features in a chair that works."""
        clock = self.clinic.clock
        for visit in self.proposal.visits:
            day = clock.local_day(visit.start)
            opened = min((one.start for one in self.clinic.open.get(day, ())), default=self.now)
            if visit.moves and clock.local_day(self.now) == day and self.now >= opened:
                yield f"infusion {visit.number}: moves visits of a day that has begun"
            if len({move.visit for move in visit.moves}) < len(visit.moves):
                yield f"infusion {visit.number}: moves a visit twice"
            for move in visit.moves:
                for text in self._move(move.visit, move.from_chair, move.to_chair):
                    yield f"move of {move.visit}: {text}"

    def _move(self, visit: str, from_chair: str, to_chair: str) -> Iterator[str]:
        seated = self.seated.get(visit)
        if seated is None or not seated.may_move or seated.chair != from_chair or to_chair == from_chair:
            yield f"may not go from {from_chair} to {to_chair}"
            return
        chair = next((one for one in self.clinic.chairs if one.id == to_chair), None)
        if chair is None or not seated.features <= chair.features:
            yield f"{to_chair} has not what it needs"
        elif any(out.overlaps(seated.period) for out in chair.out):
            yield f"{to_chair} is out of service"

    @cached_property
    def _taken(self) -> Claims:
        taken: Claims = defaultdict(list)
        for busy in self.clinic.busy:
            taken[busy.resource_id, busy.role].append(busy.period)
        for resource_id, role, flat in self.clinic.claims:
            ends = [datetime.fromtimestamp(step * STEP_SECONDS, UTC) for step in flat]
            taken[resource_id, role] += [Interval(*pair) for pair in zip(ends[0::2], ends[1::2], strict=True)]
        return taken

    def _together(self) -> Iterator[str]:
        """All that is taken with the whole proposal booked: nothing twice, nobody beyond what they may do."""
        taken = defaultdict(list, self._taken)
        moved = [move for visit in self.proposal.visits for move in visit.moves]
        placed: list[Seated] = [self.seated[move.visit] for move in moved if move.visit in self.seated]
        for one in placed:
            taken[one.chair, "seat"] = [period for period in taken[one.chair, "seat"] if period != one.period]
        new: Claims = defaultdict(list)
        for move, one in zip(moved, placed, strict=False):
            new[move.to_chair, "seat"].append(one.period)
        for claim in (claim for visit in self._all() for claim in visit.claims):
            new[claim.resource_id, claim.role].append(claim.period)
        for (resource_id, role), periods in [*new.items()]:
            for index, period in enumerate(periods):
                others = periods[:index] + periods[index + 1 :]
                text = self._clash(resource_id, role, period, taken[resource_id, role] + others, taken, new)
                if text:
                    yield f"{resource_id} ({role}) from {period.start} to {period.end}: {text}"

    def _clash(
        self, resource_id: str, role: str, period: Interval, others: list[Interval], taken: Claims, new: Claims
    ) -> str | None:
        if role in ("watch", "attention"):
            return self._nurse_clash(resource_id, period, taken, new)
        if any(period.overlaps(one) for one in others):
            return "is taken twice"
        if role == "with-patient":
            there = _covered(self.on_site[resource_id], period)
            return None if there else "is not on site"
        thing: Chair | Equipment | None = (
            self.seats.get(resource_id) if role == "seat" else self.pieces.get(resource_id)
        )
        if thing is None:
            return "is unknown"
        return "is out of service" if any(out.overlaps(period) for out in thing.out) else None

    def _nurse_clash(self, nurse_id: str, period: Interval, taken: Claims, new: Claims) -> str | None:
        nurse = self.nurses[nurse_id]
        if not _covered(self.shifts[nurse_id], period) or any(away.overlaps(period) for away in nurse.absent):
            return "is not on duty"
        both = {
            role: [one for one in taken[nurse_id, role] + new[nurse_id, role] if one.overlaps(period)]
            for role in ("watch", "attention")
        }
        for step in _steps(period):
            watched, attended = (sum(one.overlaps(step) for one in both[role]) for role in ("watch", "attention"))
            if attended > 1 or watched > (nurse.watch_while_attending if attended else nurse.watch):
                return f"attends {attended} and watches {watched} at {step.start}"
        return None

    # ------------------------------------------------------------------------------------------------ what is said

    def _said(self) -> Iterator[str]:
        placed = {visit.number: visit.start for visit in self.proposal.visits}
        rules = Rules(self.clinic, self.terms)
        outside = rules.outside_soft(placed)
        yield from rules.broken(placed, soft=False)
        if self.proposal.outside_soft != outside:
            yield f"says {self.proposal.outside_soft} lie outside soft sides, not {outside}"
        if self.proposal.finish_date != self.clinic.clock.local_day(self.proposal.visits[-1].start):
            yield f"says that it finishes on {self.proposal.finish_date}"
        wished = self.wish.time
        if wished is not None:
            minutes = [self.clinic.clock.minute_of_day(start) for start in placed.values()]
            off = sum(abs(minute - wished.hour * 60 - wished.minute) for minute in minutes)
            if self.proposal.minutes_off_wish != off:
                yield f"says {self.proposal.minutes_off_wish} minutes off where it is {off}"
        for earlier, later in pairwise(sorted((one.start, one.end) for one in self._all())):
            if later[0] < earlier[1]:
                yield f"the patient is in two places at {later[0]}"

    def _all(self) -> tuple[ProposedVisit | ProposedReview, ...]:
        return (*self.proposal.visits, *self.proposal.reviews)


def _covered(merged: list[Interval], period: Interval) -> bool:
    return any(one.covers(period) for one in merged)


def _spans(start: datetime, phases: tuple[Phase, ...]) -> Iterator[tuple[Phase, Interval]]:
    for phase in phases:
        end = start + timedelta(minutes=phase.minutes)
        yield phase, Interval(start, end)
        start = end


def _steps(period: Interval) -> Iterator[Interval]:
    start = period.start
    while start < period.end:
        yield Interval(start, start + FIVE_MINUTES)
        start += FIVE_MINUTES


def _one_resource(role: str, claims: list[Busy], needed: list[Interval]) -> Iterator[str]:
    if sorted(claim.period for claim in claims) != merge(needed) or len({claim.resource_id for claim in claims}) > 1:
        yield f"claims {claims} for {role} where its phases ask for {merge(needed)}"
