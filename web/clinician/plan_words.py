"""What a treatment plan asks for beside the infusions themselves, in sentences: taken from the plan, word for
word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scheduling.models import Role
from scheduling.protocol_parts import Prerequisite, QuestionnaireRule
from scheduling.protocol_template import ProtocolTemplate
from scheduling.spacing import InvalidFields
from web.clinician.order_words import order_words
from web.spoken import language_name

Sections = list[tuple[str, list[str]]]
INSTRUMENTS: Mapping[str, str] = {"phq-9": "PHQ-9", "gad-7": "GAD-7"}
EXITS: Mapping[str, str | Promise] = {
    "stopped_early": _("stopped early"),
    "transferred": _("transferred"),
    "left_uncleared": _("left without clearance"),
}


def plan_words(template: Mapping[str, Any]) -> Sections:
    """All a plan says: headings with their sentences; empty where it contradicts itself."""
    try:
        plan = ProtocolTemplate.from_dict(template)
    except InvalidFields:
        return []
    sections = [*order_words(template), *_beside(plan)]
    said: dict[str, list[str]] = {heading: [] for heading, _lines in sections}
    for heading, lines in sections:
        said[heading] += [line for line in lines if line not in said[heading]]
    return [(heading, lines) for heading, lines in said.items() if lines]


def _beside(plan: ProtocolTemplate) -> Sections:
    most = gettext("An order may have at most %(most)s infusions") % {"most": plan.doses_at_most}
    return [
        (gettext("Infusions"), [most] if plan.doses_at_most else []),
        (gettext("Needed before"), [prerequisite_said(one) for one in plan.prerequisites]),
        (gettext("Questionnaires"), [questionnaire_said(one) for one in plan.questionnaires]),
        (gettext("Due after each infusion"), [_due(one.name, one.within_days) for one in plan.visit_tasks]),
        (gettext("After an infusion that was broken off"), [exits_said(plan.exits_close)]),
        (gettext("Single infusions afterwards"), _as_needed(plan)),
        *[(_read_in(code), text.splitlines()) for code, text in plan.instructions.items()],
    ]


def prerequisite_said(needs: Prerequisite) -> str:
    """Labs: asked for from 2 days before; no start without it; said by nurse; let off by prescriber."""
    parts = []
    if needs.valid_days:
        words = ngettext("good for %(n)s day", "good for %(n)s days", needs.valid_days)
        parts.append(words % {"n": needs.valid_days})
    if needs.counts_visits:
        parts.append(gettext("good for a number of visits"))
    if needs.warn_at_booking:
        parts.append(gettext("warns at booking"))
    words = ngettext("run after from %(n)s day before", "run after from %(n)s days before", needs.chase_days)
    parts.append(words % {"n": needs.chase_days})
    if needs.hours_before:
        parts.append(gettext("there %(hours)g hours before") % {"hours": needs.hours_before})
    parts.append(gettext("no start without it") if needs.stops_start else gettext("a start without it is possible"))
    parts.append(gettext("said by: %(roles)s") % {"roles": _roles(needs.met_by)})
    parts.append(gettext("let off by: %(roles)s") % {"roles": _roles(needs.waived_by)})
    return f"{needs.name}: {'; '.join(parts)}"


def questionnaire_said(rule: QuestionnaireRule) -> str:
    before = gettext("each infusion") if rule.before == "each" else gettext("infusion %(number)s") % {
        "number": rule.before
    }  # fmt: skip
    words = ngettext(
        "%(what)s before %(before)s, from %(n)s day before", "%(what)s before %(before)s, from %(n)s days before",
        rule.days,
    )  # fmt: skip
    return words % {"what": INSTRUMENTS.get(rule.instrument, rule.instrument), "before": before, "n": rule.days}


def exits_said(exits: tuple[str, ...]) -> str:
    if not exits:
        return gettext("The next may start without a prescriber's ruling")
    named = ", ".join(str(EXITS[one]) for one in exits)
    return gettext("The next waits for a prescriber's ruling after: %(exits)s") % {"exits": named}


def _due(name: str, days: int) -> str:
    return ngettext("%(name)s, within %(n)s day", "%(name)s, within %(n)s days", days) % {"name": name, "n": days}


def _as_needed(plan: ProtocolTemplate) -> list[str]:
    if plan.as_needed is None:
        return []
    values = {"word": plan.as_needed.word, "most": plan.as_needed.at_most, "days": plan.as_needed.min_days}
    return [gettext("%(word)s: an order for at most %(most)s, at least %(days)s days apart") % values]


def _read_in(language: str) -> str:
    return gettext("The patient reads (%(language)s)") % {"language": language_name(language)}


def _roles(roles: tuple[str, ...]) -> str:
    return ", ".join(str(Role(role).label) for role in roles)
