"""The checker sees what is wrong: a sound proposal is broken in one place, and that place is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from scheduling.capacity import Busy, Chair, ClinicSnapshot, Equipment, Nurse, Phase, Prescriber, Role, Seated
from scheduling.clinic_time import WallRange
from scheduling.intervals import Interval
from scheduling.series_search import DoseRequest, PatientTimes, SeriesTerms, Wish, propose
from scheduling.series_terms import Move, Proposal, ProposedVisit
from scheduling.spacing import Spacing
from tests.scheduling import checker
from tests.scheduling.small_clinics import MONDAY, NOW, ZONE, at, period

DAYS = [MONDAY + timedelta(days=index) for index in range(4)]
OPEN = tuple(period(day, "08:00", "12:00") for day in DAYS)
VISIT = (
    Phase("set up", 15, nurse="attention", prescriber="present", equipment=frozenset({"pump"})),
    Phase("infuse", 45, nurse="watch", features=frozenset({"bed"})),
    Phase("recover", 15, place="bay"),
    Phase("turnover", 15),
)
REVIEW = (Phase("review", 15, chair=False, prescriber="with-patient"),)
CLINIC = ClinicSnapshot(
    ZONE,
    15,
    dict(zip(DAYS, ((one,) for one in OPEN), strict=True)),
    (Chair("bed", frozenset({"bed"})), Chair("chair")),
    (Nurse("nurse", 2, 1, OPEN), Nurse("away", 2, 1)),
    (Prescriber("prescriber", OPEN),),
    # From nine to a quarter past ten the bed has room for the infusion with its turnover: recovery is in the bay.
    tuple(Busy("bed", "seat", period(day, "08:00", "09:00")) for day in DAYS)
    + tuple(Busy("bed", "seat", period(day, "10:15", "11:00")) for day in DAYS),
    min_staff=1,
    bays=(Chair("bay"),),
    equipment=(Equipment("pump 1", frozenset({"pump"})), Equipment("monitor", frozenset({"monitor"}))),
)
TERMS = SeriesTerms(
    (DoseRequest(1, VISIT), DoseRequest(2, VISIT)), (Spacing("each", "previous", 2, None, 3),), reviews={1: REVIEW}
)
PATIENT = PatientTimes({day: (WallRange(8 * 60, 12 * 60),) for day in ("mon", "tue", "wed", "thu")})
WISH = Wish(time(9))
Change = Callable[[Proposal], Proposal]


def sound() -> Proposal:
    return propose(CLINIC, TERMS, PATIENT, WISH, NOW, 1).proposals[0]


def broken(proposal: Proposal, clinic: ClinicSnapshot = CLINIC, patient: PatientTimes = PATIENT) -> list[str]:
    return checker.broken(clinic, TERMS, patient, WISH, NOW, proposal)


def test_a_sound_proposal_breaks_nothing_and_uses_all_there_is() -> None:
    proposal = sound()
    assert broken(proposal) == []
    assert {claim.resource_id for claim in proposal.visits[0].claims} == {"bed", "bay", "nurse", "pump 1"}
    assert [review.after for review in proposal.reviews] == [1]


def first(change: Callable[[ProposedVisit], ProposedVisit]) -> Change:
    return lambda proposal: replace(proposal, visits=(change(proposal.visits[0]), *proposal.visits[1:]))


def with_claim(role: Role, change: Callable[[Busy], Busy | None]) -> Change:
    def on(visit: ProposedVisit) -> ProposedVisit:
        claims = tuple(change(claim) if claim.role == role else claim for claim in visit.claims)
        return replace(visit, claims=tuple(claim for claim in claims if claim is not None))

    return first(on)


def left_out(_: Busy) -> None:
    return None


def moved(minutes: int) -> Change:
    """The first visit as a whole at another time."""
    by = timedelta(minutes=minutes)

    def on(visit: ProposedVisit) -> ProposedVisit:
        claims = tuple(
            replace(one, period=Interval(one.period.start + by, one.period.end + by)) for one in visit.claims
        )
        return replace(visit, start=visit.start + by, end=visit.end + by, claims=claims)

    return first(on)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda one: replace(one, visits=one.visits[:1]), "places [1] where [1, 2]"),
        (lambda one: replace(one, finish_date=date(2026, 1, 1)), "says that it finishes"),
        (lambda one: replace(one, minutes_off_wish=5), "minutes off"),
        (lambda one: replace(one, outside_soft=(1,)), "outside soft sides"),
        (lambda one: replace(one, reviews=()), "has reviews after []"),
        (lambda one: replace(one, reviews=(replace(one.reviews[0], start=at(MONDAY, "08:00")),)), "begins too early"),
        (moved(5), "starts off the grid"),
        (moved(180), "is not within the hours"),
        (moved(-15), "is taken twice"),
        (moved(-7 * 24 * 60), "is past"),
        (moved(24 * 60), "2 lies 1 days after 1"),
        (moved(2 * 24 * 60), "2 does not lie on a later day than 1"),
        (moved(24 * 60 * 2 + 30), "the patient is in two places"),
        (first(lambda one: replace(one, end=one.end + timedelta(minutes=5))), "lasts 80 minutes"),
        (first(lambda one: replace(one, nurse="away")), "has the nurses ['nurse']"),
        (first(lambda one: replace(one, chair="chair")), "names chair chair and holds"),
        (first(lambda one: replace(one, prescribers=())), "none of () is there"),
        (with_claim("watch", left_out), "for watch where its phases ask for"),
        (with_claim("watch", lambda one: replace(one, resource_id="away")), "is not on duty"),
        (with_claim("attention", lambda one: replace(one, role="watch")), "for attention where"),
        (with_claim("use", lambda one: replace(one, resource_id="monitor")), "has no pump throughout"),
        (with_claim("use", left_out), "has no pump throughout"),
        (with_claim("seat", lambda one: replace(one, resource_id="chair")), "chair has no ['bed']"),
        (with_claim("seat", left_out), "where its phases ask for"),
        (with_claim("seat", lambda one: replace(one, resource_id="attic")), "sits in ['attic', 'attic']"),
        (first(lambda one: replace(one, moves=(Move("who", "bed", "chair"),))), "may not go from bed to chair"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_one_thing_wrong_is_named(change: Change, text: str) -> None:
    assert any(text in one for one in broken(change(sound()))), broken(change(sound()))


@pytest.mark.parametrize(
    ("clinic", "text"),
    [
        (replace(CLINIC, min_staff=3), "too few staff"),
        (replace(CLINIC, last_end=time(9, 30)), "ends after 09:30"),
        (replace(CLINIC, busy=(*CLINIC.busy, Busy("nurse", "attention", OPEN[0]))), "attends 2"),
        (replace(CLINIC, busy=(*CLINIC.busy, *[Busy("nurse", "watch", OPEN[0])] * 2)), "watches 3"),
        (replace(CLINIC, busy=(*CLINIC.busy, Busy("prescriber", "with-patient", OPEN[0]))), "(with-patient) from"),
        (replace(CLINIC, chairs=(Chair("bed", frozenset({"bed"}), OPEN),)), "bed (seat) from"),
        (replace(CLINIC, equipment=(Equipment("pump 1", frozenset({"pump"}), OPEN),)), "is out of service"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_the_clinic_does_not_have_is_named(clinic: ClinicSnapshot, text: str) -> None:
    assert any(text in one for one in broken(sound(), clinic)), broken(sound(), clinic)


def test_when_the_patient_cannot_come_is_named() -> None:
    visit = sound().visits[0]
    busy = replace(PATIENT, busy=(Interval(visit.end - timedelta(minutes=5), visit.end),))
    assert "infusion 1: the patient is busy" in broken(sound(), patient=busy)
    assert "infusion 1: the patient is not available" in broken(sound(), patient=PatientTimes({}))


SEATED = (
    Seated.during("movable", "a", period(MONDAY, "08:00", "09:00"), may_move=True),
    Seated.during("pinned", "b", period(MONDAY, "09:00", "12:00")),
)
FULL = ClinicSnapshot(
    ZONE,
    15,
    {MONDAY: (OPEN[0],)},
    (Chair("a"), Chair("b"), Chair("c", out=(OPEN[0],))),
    (),
    (),
    tuple(
        Busy(chair, "seat", taken)
        for chair, taken in [*((one.chair, one.period) for one in SEATED), ("a", period(MONDAY, "10:00", "12:00"))]
    ),
    seated=lambda: SEATED,
)
LONG = SeriesTerms((DoseRequest(1, (Phase("infuse", 90),)),))


@pytest.mark.parametrize(
    ("move", "text"),
    [
        (Move("movable", "a", "b"), None),
        (Move("movable", "b", "a"), "may not go from b to a"),
        (Move("pinned", "b", "a"), "may not go from b to a"),
        (Move("movable", "a", "c"), "c is out of service"),
        (Move("movable", "a", "d"), "d has not what it needs"),
    ],
)
def test_moves_that_may_not_be_are_named(move: Move, text: str | None) -> None:
    result = propose(FULL, LONG, PatientTimes(), Wish(), NOW, 1)
    proposal = result.proposals[0]
    assert proposal.visits[0].moves == (Move("movable", "a", "b"),)
    changed = replace(proposal, visits=(replace(proposal.visits[0], moves=(move,)),))
    found = checker.broken(FULL, LONG, PatientTimes(), Wish(), NOW, changed)
    assert found == [] if text is None else any(text in one for one in found), found


def test_moves_on_a_day_that_has_begun_are_named() -> None:
    proposal = propose(FULL, LONG, PatientTimes(), Wish(), NOW, 1).proposals[0]
    found = checker.broken(FULL, LONG, PatientTimes(), Wish(), at(MONDAY, "08:00"), proposal)
    assert found == ["infusion 1: moves visits of a day that has begun"]
