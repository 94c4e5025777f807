"""Who and what has a visit: its chairs, and of its nurses the one who has it now, until when, and who comes then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from django.utils.translation import gettext

from scheduling.models import Appointment, Claim, ResourceKind
from web.spoken import clock


def who_has(visit: Appointment, now: datetime) -> dict[str, list[str]]:
    """Names of its `places` with its nurses, and `with_whom` of the prescribers. One query."""
    claims = Claim.objects.filter(appointment=visit).select_related("resource").order_by("resource__kind", "period")
    names: dict[str, list[str]] = {}
    for kind, grouped in groupby(claims, key=lambda claim: claim.resource.kind):
        of_kind = list(grouped)
        is_turns = kind == ResourceKind.NURSE and visit.live
        names[kind] = turns_of(of_kind, now) if is_turns else named_once(of_kind)
    with_whom = names.pop(ResourceKind.PRESCRIBER, [])
    return {"places": [name for of_kind in names.values() for name in of_kind], "with_whom": with_whom}


def named_once(claims: Iterable[Claim]) -> list[str]:
    """Each name once, whoever came first first."""
    return list(dict.fromkeys(claim.resource.name for claim in claims))


def turns_of(claims: Iterable[Claim], now: datetime) -> list[str]:
    """Who has it now, or will first, until when, and who has it after that; who had it before is history."""
    begins = [next(turn) for _name, turn in groupby(claims, key=lambda claim: claim.resource.name)]
    over = sum(claim.period.lower <= now for claim in begins[1:])
    turns = begins[over:]
    words = [turns[0].resource.name]
    for turn in turns[1:]:
        values = {"before": words.pop(), "time": clock(turn.period.lower), "name": turn.resource.name}
        words.append(gettext("%(before)s until %(time)s, then %(name)s") % values)
    return words
