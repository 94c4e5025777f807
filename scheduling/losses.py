"""What a clinic would be like after a loss, so that its effect can be said before it is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from scheduling.capacity import ClinicSnapshot
from scheduling.clinic_time import WallRange, weekday_key
from scheduling.intervals import Interval, subtract

Loss = Callable[[ClinicSnapshot], ClinicSnapshot]


def nothing_lost(clinic: ClinicSnapshot) -> ClinicSnapshot:
    return clinic


def without(resource_ids: Iterable[str], period: Interval) -> Loss:
    """These chairs, bays, nurses, prescribers or things are not there for a while."""
    gone = frozenset(resource_ids)

    def loss(clinic: ClinicSnapshot) -> ClinicSnapshot:
        return replace(
            clinic,
            chairs=tuple(replace(one, out=(*one.out, period)) if one.id in gone else one for one in clinic.chairs),
            bays=tuple(replace(one, out=(*one.out, period)) if one.id in gone else one for one in clinic.bays),
            equipment=tuple(
                replace(one, out=(*one.out, period)) if one.id in gone else one for one in clinic.equipment
            ),
            nurses=tuple(
                replace(one, absent=(*one.absent, period)) if one.id in gone else one for one in clinic.nurses
            ),
            prescribers=tuple(
                replace(one, on_site=tuple(subtract(one.on_site, [period]))) if one.id in gone else one
                for one in clinic.prescribers
            ),
        )

    return loss


def closed(periods: Sequence[Interval]) -> Loss:
    """The clinic takes nobody in these periods."""
    return lambda clinic: replace(
        clinic, open={day: tuple(subtract(hours, periods)) for day, hours in clinic.open.items()}
    )


def open_in(week: Mapping[str, Sequence[WallRange]], closures: Sequence[Interval]) -> Loss:
    """The clinic is open in these weekly ranges, but for its closures."""
    return lambda clinic: replace(
        clinic, open={day: tuple(subtract(_on_day(clinic, day, week), closures)) for day in clinic.open}
    )


def on_duty(resource_id: str, week: Mapping[str, Sequence[WallRange]], away: Sequence[Interval]) -> Loss:
    """A nurse or prescriber is there in these weekly ranges, but for their absences."""

    def loss(clinic: ClinicSnapshot) -> ClinicSnapshot:
        there = tuple(period for day in clinic.open for period in _on_day(clinic, day, week))
        on_site = tuple(subtract(there, away))
        return replace(
            clinic,
            nurses=tuple(replace(one, shifts=there) if one.id == resource_id else one for one in clinic.nurses),
            prescribers=tuple(
                replace(one, on_site=on_site) if one.id == resource_id else one for one in clinic.prescribers
            ),
        )

    return loss


def _on_day(clinic: ClinicSnapshot, day: date, week: Mapping[str, Sequence[WallRange]]) -> list[Interval]:
    ranges = (clinic.clock.on_day(day, wall) for wall in week.get(weekday_key(day), ()))
    return [period for period in ranges if period is not None]
