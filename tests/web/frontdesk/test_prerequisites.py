"""What is needed before visits, on the desk's pages: marks, the list to run after, the page to say it, the warnings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduling.models import Clinic, Order, PrerequisiteRecord, Role
from scheduling.prerequisites import record_met, waive
from tests import factories
from tests.factories import NOW
from tests.web.frontdesk.test_board import poll_address
from tests.web.pages import DESK, NURSE, PRESCRIBER, book, naughty_strings, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
TODAY = date(2027, 1, 4)
ASKED: list[dict[str, Any]] = [
    {"code": "labs", "name": "labs", "kind": "labs", "met_by": ["nurse", "prescriber"]},
    {"code": "payer", "name": "authorisation", "kind": "authorisation", "counts_visits": True},
    {"code": "form", "name": "intake form", "kind": "form"},
]
PLAN = factories.SIX | {"prerequisites": ASKED}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=4, nurses=2)


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic, template=PLAN)


def say_all(order: Order, clinic: Clinic) -> None:
    for one in ASKED:
        record_met(order=order, code=one["code"], first=TODAY, by=factories.create_actor(clinic, NURSE), now=NOW)


@pytest.mark.parametrize("view", ["chairs", "list"])
@pytest.mark.parametrize("visits", [1, 3])
def test_board_says_what_a_visit_waits_for_in_as_many_queries_as_before(
    clinic: Clinic, view: str, visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(visits):
        book(factories.create_order(clinic, template=PLAN), clinic, how_many=1)
    desk = signed_in(clinic, DESK)
    with django_assert_num_queries(6):
        page = page_of(desk.get(f"/?view={view}"))
    assert page.lower().count("waiting for labs, authorisation and intake form") == visits


def test_board_says_ready_and_nothing_where_nothing_is_asked(clinic: Clinic, order: Order) -> None:
    book(order, clinic, how_many=1)
    book(factories.create_order(clinic), clinic, how_many=1)
    say_all(order, clinic)
    page = page_of(signed_in(clinic, DESK).get("/"))
    assert page.count('<span class="visit__ready">ready</span>') == 1
    assert "waiting for" not in page


def test_board_that_is_open_hears_that_a_visit_is_ready(
    clinic: Clinic, order: Order, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    book(order, clinic, how_many=1)
    desk = signed_in(clinic, DESK)
    address = poll_address(page_of(desk.get("/")))
    with django_assert_num_queries(5):
        assert desk.get(address).status_code == 204
    say_all(order, clinic)
    assert '<span class="visit__ready">ready</span>' in page_of(desk.get(address))


def test_series_says_it_of_each_booked_infusion(clinic: Clinic, order: Order) -> None:
    book(order, clinic, how_many=2)
    record_met(order=order, code="payer", first=TODAY, visits=1, by=factories.create_actor(clinic, DESK), now=NOW)
    page = page_of(signed_in(clinic, DESK).get(f"/series/{order.pk}/"))
    assert page.count("Waiting for labs and intake form") == 1
    assert page.count("Waiting for labs, authorisation and intake form") == 1
    assert f"/series/{order.pk}/before/" in page


@pytest.mark.parametrize("visits", [1, 4])
def test_list_of_what_is_not_ready_takes_four_queries(
    clinic: Clinic, visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(visits):
        book(factories.create_order(clinic, template=PLAN), clinic, how_many=1)
    desk = signed_in(clinic, DESK)
    with django_assert_num_queries(4):
        page = page_of(desk.get("/not-ready/"))
    assert page.count("Labs: not there yet") == visits
    # What the desk may say with one press, and what others say or wants a number.
    assert page.count('aria-label="It is there: intake form') == visits
    assert page.count('aria-label="Look at it: labs') == visits
    assert page.count('aria-label="Look at it: authorisation') == visits


def test_one_press_settles_it_and_leads_back_to_the_list(clinic: Clinic, order: Order) -> None:
    book(order, clinic, how_many=1)
    desk = signed_in(clinic, DESK)
    answer = desk.post(f"/series/{order.pk}/before/", {"code": "form", "do": "met", "back": "not_ready"})
    assert answer.headers["Location"] == "/not-ready/"
    said = PrerequisiteRecord.objects.get()
    assert (said.code, said.answer, said.valid_from, said.valid_to) == ("form", "met", TODAY, None)
    assert "intake form" not in page_of(desk.get("/not-ready/")).split("Written down", 1)[1]


def test_page_writes_down_days_visits_and_a_note(clinic: Clinic, order: Order) -> None:
    book(order, clinic, how_many=1)
    desk, address = signed_in(clinic, DESK), f"/series/{order.pk}/before/"
    typed = {
        "code": "payer", "do": "met", "first": "2027-01-02", "last": "2027-03-03", "visits": "8", "note": "A-1234",
    }  # fmt: skip
    page = page_of(desk.post(address, typed, follow=True))
    said = PrerequisiteRecord.objects.get()
    assert (said.valid_to, said.visits, said.note) == (date(2027, 3, 3), 8, "A-1234")
    assert "Authorisation: there until Wed, Mar 3, used by 0 of 8 visits so far" in page
    assert "“A-1234”" in page


def test_last_day_before_the_first_is_said_at_its_field_and_nothing_typed_is_lost(clinic: Clinic, order: Order) -> None:
    typed = {"code": "payer", "do": "met", "first": "2027-02-02", "last": "2027-01-03", "note": "A-1234"}
    answer = signed_in(clinic, DESK).post(f"/series/{order.pk}/before/", typed)
    assert answer.status_code == 422
    page = page_of(answer)
    assert "The last day lies before the first." in page
    assert 'value="A-1234"' in page
    assert not PrerequisiteRecord.objects.exists()


def test_waived_for_one_visit_by_the_prescriber_and_by_nobody_else(clinic: Clinic, order: Order) -> None:
    first, _ = book(order, clinic, how_many=2)
    typed = {"code": "labs", "do": "waive", "visit": str(first.pk), "note": "MARKER-why"}
    address = f"/series/{order.pk}/before/"
    for role in (DESK, NURSE, Role.MANAGER):
        page = page_of(signed_in(clinic, role).post(address, typed, follow=True))
        assert "The order names who may say so: Prescriber. Nothing was written down." in page
    assert not PrerequisiteRecord.objects.exists()
    page = page_of(signed_in(clinic, PRESCRIBER).post(address, typed, follow=True))
    assert "Labs: not needed for this visit" in page
    assert PrerequisiteRecord.objects.get().appointment == first


def test_desk_reads_no_note_of_a_waiver_nor_of_labs(clinic: Clinic, order: Order) -> None:
    doctor = factories.create_actor(clinic, PRESCRIBER)
    record_met(order=order, code="labs", first=TODAY, note="MARKER-labs", by=doctor, now=NOW)
    waive(order=order, code="payer", first=TODAY, note="MARKER-waived", by=doctor, now=NOW)
    record_met(order=order, code="form", first=TODAY, note="on paper", by=doctor, now=NOW)
    visit = book(order, clinic, how_many=1)[0]
    pages = ("/", f"/series/{order.pk}/", f"/series/{order.pk}/before/", "/not-ready/", f"/visits/{visit.pk}/")
    for role in (DESK, Role.MANAGER):
        client = signed_in(clinic, role)
        assert "MARKER" not in "".join(page_of(client.get(page)) for page in pages)
    assert "on paper" in page_of(signed_in(clinic, DESK).get(pages[2]))
    page = page_of(signed_in(clinic, NURSE).get(pages[2]))
    assert "MARKER-labs" in page
    assert "MARKER-waived" in page


def test_forms_are_there_for_whom_the_order_names(clinic: Clinic, order: Order) -> None:
    address = f"/series/{order.pk}/before/"
    offered = {
        role: [name for name in ("labs", "authorisation", "intake form") if f'"It is there: {name}"' in page]
        for role in (DESK, NURSE)
        for page in [page_of(signed_in(clinic, role).get(address))]
    }
    assert offered == {DESK: ["authorisation", "intake form"], NURSE: ["labs", "authorisation", "intake form"]}
    assert '"Not needed: labs"' not in page_of(signed_in(clinic, NURSE).get(address))
    assert '"Not needed: labs"' in page_of(signed_in(clinic, PRESCRIBER).get(address))


def test_days_far_away_are_said_with_their_year(clinic: Clinic, order: Order) -> None:
    address = f"/series/{order.pk}/before/"
    sent = {"code": "payer", "do": "met", "first": "2026-01-05", "last": "9999-12-31"}
    page = page_of(signed_in(clinic, DESK).post(address, sent, follow=True))
    assert "from Mon, Jan 5, 2026 until Fri, Dec 31, 9999" in page


def test_first_day_that_can_not_be_is_refused_at_its_field(clinic: Clinic, order: Order) -> None:
    answer = signed_in(clinic, DESK).post(
        f"/series/{order.pk}/before/", {"code": "payer", "do": "met", "first": "0001-01-01"}
    )  # fmt: skip
    assert answer.status_code == 422
    said = "This day lies before the patient's birth, or a hundred years away."
    assert answer.context["form"].errors == {"first": [said]}
    assert not PrerequisiteRecord.objects.exists()


def test_infusions_after_a_series_are_called_as_their_plan_calls_them(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=PLAN | {"word": "Booster"})
    [visit] = book(order, clinic, how_many=1)
    desk, address = signed_in(clinic, DESK), f"/series/{order.pk}/before/"
    assert "Booster 1, Mon, Jan 4 alone" in page_of(desk.get(address))
    page = page_of(desk.post(address, {"code": "payer", "do": "met", "visit": visit.pk}, follow=True))
    assert "Booster 1 alone, from" in page
    assert "Infusion 1" not in page


def test_order_of_another_clinic_is_not_found(clinic: Clinic, order: Order) -> None:
    stranger = signed_in(factories.create_clinic(), NURSE)
    assert stranger.get(f"/series/{order.pk}/before/").status_code == 404
    assert stranger.post(f"/series/{order.pk}/before/", {"code": "labs", "do": "met"}).status_code == 404


def test_what_the_order_no_longer_asks_for_is_said_kindly(clinic: Clinic, order: Order) -> None:
    answer = signed_in(clinic, NURSE).post(f"/series/{order.pk}/before/", {"code": "gone", "do": "met"}, follow=True)
    assert "The order does not ask for this any more." in page_of(answer)


@pytest.mark.parametrize("text", naughty_strings()[::40])
def test_notes_are_shown_as_typed(clinic: Clinic, order: Order, text: str) -> None:
    desk = signed_in(clinic, DESK)
    page = page_of(desk.post(f"/series/{order.pk}/before/", {"code": "form", "do": "met", "note": text}, follow=True))
    assert shows(page, text)


def test_proposal_is_shown_with_what_ends_before_an_infusion_and_can_be_booked(clinic: Clinic, order: Order) -> None:
    say_all(order, clinic)
    by = factories.create_actor(clinic, DESK)
    record_met(order=order, code="payer", first=TODAY, last=TODAY + timedelta(days=3), by=by, now=NOW)
    desk = signed_in(clinic, DESK)
    page = page_of(desk.get(f"/series/{order.pk}/book/"))
    assert "Authorisation: ends Thu, Jan 7, before infusion 3." in page
    key = page.split('name="key" value="', 1)[1].split('"', 1)[0]
    picks = [part.split('"', 1)[0] for part in page.split('name="pick" value="')[1:4]]
    answer = desk.post(f"/series/{order.pk}/book/", {"key": key, "pick": picks, "do": "book"})
    assert answer.headers["Location"] == f"/series/{order.pk}/"
    assert order.appointments.count() == 3


def test_proposals_of_a_ready_series_warn_of_nothing(clinic: Clinic, order: Order) -> None:
    say_all(order, clinic)
    page = page_of(signed_in(clinic, DESK).get(f"/series/{order.pk}/book/"))
    assert "triangle-alert" not in page
    assert "not there yet" not in page


def test_visit_says_what_it_waits_for_until_it_has_started(clinic: Clinic, order: Order) -> None:
    [visit] = book(order, clinic, how_many=1)
    desk = signed_in(clinic, DESK)
    page = page_of(desk.get(f"/visits/{visit.pk}/"))
    assert "Labs: not there yet" in page
    assert f"/series/{order.pk}/before/" in page
    say_all(order, clinic)
    assert "Labs:" not in page_of(desk.get(f"/visits/{visit.pk}/"))


def test_move_past_the_end_of_an_authorisation_is_made_and_said(clinic: Clinic, order: Order) -> None:
    say_all(order, clinic)
    [visit] = book(order, clinic, how_many=1)
    by = factories.create_actor(clinic, DESK)
    record_met(order=order, code="payer", first=TODAY, last=TODAY, by=by, now=NOW)
    start = visit.period.lower + timedelta(days=1)
    page = page_of(signed_in(clinic, DESK).post(
        f"/visits/{visit.pk}/move/", {"start": start.isoformat(), "row_version": visit.row_version}, follow=True
    ))  # fmt: skip
    visit.refresh_from_db()
    assert visit.period.lower == start
    assert "Authorisation: ends Mon, Jan 4, before infusion 1." in page
