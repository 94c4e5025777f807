from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random

from scheduling.capacity import ClinicSnapshot, Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.free_starts import FreeStarts
from scheduling.repacking import RoomByRepack
from scheduling.series_search import DoseRequest, PatientTimes, SeriesTerms, Wish, propose
from scheduling.spacing import Spacing
from tests.counts import count
from tests.scheduling import checker
from tests.scheduling.proofs.cpsat_dealing import fewest_moves
from tests.scheduling.proofs.repack import repack_starts
from tests.scheduling.proofs.series import Series, as_ranked
from tests.scheduling.proofs.small_orders import REVIEWS
from tests.scheduling.proofs.tight_clinics import EVERYDAY, a_visit, tight_clinic
from tests.scheduling.small_clinics import MONDAY, NOW, at

NEXT_DAY = Spacing("each", "previous", 1, None, 1)
AT_BEST_NEXT_DAY = Spacing("each", "previous", 1, None, 1, soft=frozenset({"max"}))
IN_HOURS = Spacing("each", "previous", 2, None, 30, "hours")


def found_starts(clinic: ClinicSnapshot, phases: tuple[Phase, ...], now: datetime) -> dict[datetime, int]:
    """The search's starts by repack on the first day, with the number of moves."""
    room = RoomByRepack(FreeStarts(ClinicCapacity(clinic), PatientTimes(), None, now), lambda: False)
    dealt = {step: room.dealt(phases, step) for _, step in room.on_day(phases, MONDAY.toordinal())}
    return {datetime.fromtimestamp(step * 300, UTC): len(one.moved) for step, one in dealt.items() if one}


def test_starts_by_repack_are_those_for_which_some_dealing_of_the_chairs_makes_room() -> None:
    for seed in range(1000):
        random = Random(seed)
        clinic, phases = tight_clinic(random, MONDAY), a_visit(random)
        now = random.choice([NOW, NOW, at(MONDAY, "07:59"), at(MONDAY, "08:00")])
        expected = repack_starts(clinic, MONDAY, phases, now)
        count("tight clinic days compared with every dealing of the chairs")
        count("starts by repack compared with every dealing of the chairs", len(expected))
        count("starts by repack of two moves or more", sum(moves > 1 for moves in expected.values()))
        found = found_starts(clinic, phases, now)
        assert found == expected, f"seed {seed}"
        check_offered(clinic, phases, now, f"seed {seed}")


def check_offered(clinic: ClinicSnapshot, phases: tuple[Phase, ...], now: datetime, where: str) -> None:
    """What is offered may be booked as it stands: the moved visits too have a chair that is theirs alone."""
    terms, patient, wish = SeriesTerms((DoseRequest(1, phases),)), PatientTimes(), Wish()
    for proposal in propose(clinic, terms, patient, wish, now, 20, deadline_seconds=60).proposals:
        if proposal.visits[0].moves:
            count("starts by repack checked chair by chair")
            assert checker.broken(clinic, terms, patient, wish, now, proposal) == [], where


def test_starts_by_repack_on_everyday_days_need_no_more_moves_than_a_solver_proves() -> None:
    """Those of five moves and more may be left out: who would move five visits for one."""
    for seed in range(16):
        random = Random(seed)
        clinic = tight_clinic(random, MONDAY, sizes=EVERYDAY, minutes=480)
        phases = a_visit(random)
        expected, found = fewest_moves(clinic, MONDAY, phases), found_starts(clinic, phases, NOW)
        count("everyday days whose starts by repack a solver proves")
        count("starts by repack that a solver proves", len(expected))
        assert all(expected[start] >= 5 for start in expected.keys() - found.keys()), f"seed {seed}"
        assert found == {start: moves for start, moves in expected.items() if start in found}, f"seed {seed}"
        check_offered(clinic, phases, NOW, f"seed {seed}")


def test_series_by_repack_equal_every_combination() -> None:
    for seed in range(240):
        random = Random(seed)
        days = random.choice([2, 3, 4])
        clinic, kinds = tight_clinic(random, MONDAY, days), (a_visit(random), a_visit(random))
        doses = tuple(DoseRequest(one, random.choice(kinds)) for one in range(1, random.randint(1, min(days, 3)) + 1))
        now = random.choice([NOW, at(MONDAY, "08:20"), at(MONDAY + timedelta(days=1), "08:00")])
        rules = random.choice([(), (), (NEXT_DAY,), (IN_HOURS,), (AT_BEST_NEXT_DAY,)])
        reviews = {1: REVIEWS[0]} if len(doses) > 1 and random.random() < 0.3 else {}
        terms, patient = SeriesTerms(doses, rules, reviews=reviews), PatientTimes()
        wish = Wish(random.choice([None, time(8), time(9, 40)]))
        number = random.choice([1, 3, 10])
        result = propose(clinic, terms, patient, wish, now, number, deadline_seconds=60)
        expected = Series(clinic, terms, patient, wish, now).best(number)
        count("tight clinics compared with every combination")
        count("series by repack compared with every combination", sum(one[1] > 0 for one in expected))
        assert as_ranked(result, clinic) == expected, f"seed {seed}"
        for proposal in result.proposals:
            assert checker.broken(clinic, terms, patient, wish, now, proposal) == [], f"seed {seed}"
