"""What an order says, in sentences a prescriber can check before signing: taken from what is signed, word for word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scheduling.protocol_parts import FollowUpRule, Review
from scheduling.protocol_template import ProtocolTemplate
from scheduling.spacing import Back, InvalidFields, Spacing

METHODS: Mapping[str, str | Promise] = {
    "at_chair": _("at the chair"),
    "video": _("by video"),
    "in_person": _("in person"),
}
KINDS: Mapping[str, str | Promise] = {
    "call": _("Call"),
    "check_in": _("Check-in"),
    "review": _("Review"),
    "as_needed": _("As-needed infusion"),
}
UNITS: Mapping[str, str | Promise] = {"days": _("days"), "hours": _("hours"), "open_days": _("open days")}
CLEARED_BY: Mapping[str, str | Promise] = {"prescriber": _("prescriber"), "nurse": _("nurse")}


def order_words(content: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Headings with their sentences; empty where the content contradicts itself, which signing refuses with reasons."""
    try:
        plan = ProtocolTemplate.from_dict(content)
    except InvalidFields:
        return []
    before = []
    if plan.fasting:
        words = gettext("No solid food for %(solids)g hours, no clear liquids for %(liquids)g hours before")
        before.append(words % {"solids": plan.fasting.solids_hours, "liquids": plan.fasting.clear_liquids_hours})
    if plan.ride_home:
        before.append(gettext("A ride home is settled before the start"))
    sections = [
        (gettext("Infusions"), [infusions_said(plan), *spacing_lines(plan), *limits_said(plan)]),
        (gettext("Each visit"), [visit_said(plan)]),
        (gettext("Reviews"), [review_said(review) for review in plan.reviews if review.after < plan.doses]),
        (gettext("Before"), before),
        (gettext("Afterwards"), [observed_said(plan), *map(follow_up_said, plan.follow_ups)]),
    ]
    return [(heading, lines) for heading, lines in sections if lines]


def infusions_said(plan: ProtocolTemplate) -> str:
    return ngettext("one infusion", "%(n)s infusions", plan.doses) % {"n": plan.doses}


def spacing_lines(plan: ProtocolTemplate) -> list[str]:
    """The rules in their order; "each" means the others where some infusions have rules of their own."""
    others = any(rule.dose != "each" for rule in plan.spacing)
    each = gettext("All others") if others else gettext("Each")
    return [spacing_said(rule, each) for rule in plan.spacing]


def spacing_said(rule: Spacing, each: str) -> str:
    """Each: 2-4 days after the one before, best 3."""
    who = each if rule.dose == "each" else gettext("Infusion %(number)s") % {"number": rule.dose}
    words = gettext("%(who)s: %(span)s %(unit)s after %(anchor)s") % {
        "who": who, "span": span_said(rule), "unit": UNITS[rule.unit], "anchor": anchor_said(rule)
    }  # fmt: skip
    if rule.target is not None:
        words += gettext(", best %(target)s") % {"target": rule.target}
    return words


def span_said(rule: Spacing) -> str:
    if rule.min is not None and rule.max is not None:
        return f"{rule.min}–{rule.max}" if rule.min != rule.max else str(rule.min)
    if rule.min is not None:
        return gettext("at least %(least)s") % {"least": rule.min}
    return gettext("at most %(most)s") % {"most": rule.max} if rule.max is not None else str(rule.target)


def anchor_said(rule: Spacing) -> str:
    if rule.after == "previous":
        return gettext("the one before")
    if rule.after == "first":
        return gettext("the first")
    if isinstance(rule.after, Back):
        return gettext("the one %(count)s before") % {"count": rule.after.infusions}
    return gettext("infusion %(number)s") % {"number": rule.after}


def limits_said(plan: ProtocolTemplate) -> list[str]:
    lines = []
    if plan.within_days:
        lines.append(gettext("All within %(days)s days, first and last counted") % {"days": plan.within_days})
    if plan.per_week:
        lines.append(gettext("At most %(count)s in a calendar week") % {"count": plan.per_week})
    return lines


def visit_said(plan: ProtocolTemplate) -> str:
    parts = [f"{phase.name} {phase.minutes}" for phase in plan.phases if not phase.is_turnover]
    words = gettext("%(minutes)s minutes: %(parts)s")
    return words % {"minutes": plan.visit_minutes, "parts": ", ".join(parts)}


def review_said(review: Review) -> str:
    values = {"number": review.after, "how": METHODS[review.method], "minutes": review.minutes}
    words = gettext("After infusion %(number)s, %(how)s") % values
    if review.minutes:
        words += gettext(", %(minutes)s minutes") % values
    if review.decide_within_days is not None:
        words += gettext(", decided within %(days)s days") % {"days": review.decide_within_days}
    return words


def observed_said(plan: ProtocolTemplate) -> str:
    words = gettext("Observed for at least %(minutes)s minutes, cleared by the %(who)s")
    return words % {"minutes": plan.observe_minutes, "who": CLEARED_BY[plan.cleared_by]}


def follow_up_said(rule: FollowUpRule) -> str:
    after = {"each": gettext("each infusion"), "last": gettext("the last infusion")}
    anchor = after.get(str(rule.after)) or gettext("infusion %(number)s") % {"number": rule.after}
    words = gettext("%(what)s on day %(day)s after %(anchor)s")
    return words % {"what": KINDS[rule.kind], "day": rule.day, "anchor": anchor}
