from __future__ import annotations

import time as system_time
from datetime import date, time
from typing import Any

import pytest

from scheduling.capacity import Chair, ClinicSnapshot, Nurse, Prescriber
from scheduling.clinic_time import WallRange
from scheduling.relaxations import Relaxation, find_relaxations, shown
from scheduling.series_search import PatientTimes, SeriesTerms, Wish
from scheduling.spacing import Spacing
from scheduling.what_if import Asked
from scheduling.why_not import in_english, said_day
from scheduling.would_work import Owner
from tests.scheduling.small_clinics import MONDAY, NOW, period
from tests.scheduling.test_why_not import DAYS, clinic, mornings, terms

LONG = 3600.0
ASK = "Would work if the prescriber allows it: may"


def asked(
    snapshot: ClinicSnapshot, order: SeriesTerms, patient: PatientTimes | None = None, wish: Wish | None = None
) -> Asked:
    return Asked(snapshot, order, patient or PatientTimes(), wish or Wish())


def relaxations(what: Asked, **more: Any) -> tuple[Relaxation, ...]:
    ends = system_time.monotonic() + LONG
    return find_relaxations(
        what.clinic, what.terms, what.patient, what.wish, NOW, ends=ends, clock=system_time.monotonic, **more
    )


def said(what: Asked, **more: Any) -> list[tuple[str, str]]:
    """The sentences without the last one, which says the date: here the day of the month."""
    return [(in_english(one.text, one.values), f"{one.finish_date:%d}") for one in relaxations(what, **more)]


def only_open(days: list[date], until: str = "10:00") -> dict[date, Any]:
    return {day: (period(day, "09:00", until),) if day in days else () for day in DAYS}


def fewer(last: int) -> str:
    return f"Would work if infusion {last} were the last one to be booked now."


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (
            asked(clinic(last_end=time(9, 30)), terms()),
            [
                ("Would work if patients might stay until 10:00, not only until 9:30.", "07"),
                (f"Would work if the clinic opened 30 minutes earlier on {', '.join(map(said_day, DAYS[:3]))}.", "07"),
            ],
        ),
        (
            asked(clinic(), terms(3, within_days=2)),
            [(fewer(2), "06"), (f"{ASK} the series take 3 days (ordered: 2)?", "07")],
        ),
        (
            asked(clinic(), terms(3, (Spacing("each", "previous", 1, 1, 2),), per_week=2, not_after=DAYS[4])),
            [(fewer(2), "06"), (f"{ASK} there be 3 in a calendar week (ordered: 2)?", "07")],
        ),
        (
            asked(clinic(), terms(3, not_before=DAYS[10], not_after=DAYS[11])),
            [(fewer(2), "16"), (f"{ASK} the series begin on Wed 14 Jan 2026 (ordered: Thu 15 Jan 2026)?", "16")],
        ),
        (
            asked(clinic(), terms(3, not_after=DAYS[1])),
            [(fewer(2), "06"), (f"{ASK} the series end on Wed 7 Jan 2026 (ordered: by Tue 6 Jan 2026)?", "07")],
        ),
        (
            asked(clinic(), terms(3, (Spacing("each", "previous", 3), Spacing(3, "first", None, None, 4)))),
            [
                (fewer(2), "08"),
                (f"{ASK} infusion 3 come up to 6 days after infusion 1 (ordered: at most 4 days)?", "12"),
                (f"{ASK} each infusion come 2 days after the one it counts from (ordered: at least 3 days)?", "09"),
            ],
        ),
        (
            asked(clinic(open=only_open([DAYS[0], DAYS[4]])), terms(2)),
            [
                (fewer(1), "05"),
                (f"{ASK} infusion 2 come up to 4 days after infusion 1 (ordered: at most 3 days)?", "09"),
            ],
        ),
        (
            asked(clinic(min_staff=3), terms(1)),
            [
                ("Would work if 2 staff on duty were enough, not 3.", "05"),
                ("Would work if one more nurse were on duty on Mon 5 Jan 2026.", "05"),
                ("Would work if one more prescriber were on site on Mon 5 Jan 2026.", "05"),
            ],
        ),
    ],
)
def test_the_nearest_changes_are_said_with_the_date_they_lead_to(what: Asked, expected: list[tuple[str, str]]) -> None:
    assert said(what) == expected


def test_a_message_ends_with_the_date_it_leads_to() -> None:
    (found,) = relaxations(asked(clinic(), terms(1, not_after=DAYS[0]), wish=Wish(None, frozenset({"sat"}))))
    assert found.message == "Would work if Mondays were used, too. The last one would be on Mon 5 Jan 2026."


def test_the_patients_times_come_first_and_by_the_quarter_of_an_hour() -> None:
    short = {key: (WallRange.from_text("09:00-09:50"),) for key in ("mon", "tue", "wed")}
    found = relaxations(asked(clinic(), terms(), PatientTimes(short)))
    assert [(one.owner, one.change) for one in found] == [("patient", {"kind": "patient_times", "later": 15})]
    assert in_english(found[0].text, found[0].values) == "Would work if the patient could stay 15 minutes longer."


def test_another_weekday_helps_where_longer_days_do_not() -> None:
    two = {key: (WallRange.from_text("09:00-10:00"),) for key in ("mon", "tue")}
    assert said(asked(clinic(), terms(), PatientTimes(two)))[0] == (
        "Would work if the patient could come at any time on Wednesdays.",
        "07",
    )


def test_any_time_is_said_only_where_no_smaller_change_helps() -> None:
    mondays = PatientTimes({"mon": (WallRange.from_text("09:00-10:00"),)})
    assert said(asked(clinic(), terms(), mondays)) == [
        (fewer(1), "05"),
        ("Would work if the patient could come at any time.", "07"),
    ]


def test_a_wished_weekday_more_or_all_of_them() -> None:
    def on(*weekdays: str) -> list[tuple[str, str]]:
        return said(asked(clinic(), terms(), wish=Wish(time(9, 0), frozenset(weekdays))))

    assert on("mon", "tue")[0] == ("Would work if Wednesdays were used, too.", "07")
    assert on("mon")[1] == ("Would work if all weekdays were used.", "07")


def test_a_nurse_is_named_with_the_day_on_which_she_is_missed() -> None:
    away = Nurse("n1", 2, shifts=tuple(period(day, "08:00", "18:00") for day in (DAYS[0], DAYS[2])))
    found = relaxations(asked(clinic(open=only_open(DAYS[:3]), nurses=(away,)), terms()), names={"n1": "Ana"})
    assert [in_english(one.text, one.values) for one in found] == [
        fewer(2),
        "Would work if Ana were on duty on Tue 6 Jan 2026.",
    ]
    assert found[1].change == {"kind": "nurse", "resource": "n1", "days": ["2026-01-06"]}


def test_where_all_nurses_are_on_duty_one_more_is_asked_for() -> None:
    duty = tuple(period(day, "08:00", "13:00") for day in DAYS)
    snapshot = clinic(
        open=only_open(DAYS[:3]), nurses=(Nurse("n", 1, shifts=duty),), busy=mornings("watch", "n", DAYS[1:2])
    )
    assert ("Would work if one more nurse were on duty on Tue 6 Jan 2026.", "07") in said(asked(snapshot, terms()))


def test_a_chair_and_a_prescriber_are_named_with_their_day() -> None:
    broken = Chair("c4", out=(period(DAYS[1], "08:00", "22:00"),))
    chair = said(asked(clinic(open=only_open(DAYS[:3]), chairs=(broken,)), terms()), names={"c4": "chair 4"})
    assert ("Would work if chair 4 were back in service on Tue 6 Jan 2026.", "07") in chair
    away = (Prescriber("p1", tuple(period(day, "08:00", "13:00") for day in DAYS[:2])),)
    lee = said(asked(clinic(open=only_open(DAYS[:3]), prescribers=away), terms()), names={"p1": "Dr Lee"})
    assert ("Would work if Dr Lee were on site on Wed 7 Jan 2026.", "07") in lee


def test_two_of_each_owner_are_shown_before_a_third_of_one() -> None:
    def one(owner: Owner, size: int) -> Relaxation:
        return Relaxation("fewer", None, owner, {}, size, MONDAY, "")

    found = [
        one("prescriber", 1),
        *(one("manager", size) for size in (5, 2, 4)),
        *(one("patient", n) for n in range(4)),
    ]
    assert [(kept.owner, kept.size) for kept in shown(found)] == [
        ("patient", 0),
        ("patient", 1),
        ("patient", 2),
        ("manager", 2),
        ("manager", 4),
        ("prescriber", 1),
    ]


def test_nothing_is_said_where_no_single_change_helps() -> None:
    assert said(asked(clinic(chairs=()), terms(1))) == []


def test_what_was_found_is_returned_when_the_time_is_over() -> None:
    what = asked(clinic(min_staff=3), terms(1))
    everything = [one.change for one in relaxations(what)]

    def until(ticks: int) -> list[Any]:
        seconds = iter(range(100_000))
        found = find_relaxations(
            what.clinic, what.terms, what.patient, what.wish, NOW, ends=ticks, clock=lambda: float(next(seconds))
        )
        return [one.change for one in found]

    counts = set()
    for ticks in range(0, 1000, 10):
        some = until(ticks)
        counts.add(len(some))
        assert some == everything[: len(some)]
    assert counts == set(range(len(everything) + 1))
