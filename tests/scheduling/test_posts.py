"""Nurse posts are named when the roster is known, and the charge nurse deals the day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scheduling.models import Appointment, PostName, Role, Status
from scheduling.permissions import NotAllowed
from scheduling.posts import DealRefused, deal_day, name_post, who_is
from scheduling.running_visits import NotThatKind
from scheduling.visit_steps import NotPossibleFromHere
from tests import factories
from tests.factories import NOW
from tests.scheduling.running import NINE, book, chair, hold_true, minutes, nurse, nurse_of, nurses_of, walk

pytestmark = pytest.mark.django_db
TUESDAY = date(2027, 1, 5)


def test_naming_a_post_touches_no_visit() -> None:
    clinic = factories.create_clinic()
    visit, by, post = book(clinic), nurse(clinic), nurse_of(clinic, 1)
    kim = factories.create_user(clinic, Role.NURSE, username="kim")
    assert who_is(posts=[post], day=TUESDAY) == {post.pk: "Nurse 1"}
    name_post(post=post, day=TUESDAY, user=kim, by=by, now=NOW)
    assert who_is(posts=[post], day=TUESDAY) == {post.pk: "Kim"}
    name_post(post=post, day=TUESDAY, name="Ana (float)", by=by, now=NOW)
    assert who_is(posts=[post], day=TUESDAY) == {post.pk: "Ana (float)"}
    assert who_is(posts=[post], day=TUESDAY + timedelta(days=1)) == {post.pk: "Nurse 1"}
    name_post(post=post, day=TUESDAY, by=by, now=NOW)
    assert not PostName.objects.exists()
    assert visit.row_version == Appointment.objects.get(pk=visit.pk).row_version
    with pytest.raises(NotThatKind):
        name_post(post=chair(clinic, 1), day=TUESDAY, name="Kim", by=by, now=NOW)
    with pytest.raises(NotAllowed):
        name_post(post=post, day=TUESDAY, name="Kim", by=factories.create_actor(clinic, Role.FRONT_DESK), now=NOW)


def test_the_charge_nurse_deals_visits_and_those_under_way_go_over_from_now_on() -> None:
    clinic = factories.create_clinic(chairs=3, nurses=2)
    running, later, by = book(clinic), book(clinic, NINE + minutes(60)), nurse(clinic)
    walk(running, by, Status.INFUSING)
    first = {nurses_of(visit)[0][0] for visit in (running,)} == {"nurse-1"}
    other = nurse_of(clinic, 2 if first else 1)
    now = NINE + minutes(45)
    deal_day(clinic=clinic, nurses={running: other, later: other}, by=by, now=now)
    hold_true()
    assert nurses_of(running)[1:] == [(other.code, 45, 120)]
    assert nurses_of(later) == [(other.code, 0, 120)]


def test_a_deal_that_asks_too_much_of_a_nurse_changes_nothing() -> None:
    clinic = factories.create_clinic(chairs=4, nurses=2)
    visits = [book(clinic) for _ in range(2)]
    by, one = nurse(clinic), nurse_of(clinic, 1)
    with pytest.raises(DealRefused) as refusal:
        deal_day(clinic=clinic, nurses=dict.fromkeys(visits, one), by=by, now=NOW)
    assert [problem.rule for problem in refusal.value.problems] == ["nurses"]
    assert {nurses_of(visit)[0][0] for visit in visits} == {"nurse-1", "nurse-2"}


def test_two_nurses_change_patients_in_one_deal() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    visits, by = [book(clinic), book(clinic)], nurse(clinic)
    had = {visit: nurses_of(visit)[0][0] for visit in visits}
    swapped = {visit: nurse_of(clinic, 1 if had[visit] == "nurse-2" else 2) for visit in visits}
    deal_day(clinic=clinic, nurses=swapped, by=by, now=NOW)
    hold_true()
    assert {visit: nurses_of(visit)[0][0] for visit in visits} == {v: n.code for v, n in swapped.items()}


def test_a_deal_is_for_nurses_and_for_visits_that_are_not_over() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    visit, by = book(clinic), nurse(clinic)
    with pytest.raises(NotThatKind):
        deal_day(clinic=clinic, nurses={visit: chair(clinic, 1)}, by=by, now=NOW)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        deal_day(clinic=clinic, nurses={visit: nurse_of(clinic, 1)}, by=desk, now=NOW)
    walk(visit, by, Status.COMPLETED)
    with pytest.raises(NotPossibleFromHere):
        deal_day(clinic=clinic, nurses={visit: nurse_of(clinic, 2)}, by=by, now=NINE + minutes(130))
