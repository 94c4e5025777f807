"""What a treatment plan may say, as a JSON schema. No Django.

Minutes are multiples of 5; days are clinic-local days, dates are ISO texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

# Only what may be reproduced without permission, and is kept here in its published words.
INSTRUMENTS: Final = ("phq-9", "gad-7")
# How an infusion may end before its time. The plan says which of them close the way until a prescriber rules.
EXITS: Final = ("stopped_early", "transferred", "left_uncleared")
ROLES: Final = ("front_desk", "nurse", "prescriber", "manager")
LANGUAGES: Final = ("en", "es")

COUNT: Final = {"type": "integer", "minimum": 1, "maximum": 60}
DAYS: Final = {"type": "integer", "minimum": 0, "maximum": 365}
DATE: Final = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "a day such as 2027-03-31"}
CODE: Final = {"type": "string", "pattern": "^[a-z0-9-]{1,60}$"}
ROLE_LIST: Final = {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": list(ROLES)}}


def _text(most: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most}


def _record(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object", "additionalProperties": False, "required": required.split(), "properties": properties,
    }  # fmt: skip


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


# `code` names it in records; it bites at booking (a warning), from `chase_days` before the visit, and at the start.
PREREQUISITE: Final = _record(
    "code name",
    code=CODE,
    name=_text(120),
    kind={"enum": ["labs", "authorisation", "enrolment", "consent", "driver", "form", "deposit", "drug", "other"]},
    valid_days={"type": "integer", "minimum": 1, "maximum": 3650},
    counts_visits={"type": "boolean"},
    warn_at_booking={"type": "boolean"},
    chase_days=DAYS,
    hours_before={"type": "number", "minimum": 0, "maximum": 336},
    stops_start={"type": "boolean"},
    met_by=ROLE_LIST,
    waived_by=ROLE_LIST,
)
REVIEW: Final = _record(
    "after method",
    after={"type": "integer", "minimum": 0, "maximum": 60},
    method={"enum": ["at_chair", "video", "in_person"]},
    minutes={"type": "integer", "minimum": 0, "maximum": 240, "multipleOf": 5},
    decide_within_days=DAYS,
    at_limit={"enum": ["keep", "free"]},
)
FASTING: Final = _record(
    "solids_hours clear_liquids_hours",
    solids_hours={"type": "number", "minimum": 0, "maximum": 24, "multipleOf": 0.25},
    clear_liquids_hours={"type": "number", "minimum": 0, "maximum": 24, "multipleOf": 0.25},
)
FOLLOW_UP: Final = _record(
    "kind after day",
    kind={"enum": ["call", "check_in", "review", "as_needed"]},
    after={"anyOf": [COUNT, {"enum": ["each", "last"]}], "description": "each, last, or the number of an infusion"},
    day=DAYS,
    questionnaires={"type": "array", "uniqueItems": True, "items": {"enum": list(INSTRUMENTS)}},
)
QUESTIONNAIRE: Final = _record(
    "instrument before",
    instrument={"enum": list(INSTRUMENTS)},
    before={"anyOf": [COUNT, {"enum": ["each"]}], "description": "each, or the number of an infusion"},
    days=DAYS,
)
SCHEMA: Final = _record(
    "doses phases",
    doses=COUNT,
    doses_at_most=COUNT,
    within_days={"type": "integer", "minimum": 1, "maximum": 3650},
    per_week={"type": "integer", "minimum": 1, "maximum": 7},
    spacing=_list({"type": "object"}),
    phases={"type": "array", "minItems": 1, "items": {"type": "object"}},
    phases_of=_list(_record(
        "doses phases",
        doses={"type": "array", "minItems": 1, "uniqueItems": True, "items": COUNT},
        phases={"type": "array", "minItems": 1, "items": {"type": "object"}},
    )),
    reviews=_list(REVIEW),
    ride_home={"type": "boolean"},
    fasting=FASTING,
    observe_minutes={"type": "integer", "minimum": 0, "maximum": 720, "multipleOf": 5},
    cleared_by={"enum": ["prescriber", "nurse"]},
    prerequisites=_list(PREREQUISITE),
    follow_ups=_list(FOLLOW_UP),
    questionnaires=_list(QUESTIONNAIRE),
    visit_tasks=_list(_record("code name within_days", code=CODE, name=_text(120), within_days=DAYS)),
    exits_close={"type": "array", "uniqueItems": True, "items": {"enum": list(EXITS)}},
    instructions=_record("", **{language: _text(1000) for language in LANGUAGES}),
    as_needed=_record("word at_most min_days", word=_text(40), at_most=COUNT, min_days=DAYS),
    word=_text(40),
    note={"type": "string", "maxLength": 300},
    # What a prescriber adds for one patient.
    not_before=DATE,
    not_after=DATE,
    # `number` says which infusion it was; without it they are the first ones, in their order.
    given_before={
        "type": "array", "maxItems": 60, "items": _record("on where", on=DATE, where=_text(120), number=COUNT)
    },
    # The clinics where it may be given, by their short names.
    sites={
        "type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string", "pattern": r"^[-\w]{1,60}$"}
    },
)  # fmt: skip
