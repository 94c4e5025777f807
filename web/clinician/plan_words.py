"""What a treatment plan says, in sentences: those of an order made from it, and what only the plan limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from web.clinician.order_words import order_words

EXITS: Mapping[str, str | Promise] = {
    "stopped_early": _("stopped early"),
    "transferred": _("transferred"),
    "left_uncleared": _("left without clearance"),
}


def plan_words(template: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """All a plan says: headings with their sentences; empty where it contradicts itself."""
    sections = order_words(template)
    most = template.get("doses_at_most")
    if not sections or not most:
        return sections
    (heading, lines), *others = sections
    return [(heading, [*lines, gettext("An order may have at most %(most)s infusions") % {"most": most}]), *others]
