"""The rows of a patient's notices against those that are wanted: inserted, moved, dropped with the reason kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from notifications import reasons
from notifications.caps import ROUTINE
from notifications.last_look import BEFORE_A_VISIT, SAID_LATER_BY_OTHERS, is_said_later
from notifications.models import Notice, NoticeState, NoticeVisit
from notifications.models.notice import AGAIN
from notifications.notice_facts import Purpose, Standing, Visit, Wanted
from scheduling.models import Patient

Subject = tuple[tuple[int, int], ...]


def reconcile(patient: Patient, visits: Sequence[Visit], wanted: Mapping[str, Wanted], now: datetime) -> None:
    """Makes the patient's notices those that are wanted, by key: comes what is missing, goes what nothing calls for any
    more, and what was sent stays. Under the lock of the patient's planning."""
    by_id = {visit.id: visit for visit in visits}
    rows = {
        row.notice_key: row
        for row in Notice.objects.filter(
            Q(notice_key__in=wanted.keys())
            # What a person sent again is called for by that person alone.
            | Q(patient=patient, state=NoticeState.PLANNED) & ~Q(notice_key__endswith=AGAIN)
        ).prefetch_related("told_visits")
    }
    still_told = {one.subject for one in wanted.values() if one.purpose in BEFORE_A_VISIT and not one.lapsed}
    _insert(patient, by_id, [one for key, one in wanted.items() if key not in rows], still_told, now)
    for key, row in rows.items():
        if row.state != NoticeState.PLANNED:
            continue
        one = wanted.get(key)
        this = Notice.objects.filter(pk=row.pk)
        if row.purpose == Purpose.REPLY:
            # A person planned it, and no visit calls for it.
            if patient.is_gone:
                this.move(NoticeState.SUPPRESSED, now=now, reason=reasons.PATIENT_GONE)
        elif one is None:
            _drop(row, by_id, patient, now)
        elif one.they_know or one.lapsed:
            state, reason = _first_state(one, still_told, now)
            this.move(state, now=now, reason=reason)
        elif (row.due_at, row.useful_until) != (one.due_at, one.useful_until) and not _waits(row, one, now):
            # A row that someone has claimed meanwhile is no longer planned and stays as it is.
            this.filter(state=NoticeState.PLANNED).update(
                due_at=one.due_at,
                useful_until=one.useful_until,
                reason=_first_state(one, still_told, now)[1],
                planned_at=now,
                changed_at=now,
            )


def _waits(row: Notice, one: Wanted, now: datetime) -> bool:
    """For another try; or, where it could have gone and is due later all the same, for a day with fewer texts."""
    postponed = row.purpose in ROUTINE and one.due_at <= now < row.due_at and row.useful_until == one.useful_until
    return postponed or row.tries > 0 or row.refusals > 0


def _insert(
    patient: Patient,
    by_id: Mapping[int, Visit],
    new: Collection[Wanted],
    still_told: Collection[Subject],
    now: datetime,
) -> None:
    states = [_first_state(one, still_told, now) for one in new]
    rows = Notice.objects.bulk_create(
        Notice(
            notice_key=one.key,
            patient=patient,
            clinic_id=by_id[one.subject[0][0]].clinic_id,
            purpose=one.purpose,
            step=one.step,
            channel=one.channel,
            address_id=one.address_id,
            due_at=one.due_at,
            useful_until=one.useful_until,
            state=state,
            reason=reason,
            planned_at=now,
            changed_at=now,
        )
        for one, (state, reason) in zip(new, states, strict=True)
    )
    NoticeVisit.objects.bulk_create(
        NoticeVisit(
            notice=row,
            appointment_id=visit_id,
            told_version=told_version,
            starts_at=by_id[visit_id].starts_at,
            clinic_id=by_id[visit_id].clinic_id,
        )
        for row, one in zip(rows, new, strict=True)
        for visit_id, told_version in one.subject
    )


def _first_state(one: Wanted, still_told: Collection[Subject], now: datetime) -> tuple[NoticeState, str]:
    """The state and reason of a notice that nobody has begun to send. `still_told`: visits that a later text tells."""
    if one.they_know:
        return NoticeState.SUPPRESSED, reasons.TOLD_IN_PERSON
    if one.lapsed and one.purpose in SAID_LATER_BY_OTHERS and one.subject in still_told:
        return NoticeState.SUPPRESSED, reasons.SAID_LATER
    if one.lapsed:
        why = reasons.why_lapsed(one.purpose, due_at=one.due_at, useful_until=one.useful_until, now=now)
        return NoticeState.LAPSED, why
    return NoticeState.PLANNED, reasons.AT_NIGHT if one.by_night else ""


def _drop(row: Notice, by_id: Mapping[int, Visit], patient: Patient, now: datetime) -> None:
    """A planned notice that nothing calls for any more: kept with its reason where that is final, else as if never."""
    if patient.is_gone:
        reason = reasons.PATIENT_GONE
    elif any(is_outdated(told, by_id) for told in row.told_visits.all()):
        reason = reasons.VISIT_CHANGED
    elif row.useful_until <= now and is_said_later(row):
        reason = reasons.SAID_LATER
    elif row.useful_until <= now:
        # It was wanted while it was of use, and did not go.
        Notice.objects.filter(pk=row.pk).move(NoticeState.LAPSED, now=now, reason=reasons.TOO_LATE)
        return
    elif row.calls.exists():
        # Somebody was asked to call about it, which stays: whatever it would have said is theirs to say.
        reason = reasons.UNWANTED
    else:
        # Consent or an address may come back, and then the same key is wanted again: a suppressed row would block it.
        Notice.objects.filter(pk=row.pk, state=NoticeState.PLANNED).delete()
        return
    Notice.objects.filter(pk=row.pk).move(NoticeState.SUPPRESSED, now=now, reason=reason)


def is_outdated(told: NoticeVisit, by_id: Mapping[int, Visit]) -> bool:
    """Whether a notice would say of this visit what is no longer so. `told` comes with its notice."""
    visit = by_id.get(told.appointment_id)
    if visit is None or visit.told_version != told.told_version:
        return True
    return (visit.standing is Standing.CANCELLED) != (told.notice.purpose == Purpose.CANCELLED)
