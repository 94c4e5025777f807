"""What the search must find, said the slow way: every step, every start and every combination is tried in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise, product

from scheduling.capacity import ClinicSnapshot, Nurse, Phase
from scheduling.clinic_time import AmbiguousTime, NonexistentTime
from scheduling.intervals import Interval, covers
from scheduling.series_search import DoseRequest, PatientTimes, SeriesTerms, Wish
from scheduling.spacing import Back, Spacing

STEP = timedelta(minutes=5)
Pick = tuple[datetime, ...]
Ranked = tuple[date, int, tuple[date, ...], Pick]


def steps(start: datetime, end: datetime) -> Iterator[Interval]:
    while start < end:
        yield Interval(start, start + STEP)
        start += STEP


def phase_steps(start: datetime, phases: Sequence[Phase]) -> list[tuple[Phase, Interval]]:
    found = []
    for phase in phases:
        end = start + timedelta(minutes=phase.minutes)
        found += [(phase, step) for step in steps(start, end)]
        start = end
    return found


def presence(start: datetime, phases: Sequence[Phase]) -> Interval:
    return Interval(start, start + timedelta(minutes=sum(one.minutes for one in phases if not one.is_turnover)))


def uses(clinic: ClinicSnapshot, resource_id: str, role: str, step: Interval) -> int:
    return sum(
        busy.resource_id == resource_id and busy.role == role and busy.period.overlaps(step) for busy in clinic.busy
    )


def nurse_can(clinic: ClinicSnapshot, nurse: Nurse, phase: Phase, step: Interval) -> bool:
    if phase.nurse == "none":
        return True
    if not covers(nurse.shifts, step) or any(away.overlaps(step) for away in nurse.absent):
        return False
    watched, attended = uses(clinic, nurse.id, "watch", step), uses(clinic, nurse.id, "attention", step)
    if phase.nurse == "attention":
        return attended == 0 and watched <= nurse.watch_while_attending
    return watched < (nurse.watch_while_attending if attended else nurse.watch)


def prescriber_can(clinic: ClinicSnapshot, prescriber_id: str, need: str, step: Interval) -> bool:
    one = next(one for one in clinic.prescribers if one.id == prescriber_id)
    if not covers(one.on_site, step):
        return False
    free = not uses(clinic, one.id, "with-patient", step)
    return free or (need == "present" and clinic.prescriber_presence_rule == "on-site")


def resources_allow(clinic: ClinicSnapshot, start: datetime, phases: Sequence[Phase]) -> bool:
    parts = phase_steps(start, phases)
    seat = [step for phase, step in parts if phase.chair]
    wanted = {feature for phase in phases if phase.chair for feature in phase.features}
    if seat:
        held = Interval(seat[0].start, seat[-1].end)
        if not any(
            wanted <= chair.features
            and not any(out.overlaps(held) for out in chair.out)
            and not any(uses(clinic, chair.id, "seat", step) for step in steps(held.start, held.end))
            for chair in clinic.chairs
        ):
            return False
    if any(phase.nurse != "none" for phase in phases) and not any(
        all(nurse_can(clinic, nurse, phase, step) for phase, step in parts) for nurse in clinic.nurses
    ):
        return False
    ids = [one.id for one in clinic.prescribers]
    if not all(
        any(prescriber_can(clinic, one, "present", step) for one in ids)
        for phase, step in parts
        if phase.prescriber == "present"
    ):
        return False
    with_patient = [step for phase, step in parts if phase.prescriber == "with-patient"]
    if with_patient and not any(
        all(prescriber_can(clinic, one, "with-patient", step) for step in with_patient) for one in ids
    ):
        return False
    staffed = [step for phase, step in parts if phase.chair and not phase.is_turnover]
    return all(on_duty(clinic, step) >= clinic.min_staff for step in staffed)


def on_duty(clinic: ClinicSnapshot, step: Interval) -> int:
    nurses = sum(
        covers(nurse.shifts, step) and not any(away.overlaps(step) for away in nurse.absent) for nurse in clinic.nurses
    )
    return nurses + sum(covers(one.on_site, step) for one in clinic.prescribers)


def grid_starts(clinic: ClinicSnapshot, day: date) -> list[datetime]:
    found = []
    for minute in range(0, 24 * 60, clinic.grid_minutes):
        try:
            found.append(clinic.clock.at_minute(day, minute))
        except (NonexistentTime, AmbiguousTime):
            continue
    return found


def direct_starts(clinic: ClinicSnapshot, day: date, phases: Sequence[Phase]) -> list[datetime]:
    found = []
    for start in grid_starts(clinic, day):
        there = presence(start, phases)
        hours = covers(clinic.open.get(day, ()), there)
        in_time = clinic.last_end is None or there.end <= clinic.clock.at_wall(day, clinic.last_end, which="first")
        if hours and in_time and resources_allow(clinic, start, phases):
            found.append(start)
    return found


def patient_can(
    clinic: ClinicSnapshot, patient: PatientTimes, wish: Wish, start: datetime, now: datetime, phases: Sequence[Phase]
) -> bool:
    day, there = clinic.clock.local_day(start), presence(start, phases)
    weekday = clinic.clock.weekday(start)
    if start < now or (wish.weekdays is not None and weekday not in wish.weekdays):
        return False
    if any(busy.overlaps(there) for busy in patient.busy):
        return False
    if patient.available is None:
        return True
    ranges = [clinic.clock.on_day(day, hours) for hours in patient.available.get(weekday, ())]
    return covers([one for one in ranges if one is not None], there)


def anchor_of(spacing: Spacing, number: int, present: set[int]) -> int | None:
    lower = [one for one in present if one < number]
    if spacing.after == "previous":
        return max(lower, default=None)
    if spacing.after == "first":
        return min(lower, default=None)
    return number - spacing.after.infusions if isinstance(spacing.after, Back) else int(spacing.after)


@dataclass(frozen=True)
class Entry:
    """One rule on one infusion, with its anchor's number and the sides that count."""

    anchor: int
    number: int
    unit: str
    least: int | None
    most: int | None


def entries(terms: SeriesTerms, present: set[int], *, soft: bool) -> list[Entry]:
    found: list[Entry] = []
    for number in present:
        mine = [(one, anchor_of(one, number, present)) for one in terms.spacings if one.dose in ("each", number)]
        named = {(anchor, one.unit) for one, anchor in mine if one.dose == number}
        for one, anchor in mine:
            if anchor not in present or anchor >= number or (one.dose == "each" and (anchor, one.unit) in named):
                continue
            least = None if "min" in one.soft and not soft else one.min
            most = None if "max" in one.soft and not soft else one.max
            found.append(Entry(anchor, number, one.unit, least, most))
    return found


def keeps_rules(clinic: ClinicSnapshot, terms: SeriesTerms, pick: dict[int, datetime], *, soft: bool) -> bool:
    """Whether new starts keep every rule; rules between infusions that stand already are nobody's business."""
    starts = {**terms.booked, **terms.given, **pick}
    local = {number: clinic.clock.local_day(start) for number, start in starts.items()}
    rules = entries(terms, set(starts), soft=soft)
    for one in rules:
        if one.number in pick or one.anchor in pick:
            distance: float = (local[one.number] - local[one.anchor]).days
            if one.unit == "hours":
                distance = (starts[one.number] - starts[one.anchor]) / timedelta(hours=1)
            elif one.unit == "open_days":
                between = (day for day in clinic.open if local[one.anchor] < day <= local[one.number])
                distance = sum(bool(clinic.open[day]) for day in between)
            if not (one.least or 0) <= distance <= (one.most if one.most is not None else 10**6):
                return False
    phases = {dose.number: dose.phases for dose in terms.doses}
    for earlier, later in pairwise(sorted(starts)):
        neighbours = [one for one in rules if (one.anchor, one.number) == (earlier, later)]
        hours = any(one.unit == "hours" for one in neighbours)
        whole = timedelta(minutes=sum(phase.minutes for phase in phases.get(earlier, ())))
        if earlier not in pick and later not in pick:
            continue
        if hours and not any(one.unit != "hours" and one.least for one in neighbours):
            if starts[later] <= starts[earlier] or starts[later] < starts[earlier] + whole:
                return False
        elif local[later] <= local[earlier]:
            return False
    return series_rules_kept(terms, pick, local)


def series_rules_kept(terms: SeriesTerms, pick: dict[int, datetime], local: dict[int, date]) -> bool:
    if terms.within_days is not None:
        for number in pick:
            if any(abs((local[number] - day).days) >= terms.within_days for day in local.values()):
                return False
    if terms.per_week is not None:
        weeks = Counter(day.isocalendar()[:2] for day in local.values())
        if any(weeks[local[number].isocalendar()[:2]] > terms.per_week for number in pick):
            return False
    days = [local[number] for number in pick]
    return not (terms.not_before and min(days) < terms.not_before) and not (
        terms.not_after and max(days) > terms.not_after
    )


def minutes_off(clinic: ClinicSnapshot, start: datetime, wished: time | None) -> int:
    return 0 if wished is None else abs(clinic.clock.minute_of_day(start) - wished.hour * 60 - wished.minute)


def ranked(clinic: ClinicSnapshot, picks: Sequence[Pick], wished: time | None, count: int) -> list[Ranked]:
    """The best picks, each with other dates; for one infusion each start counts."""
    best: dict[object, Ranked] = {}
    for pick in picks:
        days = tuple(clinic.clock.local_day(start) for start in pick)
        entry = (days[-1], sum(minutes_off(clinic, start, wished) for start in pick), days, pick)
        key = pick if len(pick) == 1 else days
        best[key] = min(best.get(key, entry), entry)
    return sorted(best.values())[:count]


def best_series(
    clinic: ClinicSnapshot, terms: SeriesTerms, patient: PatientTimes, wish: Wish, now: datetime, count: int
) -> list[Ranked]:
    doses = sorted(terms.doses, key=lambda dose: dose.number)

    def free(dose: DoseRequest) -> list[datetime]:
        return [
            start
            for day in clinic.open
            for start in direct_starts(clinic, day, dose.phases)
            if patient_can(clinic, patient, wish, start, now, dose.phases)
        ]

    def kept(pick: Pick, *, soft: bool) -> bool:
        placed = {dose.number: start for dose, start in zip(doses, pick, strict=True)}
        return all(earlier < later for earlier, later in pairwise(pick)) and keeps_rules(
            clinic, terms, placed, soft=soft
        )

    tried_in_turn = list(product(*[free(dose) for dose in doses]))
    picks = [pick for pick in tried_in_turn if kept(pick, soft=True)]
    picks = picks or [pick for pick in tried_in_turn if kept(pick, soft=False)]
    if wish.time is not None or len(doses) == 1 or not picks:
        return ranked(clinic, picks, wish.time, count)
    minutes = sorted({clinic.clock.minute_of_day(start) for pick in picks for start in pick})
    tried = [ranked(clinic, picks, time(minute // 60, minute % 60), count) for minute in minutes]
    return min(tried, key=lambda found: found[0])
