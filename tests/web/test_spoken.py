"""How times, dates and infusions are said, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from django.utils import timezone, translation
from psycopg.types.range import TimestamptzRange

from notifications.models import Address, AddressKind
from scheduling.models import Patient
from scheduling.series_terms import Proposal
from scheduling.why_not import WhyNot, Words
from scheduling.would_work import would_work
from web import spoken

pytestmark = pytest.mark.usefixtures("before_opening")
AT = datetime(2027, 1, 6, 18, 30, tzinfo=UTC)
NEW_YORK = "America/New_York"


def test_times_are_said_on_the_clinics_clock_in_english() -> None:
    with timezone.override(NEW_YORK), translation.override("en"):
        assert spoken.clock(AT) == "1:30 PM"
        assert spoken.wall_clock(time(8)) == "8:00 AM"
        assert spoken.long_day(AT) == "Wednesday, January 6"
        assert spoken.short_day(date(2027, 1, 6)) == "Wed, Jan 6"
        assert spoken.full_date(date(1960, 12, 7)) == "December 7, 1960"


def test_the_day_is_said_only_where_it_is_not_today() -> None:
    with timezone.override(NEW_YORK), translation.override("en"):
        assert spoken.soon(AT, date(2027, 1, 6)) == "1:30 PM"
        assert spoken.soon(AT, date(2027, 1, 5)) == "Wed, Jan 6, 1:30 PM"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2027-01-06T00:00", "2027-01-07T00:00", "Wed, Jan 6"),
        ("2027-01-06T00:00", "2027-01-08T00:00", "Wed, Jan 6 – Thu, Jan 7"),
        ("2027-01-06T09:00", "2027-01-06T17:00", "Wed, Jan 6, 9:00 AM – 5:00 PM"),
        ("2027-01-06T09:00", "2027-01-07T00:00", "Wed, Jan 6, 9:00 AM – 12:00 AM"),
        ("2027-01-06T09:00", "2027-01-08T12:00", "Wed, Jan 6, 9:00 AM – Fri, Jan 8, 12:00 PM"),
    ],
)
def test_spans_are_said_by_days_where_days_are_meant_whole(start: str, end: str, words: str) -> None:
    period = TimestamptzRange(datetime.fromisoformat(f"{start}-05:00"), datetime.fromisoformat(f"{end}-05:00"))
    with timezone.override(NEW_YORK), translation.override("en"):
        assert spoken.span(period) == words


def test_what_would_work_is_said_with_the_day_it_leads_to() -> None:
    change = would_work({"kind": "fewer", "last": 3}, Proposal(date(2027, 1, 8), 0, ()), 1, "fewer", last=3)
    with translation.override("en"):
        assert spoken.would_work(change) == (
            "Would work if infusion 3 were the last one to be booked now. The last one would be on Fri, Jan 8."
        )


def test_times_are_said_on_the_clinics_clock_in_spanish() -> None:
    with timezone.override(NEW_YORK), translation.override("es"):
        assert spoken.clock(AT) == "13:30"
        assert spoken.long_day(AT) == "miércoles 6 de enero"


@pytest.mark.parametrize(
    ("numbers", "words"), [([3], "Infusion 3"), ([1, 2, 3], "Infusions 1–3"), ([5, 1, 2], "Infusions 1, 2, 5")]
)
def test_infusions_are_named_by_their_numbers(numbers: list[int], words: str) -> None:
    with translation.override("en"):
        assert spoken.infusions(numbers) == words


@pytest.mark.parametrize(
    ("kind", "value", "raw", "words"),
    [
        (AddressKind.PHONE, "+12125550123", "212 555 0123", "(212) 555-0123"),
        (AddressKind.PHONE, "+442079460000", "", "+44 20 7946 0000"),
        (AddressKind.PHONE, None, "555", "555"),
        (AddressKind.EMAIL, "rosa@patients.test", "Rosa@patients.test", "rosa@patients.test"),
    ],
)
def test_addresses_are_written_as_people_write_them(kind: AddressKind, value: str | None, raw: str, words: str) -> None:
    assert spoken.address(Address(kind=kind, value=value, raw=raw)) == words


def test_reason_names_its_resources_in_words() -> None:
    reason = WhyNot(
        "several", 2, None, "Infusion %(number)s: %(resources)s.", {"number": 2, "resources": "hours, grid"}
    )
    with translation.override("en"):
        assert spoken.said(reason) == "Infusion 2: opening hours, start times."


def test_people_are_alike_by_how_the_family_name_begins_and_an_initial() -> None:
    people = [
        Patient(pk=1, given_name="Maria", family_name="Gomez"),
        Patient(pk=2, given_name="Teresa", preferred_name="Mia", family_name="gomez"),
        Patient(pk=3, given_name="Lee", family_name="Gomez"),
        Patient(pk=4, given_name="Mario", family_name="Gómes"),
        Patient(pk=5, given_name="Maria", family_name="Olsen"),
    ]
    assert spoken.look_alikes(people) == {1, 2, 4}


def test_language_without_a_name_here_keeps_its_code() -> None:
    with translation.override("en"):
        assert [spoken.language_name(code) for code in ("es", "vi", "xx")] == ["Spanish", "Vietnamese", "xx"]


def test_reason_says_its_days_and_times_as_the_page_does() -> None:
    days = Words("from %(first)s to %(last)s", {"first": date(2027, 1, 6), "last": date(2027, 1, 8)})
    reason = WhyNot(
        "hours",
        2,
        None,
        "%(days)s: %(at)s, %(wall)s, %(some)s",
        {"days": days, "at": AT, "wall": time(8), "some": (date(2027, 1, 6), date(2027, 1, 7))},
    )
    with timezone.override(NEW_YORK), translation.override("en"):
        assert spoken.said(reason) == "from Wed, Jan 6 to Fri, Jan 8: 1:30 PM, 8:00 AM, Wed, Jan 6 and Thu, Jan 7"


def test_infusions_after_a_series_are_called_by_their_plans_word() -> None:
    assert spoken.infusion_of(1, 4, "Booster") == "Booster 1 of 4"
    assert [spoken.infusions(numbers, "Booster") for numbers in ([2], [1, 2, 3], [1, 3])] == [
        "Booster 2", "Booster 1–3", "Booster 1, 3",
    ]  # fmt: skip
