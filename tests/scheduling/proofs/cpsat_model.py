"""The same question as a constraint model for OR-tools: chairs, nurses and prescribers as intervals, rules as sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from ortools.sat.python import cp_model

from scheduling.capacity import Nurse, Phase
from scheduling.intervals import Interval, merge, subtract
from tests.scheduling.proofs.day_starts import Clinic, parts_of, ways_to_sit
from tests.scheduling.proofs.medium_clinics import Asked, Phases
from tests.scheduling.proofs.rules import FAR, Rules
from tests.scheduling.proofs.series import patient_can

STEPS_A_DAY = 288
A_DAY_LATER = 100_000  # outweighs all minutes off


@dataclass(frozen=True)
class Best:
    """The best finish day (counted from the clinic's first) and minutes off, or that there is no series at all."""

    finish: int | None
    minutes_off: int | None
    is_proven: bool


@dataclass
class _Dose:
    """An infusion's variables, all in steps of five minutes: a start since the first midnight, its day, its step of the
    day; or what they are when it stands already."""

    start: cp_model.IntVar
    day: cp_model.IntVar
    step: cp_model.IntVar


class Model:
    def __init__(self, asked: Asked) -> None:
        self.asked, self.clinic, self.terms = asked, asked.clinic, asked.terms
        self.model = cp_model.CpModel()
        self.rules = Rules(self.clinic, self.terms)
        self.first = min(self.clinic.open)
        self.days = (max(self.clinic.open) - self.first).days + 1
        self.midnight = self.clinic.clock.day_start(self.first)
        last = self.clinic.clock.day_start(self.first + timedelta(days=self.days))
        if last - self.midnight != timedelta(days=self.days):
            raise ValueError("the model counts days of 24 hours")
        self._starts: dict[Phases, list[int]] = {}
        self._choices: dict[tuple[int, str], dict[str, cp_model.IntVar]] = {}
        self._wanted: dict[tuple[str, str], list[cp_model.IntervalVar]] = defaultdict(list)
        self.doses = {number: self._known(start) for number, start in self.terms.known.items()}
        self.doses |= {dose.number: self._to_place(dose.number, dose.phases) for dose in self.terms.doses}
        self._resources()
        self._order()
        self._spacing()
        self._over_all()

    def best(self, seconds: float) -> Best:
        placed = [self.doses[number] for number in sorted(self.rules.phases)]
        self.model.minimize(placed[-1].day * A_DAY_LATER + 5 * self._steps_off(placed))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 2
        solver.parameters.random_seed = 1
        solver.parameters.max_time_in_seconds = seconds
        status = solver.solve(self.model)
        if status == cp_model.OPTIMAL:
            return Best(*divmod(round(solver.objective_value), A_DAY_LATER), True)
        return Best(None, None, status == cp_model.INFEASIBLE)

    def _steps_off(self, placed: list[_Dose]) -> cp_model.LinearExpr:
        wished = self.asked.wish.time
        if wished is None:
            at = self.model.new_int_var(0, STEPS_A_DAY, "the best time of day")
        else:
            at = self.model.new_constant((wished.hour * 60 + wished.minute) // 5)
        off = []
        for index, dose in enumerate(placed):
            distance = self.model.new_int_var(0, STEPS_A_DAY, f"off {index}")
            self.model.add_abs_equality(distance, dose.step - at)
            off.append(distance)
        return cp_model.LinearExpr.sum(off)

    # ------------------------------------------------------------------------------------------------ infusions

    def _at(self, instant: datetime) -> int:
        return int((instant - self.midnight).total_seconds()) // 300

    def _known(self, start: datetime) -> _Dose:
        constant = self.model.new_constant
        return _Dose(constant(self._at(start)), *map(constant, divmod(self._at(start), STEPS_A_DAY)))

    def _to_place(self, number: int, phases: Phases) -> _Dose:
        if phases not in self._starts:
            self._starts[phases] = self._allowed(phases)
        starts, model = self._starts[phases], self.model
        start = model.new_int_var_from_domain(cp_model.Domain.from_values(starts), f"start {number}")
        day, step = model.new_int_var(0, self.days, f"day {number}"), model.new_int_var(0, STEPS_A_DAY - 1, "")
        model.add(start == day * STEPS_A_DAY + step)
        return _Dose(start, day, step)

    def _allowed(self, phases: Phases) -> list[int]:
        """Starts that hours, the patient, who is present and minimum staff allow; chairs, nurses and prescribers with
        the patient are the model's own."""
        day_by_day, terms = Clinic(self.clinic), self.terms
        present = tuple(map(_only_presence, phases))
        return [
            self._at(start)
            for day in sorted(self.clinic.open)
            if (terms.not_before or day) <= day <= (terms.not_after or day)
            for start in day_by_day.grid_starts(day)
            if day_by_day.hours_allow(day, start, phases)
            and patient_can(self.clinic, self.asked.patient, start, self.asked.now, phases)
            and day_by_day.people_allow(start.timestamp(), present)
        ]

    # ------------------------------------------------------------------------------------------------ resources

    def _resources(self) -> None:
        """One chair, one nurse and one prescriber with the patient for each infusion; nobody and nothing twice."""
        for number, phases in self.rules.phases.items():
            stay, parts = ways_to_sit(phases)[0][0], parts_of(phases)
            able = [chair.id for chair in self.clinic.chairs if stay.features <= chair.features]
            self._choose(number, "seat", able, [(stay.first, stay.after)])
            nurses = [nurse.id for nurse in self.clinic.nurses]
            for role in ("watch", "attention"):
                self._choose(number, role, nurses, [one[1:] for one in parts if one[0].nurse == role], "nurse")
            together = [one[1:] for one in parts if one[0].prescriber == "with-patient"]
            self._choose(number, "with-patient", [one.id for one in self.clinic.prescribers], together)
        whole = [Interval(self.midnight, self.midnight + timedelta(days=self.days))]
        for chair in self.clinic.chairs:
            taken = merge((*self._busy(chair.id, "seat"), *chair.out))
            self.model.add_no_overlap([*self._fixed(taken), *self._wanted[chair.id, "seat"]])
        for prescriber in self.clinic.prescribers:
            taken = merge((*self._busy(prescriber.id, "with-patient"), *subtract(whole, prescriber.on_site)))
            self.model.add_no_overlap([*self._fixed(taken), *self._wanted[prescriber.id, "with-patient"]])
        for nurse in self.clinic.nurses:
            self._nurse(nurse, merge((*nurse.absent, *subtract(whole, nurse.shifts))))

    def _nurse(self, nurse: Nurse, away: list[Interval]) -> None:
        """Whoever has the nurse's attention counts as many as leaves room for those still watched meanwhile."""
        watched = self._fixed(self._busy(nurse.id, "watch")) + self._wanted[nurse.id, "watch"]
        attended = self._fixed(self._busy(nurse.id, "attention")) + self._wanted[nurse.id, "attention"]
        weight = nurse.watch - nurse.watch_while_attending
        self.model.add_no_overlap([*attended, *self._fixed(away)])
        self.model.add_cumulative(
            [*watched, *attended, *self._fixed(away)],
            [1] * len(watched) + [weight] * len(attended) + [nurse.watch] * len(away),
            nurse.watch,
        )

    def _choose(
        self, number: int, role: str, able: list[str], needed: Iterable[tuple[int, int]], who: str | None = None
    ) -> None:
        needed = list(needed)
        if not needed:
            return
        key = (number, who or role)
        if key not in self._choices:
            self._choices[key] = {one: self.model.new_bool_var(f"{number} {one}") for one in able}
            self.model.add_exactly_one(self._choices[key].values())
        for one, chosen in self._choices[key].items():
            for first, after in needed:
                begins = self.doses[number].start + first // 300
                self._wanted[one, role].append(
                    self.model.new_optional_fixed_size_interval_var(begins, (after - first) // 300, chosen, "")
                )

    def _busy(self, resource_id: str, role: str) -> list[Interval]:
        return [one.period for one in self.clinic.busy if (one.resource_id, one.role) == (resource_id, role)]

    def _fixed(self, periods: Iterable[Interval]) -> list[cp_model.IntervalVar]:
        return [
            self.model.new_fixed_size_interval_var(self._at(one.start), self._at(one.end) - self._at(one.start), "")
            for one in periods
        ]

    # ------------------------------------------------------------------------------------------------ rules

    def _order(self) -> None:
        for earlier, later in pairwise(self.rules.numbers):
            if earlier not in self.rules.phases and later not in self.rules.phases:
                continue
            one, other = self.doses[earlier], self.doses[later]
            if self.rules.may_share_a_day(earlier, later, soft=True):
                whole = sum(phase.minutes for phase in self.rules.phases.get(earlier, ())) // 5
                self.model.add(other.start >= one.start + max(whole, 1))
            else:
                self.model.add(other.day >= one.day + 1)

    def _spacing(self) -> None:
        for rule in self.rules.entries:
            if rule.number not in self.rules.phases and rule.anchor not in self.rules.phases:
                continue
            least, most = rule.sides(soft=True)
            one, other = self.doses[rule.anchor], self.doses[rule.number]
            if rule.unit == "hours":
                self.model.add_linear_constraint(other.start - one.start, least * 12, most * 12)
            elif rule.unit == "days":
                self.model.add_linear_constraint(other.day - one.day, least, most)
            else:
                apart = self._open_days_until(other.day) - self._open_days_until(one.day)
                self.model.add_linear_constraint(apart, least, min(most, FAR))

    def _open_days_until(self, day: cp_model.IntVar) -> cp_model.IntVar:
        counts, count = [], 0
        for index in range(self.days + 1):
            count += bool(self.clinic.open.get(self.first + timedelta(days=index)))
            counts.append(count)
        until = self.model.new_int_var(0, count, "")
        self.model.add_element(day, counts, until)
        return until

    def _over_all(self) -> None:
        numbers, placed = self.rules.numbers, self.rules.phases
        if self.terms.within_days is not None:
            first, last = self.doses[numbers[0]], self.doses[numbers[-1]]
            self.model.add(last.day - first.day <= self.terms.within_days - 1)
        most = self.terms.per_week
        if most is None:
            return
        if self.first.weekday():
            raise ValueError("the model counts weeks from a Monday")
        weeks = {number: self._week(number) for number in numbers}
        for earlier, later in zip(numbers, numbers[most:], strict=False):
            between = numbers[numbers.index(earlier) : numbers.index(later) + 1]
            if placed.keys() & set(between):
                self.model.add(weeks[later] >= weeks[earlier] + 1)

    def _week(self, number: int) -> cp_model.IntVar:
        day = self.doses[number].day
        if number in self.terms.known:
            return self.model.new_constant(self._at(self.terms.known[number]) // STEPS_A_DAY // 7)
        week = self.model.new_int_var(0, self.days // 7, "")
        self.model.add_division_equality(week, day, 7)
        return week


def _only_presence(phase: Phase) -> Phase:
    present = phase.prescriber if phase.prescriber == "present" else "none"
    return replace(phase, nurse="none", prescriber=present)
