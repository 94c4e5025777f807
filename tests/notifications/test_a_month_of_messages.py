"""Weeks of a patient's visits, with moves, cancellations, closures and outages: what is told keeps its promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.notice_facts import (
    ChannelName,
    ClinicRules,
    Closing,
    Preparation,
    Purpose,
    Reachable,
    Standing,
    Told,
    Visit,
    Wanted,
)  # fmt: skip
from notifications.notice_rules import find_wanted
from notifications.quiet_hours import QuietHours
from tests.fakes.shared_inputs import read_json

CLINIC = 1
ZONES = {
    name: [datetime.fromisoformat(change["utc"]) for change in facts["transitions"]]
    for name, facts in read_json("real/time/dst_2024_2030.json")["zones"].items()
}
TICK = timedelta(hours=2)
DAYS = 14
BEFORE_A_VISIT = {Purpose.REMINDER, Purpose.INSTRUCTIONS, Purpose.RIDE}


@dataclass(slots=True)
class Patient:
    """What is known of a patient and was told to them, and a clock."""

    now: datetime
    zone: ZoneInfo
    visits: list[Visit]
    rules: ClinicRules
    reachable: tuple[Reachable, ...]
    said: list[tuple[datetime, Wanted, Told]] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    planned: dict[str, Wanted] = field(default_factory=dict)

    def wanted(self) -> list[Wanted]:
        return find_wanted(
            visits=self.visits,
            rules_of={CLINIC: self.rules},
            reachable=self.reachable,
            told=[told for *_, told in self.said],
            spent=self.lost,
            wants_day_of=True,
            now=self.now,
        )

    def tell(self) -> None:
        """All that is due goes, as planner and sender do it: a key that is spent is not sent again, and what was
        planned and not sent while it was of use is known to be lost."""
        wanted = {one.key: one for one in self.wanted() if one.key not in self.lost}
        wanted = {key: one for key, one in wanted.items() if key not in {sent.key for _, sent, _ in self.said}}
        self.lost |= {key for key, one in self.planned.items() if key not in wanted and one.useful_until <= self.now}
        self.lost |= {key for key, one in wanted.items() if one.lapsed}
        due = [one for one in wanted.values() if not one.lapsed and one.due_at <= self.now]
        self.planned = {key: one for key, one in wanted.items() if one not in due and key not in self.lost}
        for one in due:
            visit = next(visit for visit in self.visits if visit.id == one.subject[0][0])
            told = Told(
                visit.id, one.purpose, one.step, one.channel, visit.starts_at, CLINIC, self.now,
                told_version=visit.told_version,
            )  # fmt: skip
            self.said.append((self.now, one, told))

    def change(self, number: int, **changes: object) -> None:
        one = self.visits[number % len(self.visits)]
        if one.starts_at > self.now and one.standing is not Standing.CANCELLED:
            version = {} if "closing" in changes else {"told_version": one.told_version + 1, "known_since": self.now}
            self.visits[number % len(self.visits)] = replace(one, **version, **changes)  # type: ignore[arg-type]


def fasting(start: datetime) -> Preparation:
    return Preparation(start - timedelta(hours=6), start - timedelta(hours=2), needs_ride=True)


@st.composite
def patients(draw: st.DrawFn) -> Patient:
    name = draw(st.sampled_from(sorted(ZONES)))
    zone = ZoneInfo(name)
    change = draw(st.sampled_from(ZONES[name] or [datetime(2026, 7, 1, tzinfo=UTC)]))
    now = change - timedelta(days=draw(st.integers(0, 12)), hours=draw(st.integers(0, 23)))
    visits = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        start = now + timedelta(days=draw(st.integers(0, 11)), hours=3, minutes=15 * draw(st.integers(0, 80)))
        needs_ride = draw(st.booleans())
        prepare = (
            Preparation(start - timedelta(hours=6), start - timedelta(hours=2), needs_ride) if needs_ride else None
        )
        visits.append(Visit(number, CLINIC, zone, start, 1, Standing.FIRM, now, prepare=prepare))
    hours = draw(st.sampled_from([(72, 24), (24,), (48, 24, 2), ()]))
    quiet = draw(st.sampled_from([QuietHours(), QuietHours(*(QuietHours().ends, QuietHours().starts))]))
    phone = Reachable(1, ChannelName.SMS, preferred=False, zone=zone)
    mailbox = Reachable(2, ChannelName.EMAIL, preferred=False, zone=zone)
    reachable = draw(st.sampled_from([(phone,), (phone, mailbox)]))
    return Patient(now, zone, visits, ClinicRules(reminder_hours=hours, quiet=quiet), reachable)


happenings = st.tuples(
    st.integers(1, 40), st.sampled_from(["move", "cancel", "close", "outage"]), st.integers(0, 4), st.integers(-48, 72)
)


def weeks_of(patient: Patient, happens: list[tuple[int, str, int, int]]) -> Iterator[None]:
    """Two weeks, a tick at a time, with what happens on the way; in an outage nothing is sent."""
    due = {at: (what, number, hours) for at, what, number, hours in happens}
    down_until = patient.now
    for tick in range(DAYS * 24 // 2):
        what, number, hours = due.get(tick // 4, ("", 0, 0)) if tick % 4 == 1 else ("", 0, 0)
        if what == "move":
            one = patient.visits[number % len(patient.visits)]
            start = max(one.starts_at + timedelta(hours=hours), patient.now + TICK)
            patient.change(number, starts_at=start, prepare=fasting(start) if one.prepare else None)
        elif what == "cancel":
            patient.change(number, standing=Standing.CANCELLED)
        elif what == "close":
            patient.change(number, closing=Closing(7, since=patient.now))
        elif what == "outage":
            down_until = patient.now + timedelta(hours=abs(hours))
        if patient.now >= down_until:
            patient.tell()
            yield
        patient.now += TICK


@settings(max_examples=40, deadline=None)
@given(patients(), st.lists(happenings, max_size=5))
def test_what_is_told_keeps_its_promises(patient: Patient, happens: list[tuple[int, str, int, int]]) -> None:
    for _ in weeks_of(patient, happens):
        # Planning again at once wants nothing that is due and new.
        before = len(patient.said), len(patient.lost)
        patient.tell()
        assert (len(patient.said), len(patient.lost)) == before
    keys = [wanted.key for _, wanted, _ in patient.said]
    assert len(set(keys)) == len(keys)
    for at, wanted, told in patient.said:
        assert at < wanted.useful_until
        assert told.starts_at > at or wanted.purpose is Purpose.CANCELLED
        assert not patient.rules.quiet.cover(at, patient.zone)
    # Never two things at once about what is to come of one visit.
    moments = [(at, told.visit_id) for at, wanted, told in patient.said if wanted.purpose in BEFORE_A_VISIT]
    assert len(set(moments)) == len(moments)


@settings(max_examples=40, deadline=None)
@given(patients())
def test_left_alone_every_visit_is_confirmed_and_every_preparation_told_or_known_not_to_be(patient: Patient) -> None:
    for _ in weeks_of(patient, []):
        pass
    confirmed = {told.visit_id for _, wanted, told in patient.said if wanted.purpose is Purpose.BOOKING_CONFIRMATION}
    prepared = {told.visit_id for _, wanted, told in patient.said if wanted.purpose is Purpose.INSTRUCTIONS}
    lost = {(purpose, int(key.rpartition("/")[2].partition("v")[0]))
            for key in patient.lost for purpose in [key.partition("/")[0]]}  # fmt: skip
    for visit in patient.visits:
        assert visit.id in confirmed or ("booking_confirmation", visit.id) in lost
        if visit.prepare:
            assert visit.id in prepared or ("instructions", visit.id) in lost


def test_a_sender_that_forgets_what_it_sent_says_things_twice() -> None:
    """The control: the promises above come from what is remembered, not from how the test looks at them."""
    zone = ZoneInfo("America/New_York")
    now = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
    visit = Visit(1, CLINIC, zone, now + timedelta(days=10), 1, Standing.FIRM, now)
    phone = Reachable(1, ChannelName.SMS, preferred=False, zone=zone)
    patient = Patient(now + TICK, zone, [visit], ClinicRules(), (phone,))
    patient.tell()
    [(_, wanted, _)] = patient.said
    patient.said.clear()
    patient.tell()
    assert [again.key for _, again, _ in patient.said] == [wanted.key]
