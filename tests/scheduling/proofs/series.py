"""The best series, said the slow way: every combination of starts is tried in turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from scheduling.capacity import ClinicSnapshot, Phase
from scheduling.intervals import Interval, covers
from scheduling.series_terms import PatientTimes, SearchResult, SeriesTerms, Wish
from tests.scheduling.proofs.day_starts import Clinic, presence_seconds
from tests.scheduling.proofs.repack import repack_starts
from tests.scheduling.proofs.rules import Rules, local_day

Pick = tuple[datetime, ...]
# Finish day, visits by repack, minutes off the wish in all, days, starts: as proposals rank.
Ranked = tuple[date, int, int, tuple[date, ...], Pick]


def as_ranked(result: SearchResult, clinic: ClinicSnapshot) -> list[Ranked]:
    """What a search came back with, in the same words."""
    return [
        (
            one.finish_date,
            sum(visit.by_repack for visit in one.visits),
            one.minutes_off_wish,
            tuple(clinic.clock.local_day(visit.start) for visit in one.visits),
            tuple(visit.start for visit in one.visits),
        )
        for one in result.proposals
    ]


def in_order(free: Sequence[Sequence[datetime]]) -> list[Pick]:
    """Every combination of starts, each after the one before."""
    picks: list[Pick] = [()]
    for starts in free:
        picks = [(*pick, start) for pick in picks for start in starts if not pick or start > pick[-1]]
    return picks


def patient_can(
    clinic: ClinicSnapshot, patient: PatientTimes, start: datetime, now: datetime, phases: Sequence[Phase]
) -> bool:
    there = Interval(start, start + timedelta(seconds=presence_seconds(phases)))
    if start < now or any(busy.overlaps(there) for busy in patient.busy):
        return False
    if patient.available is None:
        return True
    day = clinic.clock.local_day(start)
    ranges = [clinic.clock.on_day(day, hours) for hours in patient.available.get(clinic.clock.weekday(start), ())]
    return covers([one for one in ranges if one is not None], there)


class Series:
    """One search's question, and what a patient could take of the clinic's starts."""

    def __init__(
        self, clinic: ClinicSnapshot, terms: SeriesTerms, patient: PatientTimes, wish: Wish, now: datetime
    ) -> None:
        self.clinic, self.terms, self.patient, self.wish, self.now = clinic, terms, patient, wish, now
        self.doses = sorted(terms.doses, key=lambda dose: dose.number)
        self._days, self._rules = Clinic(clinic), Rules(clinic, terms)
        self._direct: dict[tuple[Phase, ...], list[datetime]] = {}
        self._repack: dict[tuple[Phase, ...], list[datetime]] = {}

    def direct(self, phases: tuple[Phase, ...]) -> list[datetime]:
        """Direct starts that suit the patient, whatever weekdays are wished."""
        if phases not in self._direct:
            starts = [start for day in sorted(self.clinic.open) for start in self._days.direct_starts(day, phases)]
            self._direct[phases] = [
                one for one in starts if patient_can(self.clinic, self.patient, one, self.now, phases)
            ]
        return self._direct[phases]

    def by_repack(self, phases: tuple[Phase, ...]) -> list[datetime]:
        if phases not in self._repack:
            starts = [one for day in self.clinic.open for one in repack_starts(self.clinic, day, phases, self.now)]
            self._repack[phases] = sorted(
                one for one in starts if patient_can(self.clinic, self.patient, one, self.now, phases)
            )
        return self._repack[phases]

    def on_wished_weekdays(self, starts: list[datetime]) -> list[datetime]:
        days = self.wish.weekdays
        return [start for start in starts if days is None or self.clinic.clock.weekday(start) in days]

    def possible(self, *, soft: bool, repack: bool) -> list[Pick]:
        free = [
            self.on_wished_weekdays(
                self.direct(dose.phases)
                + (self.by_repack(dose.phases) if repack and self._has_its_day(dose.number, soft=soft) else [])
            )
            for dose in self.doses
        ]
        return [pick for pick in in_order(free) if self._is_kept(pick, soft=soft)]

    def _has_its_day(self, number: int, *, soft: bool) -> bool:
        """Infusions that may share a day are not placed by repack: their moves could contradict each other."""
        return not any(
            number in pair and self._rules.may_share_a_day(*pair, soft=soft) for pair in pairwise(self._rules.numbers)
        )

    def _is_kept(self, pick: Pick, *, soft: bool) -> bool:
        placed = {dose.number: start for dose, start in zip(self.doses, pick, strict=True)}
        if next(self._rules.broken(placed, soft=soft), None):
            return False
        return all(start is not None for start in self.reviews(pick).values())

    def reviews(self, pick: Pick) -> dict[int, datetime | None]:
        """The earliest start of each review between two infusions; None where none fits."""
        placed = {dose.number: start for dose, start in zip(self.doses, pick, strict=True)}
        starts = {**self.terms.known, **placed}
        phases_of = {dose.number: dose.phases for dose in self.doses}
        found: dict[int, datetime | None] = {}
        for after, phases in self.terms.reviews.items():
            if after not in starts or after + 1 not in starts:
                continue
            begins = starts[after] + timedelta(seconds=presence_seconds(phases_of.get(after, ())))
            ends = starts[after + 1] - timedelta(seconds=presence_seconds(phases))
            free = self.on_wished_weekdays(self.direct(phases))
            found[after] = min((one for one in free if begins <= one <= ends), default=None)
        return found

    # ------------------------------------------------------------------------------------------------ ranks

    def best(self, count: int) -> list[Ranked]:
        """With all soft sides kept, by repack if need be, or else with all given up."""
        return self._best(count, soft=True) or self._best(count, soft=False)

    def _best(self, count: int, *, soft: bool) -> list[Ranked]:
        """By finish date, visits by repack, minutes off, dates, starts. Series by repack stand only before the direct
        ones that they beat to the finish, or alone; minutes off are then counted from the time that is best for them.
        """
        picks = self.possible(soft=soft, repack=False)
        direct = self.ranked(picks, self.best_time(picks), count)
        if self.clinic.seated is None:
            return direct
        all_picks = self.possible(soft=soft, repack=True)
        at = self.best_time(all_picks)
        mixed = self.ranked(all_picks, at, count)
        earlier = [one for one in mixed if one[1] and (not direct or one[0] < direct[0][0])]
        return (earlier + self.ranked(picks, at, count))[:count] if earlier else direct

    def best_time(self, picks: Sequence[Pick]) -> time | None:
        """The wished time; without one, and for a series, the time of day that gives the best result, the earliest of
        such times."""
        if self.wish.time is not None or len(self.doses) == 1 or not picks:
            return self.wish.time
        minutes = sorted({self.clinic.clock.minute_of_day(start) for pick in picks for start in pick})
        times = [time(minute // 60, minute % 60) for minute in minutes]
        return min(times, key=lambda one: self.ranked(picks, one, 1))

    def ranked(self, picks: Sequence[Pick], wished: time | None, count: int) -> list[Ranked]:
        """The best picks, each with other dates; for one infusion each start counts."""
        best: dict[object, Ranked] = {}
        for pick in picks:
            days = tuple(local_day(self.clinic.clock, start) for start in pick)
            moved = sum(start not in self.direct(dose.phases) for dose, start in zip(self.doses, pick, strict=True))
            entry = (days[-1], moved, sum(self.minutes_off(start, wished) for start in pick), days, pick)
            key = pick if len(pick) == 1 else days
            best[key] = min(best.get(key, entry), entry)
        return sorted(best.values())[:count]

    def minutes_off(self, start: datetime, wished: time | None) -> int:
        if wished is None:
            return 0
        return abs(self.clinic.clock.minute_of_day(start) - wished.hour * 60 - wished.minute)
