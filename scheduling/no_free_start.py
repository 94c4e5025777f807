"""What is missing on days on which the rules allow an infusion but nothing is free: proved by leaving it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations

from scheduling.bit_planes import any_of, room_for_needs
from scheduling.capacity import Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.starts_on_days import FRAME, PATIENTS, RESOURCES, StartsOnDays
from scheduling.visit_shape import VisitShape
from scheduling.why_not import TEXTS, WhyNot, said_span


def no_free_start(
    capacity: ClinicCapacity,
    number: int,
    phases: tuple[Phase, ...],
    days: Sequence[int],
    limits: Mapping[str, int],
) -> tuple[WhyNot, ...]:
    """What binds on `days` (day numbers), none of which has a start for the infusion.

    What is named would, if it were left out, give a start: the smallest set of reasons of which this is so. Where
    opening hours, last end, grid and clock leave no start at all, that is named instead.
    """
    starts = StartsOnDays(capacity, phases, limits, days)
    first, last = date.fromordinal(days[0]), date.fromordinal(days[-1])
    values = {"number": number, "days": said_span(first, last), "first": first, "last": last}

    def because(resource: str, text: str, resource_id: str | None = None) -> WhyNot:
        return WhyNot("no_free_start", number, resource, TEXTS[text], values, resource_id)

    for count in range(1, len(FRAME) + 1):
        if not starts.within(FRAME[:count]):
            return (because(FRAME[count - 1], FRAME[count - 1]),)
    missing = _smallest_sets(starts)
    if not missing:
        return (because("several", "several"),)
    named = [[because(name, *_said(starts, name, one)) for name in one] for one in missing]
    chosen = next((said for one, said in zip(missing, named, strict=True) if not {*one} & {*PATIENTS}), named[0])
    others = [said for one, said in zip(missing, named, strict=True) if len(one) == 1 and one[0] in PATIENTS]
    return (*chosen, *(one for said in others if said is not chosen for one in said))


def _smallest_sets(starts: StartsOnDays) -> list[tuple[str, ...]]:
    """The smallest sets of reasons without which there would be a start: staff and chairs first, and before others
    those that refuse every start by themselves."""
    for size in range(1, len(RESOURCES) + len(PATIENTS) + 1):
        found = [one for one in combinations((*RESOURCES, *PATIENTS), size) if starts.without(*one)]
        if found:
            return sorted(found, key=lambda one: [not _refuses_all(starts, name, one) for name in one])
    return []


def _refuses_all(starts: StartsOnDays, name: str, missing: tuple[str, ...]) -> bool:
    """Whether it refuses every start that suits the patient, so far as the patient's times are not missing, too."""
    return not starts.within((*FRAME, *(one for one in PATIENTS if one not in missing), name))


def _said(starts: StartsOnDays, name: str, missing: tuple[str, ...]) -> tuple[str, str | None]:
    """The text's key, and the one of its kind that is missed where no other could take its place."""
    refuses_all = _refuses_all(starts, name, missing)
    if name == "weekdays":
        return name, None
    if name == "patient":
        return (name if refuses_all else "patient_else" if len(missing) == 1 else "patient_few"), None
    there = _there(starts.capacity, name, starts.shape)
    able = [one for one, plane in there.items() if plane & starts.without(*missing)]
    if not refuses_all:
        return f"{name}_else", _alone(able)
    frame = starts.within((*FRAME, *(one for one in PATIENTS if one not in missing)))
    if name in ("chairs", "nurses") and not any_of(there.values()) & frame:
        return f"{name}_off", _alone([*there])
    return name, _alone(able)


def _alone(ids: Sequence[str]) -> str | None:
    return ids[0] if len(ids) == 1 else None


def _there(capacity: ClinicCapacity, name: str, shape: VisitShape) -> dict[str, int]:
    """Of each chair, nurse, prescriber or piece of equipment the starts at which it could serve alone, if it were not
    booked."""
    planes, snapshot = capacity.planes, capacity.snapshot
    if name == "nurses":
        return {
            one: room_for_needs(((there, (*shape.watch, *shape.attention)),)) for one, there in planes.on_duty.items()
        }
    if name == "prescriber":
        spans = (*shape.present, *shape.with_patient)
        return {one: room_for_needs(((on_site, spans),)) for one, on_site in planes.on_site.items()}
    if name == "chairs" and shape.seat is not None:
        span, features = shape.seat.span, shape.seat.features
        suit = [one.id for one in snapshot.chairs if features <= one.features]
        return {one: room_for_needs(((~planes.out[one], (span,)),)) for one in suit}
    if name == "equipment":
        wanted = [
            (one.id, spans) for one in snapshot.equipment for word, spans in shape.equipment if word in one.features
        ]
        return {one: room_for_needs(((~planes.out[one], spans),)) for one, spans in wanted}
    return {}
