"""The `messages:` section of a clinic file: checked key by key, applied, and written out again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Any, Final

from django.db import transaction

from notifications.models import MessageRules
from notifications.quiet_hours import QuietHours
from notifications.wording_lint import find_faults
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.marked_yaml import FileProblem, Lines
from scheduling.models import Clinic
from scheduling.schema_errors import Path, schema_errors

NO_QUIET_HOURS: Final = "none"
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "sender_name": {
            "type": "string",
            "minLength": 1,
            "maxLength": 24,
            "pattern": r"^[^\r\n]*\Z",
            "description": "one line of text",
        },
        "reminder_hours": {
            "type": "array",
            "items": {"type": "integer", "minimum": 1, "maximum": 336},
            "maxItems": 4,
            "uniqueItems": True,
        },
        "grace_minutes": {"type": "integer", "minimum": 0, "maximum": 60},
        "quiet_hours": {
            "type": "string",
            "pattern": r"^(none|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)$",
            "description": 'a text such as "20:00-09:00", or none',
        },
        "consent_sentence": {"type": "string", "minLength": 10, "maxLength": 300},
        "most_a_day": {"type": "integer", "minimum": 0, "maximum": 20},
        "most_a_week": {"type": "integer", "minimum": 0, "maximum": 100},
        "day_of_minutes": {"type": "integer", "minimum": 30, "maximum": 720},
        "self_service_hours": {"type": "integer", "minimum": 0, "maximum": 720},
        "told_by_minutes": {"type": "integer", "minimum": 0, "maximum": 4320},
        "texts_per_minute": {"type": "integer", "minimum": 0, "maximum": 6000},
        "text_number": {
            "type": "string",
            "pattern": r"^\+[1-9]\d{6,14}\Z",
            "description": 'a text such as "+12125550100"',
        },
        "answer_hours": {"type": "string", "minLength": 1, "maxLength": 120},
        "answer_hours_es": {"type": "string", "minLength": 1, "maxLength": 120},
        "remind_after_minutes": {"type": "integer", "minimum": 0, "maximum": 1440},
        "fixed_answer": {"type": "string", "minLength": 10, "maxLength": 320},
        "fixed_answer_es": {"type": "string", "minLength": 10, "maxLength": 320},
        "safety_text": {"type": "string", "minLength": 10, "maxLength": 600},
        "safety_text_es": {"type": "string", "minLength": 10, "maxLength": 600},
    },
}
# Keys that are fields under the same name. Those in OPTIONAL may be empty, which a file says by leaving them out.
ALIKE: Final = (
    "sender_name", "grace_minutes", "consent_sentence", "most_a_day", "most_a_week", "day_of_minutes",
    "self_service_hours", "told_by_minutes", "texts_per_minute", "text_number", "answer_hours", "answer_hours_es",
    "fixed_answer", "fixed_answer_es", "safety_text", "safety_text_es", "remind_after_minutes",
)  # fmt: skip
OPTIONAL: Final = ("sender_name", "self_service_hours", "text_number", "answer_hours", "answer_hours_es")
# What patients read on their telephones: the channel and language it is looked at for.
READ_BY_PATIENTS: Final = {
    "sender_name": ("sms", ""),
    "answer_hours": ("email", "en"),
    "answer_hours_es": ("email", "es"),
    "fixed_answer": ("sms", "en"),
    "fixed_answer_es": ("sms", "es"),
    "safety_text": ("email", "en"),
    "safety_text_es": ("email", "es"),
}


def check(section: object, at: Lines) -> list[FileProblem]:
    """Everything wrong with the section, in the file's order; empty when it may be applied. `at`: its lines."""
    return sorted({at.problem(path, said) for path, said in find_mistakes(section)})


def find_mistakes(section: object) -> list[tuple[Path, str]]:
    """Everything wrong with the section, each with the key it is about; empty when it may be applied."""
    found = schema_errors(SCHEMA, section)
    if not found and isinstance(section, Mapping):
        found = list(_senseless(section))
    return found


def apply(section: Mapping[str, Any], *, clinic: Clinic, by: Actor, now: datetime) -> bool:
    """Makes the clinic's message rules as a checked section says, a key that is not in it going back to its default.

    A new consent sentence gets a new version. True when anything changed; then records `clinic.messages_set`, and the
    planner looks at the clinic's patients. Refuses with NotAllowed whom `permissions` does not let set up clinics.
    """
    permissions.check(by, "clinic.set_up", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with transaction.atomic():
        rules = MessageRules.objects.select_for_update().filter(clinic=clinic).first()
        before = rules or MessageRules(clinic=clinic)
        wanted = _fields(section)
        changed = [name for name, value in wanted.items() if getattr(before, name) != value]
        if rules is not None and not changed:
            return False
        if rules is not None and "consent_sentence" in changed:
            wanted["consent_version"] = str(int(rules.consent_version) + 1)
        MessageRules.objects.update_or_create(clinic=clinic, defaults=wanted)
        entry = Entry("clinic.messages_set", clinic_id=clinic.pk, data={"changed": changed}, tell=True)
        events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return True


def export(clinic: Clinic) -> dict[str, Any]:
    """The section as plain data; what `apply` finds nothing to change in."""
    rules = MessageRules.objects.filter(clinic=clinic).first() or MessageRules(clinic=clinic)
    is_quiet = rules.quiet_from != rules.quiet_until
    said = {name: getattr(rules, name) for name in ALIKE}
    return {
        **{name: value for name, value in said.items() if not (name in OPTIONAL and value in (None, ""))},
        "reminder_hours": list(rules.reminder_hours),
        "quiet_hours": f"{rules.quiet_from:%H:%M}-{rules.quiet_until:%H:%M}" if is_quiet else NO_QUIET_HOURS,
    }


def _fields(section: Mapping[str, Any]) -> dict[str, Any]:
    default = MessageRules()
    fields = {name: section.get(name, getattr(default, name)) for name in ALIKE}
    fields["reminder_hours"] = sorted(section.get("reminder_hours", default.reminder_hours), reverse=True)
    quiet = QuietHours() if "quiet_hours" not in section else _quiet_hours(section["quiet_hours"])
    return fields | {"quiet_from": quiet.starts, "quiet_until": quiet.ends}


def _quiet_hours(text: str) -> QuietHours:
    if text == NO_QUIET_HOURS:
        return QuietHours(time(0), time(0))
    starts, _, ends = text.partition("-")
    return QuietHours(time.fromisoformat(starts), time.fromisoformat(ends))


def _senseless(section: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for name, (channel, language) in READ_BY_PATIENTS.items():
        for fault in find_faults(section.get(name, "none"), channel=channel, purpose="", language=language):
            yield (name,), fault
    if "quiet_hours" in section:
        try:
            _quiet_hours(section["quiet_hours"])
        except ValueError as error:
            yield ("quiet_hours",), str(error)
