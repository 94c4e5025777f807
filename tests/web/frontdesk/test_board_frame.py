"""What stands around the visits of a day: blocks, chairs out of service, closures, the week, and the nurses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import Client
from psycopg.types.range import TimestamptzRange

from scheduling.absences import record_absence
from scheduling.blocks import block, release_block
from scheduling.events import Entry, record
from scheduling.intervals import Interval
from scheduling.models import AbsenceKind, Clinic, Closure, PostName, Resource, Role, Status
from tests import factories
from tests.factories import NOW
from tests.web.frontdesk.test_board import laid_out, poll_address
from tests.web.pages import DESK, book, bring_to, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
EIGHT = datetime(2027, 1, 4, 13, 0, tzinfo=UTC)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=3, nurses=2)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def hours(first: float, last: float) -> Interval:
    return Interval(EIGHT + timedelta(hours=first), EIGHT + timedelta(hours=last))


def chair(clinic: Clinic, number: int) -> Resource:
    return clinic.resources.get(code=f"chair-{number}")


def close(clinic: Clinic, period: Interval, reason: str) -> None:
    with transaction.atomic():
        Closure.objects.create(clinic=clinic, period=TimestamptzRange(period.start, period.end), reason=reason)
        entry = Entry("clinic.set_up", clinic_id=clinic.pk)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=factories.system(), now=NOW)


def shades(clinic: Clinic, number: int) -> list[tuple[str, str, int, int]]:
    column = next(one for one in laid_out(clinic).columns if one.chair == chair(clinic, number).pk)
    return [(one.kind, one.words, one.spot.row, one.spot.span) for one in column.shades]


def test_blocks_stand_in_their_chair_with_their_label_until_they_are_let_go(clinic: Clinic) -> None:
    by = factories.create_actor(clinic, DESK)
    kept = block(
        resources=[chair(clinic, 1)], period=hours(2, 3), label="Boosters", release_at=EIGHT, by=by, now=NOW
    )  # fmt: skip
    block(resources=[chair(clinic, 2)], period=hours(4, 5), label="Rep lunch", by=by, now=NOW)
    assert shades(clinic, 1) == [("block", "Boosters, kept until 8:00 AM", 24, 12)]
    assert shades(clinic, 2) == [("block", "Rep lunch", 48, 12)]
    assert shades(clinic, 3) == []
    release_block(blocks=kept, by=by, now=NOW)
    assert shades(clinic, 1) == []


def test_a_chair_out_of_service_and_a_closure_say_why(clinic: Clinic) -> None:
    by = factories.create_actor(clinic, Role.MANAGER)
    record_absence(
        resource=chair(clinic, 1), period=hours(-4, 1), kind=AbsenceKind.OUT_OF_SERVICE, reason="upholstery", by=by,
        now=NOW,
    )  # fmt: skip
    close(clinic, hours(8, 16), "Training")
    assert shades(clinic, 1) == [("closed", "Training", 96, 24), ("away", "out of service: upholstery", 0, 12)]
    assert shades(clinic, 2) == [("closed", "Training", 96, 24)]


def test_a_change_of_what_stands_around_the_visits_is_a_new_version(clinic: Clinic, desk: Client) -> None:
    address = poll_address(page_of(desk.get("/")))
    assert desk.get(address).status_code == 204
    by = factories.create_actor(clinic, DESK)
    changes: list[Callable[[], object]] = [
        lambda: block(resources=[chair(clinic, 1)], period=hours(2, 3), label="Rep lunch", by=by, now=NOW),
        lambda: close(clinic, hours(8, 9), "Training"),
        lambda: book(factories.create_order(clinic), clinic),
    ]
    for change in changes:
        change()
        answer = desk.get(address)
        assert answer.status_code == 200
        address = poll_address(page_of(answer))
        assert desk.get(address).status_code == 204


def test_week_counts_visits_a_day_without_kept_times_and_says_what_is_closed(clinic: Clinic, desk: Client) -> None:
    visits = book(factories.create_order(clinic), clinic, how_many=3)
    days = {visit.period.lower.astimezone(ZoneInfo(clinic.time_zone)).date() for visit in visits}
    week = laid_out(clinic).week
    assert [one.day for one in week] == [date(2027, 1, 4) + timedelta(days=number) for number in range(7)]
    assert {one.day for one in week if one.visits} == {day for day in days if day <= date(2027, 1, 10)}
    assert [one.is_open for one in week] == [True] * 5 + [False] * 2
    assert [one.day.day for one in week if one.is_today] == [4]
    bring_to(visits[0], Status.NO_SHOW, clinic=clinic, now=visits[0].period.lower)
    board = laid_out(clinic)
    assert dict(board.counts)["visits"] == next(one.visits for one in board.week if one.is_shown) == 1
    page = page_of(desk.get("/?day=2027-01-06"))
    assert 'href="?day=2027-01-04&amp;view=chairs"' in page


def strip(clinic: Clinic, now: datetime, day: date = date(2027, 1, 4)) -> list[tuple[str, str, str, str]]:
    return [(one.name, one.state, one.words, one.more) for one in laid_out(clinic, day, now=now).nurses]


def test_nurses_watch_and_are_one_to_one_as_recorded(clinic: Clinic) -> None:
    visit = book(factories.create_order(clinic), clinic)[0]
    had = visit.claims.filter(resource__kind="nurse").earliest("pk").resource
    seat = visit.claims.get(resource__kind="chair").resource.name
    other = clinic.resources.filter(kind="nurse").exclude(pk=had.pk).get()
    PostName.objects.create(post=had, day=date(2027, 1, 4), name="Ana")

    def of(name: str, now: datetime) -> tuple[str, str, str, str]:
        return next(one for one in strip(clinic, now) if one[0] == name)

    assert of("Ana", NOW) == ("Ana", "off", "not here yet", "from 8:00 AM")
    bring_to(visit, Status.ARRIVED, clinic=clinic, now=EIGHT)
    assert of("Ana", EIGHT) == ("Ana", "watching", "watching 1 of 3", "until 6:00 PM")
    assert of(other.name, EIGHT) == (other.name, "free", "watching 0 of 3", "until 6:00 PM")
    bring_to(visit, Status.SEATED, clinic=clinic, now=EIGHT + timedelta(minutes=9))
    quarter = EIGHT + timedelta(minutes=15)
    assert of("Ana", quarter) == ("Ana", "one-to-one", f"one-to-one, {seat}", "until 8:25 AM")
    late = EIGHT + timedelta(hours=5)
    assert of("Ana", late)[2] == "watching 1 of 3", "who is here longer than planned is still hers"
    assert of(other.name, EIGHT + timedelta(hours=11))[1:] == ("off", "gone", "")


def test_nurses_of_another_day_are_shown_with_hours_and_visits(clinic: Clinic) -> None:
    tuesday = date(2027, 1, 5)
    assert strip(clinic, NOW, tuesday) == [
        ("Nurse 1", "plan", "8:00 AM – 6:00 PM", "0 visits"), ("Nurse 2", "plan", "8:00 AM – 6:00 PM", "0 visits"),
    ]  # fmt: skip
    nurse = clinic.resources.get(code="nurse-2")
    whole = Interval(EIGHT + timedelta(hours=20), EIGHT + timedelta(hours=40))
    by = factories.create_actor(clinic, Role.MANAGER)
    record_absence(resource=nurse, period=whole, kind=AbsenceKind.AWAY, reason="flu", by=by, now=NOW)
    assert strip(clinic, NOW, tuesday)[1] == ("Nurse 2", "off", "away", "")
    assert strip(clinic, NOW, date(2027, 1, 10)) == []


def test_why_a_nurse_is_away_is_nobodys_business(clinic: Clinic, desk: Client) -> None:
    by = factories.create_actor(clinic, Role.MANAGER)
    nurse = clinic.resources.get(code="nurse-2")
    record_absence(resource=nurse, period=hours(-1, 12), kind=AbsenceKind.AWAY, reason="flu", by=by, now=NOW)
    page = page_of(desk.get("/"))
    assert "away" in page
    assert "flu" not in page
