"""What a prescriber said by word of mouth, as a nurse wrote it down, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext

from scheduling.models import CheckKind, ClinicianTask, ExitRuling, GateDecision, OrderChange, User, VisitCheck
from scheduling.said_by_word import Said, ToSign
from web.spoken import infusion, visit_name

# What was said, by the word for it in addresses.
KINDS: Final[dict[str, type[Said]]] = {
    "review": GateDecision,
    "order": OrderChange,
    "ruling": ExitRuling,
    "check": VisitCheck,
    "misses": ClinicianTask,
}


@dataclass(frozen=True, slots=True)
class SaidCard:
    """One thing to sign. `as_cover`: it was said by somebody who is away; `has_left`: who left, and nobody covers."""

    to_sign: ToSign
    kind: str
    what: str
    as_cover: bool
    has_left: bool
    is_overdue: bool


def said_cards(to_sign: Iterable[ToSign], user: User, *, now: datetime) -> list[SaidCard]:
    """What waits for a signature, in words."""
    return [
        SaidCard(
            one,
            next(kind for kind, model in KINDS.items() if isinstance(one.said, model)),
            what_was_said(one),
            one.said_by != user and not one.is_nobodys,
            one.is_nobodys,
            one.is_overdue(now),
        )
        for one in to_sign
    ]


def what_was_said(one: ToSign) -> str:
    """Continue, at the review after infusion 3; what became of the order; of a visit what was ruled or let pass;
    that missed visits were answered."""
    said = one.said
    if isinstance(said, OrderChange):
        return str(said.get_kind_display())
    if isinstance(said, GateDecision):
        values = {"what": said.get_decision_display(), "infusion": infusion(said.after_number).lower()}
        if not said.after_number:
            return gettext("%(what)s, at the review before the first infusion") % values
        return gettext("%(what)s, at the review after %(infusion)s") % values
    if isinstance(said, ClinicianTask):
        return gettext("What becomes of the series after missed visits")
    return _of_visit(said)


def _of_visit(said: ExitRuling | VisitCheck) -> str:
    values = {"visit": visit_name(said.appointment)}
    if isinstance(said, ExitRuling):
        words = (
            gettext("%(visit)s was broken off: it counts")
            if said.counts
            else gettext("%(visit)s was broken off: it is given again")
        )
        return words % values
    if said.kind == CheckKind.CLEARANCE:
        return gettext("%(visit)s: cleared to leave") % values
    return gettext("%(visit)s: let pass, %(what)s") % {**values, "what": said.get_kind_display().lower()}
