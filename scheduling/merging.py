"""Two records of one person become one: what moves, what stays, what stands against it, and doing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import F, Max, QuerySet

from scheduling import permissions
from scheduling.drafts_of_gone import carry_drafts, drafts_of
from scheduling.events import Actor, Entry
from scheduling.locking import lock_patients, writing
from scheduling.models import (
    UNDER_WAY,
    Appointment,
    Event,
    Order,
    OrderState,
    Patient,
    PatientNeed,
    PersonToTalkTo,
    Status,
    TimeToCome,
)
from scheduling.patients import free_visits
from scheduling.visit_steps import ChangedMeanwhile


class NotMerged(StrEnum):
    """Why two records can't become one as they stand."""

    SAME = "same"
    ELSEWHERE = "elsewhere"
    CLOSED = "closed"
    ORDER_UNDER_WAY = "order_under_way"
    PATIENT_IS_THERE = "patient_is_there"
    OVERLAP = "overlap"


class NotThisPatient(Exception):
    """The two can't be merged as they stand; `reasons` say why."""

    def __init__(self, *reasons: NotMerged) -> None:
        self.reasons = reasons
        super().__init__(", ".join(reasons))


@dataclass(frozen=True, slots=True)
class MergeEffect:
    """What merging does, in the order in which a person asks. `visits` come under the record that is kept, at their
    times; `freed` are kept times, which end; `drafts` wait for a signature under it; `over` are orders that are over
    and `past` visits that were: both stay where they were signed and given, and are read from both. `overlapping` are
    pairs of visits that one person can't have. `seen`: what to send back, so that nothing else is done than was read.
    """

    reasons: tuple[NotMerged, ...]
    visits: Sequence[Appointment]
    freed: Sequence[Appointment]
    drafts: Sequence[Order]
    under_way: Sequence[Order]
    over: int
    past: int
    people: Sequence[PersonToTalkTo]
    needs: Sequence[PatientNeed]
    times: Sequence[TimeToCome]
    overlapping: Sequence[tuple[Appointment, Appointment]]
    seen: int


def effect_of_merge(duplicate: Patient, into: Patient) -> MergeEffect:
    """What merging `duplicate` into `into` would do now. Reads only, ten queries."""
    ahead = Appointment.objects.filter(patient=duplicate, live=True).select_related("visit_type", "clinic", "order")
    live = list(ahead.order_by("period"))
    visits = [visit for visit in live if moves(visit)]
    overlapping = _overlapping(visits, into)
    orders = list(Order.objects.filter(patient=duplicate, discarded_at=None).order_by("pk"))
    has_times = TimeToCome.objects.filter(patient=into).exists()
    return MergeEffect(
        reasons=_reasons(duplicate, into, live, orders, overlapping),
        visits=visits,
        freed=[visit for visit in live if visit.status in (Status.HELD, Status.BOOKED) and not moves(visit)],
        drafts=[order for order in drafts_of(duplicate) if order.state == OrderState.DRAFT],
        under_way=[order for order in orders if order.state in UNDER_WAY],
        over=sum(order.state not in (*UNDER_WAY, OrderState.DRAFT) for order in orders),
        past=Appointment.objects.filter(patient=duplicate, live=False).count(),
        people=list(PersonToTalkTo.objects.filter(patient=duplicate, ended_at=None).order_by("pk")),
        needs=list(PatientNeed.objects.filter(patient=duplicate, ended_at=None).order_by("pk")),
        times=[] if has_times else list(TimeToCome.objects.filter(patient=duplicate)),
        overlapping=overlapping,
        seen=last_event(duplicate, into),
    )


def moves(visit: Appointment) -> bool:
    """Whether a visit comes along: it is booked, and of no order, which belongs to whoever it was signed for."""
    return visit.status == Status.BOOKED and visit.order_id is None


def last_event(*patients: Patient) -> int:
    """The number of the last event about any of these."""
    return Event.objects.filter(patient__in=patients).aggregate(Max("pk"))["pk__max"] or 0


def _reasons(
    duplicate: Patient,
    into: Patient,
    live: Sequence[Appointment],
    orders: Sequence[Order],
    overlapping: Sequence[object],
) -> tuple[NotMerged, ...]:
    against = {
        NotMerged.SAME: duplicate.pk == into.pk,
        NotMerged.ELSEWHERE: duplicate.organisation_id != into.organisation_id,
        NotMerged.CLOSED: duplicate.is_gone or into.is_gone,
        NotMerged.ORDER_UNDER_WAY: any(order.state in UNDER_WAY for order in orders),
        # Whoever sits in the chair is looked after under the name they came with.
        NotMerged.PATIENT_IS_THERE: any(visit.status not in (Status.HELD, Status.BOOKED) for visit in live),
        NotMerged.OVERLAP: bool(overlapping),
    }
    return tuple(reason for reason, holds in against.items() if holds)


def _overlapping(visits: Sequence[Appointment], into: Patient) -> list[tuple[Appointment, Appointment]]:
    others = list(Appointment.objects.filter(patient=into, live=True).select_related("visit_type", "clinic", "order"))
    return [
        (mine, other)
        for mine in visits
        for other in others
        if mine.period.lower < other.period.upper and other.period.lower < mine.period.upper
    ]


def merge_patients(
    *, duplicate: Patient, into: Patient, seen: int | None = None, by: Actor, now: datetime
) -> MergeEffect:
    """Retires `duplicate` in favour of `into`, as `effect_of_merge` says; nothing planned for it is sent any more, and
    visits that come along are told anew. What waits for a clinician about it, and calls after what was given, stay.

    Refuses with NotThisPatient, and with ChangedMeanwhile where something happened to either since `seen`. Records
    `patient.merged` with what moved (`merged_from` beside it, about `into`), `appointment.merged_along` and
    `appointment.released` for each visit, and what `carry_drafts` does.
    """
    permissions.check(by, "patient.merge", organisation_id=duplicate.organisation_id)
    with writing():
        lock_patients(duplicate.pk, into.pk)
        # No key changes: a cancel that has its visit's row asks for the patient's at its commit.
        pair = Patient.objects.filter(pk__in=(duplicate.pk, into.pk)).order_by("pk")
        both = {patient.pk: patient for patient in pair.select_for_update(no_key=True)}
        effect = effect_of_merge(both[duplicate.pk], both[into.pk])
        if effect.reasons:
            raise NotThisPatient(*effect.reasons)
        if seen is not None and effect.seen != seen:
            raise ChangedMeanwhile
        Patient.objects.filter(pk=duplicate.pk).update(merged_into=into, row_version=F("row_version") + 1)
        carry_visits(Appointment.objects.filter(pk__in=[visit.pk for visit in effect.visits]), into)
        move_rows(moved_of(effect), into)
        drafts = carry_drafts(duplicate, into, by=by, now=now)
        data = moved_of(effect) | {"into": into.pk}
        entries = [
            Entry("patient.merged", patient_id=duplicate.pk, data=data, tell=True),
            Entry("patient.merged_from", patient_id=into.pk, data={"from": duplicate.pk}, tell=True),
            *carried(effect.visits, into),
            *drafts,
        ]
        free_visits(duplicate, entries, by=by, now=now)
    duplicate.refresh_from_db()
    return effect


def moved_of(effect: MergeEffect) -> dict[str, list[int]]:
    """Ids of the rows that come along, by what they are, as the event keeps them."""
    return {
        "visits": [visit.pk for visit in effect.visits],
        "people": [person.pk for person in effect.people],
        "needs": [need.pk for need in effect.needs],
        "times": [time.pk for time in effect.times],
        "freed": [visit.pk for visit in effect.freed],
    }


def carry_visits(visits: QuerySet[Appointment], patient: Patient) -> None:
    """The visits are this patient's from now on. What was said of them went to another record: it is told anew."""
    locked = [visit.pk for visit in visits.select_for_update().order_by("pk")]
    Appointment.objects.filter(pk__in=locked).update(
        patient=patient, row_version=F("row_version") + 1, told_version=F("told_version") + 1
    )


def carried(visits: Sequence[Appointment], patient: Patient, verb: str = "appointment.merged_along") -> list[Entry]:
    """An event for each visit, about the patient whose it is now."""
    return [
        Entry(
            verb,
            clinic_id=visit.clinic_id,
            appointment_id=visit.pk,
            patient_id=patient.pk,
            tell=True,
        )
        for visit in visits
    ]


def move_rows(moved: dict[str, list[int]], patient: Patient) -> None:
    """People to talk to, needs and times to come are this patient's from now on."""
    PersonToTalkTo.objects.filter(pk__in=moved["people"]).update(patient=patient)
    PatientNeed.objects.filter(pk__in=moved["needs"]).update(patient=patient)
    TimeToCome.objects.filter(pk__in=moved["times"]).update(patient=patient)
