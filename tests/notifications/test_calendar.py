"""Calendar files byte by byte, by rules that somebody else wrote, and by an algebra of our own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.calendar import CalendarVisit, Standing, write_calendar
from tests.notifications.ical_checks import byte_faults, libical_answers

NOW = datetime(2027, 1, 4, 12, tzinfo=UTC)
UID = "7f0c2f0e-6a0f-4c1f-9a57-3d1b7d2f8c55"


def visit(
    *, summary: str = "Appointment", place: str = "1 Harbor Street", note: str = "", standing: str = "CONFIRMED"
) -> CalendarVisit:
    start = datetime(2027, 3, 14, 12, tzinfo=UTC)
    return CalendarVisit(UID, 3, start, start + timedelta(hours=2), Standing(standing), summary, place, note)


def written(*visits: CalendarVisit, organiser: str = "Harbor Center", feed_name: str = "") -> bytes:
    return write_calendar(visits, organiser=organiser, mailbox="no-reply@clinic.test", now=NOW, feed_name=feed_name)


def unfolded(file: bytes) -> list[str]:
    return file.decode().replace("\r\n ", "").split("\r\n")


def test_file_says_when_where_and_nothing_else() -> None:
    assert unfolded(written(visit(note="Can't come? Call +1 212 555 0100.")))[:-1] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Clinic Desk//Visits//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{UID}",
        "SEQUENCE:3",
        "DTSTAMP:20270104T120000Z",
        "DTSTART:20270314T120000Z",
        "DTEND:20270314T140000Z",
        "STATUS:CONFIRMED",
        "SUMMARY:Appointment",
        "LOCATION:1 Harbor Street",
        "DESCRIPTION:Can't come? Call +1 212 555 0100.",
        'ORGANIZER;CN="Harbor Center":mailto:no-reply@clinic.test',
        "CLASS:PRIVATE",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_cancelled_visit_is_published_as_such_and_takes_no_time() -> None:
    lines = unfolded(written(visit(standing="CANCELLED")))
    assert {"STATUS:CANCELLED", "TRANSP:TRANSPARENT", "METHOD:PUBLISH"} <= set(lines)


def test_feed_has_a_name_of_its_own_and_says_when_to_look_again() -> None:
    lines = unfolded(written(feed_name="Citas, ahora"))
    assert {"X-WR-CALNAME:Citas\\, ahora", "X-PUBLISHED-TTL:PT2H"} <= set(lines)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(summary=TEXTS, place=TEXTS, note=TEXTS, organiser=TEXTS)
def test_whatever_a_clinic_is_called_the_file_keeps_every_byte_rule(
    summary: str, place: str, note: str, organiser: str
) -> None:
    file = written(visit(summary=summary, place=place, note=note), organiser=organiser, feed_name=summary)
    assert byte_faults(file) == []


@given(place=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200))
def test_text_comes_back_as_it_was(place: str) -> None:
    [line] = [line for line in unfolded(written(visit(place=place))) if line.startswith("LOCATION:")]
    said = line.removeprefix("LOCATION:").replace("\\;", ";").replace("\\,", ",")
    # In this order: a backslash that was written stands as two.
    assert said.replace("\\\\", "\\") == place


@given(lines=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=4))
def test_no_text_becomes_a_line_of_its_own(lines: list[str]) -> None:
    """Whoever writes an address can't write a property."""
    file = written(visit(place="\r\n".join([*lines, "ATTENDEE:mailto:x@y.test"])))
    assert [line.split(":")[0].split(";")[0] for line in unfolded(file)].count("ATTENDEE") == 0


def test_the_byte_rules_see_a_fault() -> None:
    good = written(visit(place="á" * 60))
    assert byte_faults(good) == []
    assert byte_faults(good.replace(b"\r\n ", b"")) != []
    assert byte_faults(good.replace(b"\r\n", b"\n")) != []


@pytest.mark.calendar_readers
def test_libical_finds_nothing_wrong(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.ics", tmp_path / "bad.ics"
    standings = [visit(standing=standing, place="Calle 1; piso 2, á") for standing in Standing]
    good.write_bytes(written(*standings, feed_name="Citas"))
    # The control: without its organiser a published event is not one.
    bad.write_bytes(b"".join(line for line in good.read_bytes().splitlines(keepends=True) if b"ORGANIZER" not in line))
    of_good, (code_of_bad, _) = libical_answers([good, bad])
    assert of_good == (0, f"ok   {good}")
    assert code_of_bad == 1
