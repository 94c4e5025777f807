"""A clinic's rows as the scheduling part of a clinic file: what `clinic_setup.apply` would make of it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import time
from typing import Any

from scheduling.clinic_setup import KINDS
from scheduling.clinic_time import WEEKDAYS, ClinicTime
from scheduling.models import (
    Clinic,
    ClinicHours,
    Closure,
    Membership,
    ProtocolVersion,
    Resource,
    ResourceKind,
    Shift,
    VisitType,
)


def export(clinic: Clinic) -> dict[str, Any]:
    """The section as plain data, defaults left out where empty. Passwords and patients are never in it."""
    organisation = clinic.organisation
    return {
        "organisation": {"slug": organisation.slug, "name": organisation.name},
        "clinic": _clinic(clinic),
        **{name: found for name, kind in KINDS.items() if (found := _resources(clinic, kind))},
        "staff": _staff(clinic),
        "visit_types": [_visit_type(row) for row in VisitType.objects.filter(clinic=clinic).order_by("pk")],
        "protocols": _protocols(clinic),
    }


def _clinic(clinic: Clinic) -> dict[str, Any]:
    hours = ClinicHours.objects.filter(clinic=clinic).order_by("opens")
    return _without_empty(
        slug=clinic.slug,
        name=clinic.name,
        time_zone=clinic.time_zone,
        address=clinic.address,
        phone=clinic.phone,
        grid_minutes=clinic.grid_minutes,
        last_end=f"{clinic.last_end_time:%H:%M}" if clinic.last_end_time else "",
        min_clinical_staff=clinic.min_clinical_staff,
        with_patient_counts_as_present=clinic.with_patient_counts_as_present,
        policy={
            "notice_hours": clinic.notice_hours,
            "late_grace_minutes": clinic.late_grace_minutes,
            "hold_minutes": clinic.hold_minutes,
            "keep_places_days": clinic.keep_places_days,
            "missed_visits": clinic.missed_visits,
        },
        hours=_week((row.weekday, row.opens, row.closes) for row in hours),
        closures=[_closure(row, ClinicTime(clinic.time_zone)) for row in clinic.closures.order_by("period")],
    )


def _week(rows: Iterable[tuple[str, time, time]]) -> dict[str, list[str]]:
    """Days that are alike and follow each other stand together: {"mon-fri": ["08:00-18:00"]}."""
    by_day: dict[str, list[str]] = defaultdict(list)
    for weekday, starts, ends in rows:
        by_day[weekday].append(f"{starts:%H:%M}-{ends:%H:%M}")
    runs: list[tuple[list[str], list[str]]] = []
    for day in WEEKDAYS:
        if day not in by_day:
            runs.append(([], []))
        elif runs and runs[-1][1] == by_day[day]:
            runs[-1][0].append(day)
        else:
            runs.append(([day], by_day[day]))
    return {days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}": ranges for days, ranges in runs if days}


def _closure(row: Closure, clock: ClinicTime) -> dict[str, str]:
    starts, ends = clock.local(row.period.lower), clock.local(row.period.upper)
    whole = clock.day_bounds(starts.date())
    if (whole.start, whole.end) == (row.period.lower, row.period.upper):
        said = {"date": f"{starts:%Y-%m-%d}"}
    elif starts.date() == ends.date():
        said = {"date": f"{starts:%Y-%m-%d}", "hours": f"{starts:%H:%M}-{ends:%H:%M}"}
    else:
        said = {"starts": f"{starts:%Y-%m-%d %H:%M}", "ends": f"{ends:%Y-%m-%d %H:%M}"}
    return _without_empty(**said, reason=row.reason)


def _resources(clinic: Clinic, kind: ResourceKind) -> list[dict[str, Any]]:
    found = []
    shifts: dict[int, list[Shift]] = defaultdict(list)
    for shift in Shift.objects.filter(clinic=clinic).order_by("starts", "pk"):
        shifts[shift.resource_id].append(shift)
    for row in Resource.objects.filter(clinic=clinic, kind=kind, is_active=True).select_related("user").order_by("pk"):
        said = _without_empty(
            code=row.code, name=row.name, features=row.features, user=row.user.username if row.user else ""
        )
        if kind == ResourceKind.NURSE:
            said |= {"watch": row.watch_places, "watch_while_attending": row.watch_while_attending}
        own = shifts[row.pk]
        weekly = [(s.weekday, s.starts, s.ends) for s in own if not (s.from_date or s.until_date)]
        dated = [_dated(s) for s in own if s.from_date or s.until_date]
        found.append(said | _without_empty(shifts=_week(weekly), dated_shifts=dated))
    return found


def _dated(shift: Shift) -> dict[str, str]:
    days = {"from": shift.from_date, "until": shift.until_date}
    return {
        "weekday": shift.weekday,
        "hours": f"{shift.starts:%H:%M}-{shift.ends:%H:%M}",
        **{key: day.isoformat() for key, day in days.items() if day},
    }


def _staff(clinic: Clinic) -> list[dict[str, Any]]:
    people: dict[str, dict[str, Any]] = {}
    for row in Membership.objects.filter(clinic=clinic, user__is_active=True).select_related("user").order_by("pk"):
        user = row.user
        said = people.setdefault(
            user.username, _without_empty(username=user.username, name=user.shown_name, email=user.email, roles=[])
        )
        said.setdefault("roles", []).append(row.role)
    return list(people.values())


def _visit_type(row: VisitType) -> dict[str, Any]:
    said = _without_empty(code=row.code, name=row.name, kind=row.kind, mode=row.mode, join_link=row.join_link)
    return said | {"phases": row.phases}


def _protocols(clinic: Clinic) -> list[dict[str, Any]]:
    """The latest version of each of the organisation's plans but those that are retired; approval is a person's act and
    is not exported."""
    versions = ProtocolVersion.objects.filter(
        protocol__organisation=clinic.organisation_id, protocol__retired_at__isnull=True
    )
    latest = versions.order_by("protocol_id", "-number").distinct("protocol_id").select_related("protocol")
    return [
        {"code": v.protocol.code, "name": v.protocol.name, "therapy": v.protocol.therapy, "template": v.template}
        for v in latest
    ]


def _without_empty(**said: Any) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value not in ("", [], {}, None)}
