"""Which reminders a visit calls for, and when each is due and of use. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from notifications.notice_facts import ClinicRules, Draft, Purpose, Reachable, Standing, Told, Visit

NEIGHBOUR_DAYS = 7
LAST_HELP_BEFORE_VISIT = timedelta(hours=2)


def find_reminders(
    visits: Sequence[Visit],
    rules_of: Mapping[int, ClinicRules],
    addresses: Sequence[Reachable],
    told: Sequence[Told],
    now: datetime,
) -> Iterator[Draft]:
    address = next(iter(sorted(addresses, key=lambda one: not one.preferred)), None)
    if address is None:
        return
    reminded = {(one.visit_id, one.step, one.starts_at) for one in told if one.purpose is Purpose.REMINDER}
    for visit in visits:
        if visit.standing is not Standing.FIRM or visit.starts_at <= now:
            continue
        # Visits of one day share the first one's due time and so leave as one message.
        first = min(other.starts_at for other in visits if other.standing is Standing.FIRM and _same_day(other, visit))
        for hours, due_at, useful_until in _steps(first, visit, visits, rules_of[visit.clinic_id]):
            step = f"{hours}h"
            if _says_something_new(visit, due_at) and (visit.id, step, visit.starts_at) not in reminded:
                yield Draft(visit, Purpose.REMINDER, step, address, due_at, useful_until)


def _steps(
    first: datetime, visit: Visit, visits: Sequence[Visit], rules: ClinicRules
) -> Iterator[tuple[int, datetime, datetime]]:
    """(hours, due, useful until): a step loses its use when the next is due. A dense series has the last step only."""
    offsets = sorted(rules.reminder_hours, reverse=True)
    if _is_dense(visit, visits):
        offsets = offsets[-1:]
    for index, hours in enumerate(offsets):
        if index + 1 < len(offsets):
            useful_until = _wall_clock_before(first, offsets[index + 1], visit.zone)
        else:
            useful_until = first - min(LAST_HELP_BEFORE_VISIT, timedelta(hours=hours) / 2)
        yield hours, _wall_clock_before(first, hours, visit.zone), useful_until


def _is_dense(visit: Visit, visits: Sequence[Visit]) -> bool:
    day = visit.starts_at.astimezone(visit.zone).date()
    apart = (
        abs((other.starts_at.astimezone(visit.zone).date() - day).days)
        for other in visits
        if other.standing is not Standing.CANCELLED
    )
    return any(0 < days < NEIGHBOUR_DAYS for days in apart)


def _says_something_new(visit: Visit, due_at: datetime) -> bool:
    """False on the day the patient learnt of this time and on the day after."""
    learnt = visit.known_since.astimezone(visit.zone).date()
    return (due_at.astimezone(visit.zone).date() - learnt).days > 1


def _same_day(one: Visit, other: Visit) -> bool:
    return one.clinic_id == other.clinic_id and (
        one.starts_at.astimezone(one.zone).date() == other.starts_at.astimezone(other.zone).date()
    )


def _wall_clock_before(at: datetime, hours: int, zone: ZoneInfo) -> datetime:
    # "24h" before a 9:00 visit is 9:00 the day before, also in the night the clocks change.
    days, rest = divmod(hours, 24)
    wall = at.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
    return wall.replace(tzinfo=zone).astimezone(UTC) - timedelta(hours=rest)
