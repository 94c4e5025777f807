"""When a patient can come, in words: what is understood, what is given back, and what a search is asked then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.can_come import ALL, CanCome, Hours, in_words
from scheduling.can_come_reader import read_words
from scheduling.can_come_words import pieces_of
from scheduling.clinic_time import MINUTES_A_DAY, WEEKDAYS, ClinicTime, WallRange

# A Friday.
TODAY = date(2026, 11, 27)
AM, PM = Hours(before=720), Hours(first=720)
MON_WED = frozenset({"mon", "wed"})
CLOCK = ClinicTime("America/New_York")


@pytest.mark.parametrize(
    ("words", "can"),
    [
        ("mon wed am", CanCome(MON_WED, {"mon": AM, "wed": AM})),
        ("Mondays and Wednesdays, mornings please", CanCome(MON_WED, {"mon": AM, "wed": AM})),
        ("lun mié tarde", CanCome(MON_WED, {"mon": PM, "wed": PM})),
        ("los lunes y miércoles por la mañana", CanCome(MON_WED, {"mon": AM, "wed": AM})),
        ("mon am, wed pm", CanCome(MON_WED, {"mon": AM, "wed": PM})),
        ("mon am wed", CanCome(MON_WED, {"mon": AM})),
        ("not the 14th", CanCome(not_on=frozenset({date(2026, 12, 14)}))),
        ("not the 14th, 15th or dec 18", CanCome(not_on=frozenset(date(2026, 12, day) for day in (14, 15, 18)))),
        ("no el 14 de diciembre", CanCome(not_on=frozenset({date(2026, 12, 14)}))),
        ("not 14-16 dec", CanCome(not_on=frozenset({date(2026, 12, 14), date(2026, 12, 15), date(2026, 12, 16)}))),
        ("not mar 5", CanCome(not_on=frozenset({date(2027, 3, 5)}))),
        ("not mar", CanCome(frozenset(WEEKDAYS) - {"tue"})),
        ("mon-fri except wed", CanCome(frozenset({"mon", "tue", "thu", "fri"}))),
        ("after 3pm", CanCome(hours=dict.fromkeys(WEEKDAYS, Hours(first=900)))),
        ("después de las 3", CanCome(hours=dict.fromkeys(WEEKDAYS, Hours(first=900)))),
        ("before 11", CanCome(hours=dict.fromkeys(WEEKDAYS, Hours(before=660)))),
        ("done by 15:30", CanCome(hours=dict.fromkeys(WEEKDAYS, Hours(over_by=930)))),
        ("tue 9-3", CanCome(frozenset({"tue"}), {"tue": Hours(first=540, over_by=900)})),
        ("between 9 and 11", CanCome(hours=dict.fromkeys(WEEKDAYS, Hours(first=540, before=660)))),
        ("not before 9, not after 3pm", CanCome(hours=dict.fromkeys(WEEKDAYS, Hours(first=540, before=900)))),
        ("not fri pm", CanCome(frozenset(WEEKDAYS), {"fri": AM})),
        ("from 5 dec", CanCome(first=date(2026, 12, 5))),
        ("a partir del 5 de diciembre", CanCome(first=date(2026, 12, 5))),
        ("from next week", CanCome(first=date(2026, 11, 30))),
        ("after dec 5", CanCome(first=date(2026, 12, 6))),
        ("until 20 dec", CanCome(last=date(2026, 12, 20))),
        ("hasta el 20", CanCome(last=date(2026, 12, 20))),
        ("around 10", CanCome(at=time(10))),
        ("9 a.m.", CanCome(at=time(9))),
        ("all 6, mon wed", CanCome(MON_WED, how_many=ALL)),
        ("first 3", CanCome(how_many=3)),
        ("2 visits", CanCome(how_many=2)),
        ("", CanCome()),
    ],
)
def test_what_people_say_is_understood(words: str, can: CanCome) -> None:
    heard = read_words(words, today=TODAY)
    assert (heard.can, heard.not_understood) == (can, ())


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        ("her sister drives mon", ("her sister drives",)),
        ("mon, whenever, wed", ("whenever",)),
        ("5 mar", ("5 mar",)),
        ("the 14th", ("the 14th",)),
        ("25:00", ("25:00",)),
        ("not", ("not",)),
        ("feb 31", ("feb 31",)),
    ],
)
def test_what_is_not_understood_is_given_back_as_typed(words: str, lost: tuple[str, ...]) -> None:
    assert read_words(words, today=TODAY).not_understood == lost


@pytest.mark.parametrize(
    ("words", "days", "can"),
    [
        ("not 30 feb", ("30 feb",), CanCome()),
        ("not the 31 de febrero", ("31 de febrero",), CanCome()),
        ("no el 31 de abril, lun", ("31 de abril",), CanCome(frozenset({"mon"}))),
        ("from feb 30", ("feb 30",), CanCome()),
        ("not 31.2.", ("31.2.",), CanCome()),
        ("not 32.1.", ("32.1.",), CanCome()),
        ("not 31/2", ("31/2",), CanCome()),
        ("not 2026-02-31", ("2026-02-31",), CanCome()),
        ("until 31st of june", ("31st of june",), CanCome()),
        ("not feb 29", (), CanCome(not_on=frozenset({date(2028, 2, 29)}))),
        ("not 31.1.", (), CanCome(not_on=frozenset({date(2027, 1, 31)}))),
        ("not 28.12.", (), CanCome(not_on=frozenset({date(2026, 12, 28)}))),
        ("at 9.30.", (), CanCome(at=time(9, 30))),
    ],
)
def test_a_day_that_there_is_not_is_no_other_day_and_is_named(words: str, days: tuple[str, ...], can: CanCome) -> None:
    heard = read_words(words, today=TODAY)
    assert (heard.no_such_days, heard.can) == (days, can)
    assert bool(heard.not_understood) == bool(days)


ALL_BUT_FRIDAY = CanCome(frozenset(WEEKDAYS) - {"fri"})
NEGATIONS = (
    "any day but {}", "anything but {}", "all but {}", "all days except {}", "any time other than {}", "other than {}",
    "apart from {}", "rather not {}", "can't do {}", "she can not do {}", "can’t make it {}", "never on {}",
    "without {}", "not on {}", "no {}", "except for {}", "unable to come on {}", "prefer not to come on {}",
)  # fmt: skip
SPANISH_NEGATIONS = (
    "no los {}", "no puede los {}", "no puedo venir los {}", "cualquier día menos {}", "todos los días menos el {}",
    "todos menos {}", "excepto los {}", "aparte del {}", "nunca los {}", "sin {}", "tampoco los {}", "salvo el {}",
)  # fmt: skip
NOT_READ = (
    "{} not", "{}, no", "no, {}", "{} are not good", "{} doesn't work", "{} is out", "not my {}", "nothing but {}",
    "not only {}", "not every {}", "busy {}", "unless {}", "no problem {}", "if not {}", "not {} at 10", "but {}",
    "not {} next week", "not: {}", "{} no monday yes", "a menos que {}", "al menos {}", "{} imposible", "{} no",
)  # fmt: skip


@pytest.mark.parametrize("words", [one.format("fridays") for one in NEGATIONS])
@pytest.mark.parametrize("before", ["", "mon 10am, ", "4 visits, "])
def test_a_no_is_a_no_however_it_is_said(before: str, words: str) -> None:
    heard = read_words(before + words, today=TODAY)
    assert ("fri" in (heard.can.weekdays or {"fri"}), heard.not_understood) == (False, ())


@pytest.mark.parametrize("words", [one.format("viernes") for one in SPANISH_NEGATIONS])
def test_a_no_is_a_no_in_spanish(words: str) -> None:
    heard = read_words(words, today=TODAY, day_first=True)
    assert (heard.can, heard.not_understood) == (ALL_BUT_FRIDAY, ())


@pytest.mark.parametrize("words", [one.format("friday") for one in NOT_READ])
def test_a_no_that_is_not_understood_takes_its_clause_along(words: str) -> None:
    heard = read_words(words, today=TODAY)
    assert (heard.can, heard.not_understood) == (CanCome(), (words.replace(":", " :"),))


@pytest.mark.parametrize(
    ("words", "can", "lost"),
    [
        ("mon wed am, not too late", CanCome(MON_WED, {"mon": AM, "wed": AM}), ("not too late",)),
        ("mon, friday is out, wed", CanCome(MON_WED), ("friday is out",)),
        ("mon wed, but fri pm", CanCome(MON_WED), ("but fri pm",)),
        ("not at 10", CanCome(), ("not at 10",)),
        ("not from 9 to 11", CanCome(), ("not from 9 to 11",)),
        ("not dec 5 am", CanCome(), ("not dec 5 am",)),
        ("all but 2", CanCome(), ("all but 2",)),
        ("any day but the 14th", CanCome(not_on=frozenset({date(2026, 12, 14)})), ()),
        ("any time but mornings", CanCome(hours=dict.fromkeys(WEEKDAYS, PM)), ()),
        ("weekdays but wed", CanCome(frozenset({"mon", "tue", "thu", "fri"})), ()),
        ("all, not fri", CanCome(frozenset(WEEKDAYS) - {"fri"}, how_many=ALL), ()),
        ("not fri after 3", CanCome(frozenset(WEEKDAYS), {"fri": Hours(before=900)}), ()),
        ("not fridays in the morning", CanCome(frozenset(WEEKDAYS), {"fri": PM}), ()),
        ("no los viernes por la tarde", CanCome(frozenset(WEEKDAYS), {"fri": AM}), ()),
        ("not until 5 dec", CanCome(first=date(2026, 12, 5)), ()),
        ("not the 14th 3 visits", CanCome(not_on=frozenset({date(2026, 12, 14)}), how_many=3), ()),
        ("neither mon nor wed", CanCome(frozenset(WEEKDAYS) - MON_WED), ()),
        ("only mon wed", CanCome(MON_WED), ()),
        ("any day, not fri", ALL_BUT_FRIDAY, ()),
        ("any weekday but fri", CanCome(frozenset({"mon", "tue", "wed", "thu"})), ()),
        ("every mon, cada miércoles", CanCome(MON_WED), ()),
        ("every other mon", CanCome(frozenset({"mon"})), ("every other",)),
    ],
)
def test_what_a_no_is_said_of(words: str, can: CanCome, lost: tuple[str, ...]) -> None:
    heard = read_words(words, today=TODAY)
    assert (heard.can, heard.not_understood) == (can, lost)


@pytest.mark.parametrize(
    "words",
    [
        "from dec 5 2026", "from dec 5, 2026", "from 12/5/2026", "from 12/5/26", "from 5 december 2026",
        "from 5.12.2026", "from 5.12.26", "from 2026-12-05", "desde el 5 de diciembre de 2026", "from sat 5 dec",
        "from saturday, december 5th, 2026", "a partir del 5 dic 2026", "from 12-5-2026",
    ],
)  # fmt: skip
def test_a_date_may_have_its_year_and_its_weekday(words: str) -> None:
    heard = read_words(words, today=TODAY)
    assert (heard.can, heard.not_understood) == (CanCome(first=date(2026, 12, 5)), ())


@pytest.mark.parametrize(
    "words",
    [
        "from dec 5 2025", "from 12/5/1999", "from 12 feb 1999", "not 5 mar 1999", "not dec 5 2029", "dec 5 2062",
        "until 2062-12-05", "dec 5 2025", "from 12.2.2025", "not feb 29 2027", "5 mar", "12/5", "until next week",
        "this week or next week", "5 dec or 8 dec", "monuntil jan 12", "her sister 5 dec", "from 5/12/2026",
    ],
)  # fmt: skip
def test_a_day_of_a_year_that_is_not_near_or_that_may_be_another_is_not_guessed(words: str) -> None:
    heard = read_words(words, today=TODAY)
    assert heard.can == CanCome()
    assert " ".join(heard.not_understood) == words.replace(" or ", " ")


def test_a_day_two_years_ahead_is_near() -> None:
    assert read_words("until dec 31 2028", today=TODAY).can.last == date(2028, 12, 31)
    assert read_words("after dec 31 2028", today=TODAY).can.first == date(2029, 1, 1)


@pytest.mark.parametrize(
    ("words", "first", "last", "rest"),
    [
        ("today", "11-27", "11-27", CanCome()),
        ("tomorrow", "11-28", "11-28", CanCome()),
        ("tomorrow at 10", "11-28", "11-28", CanCome(at=time(10))),
        ("the day after tomorrow", "11-29", "11-29", CanCome()),
        ("5 dec", "12-05", "12-05", CanCome()),
        ("2 dec at 10", "12-02", "12-02", CanCome(at=time(10))),
        ("mon 7 dec", "12-07", "12-07", CanCome()),
        ("only 5 dec", "12-05", "12-05", CanCome()),
        ("5-8 dec", "12-05", "12-08", CanCome()),
        ("from 5 to 8 dec", "12-05", "12-08", CanCome()),
        ("this week", "11-27", "11-29", CanCome()),
        ("next week", "11-30", "12-06", CanCome()),
        ("next week, mon wed am", "11-30", "12-06", CanCome(MON_WED, {"mon": AM, "wed": AM})),
        ("hoy", "11-27", "11-27", CanCome()),
        ("mañana", "11-28", "11-28", CanCome()),
        ("mañana a las 10", "11-28", "11-28", CanCome(at=time(10))),
        ("mañana por la mañana", "11-28", "11-28", CanCome(hours=dict.fromkeys(WEEKDAYS, AM))),
        ("pasado mañana", "11-29", "11-29", CanCome()),
        ("esta semana", "11-27", "11-29", CanCome()),
        ("la próxima semana", "11-30", "12-06", CanCome()),
        ("la semana que viene", "11-30", "12-06", CanCome()),
        ("el 5 de diciembre a las 10", "12-05", "12-05", CanCome(at=time(10))),
    ],
)
def test_a_day_or_a_week_alone_is_when_they_come(words: str, first: str, last: str, rest: CanCome) -> None:
    heard = read_words(words, today=TODAY, day_first=True)
    days = date.fromisoformat(f"2026-{first}"), date.fromisoformat(f"2026-{last}")
    assert (heard.can, heard.not_understood) == (replace(rest, first=days[0], last=days[1]), ())


@pytest.mark.parametrize(
    ("words", "can", "lost"),
    [
        ("not tomorrow", CanCome(not_on=frozenset({date(2026, 11, 28)})), ()),
        ("no mañana", CanCome(not_on=frozenset({date(2026, 11, 28)})), ()),
        ("lunes mañana", CanCome(frozenset({"mon"}), {"mon": AM}), ()),
        ("not this week", CanCome(not_on=frozenset(date(2026, 11, day) for day in (27, 28, 29))), ()),
        ("not 14-16 jan", CanCome(not_on=frozenset(date(2027, 1, day) for day in (14, 15, 16))), ()),
        ("not fri 4 dec", CanCome(not_on=frozenset({date(2026, 12, 4)})), ()),
        ("not fri 5 dec", CanCome(), ("not fri 5 dec",)),
        ("mon 5 dec", CanCome(frozenset({"mon"})), ("5 dec",)),
        ("before next week", CanCome(last=date(2026, 11, 29)), ()),
        ("after next week", CanCome(first=date(2026, 12, 7)), ()),
        ("desde mañana", CanCome(first=date(2026, 11, 28)), ()),
        ("a partir de mañana", CanCome(first=date(2026, 11, 28)), ()),
    ],
)
def test_days_and_weeks_that_something_is_said_of(words: str, can: CanCome, lost: tuple[str, ...]) -> None:
    heard = read_words(words, today=TODAY)
    assert (heard.can, heard.not_understood) == (can, lost)


def test_day_and_month_are_read_as_the_language_writes_them() -> None:
    assert read_words("from 5/12", today=TODAY).can.first == date(2027, 5, 12)
    assert read_words("from 5/12", today=TODAY, day_first=True).can.first == date(2026, 12, 5)


SAID = """mon wed fri am pm not the 14th 14 dec mar after before from until between and 3pm 9-11 , - 10:30 at all first
3 visits lun tarde de las a 12/14 sister 2026-12-05 weekend next week
but any day except can't do busy tomorrow mañana this 2026 jan 12/5/2027 5.12.2026 no ; only apart other than"""
WORDS = st.lists(st.sampled_from(SAID.split())).map(" ".join)


@given(st.one_of(st.text(max_size=60), WORDS))
def test_no_text_is_refused_and_what_is_lost_was_typed(text: str) -> None:
    heard = read_words(text, today=TODAY)
    typed = {piece.typed for piece in pieces_of(text)}
    assert all(word in text for lost in heard.not_understood for word in lost.split() if word in typed)
    assert read_words(in_words(heard.can), today=TODAY).can == heard.can


minutes = st.integers(1, 95).map(lambda quarter: quarter * 15)
hours = st.builds(
    Hours, st.one_of(st.just(0), minutes), st.one_of(st.just(MINUTES_A_DAY), minutes),
    st.one_of(st.just(MINUTES_A_DAY), minutes),
)  # fmt: skip
days = st.dates(date(2026, 11, 27), date(2028, 2, 29))


@st.composite
def can_comes(draw: st.DrawFn) -> CanCome:
    weekdays = draw(st.one_of(st.none(), st.frozensets(st.sampled_from(WEEKDAYS), min_size=1)))
    if weekdays is None:
        general = draw(hours)
        of_day = {} if general == Hours() else dict.fromkeys(WEEKDAYS, general)
    else:
        of_day = {day: one for day in weekdays if (one := draw(hours)) != Hours()}
    at = draw(st.one_of(st.none(), minutes.map(lambda minute: time(minute // 60, minute % 60))))
    how_many = draw(st.one_of(st.none(), st.integers(0, 12)))
    not_on, first, last = draw(st.frozensets(days, max_size=3)), draw(st.none() | days), draw(st.none() | days)
    return CanCome(weekdays, of_day, at, not_on, first, last, how_many)


@given(can_comes())
def test_what_is_put_into_words_is_read_back_alike(can: CanCome) -> None:
    assert read_words(in_words(can), today=TODAY).can == can, in_words(can)


@given(hours, st.integers(1, 60).map(lambda steps: steps * 5), st.integers(0, 287).map(lambda step: step * 5))
def test_a_visit_is_inside_its_range_when_its_hours_allow_it(one: Hours, presence: int, start: int) -> None:
    suits = one.first <= start < one.before and start + presence <= one.over_by
    found = one.range_for(presence)
    is_inside = found is not None and found.start <= start and start + presence <= found.end
    if start + presence <= MINUTES_A_DAY:
        assert is_inside == suits


def test_days_that_are_out_are_busy_and_hours_are_ranges() -> None:
    now = datetime(2026, 11, 27, 15, tzinfo=UTC)
    can = read_words("mon am, not the 14th, from 5 dec, until 20 dec", today=TODAY).can
    times = can.times(CLOCK, now=now, presence=120)
    assert times.available is not None
    assert times.available["mon"] == (WallRange(0, 720 + 115),)
    assert times.available["tue"] == (WallRange(0, MINUTES_A_DAY),)
    busy = [(f"{one.start:%d %H}", f"{one.end:%d %H}") for one in times.busy[:2]]
    assert busy == [("14 05", "15 05"), ("27 15", "05 05")]
    assert f"{times.busy[2].start:%Y-%m-%d %H}" == "2026-12-21 05"


def test_what_was_ticked_adds_to_what_was_said() -> None:
    can = CanCome(frozenset({"mon"}), at=time(9)).beside(frozenset({"wed"}), time(10), 2)
    assert (can.weekdays, can.at, can.how_many) == (MON_WED, time(9), 2)
    assert CanCome().beside(None, None, None) == CanCome()
