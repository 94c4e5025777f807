"""The nurse's day: who is here, who comes, one button each."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduling.models import Clinic, Role, Status
from scheduling.prerequisites import record_met
from tests import factories
from tests.factories import NOW
from tests.web.pages import DESK, NURSE, book, bring_to, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=4, nurses=2)


def test_visits_stand_where_they_are_with_the_next_step(clinic: Clinic) -> None:
    expected, here, over = (book(factories.create_order(clinic), clinic)[0] for _ in range(3))
    bring_to(here, Status.ARRIVED, Status.SEATED, clinic=clinic)
    bring_to(over, Status.NO_SHOW, clinic=clinic, now=over.period.lower)
    page = page_of(signed_in(clinic, NURSE).get("/today/"))
    groups = {name: page.index(f'id="{name}-title"') for name in ("here", "come", "over")}
    names = {visit.pk: page.index(f'href="/visits/{visit.pk}/"') for visit in (expected, here, over)}
    order = sorted([*groups.items(), *names.items()], key=lambda item: item[1])
    assert [name for name, _ in order] == ["here", here.pk, "come", expected.pk, "over", over.pk]
    assert f'aria-label="Start infusion: {here.patient.shown_name}"' in page
    assert f'aria-label="Arrived: {expected.patient.shown_name}"' in page
    assert f"/visits/{over.pk}/step/" not in page


def test_step_from_the_list_leads_back_to_it(clinic: Clinic) -> None:
    visit = book(factories.create_order(clinic), clinic)[0]
    answer = signed_in(clinic, NURSE).post(
        f"/visits/{visit.pk}/step/", {"to": "arrived", "back": "today", "identity": "photo_id"}
    )
    visit.refresh_from_db()
    assert (answer.headers["Location"], visit.status) == ("/today/", Status.ARRIVED)


@pytest.mark.parametrize("visits", [1, 3])
def test_page_takes_six_queries(clinic: Clinic, visits: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    nurse = signed_in(clinic, NURSE)
    for _ in range(visits):
        book(factories.create_order(clinic), clinic)
    with django_assert_num_queries(6):
        page = page_of(nurse.get("/today/"))
    assert page.count("Infusion 1 of 6") == visits


def test_what_is_said_of_what_a_visit_needs_is_a_change_that_is_seen_once(clinic: Clinic) -> None:
    def version_on(page: str) -> str:
        return page.split("changes/?version=")[1].split('"', maxsplit=1)[0]

    order = factories.create_order(
        clinic, template=factories.SIX | {"prerequisites": [{"code": "labs", "name": "labs"}]}
    )
    book(order, clinic)
    nurse = signed_in(clinic, NURSE)
    before = version_on(page_of(nurse.get("/today/")))
    assert nurse.get(f"/today/changes/?version={before}").status_code == 204
    by = factories.create_actor(clinic, NURSE)
    record_met(order=order, code="labs", first=NOW.date(), by=by, now=NOW)
    changed = nurse.get(f"/today/changes/?version={before}")
    assert changed.status_code == 200
    assert nurse.get(f"/today/changes/?version={version_on(page_of(changed))}").status_code == 204


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.AUDITOR])
def test_page_is_for_clinical_staff(clinic: Clinic, role: Role) -> None:
    assert signed_in(clinic, role).get("/today/").status_code == 403


def test_desk_who_is_also_a_nurse_sees_it(clinic: Clinic) -> None:
    page = page_of(signed_in(clinic, DESK, NURSE).get("/today/"))
    assert "Nobody is here yet." in page
    assert "Nobody else is expected." in page
