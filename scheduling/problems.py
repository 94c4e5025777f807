"""Reasons why not, as data: found before a booking is written, shown by pages, translated by an API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from scheduling.capacity import Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.intervals import Interval
from scheduling.series import Series
from scheduling.spacing import BrokenRule, broken_rules
from scheduling.why_not import WhyNot

TEXTS: Final = {
    "order_not_active": "This order is not active, so nothing can be booked from it now.",
    "not_a_draft": "This order is no longer a draft: book it, or look at it again.",
    "not_sound": "The draft contradicts itself. Its prescriber or nurse has to look at it first.",
    "not_for_clinic": "The order is not for this clinic.",
    "patient_gone": "This patient's record is closed.",
    "nothing_picked": "Pick at least one time to book.",
    "picked_twice": "Infusion %(number)s was picked twice.",
    "not_in_order": "The order has no infusion %(number)s.",
    "already_settled": "Infusion %(number)s is booked or was given already.",
    "past": "Infusion %(number)s: this time has passed.",
    "too_far": "Infusion %(number)s: this is too far ahead to book.",
    "patient_busy": "Infusion %(number)s: the patient has another visit at this time.",
    "spacing": "Infusion %(number)s does not keep the ordered distance to infusion %(anchor)s.",
    "order": "Infusion %(number)s would come before infusion %(anchor)s.",
    "within_days": "Infusion %(number)s would lie outside the days the order allows for the series.",
    "per_week": "Infusion %(number)s would be one too many in its calendar week.",
    "missed_visits": "Visits of this series were missed: booking more waits for the prescriber.",
    "other_order": "Infusion %(number)s comes too near to an infusion of another order for the same treatment.",
    "hours": "Infusion %(number)s: the clinic is not open for the whole visit.",
    "last_end": "Infusion %(number)s: the visit would end later than the clinic's last end.",
    "grid": "Infusion %(number)s: visits do not start at this time of day here.",
    "staff": "Infusion %(number)s: too few staff are on duty then.",
    "prescriber": "Infusion %(number)s: no prescriber is there when the visit needs one.",
    "nurses": "Infusion %(number)s: no nurse is free at this time any more.",
    "chairs": "Infusion %(number)s: no chair is free at this time any more.",
    "equipment": "Infusion %(number)s: what the visit uses is not free at this time any more.",
    "taken_by_other": "Someone else just took one of these times.",
    "too_near": "One of these times is too near to another infusion of the same treatment.",
    "against_order": "The order changed meanwhile and does not allow this any more. Please look again.",
    "not_offered": "This clinic does not offer this kind of visit.",
    "busy": "Others are booking these days right now. Please try again.",
    "hold_ends_before_now": "Times can only be kept until some time ahead.",
    "hold_too_long": "Times can be kept for %(days)s days at most. Book them, or keep them for a shorter time.",
    "hold_over": "These times are not kept any more: their time was over, or somebody let them go. "
    "Look again what is free.",
    "hold_booked": "These times are booked by now.",
    "two_options": "Two options are kept for this order already. Let one of them go first.",
    "not_one_option": "These times do not belong to one option that is kept.",
    "not_the_rest": "Pick a new time for each booked infusion from infusion %(number)s on.",
    "nothing_to_cancel": "No infusion from infusion %(number)s on is booked.",
    "reason_needed": "Say why this is allowed.",
    "nothing_to_ask": "No rule stands against these times: they can be booked.",
    "two_owners": "This would need a manager and a prescriber. Pick times that need only one of them.",
    "answered": "This question was answered already.",
}
# The same reasons for a review that takes a visit of its own; `number` is the infusion before it.
REVIEW_TEXTS: Final = {
    "review_not_due": "No review is to be booked after infusion %(number)s.",
    "review_between": "The review after infusion %(number)s would not lie between that infusion and the next.",
    "past": "The review after infusion %(number)s: this time has passed.",
    "too_far": "The review after infusion %(number)s: this is too far ahead to book.",
    "patient_busy": "The review after infusion %(number)s: the patient has another visit at this time.",
    "hours": "The review after infusion %(number)s: the clinic is not open for the whole visit.",
    "last_end": "The review after infusion %(number)s would end later than the clinic lets visits end.",
    "grid": "The review after infusion %(number)s: visits do not start at this time of day here.",
    "staff": "The review after infusion %(number)s: too few staff are on duty then.",
    "prescriber": "The review after infusion %(number)s: no prescriber is free at this time any more.",
    "nurses": "The review after infusion %(number)s: no nurse is free at this time any more.",
    "chairs": "The review after infusion %(number)s: no chair is free at this time any more.",
    "equipment": "The review after infusion %(number)s: what it uses is not free at this time any more.",
}
# The same reasons for a visit that is no infusion.
VISIT_TEXTS: Final = {
    "past": "This time has passed.",
    "too_far": "This is too far ahead to book.",
    "patient_busy": "The patient has another visit at this time.",
    "hours": "The clinic is not open for the whole visit.",
    "last_end": "The visit would end later than the clinic's last end.",
    "grid": "Visits do not start at this time of day here.",
    "staff": "Too few staff are on duty then.",
    "prescriber": "No prescriber is free at this time any more.",
    "nurses": "No nurse is free at this time any more.",
    "chairs": "No chair is free at this time any more.",
    "equipment": "What the visit uses is not free at this time any more.",
}
# What a booked visit has no longer: its clinic's hours, or who and what it was to use.
LOST_TEXTS: Final = {
    "hours": "The clinic is closed for at least a part of this visit.",
    "last_end": "This visit ends later than the clinic lets visits end.",
    "staff": "Too few staff are on duty during this visit.",
    "prescriber": "The prescriber this visit needs is away.",
    "nurses": "The nurse of this visit is away.",
    "chairs": "The chair of this visit can't be used then.",
    "equipment": "Something this visit uses is out of service.",
}
FAR_DAYS: Final = 400
RESOURCES: Final = frozenset({"staff", "prescriber", "nurses", "chairs", "equipment"})


class Refused(Exception):
    """A verb refuses with its problems; nothing was written."""

    def __init__(self, problems: Sequence[WhyNot]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(problem.rule for problem in problems))


def because(rule: str, number: int | None = None, **values: object) -> WhyNot:
    """A problem by its code."""
    text = VISIT_TEXTS[rule] if number is None and rule in VISIT_TEXTS else TEXTS[rule]
    return WhyNot(rule, number, rule if rule in RESOURCES else None, text, {"number": number, **values})


def because_lost(reason: str) -> WhyNot:
    """Why a booked visit does not stand any more, by its code in LOST_TEXTS."""
    return WhyNot("lost", None, reason, LOST_TEXTS[reason])


def find_problems(
    *,
    series: Series,
    starts: Mapping[int, datetime],
    capacity: ClinicCapacity,
    patient_busy: Sequence[Interval],
    now: datetime,
) -> list[WhyNot]:
    """Why these starts (infusion number -> instant) can't be booked as a whole; empty when they can.

    Asks the order's rules over given, booked and wished starts together, other orders for the same treatment, the
    patient's other visits and the clinic's capacity at each start. Soft sides of rules are no problem here. Of
    infusions that are booked or given nothing else is said: their own visits would stand in their way.
    """
    unknown = [number for number in starts if number not in series.terms]
    if unknown:
        return [because("not_in_order", number) for number in unknown]
    if settled := [because("already_settled", number) for number in starts if number not in series.to_book]:
        return settled
    standing = {**series.booked, **series.given}
    # A rule over the whole series may now be broken at an infusion that stands; one that was broken before is not new.
    before = _hard_rules(series, standing, capacity)
    hard = _hard_rules(series, {**standing, **starts}, capacity)
    new = [rule for rule in hard if rule.number in starts or rule.anchor in starts or rule not in before]
    found = [because(rule.rule, rule.number, anchor=rule.anchor) for rule in new]
    for number, start in starts.items():
        phases = series.phases(number)
        if any(apart.overlaps(presence(start, phases)) for apart in series.kept_apart):
            found.append(because("other_order", number))
        found += visit_problems(start, phases, capacity, patient_busy, now=now, number=number)
    return found


def _hard_rules(series: Series, starts: Mapping[int, datetime], capacity: ClinicCapacity) -> list[BrokenRule]:
    broken = broken_rules(
        starts,
        series.spacings,
        capacity.clock,
        within_days=series.version.within_days,
        per_week=series.version.per_week,
        open_days=capacity.snapshot.open_days,
    )
    return [rule for rule in broken if not rule.soft]


def visit_problems(
    start: datetime,
    phases: tuple[Phase, ...],
    capacity: ClinicCapacity,
    patient_busy: Sequence[Interval],
    *,
    now: datetime,
    number: int | None = None,
) -> list[WhyNot]:
    """Why a visit can't start then at this clinic, whatever it is for."""
    if time_problem := out_of_time(start, now=now):
        return [because(time_problem, number)]
    day = capacity.day(capacity.clock.local_day(start))
    found = [because(reason, number) for reason in (day.refusals(start, phases) if day else ("hours",))]
    if any(busy.overlaps(presence(start, phases)) for busy in patient_busy):
        found.append(because("patient_busy", number))
    return found


def out_of_time(start: datetime, *, now: datetime) -> str:
    """ "past" or "too_far" for a start that is not asked any further, else nothing."""
    if start < now:
        return "past"
    return "too_far" if start > now + timedelta(days=FAR_DAYS) else ""


def presence(start: datetime, phases: Sequence[Phase]) -> Interval:
    """When the patient is there: the phases without the turnover after them, counted in elapsed minutes."""
    begins = start.astimezone(UTC)
    return Interval(begins, begins + timedelta(minutes=sum(phase.minutes for phase in phases if not phase.is_turnover)))
