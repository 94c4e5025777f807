"""What a prescriber said by word of mouth, as a nurse wrote it down, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from scheduling.models import OrderChange, User
from scheduling.said_by_word import ToSign
from web.spoken import infusion

REVIEW, ORDER = "review", "order"


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
            REVIEW if one.decision else ORDER,
            what_was_said(one),
            one.said.decided_by_id != user.pk and not one.is_nobodys,
            one.is_nobodys,
            one.is_overdue(now),
        )
        for one in to_sign
    ]


def what_was_said(one: ToSign) -> str:
    """Continue, at the review after infusion 3; or what became of the order."""
    if isinstance(one.said, OrderChange):
        return str(one.said.get_kind_display())
    if not one.said.after_number:
        return gettext("%(what)s, at the review before the first infusion") % {"what": one.said.get_decision_display()}
    words = gettext("%(what)s, at the review after %(infusion)s")
    return words % {"what": one.said.get_decision_display(), "infusion": infusion(one.said.after_number).lower()}
