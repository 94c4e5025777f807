"""Cover: arranged by days, by whom it may be, ended early; and whose a review is on a clinic's own day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scheduling.covering import (
    CoveredAlready,
    CoverIsOver,
    CoversOneself,
    NoPrescriber,
    NotThoseDays,
    TooFarAhead,
    arrange_cover,
    end_cover,
)
from scheduling.covers import covers_ahead, covers_for, covers_on
from scheduling.events import Actor
from scheduling.models import Clinic, Event, Membership, PrescriberCover, Role, User
from scheduling.permissions import NotAllowed
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import meets_the_constraints
from tests.scheduling.reviewed import prescriber

pytestmark = pytest.mark.django_db
TODAY = date(2027, 1, 4)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def lee(clinic: Clinic) -> User:
    return prescriber(clinic, "lee")


@pytest.fixture
def okafor(clinic: Clinic) -> User:
    return prescriber(clinic, "okafor")


def arrange(
    clinic: Clinic, away: User, cover: User, first: int, last: int, *, by: Actor | None = None
) -> PrescriberCover:
    """On these days of January."""
    return arrange_cover(
        prescriber=away, cover=cover, first_day=date(2027, 1, first), last_day=date(2027, 1, last), today=TODAY,
        by=by or Actor.staff(away, clinic), now=NOW,
    )  # fmt: skip


def test_both_days_count_and_the_days_around_do_not(clinic: Clinic, lee: User, okafor: User) -> None:
    made = arrange(clinic, lee, okafor, 5, 10)
    for day, covered in ((4, False), (5, True), (10, True), (11, False)):
        when = date(2027, 1, day)
        assert covers_on(when, [lee.pk, okafor.pk]) == ({lee.pk: okafor} if covered else {})
        assert covers_for(okafor, when) == ([lee] if covered else [])
    assert covers_ahead(clinic.organisation_id, TODAY) == [made]
    event = Event.objects.get(verb="cover.arranged")
    assert (event.data, event.patient_id) == ({"cover": made.pk}, None)
    meets_the_constraints()


def test_it_ends_at_once_and_only_once(clinic: Clinic, lee: User, okafor: User) -> None:
    made = arrange(clinic, lee, okafor, 4, 10)
    by = Actor.staff(lee, clinic)
    end_cover(cover=made, today=TODAY, by=by, now=NOW)
    assert covers_on(TODAY, [lee.pk]) == {}
    with pytest.raises(CoverIsOver):
        end_cover(cover=made, today=TODAY, by=by, now=NOW)
    assert Event.objects.filter(verb="cover.ended").count() == 1
    arrange(clinic, lee, okafor, 4, 10)


def test_what_is_over_is_not_ended(clinic: Clinic, lee: User, okafor: User) -> None:
    made = arrange(clinic, lee, okafor, 4, 5)
    with pytest.raises(CoverIsOver):
        end_cover(cover=made, today=date(2027, 1, 6), by=Actor.staff(lee, clinic), now=NOW + timedelta(days=2))


def test_nonsense_is_refused(clinic: Clinic, lee: User, okafor: User) -> None:
    with pytest.raises(CoversOneself):
        arrange(clinic, lee, lee, 5, 6)
    with pytest.raises(NotThoseDays):
        arrange(clinic, lee, okafor, 6, 5)
    with pytest.raises(NotThoseDays):
        arrange(clinic, lee, okafor, 1, 3)
    with pytest.raises(NotThoseDays):
        arrange_cover(
            prescriber=lee, cover=okafor, first_day=TODAY, last_day=date(2028, 1, 6), today=TODAY,
            by=Actor.staff(lee, clinic), now=NOW,
        )  # fmt: skip
    elsewhere = prescriber(factories.create_clinic())
    for nobody in (factories.create_user(clinic, Role.NURSE), elsewhere):
        with pytest.raises(NoPrescriber):
            arrange(clinic, lee, nobody, 5, 6)
    User.objects.filter(pk=okafor.pk).update(is_active=False)
    with pytest.raises(NoPrescriber):
        arrange(clinic, lee, okafor, 5, 6)
    assert not PrescriberCover.objects.exists()


@pytest.mark.parametrize("first", [date(2028, 1, 6), date(2036, 11, 28), date(9999, 12, 31)])
def test_it_is_arranged_up_to_a_year_ahead(clinic: Clinic, lee: User, okafor: User, first: date) -> None:
    by = Actor.staff(lee, clinic)
    with pytest.raises(TooFarAhead) as refusal:
        arrange_cover(prescriber=lee, cover=okafor, first_day=first, last_day=first, today=TODAY, by=by, now=NOW)
    assert not PrescriberCover.objects.exists()
    latest = refusal.value.latest
    made = arrange_cover(
        prescriber=lee, cover=okafor, first_day=latest, last_day=latest + timedelta(days=9), today=TODAY, by=by, now=NOW
    )
    assert made.first_day == date(2028, 1, 5)


def test_days_that_overlap_are_refused_with_the_cover_that_stands(clinic: Clinic, lee: User, okafor: User) -> None:
    third = prescriber(clinic, "cole")
    made = arrange(clinic, lee, okafor, 5, 10)
    for first, last in ((10, 12), (4, 5), (6, 7), (4, 20)):
        with pytest.raises(CoveredAlready) as refusal:
            arrange(clinic, lee, third, first, last)
        assert refusal.value.cover == made
    arrange(clinic, lee, third, 11, 12)


def test_who_is_away_does_not_cover_and_who_covers_is_not_away(clinic: Clinic, lee: User, okafor: User) -> None:
    third = prescriber(clinic, "cole")
    arrange(clinic, lee, okafor, 5, 10)
    with pytest.raises(CoveredAlready):
        arrange(clinic, third, lee, 9, 12)
    with pytest.raises(CoveredAlready):
        arrange(clinic, okafor, third, 9, 12)
    arrange(clinic, third, okafor, 9, 12)
    assert covers_for(okafor, date(2027, 1, 9)) == [lee, third]


def test_a_prescriber_arranges_their_own_and_a_manager_anyones(clinic: Clinic, lee: User, okafor: User) -> None:
    for role in (Role.NURSE, Role.FRONT_DESK, Role.PRESCRIBER, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            arrange(clinic, lee, okafor, 5, 6, by=factories.create_actor(clinic, role))
    made = arrange(clinic, lee, okafor, 5, 6, by=factories.create_actor(clinic, Role.MANAGER))
    with pytest.raises(NotAllowed):
        end_cover(cover=made, today=TODAY, by=Actor.staff(okafor, clinic), now=NOW)
    stranger = factories.create_actor(factories.create_clinic(), Role.MANAGER)
    with pytest.raises(NoPrescriber):
        arrange(clinic, lee, okafor, 8, 9, by=stranger)
    assert Membership.objects.filter(user=lee).exists()
