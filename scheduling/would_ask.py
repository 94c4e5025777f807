"""What stands against a wished time, and whose word would be needed, before anybody is asked. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduling.capacity import Phase
from scheduling.checking import check_series, check_visit
from scheduling.models import Clinic, Order, Patient, Role, VisitType
from scheduling.options import options_of
from scheduling.overrides import Allowed, owner_of
from scheduling.picks import BookingRefused, Pick
from scheduling.problems import because, out_of_time
from scheduling.why_not import WhyNot
from scheduling.why_not_then import in_more_words, why_not_infusion, why_not_visit


@dataclass(frozen=True, slots=True)
class Against:
    """The problems a wish meets: none where it can be booked. `role` may let all of them pass; None where nobody may,
    or where two roles would have to agree. `said` says the same in more words where that can be: who is taken until
    when, and what would work instead."""

    problems: tuple[WhyNot, ...] = ()
    role: Role | None = None
    said: tuple[WhyNot, ...] = ()


def against_infusion(*, order: Order, clinic: Clinic, pick: Pick, now: datetime) -> Against:
    """What `asking.ask_for` would find for this pick, what is kept for the order left aside."""
    if wrong := out_of_time(pick.start, now=now):
        return _plainly(because(wrong, pick.number))
    beside = [visit.pk for option in options_of(order, now=now) for visit in option.visits]

    def check(allow: Sequence[Allowed]) -> None:
        check_series(order=order, clinic=clinic, picks=[pick], now=now, beside=beside, allow=allow)

    found = _against(check)
    if not found.problems:
        return found
    said = why_not_infusion(order=order, clinic=clinic, number=pick.number, start=pick.start, now=now, beside=beside)
    return replace(found, said=in_more_words(found.problems, said))


def against_visit(
    *, patient: Patient, clinic: Clinic, visit_type: VisitType, start: datetime, now: datetime
) -> Against:
    """As `against_infusion`, for one visit that is no infusion."""
    if wrong := out_of_time(start, now=now):
        return _plainly(because(wrong))

    def check(allow: Sequence[Allowed]) -> None:
        check_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, now=now, allow=allow)

    found = _against(check)
    if not found.problems:
        return found
    phases = Phase.list_from(visit_type.phases)
    said = why_not_visit(patient=patient, clinic=clinic, phases=phases, start=start, now=now)
    return replace(found, said=in_more_words(found.problems, said))


def _against(check: Callable[[Sequence[Allowed]], None]) -> Against:
    """Chairs and people are looked for as if the rules were allowed, as asking does."""
    problems = _refused(check, ())
    role = owner_of(problems)
    if role is None:
        return Against(tuple(problems))
    never = _refused(check, [Allowed(problem.rule, "asked") for problem in problems])
    return Against(tuple(never)) if never else Against(tuple(problems), role)


def _plainly(problem: WhyNot) -> Against:
    return Against((problem,), said=(problem,))


def _refused(check: Callable[[Sequence[Allowed]], None], allow: Sequence[Allowed]) -> list[WhyNot]:
    try:
        check(allow)
    except BookingRefused as refusal:
        return refusal.problems
    return []
