"""What one version of a treatment plan says that another does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.protocol_template import ProtocolTemplate
from scheduling.spacing import InvalidFields
from web.clinician.plan_words import plan_words

# Parts of a plan, as a page names them.
PARTS: Mapping[str, str | Promise] = {
    "doses": _("number of infusions"),
    "doses_at_most": _("most infusions of an order"),
    "within_days": _("days of the whole series"),
    "per_week": _("infusions a week"),
    "spacing": _("days between infusions"),
    "phases": _("parts of a visit"),
    "phases_of": _("parts of visits that differ"),
    "reviews": _("reviews"),
    "ride_home": _("ride home"),
    "fasting": _("fasting"),
    "observe_minutes": _("observation"),
    "cleared_by": _("who clears"),
    "prerequisites": _("what is needed before"),
    "follow_ups": _("follow-ups"),
    "questionnaires": _("questionnaires"),
    "visit_tasks": _("what is due after a visit"),
    "exits_close": _("what waits for a ruling"),
    "instructions": _("what the patient reads"),
    "as_needed": _("single infusions afterwards"),
    "word": _("what an infusion is called"),
    "note": _("note"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """What two versions say differently under one heading."""

    heading: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Sentence by sentence, in the order of the later version."""
    old, new = dict(plan_words(before)), dict(plan_words(after))
    found = []
    for heading in [*new, *(one for one in old if one not in new)]:
        gone = tuple(line for line in old.get(heading, ()) if line not in new.get(heading, ()))
        added = tuple(line for line in new.get(heading, ()) if line not in old.get(heading, ()))
        if gone or added:
            found.append(Difference(heading, gone, added))
    return found


def parts_that_differ(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The parts that are not the same, so that no difference goes unsaid; a default that is written out is none."""
    try:
        old, new = ProtocolTemplate.from_dict(before), ProtocolTemplate.from_dict(after)
    except InvalidFields:
        return [str(words) for key, words in PARTS.items() if before.get(key) != after.get(key)]
    return [str(words) for key, words in PARTS.items() if getattr(old, key) != getattr(new, key)]
