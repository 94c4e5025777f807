"""The fresh look under the lock: waits, lets go what was kept too long, and reads anew what was a guess before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from scheduling.clinic_time import ClinicTime
from scheduling.full_times import full_times
from scheduling.holds import release_expired
from scheduling.locking import AgainstTheOrder, BusyNow, JustTaken, TooNear, lock_for
from scheduling.models import Clinic, Order
from scheduling.picks import BookingRefused
from scheduling.places import NoPlaceLeft
from scheduling.problems import because


@contextmanager
def refusing_plainly() -> Iterator[None]:
    """The database's last guards, met in spite of the lock and the check, become refusals like any other."""
    try:
        yield
    except (JustTaken, NoPlaceLeft) as error:
        raise BookingRefused([because("taken_by_other")]) from error
    except TooNear as error:
        raise BookingRefused([because("too_near")]) from error
    except AgainstTheOrder as error:
        raise BookingRefused([because("against_order")]) from error
    except BusyNow as error:
        raise BookingRefused([because("busy")]) from error


def enter(*, clinic: Clinic, patient_id: int, starts: Sequence[datetime], now: datetime) -> Clinic:
    """Waits for the locks on the patient and the days of `starts`, lets go what was kept too long, and reads the clinic
    anew. Call it once in a verb, before its first look at a row."""
    _lock(clinic, patient_id, starts)
    return _settle(clinic, patient_id, now=now)


def enter_order(
    *,
    order: Order,
    clinic: Clinic,
    starts: Sequence[datetime],
    now: datetime,
    seats: Mapping[int, datetime] | None = None,
) -> tuple[Order, Clinic]:
    """As `enter`, for visits of an order, which is locked and read anew too.

    `seats` are infusions for which the patient has no chair yet. Whoever had to wait for the locks is refused at once,
    with BookingRefused, where others took the last one meanwhile.
    """
    had_to_wait = _lock(clinic, order.patient_id, starts)
    if had_to_wait and (full := full_times(order=order, clinic=clinic, starts=seats or {}, now=now)):
        raise BookingRefused([because("chairs", number) for number in full])
    # Before any visit's row: a decision takes the order first and then its visits.
    locked = Order.objects.select_for_update(no_key=True, of=("self",))
    order = locked.select_related("patient", "current_version").get(pk=order.pk)
    return order, _settle(clinic, order.patient_id, now=now)


def _lock(clinic: Clinic, patient_id: int, starts: Sequence[datetime]) -> bool:
    clock = ClinicTime(clinic.time_zone)
    return lock_for(patient_ids=[patient_id], clinic_id=clinic.pk, days={clock.local_day(start) for start in starts})


def _settle(clinic: Clinic, patient_id: int, *, now: datetime) -> Clinic:
    release_expired(clinic=clinic, patient_id=patient_id, now=now)
    fresh = Clinic.objects.get(pk=clinic.pk)
    if fresh.time_zone != clinic.time_zone:
        raise BusyNow  # the locked days were those of another zone
    return fresh
