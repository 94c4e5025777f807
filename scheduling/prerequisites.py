"""Saying that something a visit needs beforehand is there, not needed or no longer there; what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import ActorKind, Appointment, Order, PrerequisiteAnswer, PrerequisiteRecord
from scheduling.permissions import NotAllowed
from scheduling.prerequisite_rows import prerequisites_of, standing_of, with_prerequisites
from scheduling.protocol_parts import Prerequisite
from scheduling.why_not import Words

VERB: Final = "prerequisite.record"
VERBS: Final = {
    PrerequisiteAnswer.MET: "prerequisite.recorded",
    PrerequisiteAnswer.WAIVED: "prerequisite.waived",
    PrerequisiteAnswer.WITHDRAWN: "prerequisite.withdrawn",
}
A_CENTURY: Final = timedelta(days=36525)
# Of these what is noted is not clinical: an authorisation's number, for example.
ADMINISTRATIVE: Final = frozenset({"authorisation", "driver", "form", "deposit"})


class NoSuchPrerequisite(Exception):
    """The order asks for nothing of this code, or the visit is not one of its visits."""


class NotItsDays(Exception):
    """The last day lies before the first."""


class FarOff(Exception):
    """The first day lies before the patient's birth, or a hundred years away."""


class NotForYou(NotAllowed):
    """The plan names others who may say so; `roles` are they."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        self.roles = roles
        super().__init__(VERB)


@dataclass(frozen=True, slots=True)
class InTheWay:
    """Something without which a visit may not start. `met_by` and `waived_by`: the roles that may say that it is there,
    or that it is not needed."""

    code: str
    name: str
    words: Words
    met_by: tuple[str, ...]
    waived_by: tuple[str, ...]


def record_met(
    *,
    order: Order,
    code: str,
    first: date,
    last: date | None = None,
    visits: int | None = None,
    appointment: Appointment | None = None,
    note: str = "",
    by: Actor,
    now: datetime,
) -> PrerequisiteRecord:
    """Notes that it is there: good on clinic-local days `first` to `last` (without one, for the plan's `valid_days`),
    for so many `visits`, or for one visit alone.

    Refuses with NotForYou where the plan names other roles, NoSuchPrerequisite, FarOff and NotItsDays. Said again as it
    stands it changes nothing. Records `prerequisite.recorded`.
    """
    needs = _asked(order, code, first, now)
    if last is None and needs.valid_days:
        last = first + timedelta(days=needs.valid_days - 1)
    said = {"valid_from": first, "valid_to": last, "visits": visits, "note": note.strip()}
    return _say(PrerequisiteAnswer.MET, order, needs, needs.met_by, appointment, said, by=by, now=now)


def waive(
    *,
    order: Order,
    code: str,
    first: date,
    last: date | None = None,
    appointment: Appointment | None = None,
    note: str = "",
    by: Actor,
    now: datetime,
) -> PrerequisiteRecord:
    """Notes that it is not needed: for one visit, or from `first` on (until `last`). The note is for clinical staff.

    Refuses with NotForYou unless the plan, which a prescriber approved, lets one of `by`'s roles waive it. Otherwise as
    `record_met`. Records `prerequisite.waived`.
    """
    needs = _asked(order, code, first, now)
    said = {"valid_from": first, "valid_to": last, "visits": None, "note": note.strip()}
    return _say(PrerequisiteAnswer.WAIVED, order, needs, needs.waived_by, appointment, said, by=by, now=now)


def withdraw(
    *,
    order: Order,
    code: str,
    first: date,
    appointment: Appointment | None = None,
    note: str = "",
    by: Actor,
    now: datetime,
) -> PrerequisiteRecord:
    """Takes back what was said: from `first` on it is no longer there, nor waived; of one visit, what was said of that
    one. Whoever may say one of both may take it back. Otherwise as `record_met`. Records `prerequisite.withdrawn`.
    """
    needs = _asked(order, code, first, now)
    said = {"valid_from": first, "valid_to": None, "visits": None, "note": note.strip()}
    who = (*needs.met_by, *needs.waived_by)
    return _say(PrerequisiteAnswer.WITHDRAWN, order, needs, who, appointment, said, by=by, now=now)


def may_say(needs: Prerequisite, answer: PrerequisiteAnswer, by: Actor) -> bool:
    """Whether the plan lets one of `by`'s roles say so."""
    who = {PrerequisiteAnswer.MET: needs.met_by, PrerequisiteAnswer.WAIVED: needs.waived_by}
    return _is_one_of(by, who.get(answer, (*needs.met_by, *needs.waived_by)))


def blocking_start(visit: Appointment, *, now: datetime) -> list[InTheWay]:
    """What the visit's order, as it is signed now, asks for before a start and is not there. One query.

    Asked under the lock of the visit's order it stays true until the transaction ends: whoever says another thing of a
    prerequisite takes that lock.
    """
    [read] = with_prerequisites(Appointment.objects.filter(pk=visit.pk))
    return [
        InTheWay(one.needs.code, one.needs.name, one.words, one.needs.met_by, one.needs.waived_by)
        for one in standing_of(read, now=now)
        if one.stands_in_the_way
    ]


def note_is_for_all(needs: Prerequisite, answer: str) -> bool:
    """Whether the front desk may read the note: never why something was waived, nor what was noted of labs."""
    return needs.kind in ADMINISTRATIVE and answer != PrerequisiteAnswer.WAIVED


def _asked(order: Order, code: str, first: date, now: datetime) -> Prerequisite:
    born = order.patient.birth_date
    if abs(first - now.date()) > A_CENTURY or (born is not None and first < born):
        raise FarOff
    found = next((one for one in prerequisites_of(order) if one.code == code), None)
    if found is None:
        raise NoSuchPrerequisite
    return found


def _is_one_of(by: Actor, roles: tuple[str, ...]) -> bool:
    return by.kind == ActorKind.STAFF and bool(by.roles & set(roles))


def _say(
    answer: PrerequisiteAnswer,
    order: Order,
    needs: Prerequisite,
    who: tuple[str, ...],
    appointment: Appointment | None,
    said: Mapping[str, object],
    *,
    by: Actor,
    now: datetime,
) -> PrerequisiteRecord:
    permissions.check(by, VERB, organisation_id=order.organisation_id)
    if not _is_one_of(by, who):
        raise NotForYou(who)
    if appointment is not None and appointment.order_id != order.pk:
        raise NoSuchPrerequisite
    last, first = said["valid_to"], said["valid_from"]
    if isinstance(last, date) and isinstance(first, date) and last < first:
        raise NotItsDays
    with writing():
        # A start that looks at the prerequisites has the order's row as well.
        Order.objects.select_for_update(no_key=True).get(pk=order.pk)
        same = {**said, "answer": answer, "appointment_id": appointment.pk if appointment else None}
        latest = PrerequisiteRecord.objects.filter(order=order, code=needs.code).order_by("-pk").first()
        if latest and all(getattr(latest, name) == value for name, value in same.items()):
            return latest
        made = PrerequisiteRecord.objects.create(
            order=order, code=needs.code, **same, said_by_id=by.staff_id, said_at=now
        )
        entry = Entry(
            VERBS[answer],
            clinic_id=by.clinic_id,
            appointment_id=made.appointment_id,
            order_id=order.pk,
            patient_id=order.patient_id,
            data={"record": made.pk},
        )
        record(organisation_id=order.organisation_id, entries=[entry], by=by, now=now)
    return made
