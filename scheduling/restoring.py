"""Taking back a cancellation or a no-show: the same visit at its old time, checked as a booking is."""

from __future__ import annotations

from datetime import datetime

from scheduling import permissions
from scheduling.booking import write_again
from scheduling.checking import check_again
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, record
from scheduling.fresh_look import refusing_plainly
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import writing
from scheduling.models import Appointment, Status
from scheduling.moving import enter_for
from scheduling.picks import BookingRefused
from scheduling.problems import because
from scheduling.repeat_misses import take_back_question
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, lock_visit


def un_cancel(
    *, appointment: Appointment, by: Actor, now: datetime, row_version: int | None = None, key: str = ""
) -> Appointment:
    """Books a cancelled visit again at its old time, with the chair and people it had where these are free, and with
    others where they are not.

    Until its clinic-local day is over. Refuses with BookingRefused when it can't be had any more (`openings_to_move`
    has the nearest times then), or where after missed visits nothing more is booked before the prescriber has answered;
    with ChangedMeanwhile when `row_version` is not the present one; with NotPossibleFromHere unless it is cancelled.
    Records `appointment.reinstated`.
    """
    return _reinstate(appointment, Status.CANCELLED, row_version, key, told=1, by=by, now=now)


def un_no_show(
    *, appointment: Appointment, by: Actor, now: datetime, row_version: int | None = None, key: str = ""
) -> Appointment:
    """Takes back that the patient did not come; from there their arrival is recorded, and what was asked because of it
    is taken back, so no missed visit stands against it. The rest as in `un_cancel`."""
    return _reinstate(appointment, Status.NO_SHOW, row_version, key, told=0, by=by, now=now)


def _reinstate(
    appointment: Appointment, was: Status, row_version: int | None, key: str, *, told: int, by: Actor, now: datetime
) -> Appointment:
    permissions.check(
        by, "appointment.reinstate", organisation_id=appointment.organisation_id, clinic_id=appointment.clinic_id
    )
    request = {"verb": f"un_{was}", "visit": appointment.pk}
    with refusing_plainly(), writing():
        if earlier_answer(by=by, key=key, request=request, now=now) is not None:
            return Appointment.objects.get(pk=appointment.pk)
        start = appointment.period.lower
        order, clinic = enter_for(appointment, start, now=now)
        visit = lock_visit(appointment.pk)
        if row_version not in (None, visit.row_version):
            raise ChangedMeanwhile
        if visit.status != was:
            raise NotPossibleFromHere(visit.status)
        if visit.period.lower != start:
            raise ChangedMeanwhile
        clock = ClinicTime(clinic.time_zone)
        if clock.local_day(now) > clock.local_day(start):
            raise BookingRefused([because("past", visit.dose_number)])
        adds = was == Status.CANCELLED
        new = check_again([visit], [start], order=order, clinic=clinic, now=now, as_of=min(now, start), adds=adds)
        [visit] = write_again([visit], new, verb="appointment.reinstated", told=told, by=by, now=now)
        if was == Status.NO_SHOW:
            entries = take_back_question(visit, by=by, now=now)
            record(organisation_id=visit.organisation_id, entries=entries, by=by, now=now)
        keep_answer(by=by, key=key, answer=visit.pk)
    return visit
