"""Reading a visit's course from its rows, and writing back what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Literal, cast

from scheduling.capacity import STEP_MINUTES, Busy, NurseNeed, Phase, PrescriberNeed, Role
from scheduling.intervals import Interval
from scheduling.models import AppointmentPhase, Claim, ResourceKind
from scheduling.visit_course import Course
from scheduling.visit_parts import Part

PART: Final = (
    "name", "period", "needs_chair", "nurse", "prescriber", "place", "features", "equipment", "actual_start_at",
    "actual_end_at",
)  # fmt: skip
USE: Final = ("resource_id", "role", "period")
LONGEST_PHASE: Final = 24 * 60 - STEP_MINUTES


def read_courses(appointment_ids: Iterable[int]) -> dict[int, Course]:
    """The courses of these visits, by id. Resource ids are database ids as text, as in the snapshot."""
    ids = list(appointment_ids)
    parts: dict[int, list[Part]] = defaultdict(list)
    phases = AppointmentPhase.objects.filter(appointment__in=ids).order_by("appointment", "position")
    for appointment_id, *columns in phases.values_list("appointment_id", *PART):
        parts[appointment_id].append(_part(*columns))
    uses: dict[int, list[Busy]] = defaultdict(list)
    bays: set[str] = set()
    claims = Claim.objects.filter(appointment__in=ids).order_by("period", "pk")
    for appointment_id, kind, *columns in claims.values_list("appointment_id", "resource__kind", *USE):
        use = use_of(*columns)
        uses[appointment_id].append(use)
        if kind == ResourceKind.BAY:
            bays.add(use.resource_id)
    return {pk: Course(tuple(parts[pk]), tuple(uses[pk]), frozenset(bays)) for pk in ids}


def use_of(resource_id: int, role: str, period: Any) -> Busy:
    """A claim's columns USE as the search says them."""
    return Busy(str(resource_id), cast("Role", role), Interval(period.lower, period.upper))


def _part(
    name: str,
    planned: Any,
    needs_chair: bool,  # noqa: FBT001 -- a row's columns
    nurse: NurseNeed,
    prescriber: PrescriberNeed,
    place: Literal["chair", "bay"],
    features: list[str],
    equipment: list[str],
    began: datetime | None,
    ended: datetime | None,
) -> Part:
    period = Interval(planned.lower, planned.upper)
    phase = Phase(
        name,
        min(period.minutes, LONGEST_PHASE),
        chair=needs_chair,
        nurse=nurse,
        prescriber=prescriber,
        features=frozenset(features),
        place=place,
        equipment=frozenset(equipment),
    )
    return Part(phase, period, began, ended)
