"""What a patient was told of their visits already, or may have been. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Q

from notifications import reasons
from notifications.models import MAY_HAVE_ARRIVED, NoticeState, NoticeVisit, PatientAddress
from notifications.notice_facts import ChannelName, Purpose, Told
from scheduling.models import Patient


def read_told(patient: Patient, visit_ids: Iterable[int]) -> list[Told]:
    """What was said of these visits, or may have been: sent, unknown, with an attempt under way, or said in person."""
    return told_of({patient.pk: visit_ids})[patient.pk]


def told_of(visit_ids: Mapping[int, Iterable[int]]) -> dict[int, list[Told]]:
    """The same for several patients, each with their visits, by patient id."""
    found: dict[int, list[Told]] = {patient_id: [] for patient_id in visit_ids}
    may_have_arrived = Q(notice__state__in=MAY_HAVE_ARRIVED) | Q(
        notice__state=NoticeState.CLAIMED, notice__message__isnull=False
    )
    in_person = Q(notice__state=NoticeState.SUPPRESSED, notice__reason=reasons.TOLD_IN_PERSON)
    wanted = [visit_id for ids in visit_ids.values() for visit_id in ids]
    about = NoticeVisit.objects.filter(notice__patient__in=found, appointment__in=wanted)
    # An answer in a person's own words says nothing certain of any visit.
    rows = about.filter(may_have_arrived | in_person).exclude(notice__purpose=Purpose.REPLY)
    theirs = defaultdict(set)
    for link in PatientAddress.objects.filter(patient__in=found, ended_at=None):
        theirs[link.patient_id].add(link.address_id)
    for row in rows.select_related("notice__message"):
        notice = row.notice
        found[notice.patient_id].append(
            Told(
                visit_id=row.appointment_id,
                purpose=Purpose(notice.purpose),
                step=notice.step,
                channel=ChannelName(notice.channel),
                starts_at=row.starts_at,
                clinic_id=row.clinic_id,
                said_at=notice.message.written_at if notice.message else notice.changed_at,
                told_version=row.told_version,
                still_theirs=notice.reason == reasons.TOLD_IN_PERSON or notice.address_id in theirs[notice.patient_id],
            )
        )
    return found
