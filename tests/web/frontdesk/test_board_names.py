"""Initials in place of names: in this browser, on every view of the board, and nowhere in what is sent to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.blocks import block
from scheduling.intervals import Interval
from scheduling.models import Clinic, Patient, Resource, ResourceKind, Role
from scheduling.opening_hours import record_closure
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at
from tests.web.frontdesk.test_board import poll_address
from tests.web.pages import DESK, book, page_of, signed_in
from web.frontdesk.board_names import initials

HOURS = (("14:00", "15:00"), ("16:00", "17:00"))
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    clinic = factories.create_clinic(chairs=4, nurses=2)
    for name in ("Mara", "Milo"):
        book(
            factories.create_order(clinic, factories.create_patient(clinic, given_name=name, family_name="Olsen")),
            clinic,
        )
    return clinic


def test_initials_stand_for_names_until_the_browser_asks_for_names_again(clinic: Clinic) -> None:
    desk = signed_in(clinic, DESK)
    address = poll_address(page_of(desk.get("/")))
    assert desk.post("/board/names/", {"names": "initials", "next": "/?view=list"}).headers["Location"] == "/?view=list"
    for path in ("/", "/?view=list", address.split("&version")[0]):
        page = page_of(desk.get(path))
        assert page.count("M. O.") == 2
        assert page.count("same initials") == 2
        assert "Olsen" not in page
        assert "Mara" not in page
    assert "Mara Olsen" in page_of(signed_in(clinic, DESK).get("/")), "another browser has its own"
    desk.post("/board/names/", {"names": "names", "next": "/"})
    assert "Mara Olsen" in page_of(desk.get("/"))


def test_what_staff_wrote_of_a_blocked_chair_or_a_closure_is_not_said_by_initials(clinic: Clinic) -> None:
    hours = [Interval(at("2027-01-04", begins), at("2027-01-04", ends)) for begins, ends in HOURS]
    chair, by = (
        Resource.objects.filter(clinic=clinic, kind=ResourceKind.CHAIR)[0],
        factories.create_actor(clinic, Role.MANAGER),
    )
    block(resources=[chair], period=hours[0], label="for Mara Olsen", by=by, now=NOW)
    record_closure(clinic=clinic, period=hours[1], reason="party of Mara Olsen", by=by, now=NOW)
    desk = signed_in(clinic, DESK)
    page = page_of(desk.get("/"))
    assert "for Mara Olsen" in page
    assert "party of Mara Olsen" in page
    desk.post("/board/names/", {"names": "initials", "next": "/"})
    page = page_of(desk.get("/"))
    assert "Olsen" not in page
    assert "blocked" in page


def test_the_way_back_leads_to_no_other_host(clinic: Clinic) -> None:
    answer = signed_in(clinic, DESK).post("/board/names/", {"names": "initials", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


@given(given=st.text(max_size=8), preferred=st.text(max_size=8), family=st.text(max_size=8))
def test_initials_are_two_letters_at_most_whatever_the_name(given: str, preferred: str, family: str) -> None:
    said = initials(Patient(given_name=given, preferred_name=preferred, family_name=family))
    assert said == "–" or len(said.split()) <= 2
    assert said


@pytest.mark.parametrize(
    ("given", "preferred", "family", "said"),
    [("Rosalind", "Bo", "Reyes", "B. R."), ("josé", "", "ñandú", "J. Ñ."), ("", "", "!!", "–"), ("'Ann", "", "", "A.")],
)
def test_initials_follow_the_name_staff_use(given: str, preferred: str, family: str, said: str) -> None:
    assert initials(Patient(given_name=given, preferred_name=preferred, family_name=family)) == said
