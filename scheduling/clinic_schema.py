"""The JSON schema of a clinic file's scheduling part. What a schema can't say is checked in `clinic_section`."""

from __future__ import annotations

from typing import Any, Final

from scheduling.clinic_time import WEEKDAYS

_DAY = "|".join(WEEKDAYS)


def _record(required: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required.split(),
        "properties": properties,
    }


def _list_of(record: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": record}


def _text(longest: int, shortest: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


SLUG: Final = {
    "type": "string",
    "pattern": r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$",
    "maxLength": 60,
    "description": "a short name of lower-case letters, digits and hyphens, such as chair-1",
}
RANGE: Final = {"type": "string", "description": 'a text such as "08:00-18:00"'}
TIME: Final = {
    "type": "string",
    "pattern": r"^([01]\d|2[0-3]):[0-5][05]$",
    "description": 'a time such as "18:00", in steps of 5 minutes',
}
DATE: Final = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "a date such as 2026-11-26"}
WALL: Final = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$",
    "description": "a date and time such as 2026-12-24 12:00",
}
WEEK: Final = {
    "type": "object",
    "propertyNames": {
        "pattern": f"^({_DAY})(-({_DAY}))?$",
        "description": f"days are {', '.join(WEEKDAYS)}, or several such as mon-fri",
    },
    "additionalProperties": {"type": "array", "items": RANGE},
}
DATED_SHIFTS: Final = _list_of(
    _record("weekday hours", weekday={"enum": list(WEEKDAYS)}, hours=RANGE, **{"from": DATE, "until": DATE})
)
FEATURES: Final = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 40}, "uniqueItems": True}
FURNITURE: Final = _record("code name", code=SLUG, name=_text(120), features=FEATURES)
ROLES: Final = ["front_desk", "nurse", "prescriber", "manager", "auditor"]
USERNAME: Final = {
    "type": "string",
    "pattern": r"^[\w.@+-]{1,150}$",
    "description": "a sign-in name of letters, digits and . @ + - _",
}
_POLICY_HOURS: Final = {"type": "integer", "minimum": 0, "maximum": 720}
_POLICY_MINUTES: Final = {"type": "integer", "minimum": 0, "maximum": 240}

CLINIC: Final = _record(
    "slug name time_zone hours",
    slug=SLUG,
    name=_text(200),
    time_zone=_text(64),
    address=_text(300, 0),
    phone=_text(40, 0),
    grid_minutes={"enum": [5, 10, 15, 20, 30, 60]},
    last_end=TIME,
    min_clinical_staff={"type": "integer", "minimum": 0, "maximum": 50},
    with_patient_counts_as_present={"type": "boolean"},
    policy=_record(
        "",
        notice_hours=_POLICY_HOURS,
        late_grace_minutes=_POLICY_MINUTES,
        hold_minutes=_POLICY_MINUTES,
        keep_places_days={"type": "integer", "minimum": 1, "maximum": 30},
        missed_visits={"type": "integer", "minimum": 0, "maximum": 20},
    ),
    hours=WEEK,
    closures=_list_of(_record("", date=DATE, hours=RANGE, starts=WALL, ends=WALL, reason=_text(200, 0))),
)

SCHEMA: Final[dict[str, Any]] = _record(
    "organisation clinic",
    organisation=_record("slug name", slug=SLUG, name=_text(200)),
    clinic=CLINIC,
    chairs=_list_of(FURNITURE),
    bays=_list_of(FURNITURE),
    equipment=_list_of(FURNITURE),
    nurses=_list_of(
        _record(
            "code name watch",
            code=SLUG,
            name=_text(120),
            user=USERNAME,
            watch={"type": "integer", "minimum": 1, "maximum": 12},
            watch_while_attending={"type": "integer", "minimum": 0, "maximum": 12},
            shifts=WEEK,
            dated_shifts=DATED_SHIFTS,
        )
    ),
    prescribers=_list_of(
        _record("code name", code=SLUG, name=_text(120), user=USERNAME, shifts=WEEK, dated_shifts=DATED_SHIFTS)
    ),
    staff=_list_of(
        _record(
            "username name roles",
            username=USERNAME,
            name=_text(150),
            email=_text(254, 0),
            roles={"type": "array", "items": {"enum": ROLES}, "minItems": 1, "uniqueItems": True},
        )
    ),
    visit_types=_list_of(
        _record(
            "code name kind phases",
            code=SLUG,
            name=_text(120),
            kind={"enum": ["consultation", "review", "nurse_visit"]},
            mode={"enum": ["in_person", "video", "phone"]},
            join_link={
                "type": "string",
                "pattern": r"^(https://\S{3,180})?$",
                "description": "an address that begins with https://",
            },
            phases={"type": "array", "items": {"type": "object"}, "minItems": 1},
        )
    ),
    protocols=_list_of(_record("code name therapy template", code=SLUG, name=_text(200), therapy=SLUG, template={})),
)
