"""The desk's one page of work: nine lists, what each button does, and what the other desk is told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.calls import ask_to_call
from notifications.desk_work import DeskList, counts
from notifications.models import CallKind, CallTask, PatientAddress
from notifications.unconfirmed import ask_about_unconfirmed
from scheduling.models import Appointment, CallOutcome, Clinic, DeskRow, Event, Order, Patient, Role, RowKind, User
from scheduling.patients import record_death
from scheduling.running_late import note_late
from scheduling.withdrawing import withdraw
from tests import factories
from tests.factories import NOW
from tests.notifications.world import MAILBOX, reachable_patient
from tests.web.pages import DESK, NURSE, PRESCRIBER, book, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
HOUR = timedelta(hours=1)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return reachable_patient(clinic, mailbox=MAILBOX, now=NOW)


@pytest.fixture
def order(clinic: Clinic, rosa: Patient) -> Order:
    return factories.create_order(clinic, rosa)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def press(client: Client, kind: str, subject: int, do: str, **more: str | int) -> str:
    answer = client.post("/lists/row/", {"kind": kind, "subject": subject, "do": do, **more}, follow=True)
    return page_of(answer)


def rows_on(client: Client, which: DeskList) -> list[str]:
    """The keys of a list's rows that are to do now."""
    section = page_of(client.get("/lists/")).split(f'id="list-{which}"')[1].split("</section>")[0]
    return re.findall(r'id="([a-z_]+-\d+)" tabindex', section.split('<details class="lists__later"')[0])


def later_on(client: Client, which: DeskList) -> list[str]:
    section = page_of(client.get("/lists/")).split(f'id="list-{which}"')[1].split("</section>")[0]
    return re.findall(r'id="([a-z_]+-\d+)" tabindex', section.partition('<details class="lists__later"')[2])


def test_all_nine_stand_there_with_their_counts(desk: Client, order: Order) -> None:
    page = page_of(desk.get("/lists/"))
    assert [which for which in DeskList if f'id="list-{which}"' in page] == list(DeskList)
    assert rows_on(desk, DeskList.TO_BOOK) == [f"order_to_book-{order.pk}"]
    assert "Infusions 1–6 of 6" in page
    assert "Everything is booked." not in page
    assert "Nothing waits to be read." in page


def test_who_has_a_row_is_seen_at_the_other_desk_and_takes_it_over_by_asking(
    clinic: Clinic, desk: Client, order: Order
) -> None:
    other = signed_in(clinic, DESK)
    assert "It is yours." in press(desk, RowKind.ORDER_TO_BOOK, order.pk, "take")
    holder = DeskRow.objects.get().taken_by
    assert holder is not None
    assert f"{holder.shown_name} has it" in page_of(other.get("/lists/"))
    # The page of the other desk was older than that.
    assert f"{holder.shown_name} has it. Ask them" in press(other, RowKind.ORDER_TO_BOOK, order.pk, "take")
    assert DeskRow.objects.get().taken_by == holder
    assert "It is yours." in press(other, RowKind.ORDER_TO_BOOK, order.pk, "take", had_by=holder.pk)
    assert DeskRow.objects.get().taken_by != holder
    assert "Yours: give back" in page_of(other.get("/lists/"))
    press(other, RowKind.ORDER_TO_BOOK, order.pk, "back")
    assert DeskRow.objects.get().taken_by is None
    verbs = Event.objects.filter(verb__startswith="desk_row").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["desk_row.taken", "desk_row.taken", "desk_row.given_back"]


@pytest.mark.parametrize(
    ("do", "words"), [("back", "by now, and keeps it"), ("tomorrow", "ask them, then"), ("no_answer", "ask them, then")]
)
def test_a_page_drawn_before_a_colleague_took_it_takes_nothing_off_them(
    clinic: Clinic, desk: Client, order: Order, rosa: Patient, do: str, words: str
) -> None:
    other = signed_in(clinic, DESK)
    call = ask_to_call(
        key="k", kind=CallKind.ASKED_FOR_CALL, clinic=clinic, patient=rosa, by=factories.system(), now=NOW
    )
    holder = other.session["_auth_user_id"]
    for kind, subject in ((str(RowKind.ORDER_TO_BOOK), order.pk), ("call", call.pk)):
        press(other, kind, subject, "take")
        page = press(desk, kind, subject, do)
        assert f"{User.objects.get(pk=holder).shown_name} has it by now" in page
        assert words in page
    row, call = DeskRow.objects.get(), CallTask.objects.get()
    assert [str(row.taken_by_id), str(call.taken_by_id)] == [holder, holder]
    assert (row.snoozed_until, call.due_at, call.tries) == (None, NOW, 0)
    if do != "back":
        # Now the page says who has it, and it is pressed again.
        press(desk, RowKind.ORDER_TO_BOOK, order.pk, do, had_by=holder)
        press(desk, "call", call.pk, do, had_by=holder)
        assert (DeskRow.objects.get().taken_by, CallTask.objects.get().taken_by) == (None, None)


def test_what_somebody_had_yesterday_is_nobodys_today(desk: Client, order: Order) -> None:
    press(desk, RowKind.ORDER_TO_BOOK, order.pk, "take")
    user = User.objects.get(pk=desk.session["_auth_user_id"])
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        desk.force_login(user)
        assert "I have it" in page_of(desk.get("/lists/"))


@pytest.mark.parametrize(("outcome", "words"), [("voicemail", "voicemail"), ("no_answer", "no answer")])
def test_who_was_not_reached_comes_back_in_an_hour(desk: Client, order: Order, outcome: str, words: str) -> None:
    press(desk, RowKind.ORDER_TO_BOOK, order.pk, outcome)
    key = f"order_to_book-{order.pk}"
    assert (rows_on(desk, DeskList.TO_BOOK), later_on(desk, DeskList.TO_BOOK)) == ([], [key])
    with time_machine.travel(NOW + HOUR, tick=False):
        assert rows_on(desk, DeskList.TO_BOOK) == [key]
        assert f"{words} <span" in page_of(desk.get("/lists/"))


def test_who_was_spoken_with_stays_until_the_thing_is_done(desk: Client, order: Order) -> None:
    assert "you spoke with them" in press(desk, RowKind.ORDER_TO_BOOK, order.pk, "spoke")
    assert rows_on(desk, DeskList.TO_BOOK) == [f"order_to_book-{order.pk}"]


def test_wrong_number_does_what_its_button_does(desk: Client, rosa: Patient, order: Order) -> None:
    link = PatientAddress.objects.filter(patient=rosa, address__kind="phone").get()
    press(desk, RowKind.ORDER_TO_BOOK, order.pk, "wrong_number", address=link.address_id)
    link.refresh_from_db()
    assert link.ended_at == NOW
    call = CallTask.objects.get(kind=CallKind.WRONG_NUMBER)
    assert rows_on(desk, DeskList.UNREACHABLE) == [f"call-{call.pk}"]


@pytest.mark.parametrize(
    ("do", "at", "until"),
    [("later", "", 2 * HOUR), ("tomorrow", "", timedelta(hours=26)), ("at", "10:30", timedelta(hours=3, minutes=30)),
     ("at", "06:00", timedelta(hours=23))],
)  # fmt: skip
def test_can_wait_until_later_tomorrow_or_a_time(
    desk: Client, order: Order, do: str, at: str, until: timedelta
) -> None:
    press(desk, RowKind.ORDER_TO_BOOK, order.pk, do, time=at)
    assert DeskRow.objects.get().snoozed_until == NOW + until
    assert rows_on(desk, DeskList.TO_BOOK) == []


def test_without_a_time_it_asks_for_one(desk: Client, order: Order) -> None:
    assert "Please say a time" in press(desk, RowKind.ORDER_TO_BOOK, order.pk, "at", time="")
    assert rows_on(desk, DeskList.TO_BOOK) == [f"order_to_book-{order.pk}"]


def test_a_visit_nobody_confirmed_is_confirmed_or_called_about(clinic: Clinic, desk: Client, order: Order) -> None:
    today, visit = book(order, clinic, how_many=2)
    assert rows_on(desk, DeskList.UNCONFIRMED) == [f"visit-{today.pk}", f"visit-{visit.pk}"]
    assert "Confirmed." in press(desk, "visit", today.pk, "coming", told=today.told_version)
    today.refresh_from_db()
    assert today.confirmed_at == NOW
    assert "on no list any more" in press(desk, "visit", today.pk, "coming")
    assert CallTask.objects.count() == 0, "nobody has begun to call"
    press(desk, "visit", visit.pk, "voicemail")
    assert (rows_on(desk, DeskList.UNCONFIRMED), later_on(desk, DeskList.UNCONFIRMED)) == ([], [f"visit-{visit.pk}"])
    call = CallTask.objects.get()
    assert (call.kind, call.visit, call.tries) == (CallKind.NOT_CONFIRMED, visit, 1)
    ask_about_unconfirmed(by=factories.system(), now=NOW)
    with time_machine.travel(NOW + HOUR, tick=False):
        assert rows_on(desk, DeskList.UNCONFIRMED) == [f"visit-{visit.pk}"], "the sweep leaves a call that was begun"
        assert "voicemail <span" in page_of(desk.get("/lists/"))
        press(desk, "visit", visit.pk, "spoke")
        assert rows_on(desk, DeskList.UNCONFIRMED) == []


def test_who_was_asked_by_telephone_whether_they_come_is_confirmed_in_one_press(
    clinic: Clinic, desk: Client, order: Order
) -> None:
    [visit, other] = book(order, clinic, how_many=2)
    page = page_of(desk.get("/lists/")).split(f'id="visit-{visit.pk}"')[1].split("</li>")[0]
    assert "Ask whether they come" in page
    assert f'href="/visits/{visit.pk}/move/"' in page
    assert f'href="/visits/{visit.pk}/cancel/"' in page
    assert "they come. Confirmed." in press(desk, "visit", visit.pk, "said_coming", told=visit.told_version)
    visit.refresh_from_db()
    assert (visit.confirmed_at, visit.confirmed_by) == (NOW, "desk")
    call = CallTask.objects.get()
    assert (call.visit, call.outcome, call.closed_at) == (visit, CallOutcome.SPOKE, NOW)
    stale = press(desk, "visit", other.pk, "said_coming", told=other.told_version + 1)
    assert "has another time by now" in stale
    assert CallTask.objects.count() == 1, "nothing of it is written"


def test_the_answer_stands_where_the_row_is_or_was(clinic: Clinic, desk: Client, order: Order) -> None:
    today, visit = book(order, clinic, how_many=2)
    above, row = f"visit-{today.pk}", f"visit-{visit.pk}"
    page = page_of(desk.get("/lists/"))
    assert f'name="above" value="{above}"' in page.split(f'id="{row}"')[1]
    sent = {"kind": "visit", "subject": visit.pk, "above": above}
    answer = desk.post("/lists/row/", {**sent, "do": "take"})
    assert answer["Location"].endswith("#answer")
    page = page_of(desk.get(answer["Location"]))
    assert "It is yours." in page.split(f'id="{row}"')[1].split('id="answer"')[1]
    assert page.count("It is yours.") == 1, "once, and not on top"
    assert '<div class="lists__answer" id="answer" role="status" tabindex="-1">' in page
    page = press(desk, "visit", visit.pk, "coming", above=above)
    assert f'id="{row}"' not in page
    assert "Confirmed." in page.split(f'id="{above}"')[1].split('id="answer"')[1].split("</section>")[0]
    page = press(desk, "visit", today.pk, "coming")
    assert "Confirmed." in page.split('id="list-unconfirmed"')[1].split("</section>")[0], "the list is empty now"


def test_a_visit_that_has_another_time_by_now_is_not_confirmed(clinic: Clinic, desk: Client, order: Order) -> None:
    [first, *_] = book(order, clinic, how_many=1)
    assert "has another time by now" in press(desk, "visit", first.pk, "coming", told=first.told_version + 1)
    assert Appointment.objects.get(pk=first.pk).confirmed_at is None


def test_two_desks_take_one_call(clinic: Clinic, desk: Client, rosa: Patient) -> None:
    call = ask_to_call(
        key="k", kind=CallKind.ASKED_FOR_CALL, clinic=clinic, patient=rosa, words="Good day", by=factories.system(),
        now=NOW,
    )  # fmt: skip
    other = signed_in(clinic, DESK)
    page = page_of(desk.get("/lists/"))
    assert "Good day" in page
    assert 'href="tel:+12125550123"' in page
    press(desk, "call", call.pk, "take")
    call.refresh_from_db()
    assert "has it. Ask them" in press(other, "call", call.pk, "take")
    assert "has it. Ask them" in page_of(other.post(f"/calls/{call.pk}/", {"do": "take"}, follow=True))
    assert CallTask.objects.get().taken_by == call.taken_by
    assert "Done: you spoke" in press(other, "call", call.pk, "spoke")
    assert rows_on(desk, DeskList.CALLS) == []


def test_a_patient_who_died_is_on_no_list(clinic: Clinic, desk: Client, rosa: Patient, order: Order) -> None:
    book(order, clinic, how_many=2)
    ask_to_call(key="k", kind=CallKind.CANNOT_REACH, clinic=clinic, patient=rosa, by=factories.system(), now=NOW)
    assert counts(clinic=clinic, now=NOW).total == 4
    record_death(patient=rosa, died_at=NOW, by=factories.create_actor(clinic, NURSE), now=NOW)
    assert counts(clinic=clinic, now=NOW).total == 0
    assert rosa.shown_name not in page_of(desk.get("/lists/"))


def test_who_withdrew_waits_for_the_prescriber_alone(clinic: Clinic, desk: Client, order: Order) -> None:
    book(order, clinic, how_many=2)
    withdraw(order=order, by=factories.create_actor(clinic, DESK), now=NOW)
    now = counts(clinic=clinic, now=NOW).of
    assert {which: number for which, number in now.items() if number} == {DeskList.PRESCRIBER: 1}
    page = page_of(desk.get("/lists/"))
    assert "Waits for the prescriber" in page
    assert "withdrew" not in page


def test_counts_take_two_queries_and_nothing_when_nothing_changed(
    clinic: Clinic, desk: Client, order: Order, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    answer = page_of(desk.get("/lists/counts/"))
    version = re.findall(r"version=([^\"]+)\"", answer)[0]
    assert '<span id="lists-total" hx-swap-oob="innerHTML">1</span>' in answer
    # Session, person and clinic are asked on every page.
    with django_assert_num_queries(3 + 2):
        assert desk.get(f"/lists/counts/?version={version}").status_code == 204
    assert desk.get(f"/lists/changes/?version={version}").status_code == 204
    press(desk, RowKind.ORDER_TO_BOOK, order.pk, "take")
    assert desk.get(f"/lists/changes/?version={version}").status_code == 200, "who has it is seen at once"
    assert desk.get(f"/lists/counts/?version={version}").status_code == 200


def test_an_open_page_hears_that_somebody_comes_late(clinic: Clinic, desk: Client, order: Order) -> None:
    today, _ = book(order, clinic, how_many=2)
    version = re.findall(r"version=([^\"]+)\"", page_of(desk.get("/lists/")))[0]
    note_late(appointment=today, minutes=20, how="desk", by=factories.create_actor(clinic, DESK), now=NOW)
    changed = desk.get(f"/lists/changes/?version={version}")
    assert changed.status_code == 200
    assert "late, 8:20 AM" in page_of(changed)


def test_the_page_costs_as_much_for_many_as_for_one(
    clinic: Clinic, desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        order = factories.create_order(clinic)
        ask_to_call(
            key=f"k{order.pk}", kind=CallKind.ASKED_FOR_CALL, clinic=clinic, patient=order.patient,
            by=factories.system(), now=NOW,
        )  # fmt: skip
        book(order, clinic, how_many=1)
    with django_assert_max_num_queries(33):
        desk.get("/lists/")


def test_only_the_desk_has_them(clinic: Clinic) -> None:
    for role in (NURSE, PRESCRIBER, Role.AUDITOR):
        assert signed_in(clinic, role).get("/lists/").status_code == 403
    nurse = signed_in(clinic, NURSE)
    assert "lists-poll" not in page_of(nurse.get("/"))
    assert "lists-poll" in page_of(signed_in(clinic, Role.MANAGER).get("/"))


@pytest.mark.parametrize(("kind", "subject"), [("", "1"), ("call", "x"), ("nothing", "1"), ("call", "9" * 30)])
def test_a_row_that_is_none_is_not_found(desk: Client, kind: str, subject: str) -> None:
    assert desk.post("/lists/row/", {"kind": kind, "subject": subject, "do": "take"}).status_code == 404


def test_another_clinics_row_is_on_no_list_here(clinic: Clinic, desk: Client) -> None:
    elsewhere = factories.create_clinic(clinic.organisation)
    order = factories.create_order(elsewhere)
    assert "on no list any more" in press(desk, RowKind.ORDER_TO_BOOK, order.pk, "take")
    assert DeskRow.objects.count() == 0
