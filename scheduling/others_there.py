"""The same question to a clinic that has more there on some days: a nurse, a prescriber, what was out of service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from scheduling.asked import Asked, Change, days_of
from scheduling.capacity import Chair, ClinicSnapshot, Equipment, Nurse, Prescriber
from scheduling.intervals import Interval, subtract

OutOfService = TypeVar("OutOfService", Chair, Equipment)


def nurse(asked: Asked, change: Change) -> Asked:
    """On duty during the opening hours of `days`: the nurse `resource`, or one more when it is None."""
    clinic, there = asked.clinic, opening_of(asked.clinic, change)
    if change["resource"] is None:
        watch = max((one.watch for one in clinic.nurses), default=1)
        one_more = Nurse(_new_id(clinic.nurses), watch, shifts=there)
        return replace(asked, clinic=replace(clinic, nurses=(*clinic.nurses, one_more)))

    def on_duty(one: Nurse) -> Nurse:
        if one.id != change["resource"]:
            return one
        return replace(one, shifts=(*one.shifts, *there), absent=tuple(subtract(one.absent, there)))

    return replace(asked, clinic=replace(clinic, nurses=tuple(map(on_duty, clinic.nurses))))


def prescriber(asked: Asked, change: Change) -> Asked:
    """On site during the opening hours of `days`: the prescriber `resource`, or one more when it is None."""
    clinic, there = asked.clinic, opening_of(asked.clinic, change)
    if change["resource"] is None:
        one_more = Prescriber(_new_id(clinic.prescribers), there)
        return replace(asked, clinic=replace(clinic, prescribers=(*clinic.prescribers, one_more)))
    known = (
        replace(one, on_site=(*one.on_site, *there)) if one.id == change["resource"] else one
        for one in clinic.prescribers
    )
    return replace(asked, clinic=replace(clinic, prescribers=tuple(known)))


def _new_id(known: Sequence[Nurse | Prescriber]) -> str:
    """An id that nobody has."""
    return max((one.id for one in known), default="") + "+"


def in_service(asked: Asked, change: Change) -> Asked:
    """No outage on `days` of the chair, bay or piece of equipment `resource`; of none at all when it is None."""
    clinic = asked.clinic
    whole = [clinic.clock.day_bounds(day) for day in days_of(change)]

    def back(one: OutOfService) -> OutOfService:
        wanted = change["resource"] in (None, one.id)
        return replace(one, out=tuple(subtract(one.out, whole))) if wanted else one

    return replace(
        asked,
        clinic=replace(
            clinic,
            chairs=tuple(map(back, clinic.chairs)),
            bays=tuple(map(back, clinic.bays)),
            equipment=tuple(map(back, clinic.equipment)),
        ),
    )


def opening_of(clinic: ClinicSnapshot, change: Change) -> tuple[Interval, ...]:
    return tuple(hours for day in days_of(change) for hours in clinic.open.get(day, ()))
