"""The same question with one thing changed: a rule, the patient's times, the clinic's day."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scheduling import other_hours, other_terms, other_wishes, others_there
from scheduling.asked import Asked, Change

__all__ = ["CHANGES", "Asked", "Change", "changed"]


def changed(asked: Asked, change: Change) -> Asked:
    """The same question with one change. Refuses an unknown kind with KeyError."""
    return CHANGES[change["kind"]](asked, change)


CHANGES: Mapping[str, Callable[[Asked, Change], Asked]] = {
    "patient_times": other_wishes.patient_times,
    "patient_weekday": other_wishes.patient_weekday,
    "patient_any_time": other_wishes.patient_any_time,
    "wished_weekdays": other_wishes.wished_weekdays,
    "fewer": other_wishes.fewer,
    "hours": other_hours.hours,
    "last_end": other_hours.last_end,
    "nurse": others_there.nurse,
    "prescriber": others_there.prescriber,
    "in_service": others_there.in_service,
    "min_staff": other_hours.min_staff,
    "not_before": other_terms.limit_on_days("not_before"),
    "not_after": other_terms.limit_on_days("not_after"),
    "within_days": other_terms.limit_on_count("within_days"),
    "per_week": other_terms.limit_on_count("per_week"),
    "spacing_min": other_terms.spacing("min"),
    "spacing_max": other_terms.spacing("max"),
}
