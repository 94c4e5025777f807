"""Visits that are near and not ready: what somebody has to run after, from the plan's `chase_days` before each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Func, IntegerField, Value

from scheduling.clinic_time import ClinicTime
from scheduling.models import Appointment, Clinic, Status
from scheduling.prerequisite_rows import standing_of, with_prerequisites
from scheduling.readiness import Stands

# Whatever the day's hours: the days themselves are compared afterwards.
A_DAY_MORE = timedelta(days=2)


class LongestChase(Func):
    """The most `chase_days` of a list of prerequisites in JSON; the default stands in `protocol_parts.Prerequisite`."""

    template = "(SELECT max(coalesce((one->>'chase_days')::int, 2)) FROM jsonb_array_elements(%(expressions)s) AS one)"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class NotReady:
    """A visit with what it lacks."""

    visit: Appointment
    lacks: tuple[Stands, ...]


def not_ready(*, clinic: Clinic, now: datetime) -> list[NotReady]:
    """Booked visits of this clinic that lack something and are near enough to run after it, the next first. One query.

    Visits further ahead than the plan's `chase_days` are not read at all.
    """
    today = ClinicTime(clinic.time_zone).local_day(now)
    longest = ExpressionWrapper(
        LongestChase(F("order__current_version__content__prerequisites")) * Value(timedelta(days=1)),
        output_field=DurationField(),
    )
    near = ExpressionWrapper(Value(now + A_DAY_MORE) + longest, output_field=DateTimeField())
    visits = Appointment.objects.at_clinic(clinic).filter(status=Status.BOOKED, period__startswith__gte=now)
    visits = visits.filter(
        dose__isnull=False, order__current_version__content__has_key="prerequisites", period__startswith__lte=near
    )
    read = with_prerequisites(visits).select_related("patient", "order__current_version").order_by("period", "pk")
    found = [
        NotReady(visit, tuple(one for one in standing_of(visit, now=now) if one.is_chased_on(today))) for visit in read
    ]
    return [one for one in found if one.lacks]
