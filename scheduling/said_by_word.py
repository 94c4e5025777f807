"""What prescribers said by word of mouth, as nurses wrote it down, and nobody has signed yet. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q

from scheduling.covers import is_nobodys, is_nobodys_in
from scheduling.models import (
    Appointment,
    Clinic,
    ClinicianTask,
    ExitRuling,
    GateDecision,
    Order,
    OrderChange,
    Patient,
    User,
    VisitCheck,
)

# What is written of spoken orders asks for 48 to 72 hours; the shorter of them shows soonest.
DUE_WITHIN: Final = timedelta(hours=48)
# At a review, of an order, on an infusion that was broken off, what let a visit go on, or about missed visits.
Said = GateDecision | OrderChange | ExitRuling | VisitCheck | ClinicianTask


@dataclass(frozen=True, slots=True)
class ToSign:
    """One thing that was said by word of mouth, as it was written down. `heard_by` is None for a prescriber's own act;
    `words` are for clinical staff alone; `visit` is what a ruling or a check is about; `is_nobodys`: who said it has
    left, and nobody covers for them."""

    said: Said
    patient: Patient
    order: Order | None
    said_by: User | None
    said_at: datetime
    heard_by: User | None
    recorded_at: datetime
    words: str
    visit: Appointment | None = None
    is_nobodys: bool = False

    @property
    def decision(self) -> GateDecision | None:
        return self.said if isinstance(self.said, GateDecision) else None

    @property
    def due_at(self) -> datetime:
        return self.recorded_at + DUE_WITHIN

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at <= now


def to_sign(said: Said) -> ToSign:
    """What was said, whatever it was about, in the same words."""
    if isinstance(said, VisitCheck):
        visit, nurse = said.appointment, said.said_by if said.heard_at else None
        who, at, recorded, words = said.passed_by, said.heard_at or said.said_at, said.said_at, said.reason
        return ToSign(said, visit.patient, visit.order, who, at, nurse, recorded, words, visit)
    if isinstance(said, ClinicianTask):
        nurse, recorded = said.closed_by if said.heard_at else None, said.closed_at or said.opened_at
        return ToSign(
            said, said.patient, said.order, said.word_of, said.heard_at or recorded, nurse, recorded, said.outcome
        )
    who, at, nurse, recorded = said.decided_by, said.decided_at, said.heard_by, said.recorded_at
    if isinstance(said, ExitRuling):
        visit = said.appointment
        return ToSign(said, visit.patient, visit.order, who, at, nurse, recorded, said.note, visit)
    words = said.note if isinstance(said, GateDecision) else said.reason
    return ToSign(said, said.order.patient, said.order, who, at, nurse, recorded, words)


def of_who_left(kind: type[Said], today: date) -> Q:
    """Of what was said so: what is nobody's, for who said it has left and nobody covers for them on this day."""
    if kind is ClinicianTask:
        return is_nobodys_in("clinic__organisation", today, "word_of")
    if kind in (ExitRuling, VisitCheck):
        return is_nobodys_in("appointment__organisation", today, "passed_by" if kind is VisitCheck else "decided_by")
    return is_nobodys(today)


def counter_signatures_due(*, user: User, covered: Iterable[User], clinic: Clinic, today: date) -> list[ToSign]:
    """What this prescriber said, or somebody they cover for today (`covered`), and nobody has signed; of this clinic
    also what was said by who has left. The longest waiting first, so that what is overdue stands on top."""
    theirs = {user.pk, *(one.pk for one in covered)}
    waiting = (to_sign(said) for said in _unsigned(theirs, clinic, today))
    marked = [replace(one, is_nobodys=one.said_by is None or one.said_by.pk not in theirs) for one in waiting]
    return sorted(marked, key=lambda one: one.recorded_at)


def _unsigned(theirs: set[int], clinic: Clinic, today: date) -> Iterable[Said]:
    """Five queries. A change that was decided at a review is signed with that decision; where who said it has decided
    or ruled anew since, by their own act, nothing is left to sign of what was heard before."""
    here = Q(order__in=clinic.orders.values("pk"))
    heard = Q(heard_by__isnull=False, counter_signature__isnull=True)
    of_order = heard & (Q(decided_by__in=theirs) | (here & of_who_left(GateDecision, today)))
    of_order &= Q(order__organisation=clinic.organisation_id)
    decisions, changes = GateDecision.objects.filter(of_order), OrderChange.objects.filter(of_order)
    decisions = decisions.exclude(_said_anew(GateDecision, "order", "after_number"))
    for orders in (decisions, changes.filter(decision__isnull=True)):
        yield from orders.select_related("order__patient", "decided_by", "heard_by")
    about = ("appointment__patient", "appointment__order__current_version", "appointment__visit_type")
    there, ours = Q(appointment__clinic=clinic), Q(appointment__organisation=clinic.organisation_id)
    ruled = Q(decided_by__in=theirs) | (there & of_who_left(ExitRuling, today))
    rulings = ExitRuling.objects.filter(heard, ours, ruled).exclude(_said_anew(ExitRuling, "appointment"))
    yield from rulings.select_related(*about, "decided_by", "heard_by")
    passed = Q(passed_by__in=theirs) | (there & of_who_left(VisitCheck, today))
    checks = VisitCheck.objects.filter(ours, passed, heard_at__isnull=False, counter_signature__isnull=True)
    yield from checks.select_related(*about, "passed_by", "said_by")
    answered = Q(word_of__in=theirs) | (Q(clinic=clinic) & of_who_left(ClinicianTask, today))
    answers = ClinicianTask.objects.filter(answered, word_of__isnull=False, counter_signature__isnull=True)
    answers = answers.filter(clinic__organisation=clinic.organisation_id)
    yield from answers.select_related("patient", "order", "word_of", "closed_by")


def _said_anew(kind: type[GateDecision | ExitRuling], *about: str) -> Exists:
    """Whether the same prescriber said it anew about the same (`about`) afterwards, by their own act."""
    same = {what: OuterRef(what) for what in (*about, "decided_by")}
    return Exists(kind._default_manager.filter(heard_by__isnull=True, pk__gt=OuterRef("pk"), **same))
