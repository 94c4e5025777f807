"""What each field of a treatment plan allows and all of them together don't. No Django."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from scheduling.gap_contradictions import contradicting_infusion
from scheduling.protocol_parts import PlanParts
from scheduling.spacing import minimum_gap_after

UNLIMITED = 1_000


def contradictions(plan: PlanParts) -> dict[str, str]:
    """What contradicts what, by field path."""
    errors = _beyond_the_last(plan) | _said_twice(plan) | _visit(plan) | _days(plan)
    for index, review in enumerate(plan.reviews):
        if review.method != "at_chair" and review.minutes == 0:
            errors[f"reviews[{index}].minutes"] = f"is needed for a review by {review.method}"
    for index, rule in enumerate(plan.follow_ups):
        if rule.questionnaires and rule.kind != "check_in":
            errors[f"follow_ups[{index}].questionnaires"] = "are asked by a check-in"
    return errors


def _visit(plan: PlanParts) -> dict[str, str]:
    errors: dict[str, str] = {}
    if plan.observe_minutes > plan.visit_minutes:
        errors["observe_minutes"] = f"is at most the {plan.visit_minutes} minutes of the visit's phases"
    if plan.fasting and plan.fasting.clear_liquids_hours > plan.fasting.solids_hours:
        errors["fasting.clear_liquids_hours"] = f"is at most solids_hours ({plan.fasting.solids_hours})"
    return errors


def _days(plan: PlanParts) -> dict[str, str]:
    errors: dict[str, str] = {}
    least = sum(minimum_gap_after(number, plan.spacing).days for number in range(1, plan.doses))
    if plan.within_days is not None and least + 1 > plan.within_days:
        errors["within_days"] = f"is at least {least + 1} for {plan.doses} infusions so far apart"
    elif number := contradicting_infusion(plan.spacing, plan.doses):
        errors["spacing"] = f"contradicts itself: infusion {number} can't keep all its distances, whatever the days"
    elif number := contradicting_infusion(plan.spacing, plan.doses, plan.within_days):
        errors["within_days"] = f"is too short for the distances up to infusion {number}"
    given = [one.on for one in plan.given_before]
    numbers = [one.number for one in plan.given_before]
    if len(given) >= plan.doses:
        errors["given_before"] = f"leaves nothing to give: the plan has {plan.doses} infusions"
    elif max(numbers, default=0) > plan.doses:
        errors["given_before"] = f"names infusion {max(numbers)}, but the plan has {plan.doses}"
    if given != sorted(set(given)) or numbers != sorted(set(numbers)):
        errors["given_before"] = "is in order of time, one a day"
    if plan.not_before and plan.not_after:
        left = range(plan.given_up_to + 1, plan.doses)
        needed = sum(minimum_gap_after(number, plan.spacing).days for number in left)
        if plan.not_after < plan.not_before + timedelta(days=needed):
            errors["not_after"] = f"leaves less than the {needed} days that these infusions take"
    return errors


def _beyond_the_last(plan: PlanParts) -> dict[str, str]:
    most = plan.doses_at_most or UNLIMITED
    errors: dict[str, str] = {}
    if most < plan.doses:
        errors["doses"] = f"is at most {most} (doses_at_most), not {plan.doses}"
    for index, spacing in enumerate(plan.spacing):
        if spacing.dose != "each" and spacing.dose > most:
            errors[f"spacing[{index}].dose"] = f"is infusion {spacing.dose}, but the plan has {most}"
    for index, review in enumerate(plan.reviews):
        if review.after >= most:
            errors[f"reviews[{index}].after"] = f"has an infusion after it, so it is less than {most}"
    for index, rule in enumerate(plan.follow_ups):
        if isinstance(rule.after, int) and rule.after > most:
            errors[f"follow_ups[{index}].after"] = f"is infusion {rule.after}, but the plan has {most}"
    for index, asked in enumerate(plan.questionnaires):
        if isinstance(asked.before, int) and asked.before > most:
            errors[f"questionnaires[{index}].before"] = f"is infusion {asked.before}, but the plan has {most}"
    for number in plan.phases_of:
        if number > most:
            errors["phases_of"] = f"names infusion {number}, but the plan has {most}"
    return errors


def _said_twice(plan: PlanParts) -> dict[str, str]:
    errors: dict[str, str] = {}
    reviews = [review.after for review in plan.reviews]
    for index, after in enumerate(reviews):
        if after in reviews[:index]:
            errors[f"reviews[{index}].after"] = f"names infusion {after} twice"
    errors |= _twice("follow_ups", [(rule.kind, rule.after, rule.day) for rule in plan.follow_ups])
    errors |= _twice("prerequisites", [one.code for one in plan.prerequisites])
    errors |= _twice("visit_tasks", [one.code for one in plan.visit_tasks])
    errors |= _twice("questionnaires", [(one.instrument, one.before) for one in plan.questionnaires])
    return errors


def _twice(name: str, keys: Sequence[object]) -> dict[str, str]:
    return {f"{name}[{index}]": "stands twice" for index in _repeated(keys)}


def _repeated(keys: Sequence[object]) -> Iterable[int]:
    return (index for index, key in enumerate(keys) if key in keys[:index])
