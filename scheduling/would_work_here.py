"""What would have to change so that an order's infusions find their times at a clinic. Reads only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from scheduling.availability import snapshot
from scheduling.can_come import CanCome
from scheduling.clinic_time import ClinicTime
from scheduling.days_ahead import days_ahead
from scheduling.models import Clinic, Order, Resource
from scheduling.options import options_of
from scheduling.proposals import patient_busy, reasons_not_to_book_more, times_of
from scheduling.relaxations import Relaxation, find_relaxations
from scheduling.series import read_series
from scheduling.series_terms import Wish


def would_work_here(
    *,
    order: Order,
    clinic: Clinic,
    wish: Wish,
    how_many: int | None,
    now: datetime,
    ends: float,
    clock: Callable[[], float],
    can: CanCome | None = None,
) -> tuple[Relaxation, ...]:
    """The smallest changes with which `propose_beside`, asked the same, would find something: each was tried.

    None where nothing more of the order can be booked here at all. `ends` of `clock` in seconds, as in
    `find_relaxations`.
    """
    if reasons_not_to_book_more(order, clinic):
        return ()
    held = [visit.pk for option in options_of(order, now=now) for visit in option.visits]
    series = read_series(order, now=now, without=held)
    numbers = series.to_book[: max(how_many or series.book_by_default, 1)]
    if not numbers:
        return ()
    terms = series.search_terms(numbers)
    busy = (*patient_busy(order.patient, now=now, without=held), *series.kept_apart)
    patient = times_of(can, terms, clinic, busy=busy, now=now)
    names = {str(pk): name for pk, name in Resource.objects.filter(clinic=clinic).values_list("pk", "name")}
    days = days_ahead(ClinicTime(clinic.time_zone), now, series, numbers)
    around = snapshot(clinic=clinic, first_day=days.first, last_day=days.last, now=now)
    return find_relaxations(around, terms, patient, wish, now, ends=ends, clock=clock, names=names)
