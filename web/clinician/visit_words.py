"""What each visit of an order takes and asks for beforehand, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scheduling.capacity import Phase
from scheduling.models import Role
from scheduling.protocol_parts import Prerequisite, QuestionnaireRule
from scheduling.protocol_template import ProtocolTemplate
from web.spoken import infusions

NURSE: Mapping[str, str | Promise] = {
    "none": "", "watch": _("Watched by a nurse"), "attention": _("A nurse one-to-one")
}  # fmt: skip
PRESCRIBER: Mapping[str, str | Promise] = {
    "none": "", "present": _("A prescriber on site"), "with-patient": _("The prescriber with the patient")
}  # fmt: skip


def visit_said(phases: Sequence[Phase]) -> str:
    """120 minutes: arrive 10, infuse 40."""
    present = [phase for phase in phases if not phase.is_turnover]
    return gettext("%(minutes)s minutes: %(parts)s") % {
        "minutes": sum(phase.minutes for phase in present),
        "parts": ", ".join(f"{phase.name} {phase.minutes}" for phase in present),
    }


def needs_said(phases: Sequence[Phase]) -> list[str]:
    """Who and what is there in which parts of the visit."""
    needs: dict[str, list[str]] = {}
    for phase in phases:
        if phase.is_turnover:
            needs[gettext("The chair is made ready afterwards")] = [gettext("%(n)s minutes") % {"n": phase.minutes}]
        for words in needs_of(phase):
            needs.setdefault(words, []).append(phase.name)
    return [f"{words}: {', '.join(names)}" for words, names in needs.items()]


def needs_of(phase: Phase) -> list[str]:
    """Who and what is there in one part of the visit; the chair's turnover needs nobody."""
    if phase.is_turnover:
        return []
    found = [str(words) for words in (NURSE[phase.nurse], PRESCRIBER[phase.prescriber]) if words]
    if not phase.chair:
        found.append(gettext("Without a chair"))
    if phase.place == "bay":
        found.append(gettext("In the chair or a bay"))
    return found + [gettext("With %(thing)s") % {"thing": one} for one in sorted({*phase.features, *phase.equipment})]


def other_visits_said(plan: ProtocolTemplate) -> list[str]:
    """The parts of infusions that differ, those of one kind together."""
    numbers: dict[tuple[str, ...], list[int]] = {}
    for number, phases in sorted(plan.phases_of.items()):
        if number <= plan.doses:
            numbers.setdefault((visit_said(phases), *needs_said(phases)), []).append(number)
    return [f"{infusions(found)}: {'; '.join(words)}" for words, found in numbers.items()]


def before_said(plan: ProtocolTemplate) -> list[str]:
    """What is asked for before a visit: the fast, a ride, what has to be there, questionnaires."""
    lines = []
    if plan.fasting:
        words = gettext("No solid food for %(solids)g hours, no clear liquids for %(liquids)g hours before")
        lines.append(words % {"solids": plan.fasting.solids_hours, "liquids": plan.fasting.clear_liquids_hours})
    if plan.ride_home:
        lines.append(gettext("A ride home is settled before the start"))
    lines += [prerequisite_said(one) for one in plan.prerequisites]
    return lines + [asked_said(one) for one in plan.questionnaires]


def prerequisite_said(one: Prerequisite) -> str:
    """Labs, there 24 hours before; good for 90 days; without it nothing is started."""
    parts = [one.name]
    if one.hours_before:
        parts.append(gettext("there %(hours)g hours before") % {"hours": one.hours_before})
    if one.valid_days:
        parts.append(ngettext("good for a day", "good for %(n)s days", one.valid_days) % {"n": one.valid_days})
    if one.counts_visits:
        parts.append(gettext("for so many visits"))
    parts.append(gettext("no start without it") if one.stops_start else gettext("a start without it is allowed"))
    if one.warn_at_booking:
        parts.append(gettext("asked for at booking"))
    chased = ngettext("chased from the day before", "chased from %(days)s days before", one.chase_days)
    parts.append(chased % {"days": one.chase_days})
    who = {"met": roles_said(one.met_by), "waived": roles_said(one.waived_by)}
    return ", ".join(parts) + gettext(". Said to be there by %(met)s, waived by %(waived)s") % who


def roles_said(roles: Sequence[str]) -> str:
    """front desk, nurse: within a sentence."""
    return ", ".join(str(Role(role).label).lower() for role in roles)


def asked_said(rule: QuestionnaireRule) -> str:
    """PHQ-9 from 2 days before each infusion."""
    values = {"name": rule.instrument.upper(), "days": rule.days, "number": rule.before}
    if rule.before == "each":
        one, more = (
            "%(name)s from the day before each infusion",
            "%(name)s from %(days)s days before each infusion",
        )
        return ngettext(one, more, rule.days) % values
    one, more = (
        "%(name)s from the day before infusion %(number)s",
        "%(name)s from %(days)s days before infusion %(number)s",
    )
    return ngettext(one, more, rule.days) % values
