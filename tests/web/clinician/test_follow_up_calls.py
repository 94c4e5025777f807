"""Follow-up calls by page: overdue ones on top, every outcome, notes for clinical staff alone, reviews for the desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.models import Address, CallTask
from scheduling.models import Appointment, Clinic, FollowUp, FollowUpTry, Order, Role, User, VisitKind
from tests import factories
from tests.notifications.world import PHONE, reachable_patient
from tests.scheduling.given import GIVEN, given_two
from tests.web.pages import DESK, NURSE, PRESCRIBER, page_of, signed_in

pytestmark = pytest.mark.django_db
# Ten in the morning, two days after the second infusion: both calls were due before.
THEN = GIVEN + timedelta(days=2)
NOTE = "Slept badly since"


@pytest.fixture(autouse=True)
def then() -> Iterator[None]:
    with time_machine.travel(THEN, tick=False):
        yield


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(nurses=4)


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return given_two(clinic, reachable_patient(clinic, now=GIVEN - timedelta(days=9)))


@pytest.fixture
def call(order: Order) -> FollowUp:
    return FollowUp.objects.get(order=order, kind="call", after_number=2)


@pytest.fixture
def nurse(clinic: Clinic) -> Client:
    return signed_in(clinic, NURSE)


def press(client: Client, call: FollowUp, do: str, **more: str) -> str:
    return page_of(client.post(f"/clinician/calls/{call.pk}/", {"do": do, **more}, follow=True))


def test_list_says_who_why_since_when_and_at_which_number(clinic: Clinic, call: FollowUp, nurse: Client) -> None:
    page = page_of(nurse.get("/clinician/calls/"))
    first = FollowUp.objects.get(kind="call", after_number=1)
    assert page.index(f'id="follow-up-{first.pk}"') < page.index(f'id="follow-up-{call.pk}"')
    for words in (
        call.order.patient.shown_name, "Call on day 1 after Infusion 2 of 2", "Given on Friday, January 8, 9:25 AM",
        "(212) 555-0123", "overdue since Sat, Jan 9", "Speaks: English",
    ):  # fmt: skip
        assert words in " ".join(page.split())


def test_who_was_spoken_with_is_done_and_the_note_is_kept(clinic: Clinic, call: FollowUp, nurse: Client) -> None:
    assert "Done: you spoke with them." in press(nurse, call, "spoke", note=NOTE)
    assert list(FollowUpTry.objects.values_list("outcome", "note")) == [("spoke", NOTE)]
    assert f'id="follow-up-{call.pk}"' not in page_of(nurse.get("/clinician/calls/"))
    assert "Somebody settled this before" in press(nurse, call, "spoke")


def test_tries_and_their_notes_are_shown_to_whoever_tries_next(clinic: Clinic, call: FollowUp, nurse: Client) -> None:
    press(nurse, call, "no_answer", note=NOTE)
    press(nurse, call, "voicemail")
    page = page_of(signed_in(clinic, PRESCRIBER).get("/clinician/calls/"))
    assert NOTE in page
    assert page.index("No answer, ") < page.index("Left a voicemail, ")
    assert "In the next days" in page


def test_not_needed_asks_for_a_word_why(call: FollowUp, nurse: Client) -> None:
    assert "Say in the note why it is not needed." in press(nurse, call, "not_needed")
    assert "Taken off the list" in press(nurse, call, "not_needed", note="Was here today")


def test_wrong_number_is_a_try_and_stops_the_number(call: FollowUp, nurse: Client) -> None:
    address = Address.objects.get(value=PHONE)
    page = press(nurse, call, "", wrong=str(address.pk))
    assert "Nothing goes to that number any more." in page
    address.refresh_from_db()
    assert address.stopped_at is not None
    assert CallTask.objects.get(kind="wrong_number").patient == call.order.patient
    assert FollowUpTry.objects.get().outcome == "wrong_number"
    assert FollowUp.objects.get(pk=call.pk).state == "open"


def test_it_is_taken_given_back_taken_over_and_put_off(clinic: Clinic, call: FollowUp, nurse: Client) -> None:
    other = signed_in(clinic, PRESCRIBER)
    assert "It is yours." in press(nurse, call, "take")
    page = page_of(other.get("/clinician/calls/"))
    had_by = page.split('name="had_by" value="')[1].split('"')[0]
    assert had_by == nurse.session["_auth_user_id"]
    assert "It is yours." in press(other, call, "take", had_by=had_by)
    assert "Somebody else may make it." in press(other, call, "back")
    assert "Put off." in press(nurse, call, "tomorrow")
    call.refresh_from_db()
    assert call.snoozed_until == (THEN + timedelta(days=1)).replace(hour=9, minute=0)
    assert "Nothing was changed." in press(nurse, call, "nonsense")


@pytest.mark.parametrize(
    ("do", "words"),
    [
        ("take", "has it. Ask them, and take it over"),
        ("back", "has it by now, and keeps it"),
        ("tomorrow", "has it by now. Nothing was written down"),
        ("no_answer", "has it by now. Nothing was written down"),
        ("not_needed", "has it by now. Nothing was written down"),
    ],
)
def test_a_page_drawn_before_a_colleague_took_the_call_takes_it_off_nobody(
    clinic: Clinic, call: FollowUp, nurse: Client, do: str, words: str
) -> None:
    other = signed_in(clinic, PRESCRIBER)
    press(other, call, "take")
    holder = User.objects.get(pk=other.session["_auth_user_id"])
    page = press(nurse, call, do, note=NOTE)
    assert f"{holder.shown_name} {words}" in page
    assert page.count(f">{NOTE}</textarea>") == 1, "what was written is there to be sent again"
    call.refresh_from_db()
    assert (call.taken_by, call.snoozed_until, call.state) == (holder, None, "open")
    assert not FollowUpTry.objects.exists()
    if do != "back":
        assert "has it" not in press(nurse, call, do, note=NOTE, had_by=str(holder.pk)).split("<main")[0]


def test_who_was_spoken_with_meanwhile_is_done_whoever_has_the_call(
    clinic: Clinic, call: FollowUp, nurse: Client
) -> None:
    press(signed_in(clinic, PRESCRIBER), call, "take")
    assert "Done: you spoke with them." in press(nurse, call, "spoke", note=NOTE)
    assert FollowUp.objects.get(pk=call.pk).state == "done"


@pytest.mark.parametrize("role", [DESK, Role.MANAGER, Role.AUDITOR])
def test_who_is_no_clinician_sees_and_does_nothing_here(clinic: Clinic, call: FollowUp, role: Role) -> None:
    client = signed_in(clinic, role)
    assert client.get("/clinician/calls/").status_code == 403
    assert client.post(f"/clinician/calls/{call.pk}/", {"do": "spoke"}).status_code == 403
    assert not FollowUpTry.objects.exists()


def test_another_clinic_does_not_find_it(clinic: Clinic, call: FollowUp) -> None:
    other = signed_in(factories.create_clinic(clinic.organisation), NURSE)
    assert other.post(f"/clinician/calls/{call.pk}/", {"do": "spoke"}).status_code == 404


@pytest.mark.parametrize("patients", [1, 3])
def test_list_takes_eight_queries(
    clinic: Clinic, nurse: Client, patients: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(patients):
        given_two(clinic)
    with django_assert_num_queries(8):
        page = page_of(nurse.get("/clinician/calls/"))
    assert page.count('id="follow-up-') == 2 * patients


def test_desk_books_the_review_in_neutral_words(clinic: Clinic, order: Order) -> None:
    kind = factories.create_visit_type(clinic, kind=VisitKind.CONSULTATION)
    desk, review = signed_in(clinic, DESK), FollowUp.objects.get(kind="review")
    page = page_of(desk.get("/orders/"))
    assert "A visit with the prescriber, about Friday, January 22" in page
    address = f"/patients/{order.patient_id}/visit/?follow_up={review.pk}&type={kind.pk}"
    page = page_of(desk.get(address))
    assert f'name="follow_up" value="{review.pk}"' in page
    start = page.split('name="start" value="')[1].split('"')[0]
    desk.post(address, {"start": start, "key": "one", "do": "book"})
    review.refresh_from_db()
    assert review.appointment == Appointment.objects.get(visit_type=kind)
    assert "A visit with the prescriber" not in page_of(desk.get("/orders/"))
