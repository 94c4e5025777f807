"""The thing behind a row of the desk's lists, as long as it is on one: a call, a visit nobody confirmed, or another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notifications.desk_work import KINDS, DeskList, on_lists
from notifications.models import CallTask
from scheduling.chasing import not_ready
from scheduling.desk_rows import RowOf
from scheduling.models import Appointment, Clinic, FollowUp, Patient, RowKind
from web.frontdesk.list_rows import CALL, VISIT

Found = CallTask | Appointment | RowOf
# On which list rows of a kind are, and by which of its queries they are found.
WHERE: Final[Mapping[str, tuple[DeskList, int]]] = {
    str(kind): (which, index) for which, kinds in KINDS.items() for index, kind in enumerate(kinds)
}


def row_found(clinic: Clinic, kind: str, subject: int, *, now: datetime) -> Found | None:
    """None once it is on no list any more, or is no row of this clinic."""
    on = on_lists(clinic, now)
    if kind == CALL:
        both = (*on[DeskList.CALLS], *on[DeskList.UNREACHABLE])
        rows = (one.select_related("clinic", "patient", "notice", "reply").filter(pk=subject).first() for one in both)
        return next(filter(None, rows), None)
    if kind == VISIT:
        [visits] = on[DeskList.UNCONFIRMED]
        visit: Appointment | None = visits.select_related("clinic", "patient").filter(pk=subject).first()
        return visit
    if kind == RowKind.NOT_READY:
        near = {one.visit.pk: one.visit for one in not_ready(clinic=clinic, now=now)}
        return RowOf(RowKind.NOT_READY, subject, clinic, near[subject].patient) if subject in near else None
    which, index = WHERE[kind]
    thing = on[which][index].filter(pk=subject).first()
    return None if thing is None else RowOf(RowKind(kind), subject, clinic, patient_of(thing))


def list_named(kind: str) -> DeskList:
    """On which list rows of a kind are looked for, also once they are gone; of calls the list of those to make."""
    if kind == VISIT:
        return DeskList.UNCONFIRMED
    return DeskList.CALLS if kind == CALL else WHERE[kind][0]


def is_kind(kind: str) -> bool:
    return kind in WHERE or kind in (CALL, VISIT)


def patient_of(thing: object) -> Patient | None:
    """Whose row it is: a follow-up is its order's, and nobody may know who wrote a reply."""
    patient: Patient | None = getattr(thing.order if isinstance(thing, FollowUp) else thing, "patient", None)
    return patient
