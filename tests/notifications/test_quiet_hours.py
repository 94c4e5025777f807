from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.quiet_hours import QUARTER, QuietHours, quiet_from, when_on_duty, when_to_send
from tests.fakes.shared_inputs import read_json

NEW_YORK = ZoneInfo("America/New_York")
USUAL = QuietHours()
FAR = timedelta(days=30)

ZONES: dict[str, list[datetime]] = {
    name: [datetime.fromisoformat(change["utc"]) for change in facts["transitions"]]
    for name, facts in read_json("real/time/dst_2024_2030.json")["zones"].items()
}


def new_york(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


def send(due: datetime, now: datetime, until: datetime | None = None, *, waits: bool = False) -> datetime | None:
    return when_to_send(due, useful_until=until or due + FAR, now=now, hours=USUAL, zone=NEW_YORK, waits=waits)


@pytest.mark.parametrize(
    ("due", "goes"),
    [
        (new_york(3, 12), new_york(3, 12)),
        (new_york(3, 9), new_york(3, 9)),
        (new_york(3, 19, 59), new_york(3, 19, 59)),
        (new_york(3, 20), new_york(3, 19, 45)),
        (new_york(3, 23, 10), new_york(3, 19, 45)),
        (new_york(4, 8, 59), new_york(3, 19, 45)),
    ],
)
def test_due_time_in_quiet_hours_moves_back_to_the_last_quarter_hour(due: datetime, goes: datetime) -> None:
    assert send(due, now=new_york(1, 12)) == goes


def test_due_and_quiet_now_waits_for_the_morning() -> None:
    assert send(new_york(3, 20, 30), now=new_york(3, 20, 30)) == new_york(4, 9)


def test_moved_back_time_gone_by_while_it_is_still_allowed_goes_now() -> None:
    assert send(new_york(3, 20, 30), now=new_york(3, 19, 50)) == new_york(3, 19, 45)


def test_overdue_goes_now_when_it_is_allowed() -> None:
    assert send(new_york(3, 12), now=new_york(3, 15)) == new_york(3, 12)


def test_overdue_at_night_waits_for_the_morning() -> None:
    assert send(new_york(3, 12), now=new_york(3, 22)) == new_york(4, 9)


def test_what_would_wait_past_its_use_lapses() -> None:
    assert send(new_york(3, 20, 30), now=new_york(3, 20, 30), until=new_york(4, 8)) is None


def test_what_has_lost_its_use_lapses() -> None:
    assert send(new_york(3, 12), now=new_york(3, 15), until=new_york(3, 15)) is None


def test_what_waits_goes_in_the_morning_and_not_on_the_evening_before() -> None:
    assert send(new_york(3, 20, 30), now=new_york(3, 12), waits=True) == new_york(4, 9)


def test_what_waits_is_not_sent_at_night_rather_than_too_late() -> None:
    assert send(new_york(3, 20, 30), now=new_york(3, 20, 30), until=new_york(4, 8), waits=True) is None


def on_duty(due: datetime, *shifts: tuple[datetime, datetime], now: datetime, days: int = 4) -> datetime | None:
    until = due + timedelta(days=days)
    return when_on_duty(due, useful_until=until, now=now, hours=USUAL, zone=NEW_YORK, shifts=shifts)


@pytest.mark.parametrize(
    ("due", "goes"),
    [
        (new_york(3, 6), new_york(3, 9)),
        (new_york(3, 12, 7), new_york(3, 12, 7)),
        (new_york(3, 17), new_york(4, 13)),
        (new_york(4, 16), None),
    ],
)
def test_check_in_waits_for_a_shift_and_for_the_end_of_quiet_hours(due: datetime, goes: datetime | None) -> None:
    shifts = [(new_york(4, 13), new_york(4, 15)), (new_york(3, 8), new_york(3, 17))]
    assert on_duty(due, *shifts, now=new_york(1, 12)) == goes


def test_check_in_nobody_would_read_in_time_goes_nowhere() -> None:
    assert on_duty(new_york(3, 12), now=new_york(1, 12)) is None
    assert on_duty(new_york(3, 12), (new_york(8, 9), new_york(8, 17)), now=new_york(1, 12)) is None
    assert on_duty(new_york(3, 12), (new_york(3, 21), new_york(4, 8)), now=new_york(1, 12)) is None, (
        "all of it is quiet"
    )


def test_check_in_whose_time_went_by_goes_now_or_with_the_next_shift() -> None:
    shifts = [(new_york(3, 8), new_york(3, 17)), (new_york(4, 8), new_york(4, 17))]
    assert on_duty(new_york(3, 12), *shifts, now=new_york(3, 15)) == new_york(3, 12)
    assert on_duty(new_york(3, 12), *shifts, now=new_york(3, 18)) == new_york(4, 9)
    assert on_duty(new_york(3, 12), *shifts, now=new_york(4, 18)) is None


def test_equal_times_mean_that_no_hour_is_quiet() -> None:
    hours = QuietHours(time(0), time(0))
    at = new_york(3, 3)
    assert when_to_send(at, useful_until=at + FAR, now=at, hours=hours, zone=NEW_YORK) == at
    assert quiet_from(at, hours, NEW_YORK) is None


@pytest.mark.parametrize(("starts", "ends"), [(time(20, 10), time(9)), (time(20), time(9, 0, 1))])
def test_times_off_the_quarter_hour_are_refused(starts: time, ends: time) -> None:
    with pytest.raises(ValueError, match="quarter"):
        QuietHours(starts, ends)


def test_hours_that_leave_no_time_are_refused() -> None:
    with pytest.raises(ValueError, match="one hour"):
        QuietHours(time(9), time(8, 15))


def test_quiet_from_is_the_end_of_the_sending_window() -> None:
    assert quiet_from(new_york(3, 12, 7), USUAL, NEW_YORK) == new_york(3, 20)
    assert quiet_from(new_york(3, 20), USUAL, NEW_YORK) == new_york(3, 20)


quarters = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@st.composite
def around_a_change(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """A zone and an instant within two days of a change of its clocks (or any day where it has none)."""
    name = draw(st.sampled_from(sorted(ZONES)))
    change = draw(st.sampled_from(ZONES[name] or [datetime(2026, 7, 1, tzinfo=UTC)]))
    return ZoneInfo(name), change + timedelta(seconds=draw(st.integers(-2 * 86_400, 2 * 86_400)))


@st.composite
def quiet_hours(draw: st.DrawFn) -> QuietHours:
    starts, ends = draw(quarters), draw(quarters)
    try:
        return QuietHours(starts, ends)
    except ValueError:
        return QuietHours()


def is_quiet(at: datetime, hours: QuietHours, zone: ZoneInfo) -> bool:
    """Said again and differently: minutes since the start of quiet on the wall clock."""
    wall = at.astimezone(zone)
    since = (wall.hour * 60 + wall.minute - hours.starts.hour * 60 - hours.starts.minute) % 1440
    length = (hours.ends.hour * 60 + hours.ends.minute - hours.starts.hour * 60 - hours.starts.minute) % 1440
    return since < length


@given(around_a_change(), quiet_hours(), st.integers(-48 * 60, 48 * 60), st.integers(1, 72 * 60), st.booleans())
def test_nothing_goes_in_quiet_hours_nor_past_its_use(
    place: tuple[ZoneInfo, datetime], hours: QuietHours, late: int, useful: int, waits: bool
) -> None:
    zone, due = place
    now, until = due + timedelta(minutes=late), due + timedelta(minutes=useful)
    at = when_to_send(due, useful_until=until, now=now, hours=hours, zone=zone, waits=waits)
    if at is None:
        goes = max(due, now)
        assert goes >= until or is_quiet(goes, hours, zone)
        return
    goes = max(at, now)
    assert goes < until
    assert not is_quiet(goes, hours, zone)
    assert at <= due or is_quiet(max(now, due), hours, zone) or is_quiet(due, hours, zone)
    assert at >= due or not waits


shifts_around = st.lists(st.tuples(st.integers(-48 * 4, 48 * 4), st.integers(1, 24 * 4)), max_size=5)


@given(around_a_change(), quiet_hours(), st.integers(-48 * 60, 48 * 60), st.integers(1, 72 * 60), shifts_around)
def test_a_check_in_goes_at_the_first_instant_on_duty_and_not_quiet(
    place: tuple[ZoneInfo, datetime], hours: QuietHours, late: int, useful: int, quarters: list[tuple[int, int]]
) -> None:
    zone, due = place
    now, until = due + timedelta(minutes=late), due + timedelta(minutes=useful)
    shifts = [(due + start * QUARTER, due + (start + length) * QUARTER) for start, length in quarters]
    at = when_on_duty(due, useful_until=until, now=now, hours=hours, zone=zone, shifts=shifts)

    def may(instant: datetime) -> bool:
        return not is_quiet(instant, hours, zone) and any(start <= instant < end for start, end in shifts)

    goes = until if at is None else max(at, now)
    if at is not None:
        assert due <= at
        assert goes < until
        assert may(goes)
    # Nothing between could have been earlier: the instants at which it begins to be allowed are on quarter hours of
    # the clock or of a shift.
    earliest = max(due, now)
    ends = min(goes, until)
    instants = {earliest, *(start for start, _ in shifts)}
    clock = earliest - timedelta(minutes=earliest.minute % 15, seconds=earliest.second)
    instants |= {clock + step * QUARTER for step in range(1, 1 + int((ends - earliest) / QUARTER))}
    assert not any(may(instant) for instant in instants if earliest <= instant < ends)


@given(around_a_change(), quiet_hours())
def test_a_moved_due_time_is_the_last_allowed_quarter_hour(place: tuple[ZoneInfo, datetime], hours: QuietHours) -> None:
    zone, due = place
    at = when_to_send(due, useful_until=due + FAR, now=due - FAR, hours=hours, zone=zone)
    assert at is not None
    assert at <= due
    if at != due:
        step = at + QUARTER
        while step <= due:
            assert is_quiet(step, hours, zone)
            step += QUARTER


@given(around_a_change(), quiet_hours())
def test_a_text_sent_now_ends_before_it_is_quiet(place: tuple[ZoneInfo, datetime], hours: QuietHours) -> None:
    zone, at = place
    end = quiet_from(at, hours, zone)
    if end is None:
        return
    assert is_quiet(end, hours, zone)
    assert not any(
        is_quiet(at + timedelta(minutes=5 * step), hours, zone) for step in range(int((end - at).seconds / 300))
    )
