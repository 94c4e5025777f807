"""A call from its first word: the patient found by POST, what may be booked, wishes in words, calls put aside."""

from __future__ import annotations

import re
from datetime import datetime
from typing import cast

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, Clinic, Order, ParkedCall, Role, Status, User
from tests import factories
from tests.web.frontdesk.test_book_series import proposals, starts
from tests.web.pages import DESK, NURSE, book, naughty_strings, page_of, shows, signed_in
from web.frontdesk.picked import read_picks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
# Signing in, the order and its series, what is free, what the patient would be told, and the parked call.
WISH_QUERIES = 24
FRAGMENT = {"hx-request": "true"}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=2, nurses=2)


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic, factories.create_patient(clinic, given_name="Rosa", family_name="Méndez"))


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def test_one_patient_found_leads_straight_to_the_proposals(desk: Client, order: Order) -> None:
    answer = desk.post("/book/", {"text": "mendez rosa"}, follow=True)
    assert [to for to, _ in answer.redirect_chain] == [
        f"/book/patients/{order.patient.pk}/", f"/series/{order.pk}/book/",
    ]  # fmt: skip
    page = page_of(answer)
    assert len(proposals(page)) == 3
    assert "mendez" not in str(answer.redirect_chain).lower()


def test_several_are_told_apart_and_one_is_pressed(clinic: Clinic, desk: Client, order: Order) -> None:
    other = factories.create_patient(clinic, given_name="Rose", family_name="Mendoza")
    page = page_of(desk.post("/book/", {"text": "mend"}))
    assert "2 patients" in page
    assert page.count("another is named alike") == 2
    answer = desk.post("/book/", {"patient": other.pk}, follow=True)
    assert "Nothing was ordered for this patient at this clinic" in page_of(answer)
    assert [call.patient for call in ParkedCall.objects.all()] == [other]


def test_nobody_found_says_what_next(desk: Client) -> None:
    page = page_of(desk.post("/book/", {"text": "nobody at all"}))
    assert "Nobody is found" in page
    assert 'formaction="/patients/new/"' in page


def test_what_may_be_booked_says_why_the_rest_may_not(clinic: Clinic, desk: Client, order: Order) -> None:
    factories.create_order(clinic, order.patient)
    factories.create_draft(clinic, order.patient)
    page = page_of(desk.get(f"/book/patients/{order.patient.pk}/"))
    assert page.count("Infusions 1–6 to book") == 2
    assert "Waits for the prescriber. Times can be looked for and kept." in page
    assert order.title not in page


def test_words_are_said_back_and_kept_to(desk: Client, order: Order) -> None:
    address = f"/series/{order.pk}/book/"
    words = {"words": "tue thu after 2pm, not the 7th, sister drives, first 2"}
    fragment = page_of(desk.post(f"{address}wish/", words, headers=FRAGMENT))
    assert fragment.lstrip().startswith('<div id="found"')
    assert "Tue and Thu, comes from 2:00 PM on; not on Thu, Jan 7; the next 2" in fragment
    assert "“sister drives”" in fragment
    assert "autofocus" not in fragment
    page = page_of(desk.get(address))
    assert 'value="tue thu after 2pm, not the 7th, sister drives, first 2"' in page
    desk.post(address, proposals(page)[0])
    visits = Appointment.objects.filter(order=order)
    assert len(visits) == 2
    assert all(visit.period.lower.hour >= 19 for visit in visits)
    assert {f"{visit.period.lower:%a}" for visit in visits} <= {"Tue", "Thu"}
    assert "2027-01-07" not in {f"{visit.period.lower:%Y-%m-%d}" for visit in visits}


def test_pressing_show_puts_the_first_proposal_under_the_enter_key(desk: Client, order: Order) -> None:
    fragment = page_of(desk.post(f"/series/{order.pk}/book/wish/", {"words": "", "show": "1"}, headers=FRAGMENT))
    assert len(re.findall(r'value="book" autofocus', fragment)) == 1
    answer = desk.post(f"/series/{order.pk}/book/wish/", {"words": "am", "show": "1"}, follow=True)
    assert answer.redirect_chain == [(f"/series/{order.pk}/book/?show=1", 302)]
    assert len(re.findall(r'value="book" autofocus', page_of(answer))) == 1


@pytest.mark.parametrize("words", ["monuntil jan 12", "mon, her sister", "not my friday"])
def test_words_that_are_not_all_understood_are_read_before_enter_leads_on(
    desk: Client, order: Order, words: str
) -> None:
    address = f"/series/{order.pk}/book/wish/"
    first = page_of(desk.post(address, {"words": words, "show": "1"}, headers=FRAGMENT))
    assert ("Not understood:" in first, "Press Enter once more" in first) == (True, True)
    assert "autofocus" not in first
    [told_of] = re.findall(r'name="told_of" id="id_told_of" value="([^"]*)"', first)
    again = page_of(desk.post(address, {"words": words, "show": "1", "told_of": told_of}, headers=FRAGMENT))
    assert re.findall(r"<button[^>]* autofocus", again)
    changed = {"words": f"{words} please, whatever", "show": "1", "told_of": told_of}
    assert "autofocus" not in page_of(desk.post(address, changed, headers=FRAGMENT))
    typed = page_of(desk.post(address, {"words": words}, headers=FRAGMENT))
    assert 'id="id_told_of" value=""' in typed
    page = page_of(desk.post(address, {"words": words, "show": "1"}, follow=True))
    assert len(re.findall(r" autofocus", page)) == 1
    assert re.findall(r'name="words" id="id_words"[^>]* autofocus', page)


def test_one_day_is_said_back_as_the_only_one(desk: Client, order: Order) -> None:
    page = page_of(desk.post(f"/series/{order.pk}/book/wish/", {"words": "jan 12 2027 at 10"}, headers=FRAGMENT))
    assert "only on Tue, Jan 12; best at 10:00 AM" in page


def test_how_many_in_words_and_ticked_days_add_up(desk: Client, order: Order) -> None:
    sent = {"words": "all, mon", "weekdays": ["wed", "fri"], "time": "10:00"}
    page = page_of(desk.post(f"/series/{order.pk}/book/wish/", sent, follow=True))
    assert "Mon, Wed and Fri; best at 10:00 AM; all that is left" in page
    assert [len(one["pick"]) for one in proposals(page)] == [6, 6, 6]  # type: ignore[arg-type]  # lists


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("sun am", "the clinic is shut on Sun; it is open Mon, Tue, Wed, Thu and Fri 8:00 AM – 6:00 PM."),
        ("mon sun", "the clinic is shut on Sun."),
        ("mon 7 pm", "the clinic is shut at that time: it is open Mon 8:00 AM – 6:00 PM."),
        ("after 7pm", "the clinic is shut at that time: it is open Mon, Tue, Wed, Thu and Fri 8:00 AM – 6:00 PM."),
        ("mon after 7pm, tue", "the clinic is shut at that time: it is open Mon 8:00 AM – 6:00 PM."),
        ("fri pm", ""),
        ("not fri", ""),
        ("at 5pm", ""),
    ],
)
def test_hours_at_which_the_clinic_is_shut_are_said_with_those_at_which_it_is_open(
    desk: Client, order: Order, words: str, said: str
) -> None:
    page = page_of(desk.post(f"/series/{order.pk}/book/wish/", {"words": words}, headers=FRAGMENT))
    assert ("clinic is shut" in page) == bool(said)
    assert f"<span>{said[:1].upper()}{said[1:]}" in page


def test_a_day_that_there_is_not_is_said_not_to_be(desk: Client, order: Order) -> None:
    page = page_of(desk.post(f"/series/{order.pk}/book/wish/", {"words": "mon, not 30 feb"}, headers=FRAGMENT))
    assert "There is no such day: “30 feb”." in page


def boxes(page: str) -> tuple[list[str], str, str]:
    """What stands in the boxes of the wish: weekdays, time of day, how many."""
    days = re.findall(r'name="weekdays" value="(\w+)"[^>]* checked', page)
    chosen = [
        re.findall(r'<option value="([^"]*)" selected', select)
        for select in re.findall(r'<select name="(?:time|how_many)".*?</select>', page, re.DOTALL)
    ]
    return days, *("".join(one) for one in chosen)  # type: ignore[return-value]  # two selects


def test_boxes_show_what_the_words_ask_for_while_they_are_typed(desk: Client, order: Order) -> None:
    typed = {"words": "all 6 mon wed fri am, at 10:30", "weekdays": ["tue"], "how_many": "3", "drawn_for": "tue"}
    fragment = page_of(desk.post(f"/series/{order.pk}/book/wish/", typed, headers=FRAGMENT))
    assert 'hx-swap-oob="innerHTML:#ticked"' in fragment
    assert boxes(fragment) == (["mon", "wed", "fri"], "10:30", "6")
    assert [len(one["pick"]) for one in proposals(fragment)] == [6, 6, 6]  # type: ignore[arg-type]  # lists
    assert 'name="words" id="id_words"' not in fragment
    assert boxes(page_of(desk.get(f"/series/{order.pk}/book/"))) == boxes(fragment)


def test_box_that_is_changed_after_the_words_counts_and_the_words_follow(desk: Client, order: Order) -> None:
    words = "all 6 mon wed fri am"
    ticked = {"words": words, "drawn_for": words, "weekdays": ["mon", "wed", "fri"], "how_many": "3"}
    fragment = page_of(desk.post(f"/series/{order.pk}/book/wish/", ticked, headers=FRAGMENT))
    assert [len(one["pick"]) for one in proposals(fragment)] == [3, 3, 3]  # type: ignore[arg-type]  # lists
    assert "innerHTML:#ticked" not in fragment
    assert 'value="mon wed fri before 12:00, first 3"' in fragment
    assert boxes(page_of(desk.get(f"/series/{order.pk}/book/"))) == (["mon", "wed", "fri"], "", "3")


def test_boxes_and_cards_agree_after_a_way_out_and_after_a_refusal(clinic: Clinic, desk: Client, order: Order) -> None:
    address = f"/series/{order.pk}/book/"
    page = page_of(desk.post(f"{address}wish/", {"words": "mon, first 3"}, follow=True))
    assert boxes(page) == (["mon"], "", "3")
    agreed = re.findall(r'name="words" value="([^"]*?)"><button', page)
    assert agreed
    for words in agreed:
        page = page_of(desk.post(f"{address}wish/", {"words": words, "show": "1"}, follow=True))
        days, _at, how_many = boxes(page)
        for one in proposals(page):
            picks = cast("list[str]", one["pick"])
            assert len(picks) == int(how_many)
            starts = [datetime.fromisoformat(pick.split("@")[1]) for pick in picks]
            assert not days or {f"{start:%a}".lower() for start in starts} <= {*days}
    shown, mine = boxes(page), proposals(page)[0]
    [pick, *_] = read_picks(cast("list[str]", mine["pick"]))
    by = factories.create_actor(clinic, DESK)
    for _chair in range(2):
        other = factories.create_order(clinic)
        book_series(order=other, clinic=clinic, picks=[Pick(1, pick.start)], by=by, now=factories.NOW)
    refused = desk.post(address, mine)
    assert refused.status_code == 409
    assert boxes(page_of(refused)) == shown


def test_what_the_patient_usually_can_is_shown_with_how_many_are_looked_for(desk: Client, order: Order) -> None:
    page = page_of(desk.get(f"/series/{order.pk}/book/?weekdays=tue&weekdays=thu&weekdays=fri"))
    assert boxes(page) == (["tue", "thu", "fri"], "", str(len(cast("list[str]", proposals(page)[0]["pick"]))))


def test_what_the_patient_agrees_to_is_one_press(desk: Client, order: Order) -> None:
    page = page_of(desk.post(f"/series/{order.pk}/book/wish/", {"words": "mon am, first 3"}, follow=True))
    assert proposals(page) == []
    agreed = re.findall(r'name="words" value="([^"]*?)"><button', page)
    assert agreed
    for words in agreed:
        page = page_of(desk.post(f"/series/{order.pk}/book/wish/", {"words": words, "show": "1"}, follow=True))
        assert proposals(page), words


def test_what_is_not_the_patients_is_asked_with_one_press(clinic: Clinic, desk: Client, order: Order) -> None:
    page = page_of(desk.post(f"/series/{order.pk}/book/wish/", {"words": "mon, first 2"}, follow=True))
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if "/book/ask/" in one)
    assert "Ask the prescriber" in form
    sent = {
        "key": re.findall(r'name="key" value="(.*?)"', form)[0],
        "pick": re.findall(r'name="pick" value="(.*?)"', form),
    }
    answers = [desk.post(f"/series/{order.pk}/book/ask/", sent, follow=True) for _ in range(2)]
    assert [answer.redirect_chain for answer in answers] == [[("/questions/", 302)]] * 2
    assert all("Asked. The times are kept until" in page_of(answer) for answer in answers)
    assert Appointment.objects.filter(status=Status.HELD, order=order).count() == 2
    assert desk.post(f"/series/{order.pk}/book/ask/", {"pick": "x"}).status_code == 302


def test_calls_put_aside_are_found_again_by_whom_they_are(clinic: Clinic, desk: Client, order: Order) -> None:
    desk.post("/book/", {"patient": order.patient.pk})
    desk.post(f"/series/{order.pk}/book/wish/", {"words": "mon wed am"}, headers=FRAGMENT)
    page = page_of(desk.get("/book/"))
    assert "Parked" in page
    assert "“mon wed am”" in page
    assert f'href="/series/{order.pk}/book/"' in page
    other = signed_in(clinic, DESK)
    assert "mon wed am" not in page_of(other.get("/book/"))
    # A sign-in later, on another machine, it is still there.
    again = Client()
    again.force_login(User.objects.get(pk=ParkedCall.objects.get().user_id))
    assert 'value="mon wed am"' in page_of(again.get(f"/series/{order.pk}/book/"))
    other.post(f"/book/parked/{order.patient.pk}/drop/")
    assert ParkedCall.objects.exists()
    page = page_of(desk.post(f"/book/parked/{order.patient.pk}/drop/", follow=True))
    assert "Parked" not in page


def test_a_booked_series_leaves_no_call_behind_and_a_kept_one_does(desk: Client, order: Order) -> None:
    address = f"/series/{order.pk}/book/"
    first = proposals(page_of(desk.get(address)))[0]
    page = page_of(desk.post(address, first | {"do": "keep"}, follow=True))
    assert "Kept until 7:10 AM. Nobody is told yet." in page
    assert "Kept times" in page
    assert "kept until 7:10 AM" in page_of(desk.get("/book/"))
    kept = [visit.pk for visit in Appointment.objects.filter(order=order)]
    desk.post(address, proposals(page)[0] | {"instead_of": kept})
    assert not ParkedCall.objects.exists()


def test_kept_until_a_time_that_was_named(desk: Client, order: Order) -> None:
    address = f"/series/{order.pk}/book/"
    first = proposals(page_of(desk.get(address)))[0]
    sent = first | {"do": "keep", "until": "minutes", "until_time": "07:45"}
    assert "Kept until 7:45 AM." in page_of(desk.post(address, sent, follow=True))


def test_two_desks_on_one_time_one_wins_and_the_other_loses_no_word(clinic: Clinic) -> None:
    clinic.resources.filter(code="chair-2").update(is_active=False)
    here, there = signed_in(clinic, DESK), signed_in(clinic, DESK)
    mine, theirs = factories.create_order(clinic), factories.create_order(clinic)
    pages = []
    for desk, order in ((here, mine), (there, theirs)):
        desk.post(f"/series/{order.pk}/book/wish/", {"words": "mon wed at 10, first 2"}, headers=FRAGMENT)
        pages.append(page_of(desk.get(f"/series/{order.pk}/book/")))
    assert proposals(pages[0])[0]["pick"] == proposals(pages[1])[0]["pick"]
    assert there.post(f"/series/{theirs.pk}/book/", proposals(pages[1])[0]).status_code == 302
    answer = here.post(f"/series/{mine.pk}/book/", proposals(pages[0])[0])
    page = page_of(answer)
    assert answer.status_code == 409
    assert "That did not work. Nothing was booked." in page
    assert 'value="mon wed at 10, first 2"' in page
    assert proposals(page)
    here.post(f"/series/{mine.pk}/book/", proposals(page)[0])
    assert (len(starts(mine)), len(starts(theirs))) == (2, 2)


def test_what_was_wished_stands_again_where_the_same_person_booked_the_series_in_another_window(
    clinic: Clinic, desk: Client, order: Order
) -> None:
    address = f"/series/{order.pk}/book/"
    desk.post(f"{address}wish/", {"words": "mon wed fri at 10, first 2"}, headers=FRAGMENT)
    page = page_of(desk.get(address))
    [here, *_] = forms(page, "proposal__book")
    there = proposals(page)[1]
    change = {**forms(page, "proposal__book")[0], "number": "2"}
    others = page_of(desk.post(f"{address}change/", change, headers=FRAGMENT))
    to = re.findall(r'name="to" value="(.*?)"', others)[-1]
    changed = forms(page_of(desk.post(f"{address}change/", change | {"to": to}, headers=FRAGMENT)), "proposal__book")[0]
    assert desk.post(address, there).status_code == 302, "the call is over"
    for sent in (here, changed):
        answer = desk.post(address, sent)
        assert answer.status_code == 409
        assert 'value="mon wed fri at 10, first 2"' in page_of(answer)
        assert boxes(page_of(answer)) == boxes(page)


def forms(page: str, name: str) -> list[dict[str, list[str]]]:
    """What each form of this class sends, hidden fields alone."""
    found = re.findall(rf'<form method="post" class="{name}">(.*?)</form>', page, re.DOTALL)
    sent = [re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', form) for form in found]
    return [{name: [value for one, value in form if one == name] for name, _value in form} for form in sent]


def test_two_desks_on_one_series_one_wins(clinic: Clinic, order: Order) -> None:
    desks = [signed_in(clinic, DESK), signed_in(clinic, DESK)]
    seen = [proposals(page_of(desk.get(f"/series/{order.pk}/book/"))) for desk in desks]
    answers = [desk.post(f"/series/{order.pk}/book/", one[0]) for desk, one in zip(desks, seen, strict=True)]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert "Infusion 1 is booked or was given already." in page_of(answers[1])
    assert len(starts(order)) == 3


def test_the_words_of_the_message_are_there_before_anything_is_booked(clinic: Clinic, desk: Client) -> None:
    from tests.web.matrix.examples import reachable  # noqa: PLC0415 -- it brings the matrix's world with it

    order = factories.create_order(clinic, reachable(clinic, "+12125550199", "rosa@patients.test"))
    page = page_of(desk.get(f"/series/{order.pk}/book/"))
    assert page.count("What the text will say") == 3
    assert page.count("What the e-mail will say") == 3
    assert "Mon Jan 4, 8:00 AM" in page


def test_the_page_costs_as_many_queries_whatever_is_parked_and_booked(clinic: Clinic, desk: Client) -> None:
    orders = [factories.create_order(clinic) for _ in range(4)]
    address = f"/series/{orders[0].pk}/book/wish/"
    desk.post(address, {"words": "mon wed fri"}, headers=FRAGMENT)
    counted = []
    for order in orders[1:3]:
        with CaptureQueriesContext(connection) as queries:
            desk.post(address, {"words": "mon wed fri"}, headers=FRAGMENT)
        counted.append(len(queries))
        book(order, clinic)
        desk.post("/book/", {"patient": order.patient.pk})
    assert counted[0] == counted[1] == WISH_QUERIES


def test_orders_to_book_are_one_press_away(clinic: Clinic, desk: Client, order: Order) -> None:
    page = page_of(desk.get("/book/"))
    assert "Orders to book, most pressing first" in page
    assert f'href="/series/{order.pk}/book/"' in page
    book(order, clinic, how_many=6)
    assert f'href="/series/{order.pk}/book/"' not in page_of(desk.get("/book/"))


def test_strings_that_broke_other_programs_are_shown_as_typed(desk: Client, order: Order) -> None:
    for text in naughty_strings()[::90]:
        answer = desk.post("/book/", {"text": text})
        assert answer.status_code in (200, 302)
        fragment = desk.post(f"/series/{order.pk}/book/wish/", {"words": text}, headers=FRAGMENT)
        assert fragment.status_code == 200
        assert shows(page_of(desk.get(f"/series/{order.pk}/book/")), text), text


def test_auditors_and_other_clinics_are_kept_out(clinic: Clinic, order: Order) -> None:
    assert signed_in(clinic, Role.AUDITOR).get("/book/").status_code == 403
    elsewhere = signed_in(factories.create_clinic(), NURSE)
    assert elsewhere.get(f"/book/patients/{order.patient.pk}/").status_code == 404
    assert elsewhere.post("/book/", {"patient": order.patient.pk}).status_code == 404
    for path in ("wish", "change", "ask"):
        assert elsewhere.post(f"/series/{order.pk}/book/{path}/").status_code == 404
