"""What an order says, in sentences a prescriber can check before signing: taken from what is signed, word for word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scheduling.models import Status
from scheduling.protocol_parts import FollowUpRule, GivenBefore, Review
from scheduling.protocol_schema import EXITS
from scheduling.protocol_template import ProtocolTemplate
from scheduling.signed_rows import reviews_of
from scheduling.spacing import Back, InvalidFields, Spacing
from web.clinician.visit_words import before_said, needs_said, other_visits_said, visit_said
from web.spoken import full_date, language_name

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
SIDES: Mapping[str, str | Promise] = {"min": _("least"), "target": _("best"), "max": _("most")}
UNITS: Mapping[str, str | Promise] = {"days": _("days"), "hours": _("hours"), "open_days": _("open days")}
AT_LIMIT: Mapping[str, str | Promise] = {
    "keep": _("; after that the times stay kept"),
    "free": _("; after that the times are freed"),
}
CLEARED_BY: Mapping[str, str | Promise] = {"prescriber": _("prescriber"), "nurse": _("nurse")}


def order_words(content: Mapping[str, Any], clinics: Mapping[str, str] | None = None) -> list[tuple[str, list[str]]]:
    """Headings with their sentences, all of what is signed; empty where the content contradicts itself, which signing
    refuses with reasons. `clinics`: their names by short name."""
    try:
        plan = ProtocolTemplate.from_dict(content)
    except InvalidFields:
        return []
    sections = [
        (
            gettext("Infusions"),
            [infusions_said(plan), *called_said(plan), *spacing_lines(plan), *limits_said(plan), *days_said(plan)],
        ),
        (gettext("Given before"), [given_said(one) for one in plan.given_before]),
        (gettext("Each visit"), [visit_said(plan.phases), *needs_said(plan.phases), *other_visits_said(plan)]),
        (
            gettext("Reviews"),
            [review_said(review) for review in plan.reviews if review.after in reviews_of(plan)],
        ),
        (gettext("Before"), before_said(plan)),
        (gettext("Afterwards"), [observed_said(plan), *afterwards_said(plan)]),
        (gettext("If an infusion is broken off"), exits_said(plan)),
        (
            gettext("Told to the patient"),
            [f"{language_name(language)}: {text}" for language, text in sorted(plan.instructions.items())],
        ),
        (gettext("Clinics"), [(clinics or {}).get(site, site) for site in plan.sites]),
        (gettext("Note"), [plan.note] if plan.note else []),
    ]
    return [(heading, lines) for heading, lines in sections if lines]


def changed_words(
    before: Mapping[str, Any], after: Mapping[str, Any], clinics: Mapping[str, str] | None = None
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Headings with their sentences after a change, each "" where it stays, "new", or "gone" where it is no longer."""
    was, now = dict(order_words(before, clinics)), dict(order_words(after, clinics))
    said = []
    for heading in {**now, **was}:
        lines = [(line, "" if line in was.get(heading, []) else "new") for line in now.get(heading, [])]
        lines += [(line, "gone") for line in was.get(heading, []) if line not in now.get(heading, [])]
        said.append((heading, lines))
    return said


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
    if rule.soft:
        words += gettext(" (where possible: %(sides)s)") % {
            "sides": ", ".join(str(SIDES[one]) for one in sorted(rule.soft))
        }
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


def called_said(plan: ProtocolTemplate) -> list[str]:
    return [gettext("Each is called “%(word)s”") % {"word": plan.word}] if plan.word else []


def days_said(plan: ProtocolTemplate) -> list[str]:
    lines = []
    if plan.not_before:
        lines.append(gettext("Not before %(day)s") % {"day": full_date(plan.not_before)})
    if plan.not_after:
        lines.append(gettext("Not after %(day)s") % {"day": full_date(plan.not_after)})
    return lines


def given_said(one: GivenBefore) -> str:
    values = {"number": one.number, "day": full_date(one.on), "where": one.where}
    return gettext("Infusion %(number)s on %(day)s, %(where)s") % values


def afterwards_said(plan: ProtocolTemplate) -> list[str]:
    lines = [follow_up_said(rule) for rule in plan.follow_ups]
    for task in plan.visit_tasks:
        values = {"name": task.name, "days": task.within_days}
        lines.append(gettext("%(name)s, within %(days)s days after each infusion") % values)
    if plan.as_needed:
        values = {"word": plan.as_needed.word, "most": plan.as_needed.at_most, "days": plan.as_needed.min_days}
        words = gettext("Single infusions (“%(word)s”) may be ordered after it: at most %(most)s, %(days)s days apart")
        lines.append(words % values)
    return lines


def exits_said(plan: ProtocolTemplate) -> list[str]:
    """Only what is not as everywhere needs saying twice: which exits hold the next infusion back."""
    if not plan.exits_close:
        return [gettext("The next infusion waits for nobody")]
    names = ", ".join(str(Status(exit_).label).lower() for exit_ in EXITS if exit_ in plan.exits_close)
    return [gettext("The next infusion waits for the prescriber after: %(exits)s") % {"exits": names}]


def review_said(review: Review) -> str:
    values = {"number": review.after, "how": METHODS[review.method], "minutes": review.minutes}
    words = gettext("After infusion %(number)s, %(how)s") if review.after else gettext("Before the first, %(how)s")
    words %= values
    if review.minutes:
        words += gettext(", %(minutes)s minutes") % values
    if review.decide_within_days is not None:
        words += gettext(", decided within %(days)s days") % {"days": review.decide_within_days}
        words += str(AT_LIMIT[review.at_limit])
    return words


def observed_said(plan: ProtocolTemplate) -> str:
    words = gettext("Observed for at least %(minutes)s minutes, cleared by the %(who)s")
    return words % {"minutes": plan.observe_minutes, "who": CLEARED_BY[plan.cleared_by]}


def follow_up_said(rule: FollowUpRule) -> str:
    after = {"each": gettext("each infusion"), "last": gettext("the last infusion")}
    anchor = after.get(str(rule.after)) or gettext("infusion %(number)s") % {"number": rule.after}
    words = gettext("%(what)s on day %(day)s after %(anchor)s")
    said = words % {"what": KINDS[rule.kind], "day": rule.day, "anchor": anchor}
    asks = ", ".join(name.upper() for name in rule.questionnaires)
    return said + (gettext(", asking %(names)s") % {"names": asks} if asks else "")
