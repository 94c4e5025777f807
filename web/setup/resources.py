"""What there is of each kind, as the pages of chairs, nurses and prescribers list it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.models import Clinic, Resource, ResourceKind, Shift
from web.current_clinic import ClinicRequest
from web.setup.week_form import DAY_NAMES, week_of
from web.spoken import wall_clock

FURNITURE: Final = (ResourceKind.CHAIR, ResourceKind.BAY, ResourceKind.EQUIPMENT)


@dataclass(frozen=True, slots=True)
class Kept:
    """One page: which kinds it is about, and what it says."""

    route: str
    kinds: tuple[ResourceKind, ...]
    title: str | Promise
    lead: str | Promise
    add: str | Promise


@dataclass(frozen=True, slots=True)
class Row:
    """One of them. `times`: a day's spans in a few words, for whoever has shifts."""

    resource: Resource
    times: tuple[tuple[str, str], ...] = ()


CHAIRS: Final = Kept(
    "setup_chairs",
    FURNITURE,
    _("Chairs, bays and equipment"),
    _("A part of a visit that asks for a feature gets a chair that has it."),
    _("Add a chair"),
)
NURSES: Final = Kept(
    "setup_nurses",
    (ResourceKind.NURSE,),
    _("Nurse posts"),
    _("A post has shifts; who fills it is said day by day, or it carries a nurse's own name. It counts how many "
      "patients she may watch at once."),
    _("Add a post"),
)  # fmt: skip
PRESCRIBERS: Final = Kept(
    "setup_prescribers",
    (ResourceKind.PRESCRIBER,),
    _("Prescribers"),
    _("When each prescriber is on site. Visits that need one are booked within these times."),
    _("Add a prescriber"),
)


def resource_or_404(request: ClinicRequest, resource_id: int) -> Resource:
    """One of the clinic's own, in use or not."""
    return get_object_or_404(Resource.objects.select_related("clinic"), pk=resource_id, clinic=request.clinic)


def rows_of(clinic: Clinic, kinds: Sequence[ResourceKind]) -> list[Row]:
    """All of these kinds with their weeks, those in use first. Two queries."""
    resources = list(Resource.objects.filter(clinic=clinic, kind__in=kinds).order_by("-is_active", "kind", "pk"))
    shifts: dict[int, list[Shift]] = {}
    for shift in Shift.objects.filter(clinic=clinic, resource__in=resources, from_date=None, until_date=None):
        shifts.setdefault(shift.resource_id, []).append(shift)
    return [Row(one, in_words(shifts.get(one.pk, []))) for one in resources]


def in_words(shifts: Sequence[Shift]) -> tuple[tuple[str, str], ...]:
    """Days with their spans, those alike that follow each other together: ("Monday - Friday", "8:00 AM - 6:00 PM")."""
    week = week_of((one.weekday, one.starts, one.ends) for one in shifts)
    spans = {
        day: ", ".join(f"{wall_clock(start)} \N{EN DASH} {wall_clock(end)}" for start, end in found)
        for day, found in week.items()
    }
    found = []
    for said, days in groupby(DAY_NAMES, key=lambda day: spans.get(day, "")):
        names = [str(DAY_NAMES[day]) for day in days]
        if said:
            found.append((names[0] if len(names) == 1 else f"{names[0]} \N{EN DASH} {names[-1]}", said))
    return tuple(found)
