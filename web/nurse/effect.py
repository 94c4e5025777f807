"""What a change of one visit does to others, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from scheduling.displacing import Changed, Effect
from scheduling.models import Appointment
from scheduling.visit_course import NURSE, SEAT


@dataclass(frozen=True, slots=True)
class EffectLine:
    """One other visit, and what becomes of it."""

    visit: Appointment
    words: str


def effect_lines(effect: Effect, names: Mapping[int, str]) -> tuple[EffectLine, ...]:
    """The other visits, those that lose something first. `names` of chairs and nurses by id."""
    lines = [EffectLine(one.visit, gettext("loses its chair and waits for one")) for one in effect.waiting]
    lines += [
        EffectLine(one.visit, gettext("is written down for the same chair: say where they are"))
        for one in effect.unseated
    ]
    lines += [EffectLine(one.visit, goes_to(one, names)) for one in effect.moved]
    lines += [
        EffectLine(one.visit, gettext("waits no longer: %(place)s") % {"place": place(one, names)})
        for one in effect.placed
    ]
    return tuple(lines)


def goes_to(change: Changed, names: Mapping[int, str]) -> str:
    """Gets another chair, or only another nurse."""
    if change.before.last(SEAT) != change.after.last(SEAT):
        return gettext("goes to %(place)s") % {"place": place(change, names)}
    nurse = change.after.last(NURSE)
    return gettext("goes to %(place)s") % {"place": names.get(int(nurse), "") if nurse else ""}


def place(change: Changed, names: Mapping[int, str]) -> str:
    """The chair it has then."""
    seat = change.after.last(SEAT)
    return names.get(int(seat), "") if seat else ""
