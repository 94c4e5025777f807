"""Each thing an order asks for before its visits, with what was said of it and who may say more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from scheduling.events import Actor
from scheduling.models import Appointment, Order, PrerequisiteAnswer, PrerequisiteRecord, Role, Status
from scheduling.permissions import CLINICAL
from scheduling.prerequisite_rows import prerequisites_of, standing_of, with_prerequisites
from scheduling.prerequisites import may_say, note_is_for_all
from scheduling.protocol_parts import Prerequisite
from scheduling.readiness import Stands
from web.frontdesk.prerequisite_form import SayForm

MET, WAIVED, WITHDRAWN = PrerequisiteAnswer.MET, PrerequisiteAnswer.WAIVED, PrerequisiteAnswer.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Card:
    """One prerequisite: where it stands for the next visit, or in general, who may say so, and what was said."""

    needs: Prerequisite
    next: Stands | None
    form: SayForm
    may_meet: bool
    may_waive: bool
    may_take_back: bool
    met_by: str
    waived_by: str
    said: tuple[tuple[PrerequisiteRecord, bool], ...]


def booked_of(order: Order) -> list[Appointment]:
    """Visits that have not started, with what they need, the next first."""
    visits = Appointment.objects.filter(order=order, dose__isnull=False, live=True, given_at__isnull=True)
    visits = visits.exclude(status=Status.HELD).select_related("order__current_version").order_by("period")
    return list(with_prerequisites(visits))


def cards_of(order: Order, booked: Sequence[Appointment], by: Actor, wrong: SayForm | None, code: str) -> list[Card]:
    """One card a prerequisite, in the plan's order; the form that was wrong stands in its card."""
    now = timezone.now()
    standing = {one.needs.code: one for one in standing_of(booked[0], now=now)} if booked else {}
    said: dict[str, list[PrerequisiteRecord]] = {}
    rows = PrerequisiteRecord.objects.filter(order=order).select_related("said_by", "appointment").order_by("-pk")
    for row in rows:
        said.setdefault(row.code, []).append(row)
    reads_all = bool(by.roles & CLINICAL)
    return [
        Card(
            needs=one,
            next=standing.get(one.code),
            form=wrong if wrong and one.code == code else SayForm(needs=one, booked=booked),
            may_meet=may_say(one, MET, by),
            may_waive=may_say(one, WAIVED, by),
            may_take_back=may_say(one, WITHDRAWN, by) and bool(said.get(one.code)),
            met_by=roles_said(one.met_by),
            waived_by=roles_said(one.waived_by),
            said=tuple((row, reads_all or note_is_for_all(one, row.answer)) for row in said.get(one.code, ())),
        )
        for one in prerequisites_of(order)
    ]


def roles_said(roles: Sequence[str]) -> str:
    """Front desk, Nurse."""
    return ", ".join(str(Role(role).label) for role in roles)
