"""One review on one page: what it shows, each decision by its button, what was heard, what others did meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from scheduling.models import (
    Appointment,
    Clinic,
    Decision,
    GateDecision,
    Order,
    OrderChange,
    OrderState,
    Role,
    Status,
    User,
)
from scheduling.undoing import undo_step
from scheduling.visits import record_step
from tests import factories
from tests.scheduling.reviewed import AFTER_THREE, hear, prescriber, reviewed, say, with_limit
from tests.web.pages import DESK, NURSE, PRESCRIBER, naughty_strings, page_of, shows, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _four_in_the_afternoon(db: None) -> object:
    with time_machine.travel(AFTER_THREE, tick=False) as moved:
        yield moved


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def lee(clinic: Clinic) -> Client:
    return signed_in(clinic, PRESCRIBER)


def address(order: Order) -> str:
    return f"/clinician/reviews/{order.pk}/3/"


def shown_effect(page: str) -> str:
    return page.split('name="effect" value="')[1].split('"', maxsplit=1)[0]


def test_page_shows_series_notes_and_every_way_to_decide(clinic: Clinic, lee: Client) -> None:
    order = reviewed(clinic, 4, template=with_limit(2))
    page = page_of(lee.get(address(order)))
    for words in (
        order.patient.shown_name, "Review after Infusion 3 of 6, at the chair", "by Wed, Jan 13", "Jan 8",
        "waits<br>Jan 13", "to book", "Continue with infusion 4", "Continue, order changed",
        "Complete the series", "Pause or stop",
    ):  # fmt: skip
        assert words in page, words
    for nothing in ("recommend", "improved", "responder", "worse"):
        assert nothing not in page.lower()


def test_inbox_leads_there_and_back_to_the_next_one(clinic: Clinic, lee: Client) -> None:
    first, second = reviewed(clinic, template=with_limit(1)), reviewed(clinic, template=with_limit(5))
    inbox = page_of(lee.get("/clinician/"))
    assert inbox.index(f'href="{address(first)}"') < inbox.index(f'href="{address(second)}"')
    answer = lee.post(address(first), {"decision": "continue", "note": "slept well <b>", "latest": 0})
    assert answer.headers["Location"] == f"/clinician/#review-{second.pk}-3"
    made = GateDecision.objects.get()
    assert (made.decision, made.note, made.after_number, made.heard_by) == ("continue", "slept well <b>", 3, None)
    assert "goes on with infusion 4." in page_of(lee.get("/clinician/"))
    assert shows(page_of(lee.get(address(first))), "slept well <b>")


@pytest.mark.parametrize(
    ("decision", "state", "words"),
    [
        ("pause", "paused", "keeps its time"),
        ("stop", "stopped", "is cancelled"),
        ("complete", "completed", "cancelled"),
    ],
)
def test_effect_is_shown_before_and_the_note_is_kept(
    clinic: Clinic, lee: Client, decision: str, state: str, words: str
) -> None:
    order = reviewed(clinic, 4)
    looked = page_of(lee.post(address(order), {"look": decision, "note": "fever", "latest": 0}))
    assert words in looked
    assert "fever</textarea>" in looked
    assert not GateDecision.objects.exists()
    sent = {"decision": decision, "note": "fever", "latest": 0, "effect": shown_effect(looked), "keep_days": 5}
    answer = lee.post(address(order), sent, follow=True)
    assert answer.redirect_chain == [(f"/clinician/orders/{order.pk}/", 302)], "where the patient is yet to be told"
    assert "Written down" in page_of(answer)
    order.refresh_from_db()
    assert order.state == state
    assert OrderChange.objects.get().reason == "fever"
    if decision == "pause":
        assert order.keep_places_until == AFTER_THREE + timedelta(days=5)


def test_a_stop_without_a_reason_asks_for_one(clinic: Clinic, lee: Client) -> None:
    order = reviewed(clinic, 4)
    page = page_of(lee.post(address(order), {"decision": "stop", "latest": 0}))
    assert "A pause and a stop say why" in page
    assert "If you stop the order" in page
    assert not GateDecision.objects.exists()


def test_a_changed_order_waits_for_its_signature(clinic: Clinic, lee: Client) -> None:
    order = reviewed(clinic, 4)
    page = page_of(lee.post(address(order), {"decision": "continue_changed", "latest": 0}, follow=True))
    assert "goes on once the changed order is signed" in page
    assert "the changed order is not signed yet" in page_of(lee.get("/clinician/"))
    assert Appointment.objects.get(order=order, dose_number=4).is_tentative


def test_what_another_decided_meanwhile_is_said_and_nothing_typed_is_lost(clinic: Clinic, lee: Client) -> None:
    order, okafor = reviewed(clinic, 4), prescriber(clinic, "okafor")
    first = say(order, Decision.CONTINUE, okafor, clinic)
    sent = {"decision": "continue_changed", "note": "three days apart", "latest": 0}
    page = page_of(lee.post(address(order), sent))
    assert "Okafor decided “Continue” on Mon, Jan 11 at 4:00 PM. Nothing of yours was written down" in page
    assert "three days apart</textarea>" in page
    assert f'name="latest" value="{first.pk}"' in page
    lee.post(address(order), sent | {"latest": first.pk})
    assert GateDecision.objects.count() == 2
    both = page_of(lee.get(address(order)))
    assert both.index("<strong>Continue</strong>") < both.index("<strong>Continue with changed order</strong>")
    assert "(earlier)" in both


def test_a_second_press_finds_what_the_first_wrote(clinic: Clinic, lee: Client) -> None:
    order = reviewed(clinic, 4)
    for _ in range(2):
        page = page_of(lee.post(address(order), {"decision": "continue", "latest": 0}, follow=True))
        assert "goes on with infusion 4." in page
    assert GateDecision.objects.count() == 1


def test_visits_that_changed_since_are_shown_anew(clinic: Clinic, lee: Client) -> None:
    order = reviewed(clinic, 4)
    sent = {"decision": "stop", "note": "fever", "latest": 0, "effect": "older"}
    page = page_of(lee.post(address(order), sent))
    assert "The visits changed meanwhile." in page
    assert Appointment.objects.get(order=order, dose_number=4).status == Status.BOOKED


def test_a_nurse_writes_down_what_was_heard_read_back_and_when(clinic: Clinic) -> None:
    order, okafor = reviewed(clinic, 4), prescriber(clinic, "okafor")
    nurse = signed_in(clinic, NURSE)
    page = page_of(nurse.get(address(order)))
    assert "Heard from the prescriber" in page
    assert 'value="16:00"' in page
    sent = {"decision": "continue", "note": "go on", "latest": 0, "who": okafor.pk, "day": "today", "time": "15:20"}
    assert "It counts only when it was read back." in page_of(nurse.post(address(order), sent))
    assert not GateDecision.objects.exists()
    nurse.post(address(order), sent | {"read_back": "on"})
    made = GateDecision.objects.get()
    assert (made.decided_by, made.was_read_back) == (okafor, True)
    assert made.decided_at == AFTER_THREE - timedelta(minutes=40)
    assert "Heard and read back by" in page_of(nurse.get(address(order)))


@pytest.mark.parametrize(("day", "time"), [("today", "16:01"), ("today", "08:00"), ("yesterday", "17:00")])
def test_a_nurse_can_not_have_heard_it_then(clinic: Clinic, day: str, time: str) -> None:
    order, okafor = reviewed(clinic, 4), prescriber(clinic, "okafor")
    sent = {"decision": "continue", "latest": 0, "who": okafor.pk, "read_back": "on", "note": "kept words"}
    page = page_of(signed_in(clinic, NURSE).post(address(order), sent | {"day": day, "time": time}))
    assert "It can&#x27;t have been said then" in page
    assert "kept words</textarea>" in page


def test_what_was_said_is_signed_with_one_tap(clinic: Clinic) -> None:
    order, okafor = reviewed(clinic, 4), prescriber(clinic, "okafor")
    made = hear(order, Decision.CONTINUE, okafor, factories.create_user(clinic, NURSE), clinic)
    browser = Client()
    browser.force_login(okafor)
    page = page_of(browser.get("/clinician/"))
    assert "Continue, at the review after infusion 3" in page
    assert "said so" in page
    sign = f"/clinician/said/review/{made.pk}/sign/"
    assert "Signed: " in page_of(browser.post(sign, follow=True))
    assert "signed it already" in page_of(browser.post(sign, follow=True))
    assert "Nothing that you said waits" in page_of(browser.get("/clinician/"))
    other = signed_in(clinic, PRESCRIBER)
    assert "Only Okafor signs this" not in page_of(other.get("/clinician/"))


def test_only_who_said_it_signs(clinic: Clinic, lee: Client) -> None:
    order, okafor = reviewed(clinic, 4), prescriber(clinic, "okafor")
    made = hear(order, Decision.CONTINUE, okafor, factories.create_user(clinic, NURSE), clinic)
    assert "Only Okafor signs this" in page_of(lee.post(f"/clinician/said/review/{made.pk}/sign/", follow=True))
    assert lee.post(f"/clinician/said/nonsense/{made.pk}/sign/").status_code == 404
    assert lee.post("/clinician/said/order/9999/sign/").status_code == 404
    stranger = signed_in(factories.create_clinic(), PRESCRIBER)
    assert stranger.post(f"/clinician/said/review/{made.pk}/sign/").status_code == 404


def test_the_cover_signs_for_who_is_away_and_finds_their_reviews(clinic: Clinic) -> None:
    order = reviewed(clinic, 4)
    assert order.current_version
    signer = order.current_version.signed_by
    okafor = prescriber(clinic, "okafor")
    own, cover = Client(), Client()
    own.force_login(signer)
    cover.force_login(okafor)
    arranged = {"away": signer.pk, "cover": okafor.pk, "first_day": "2027-01-11", "last_day": "2027-01-12"}
    assert "Okafor decides for" in page_of(own.post("/cover/", arranged, follow=True))
    assert "decides for" in page_of(own.post("/cover/", arranged))
    hear(order, Decision.CONTINUE_CHANGED, signer, factories.create_user(clinic, NURSE), clinic)
    page = page_of(cover.get("/clinician/"))
    for words in ("You decide for", "you cover for", "for whom you cover", "Sign for"):
        assert words in page, words
    assert "is away, Okafor covers" in page_of(own.get("/clinician/"))
    assert own.post("/cover/1000/end/").status_code == 404


def test_what_is_of_a_prescriber_who_has_left_stands_in_every_prescribers_inbox(clinic: Clinic, lee: Client) -> None:
    order = reviewed(clinic, 4)
    assert order.current_version
    signer = order.current_version.signed_by
    made = hear(order, Decision.CONTINUE_CHANGED, signer, factories.create_user(clinic, NURSE), clinic)
    assert "has left" not in page_of(lee.get("/clinician/"))
    User.objects.filter(pk=signer.pk).update(is_active=False)
    page = page_of(lee.get("/clinician/"))
    for words in (
        f"{signer.shown_name}, who signed this, has left. Any prescriber here decides.",
        f"{signer.shown_name}, who has left, said it on", f"Sign for {signer.shown_name}",
    ):  # fmt: skip
        assert words in page, words
    assert "Signed:" in page_of(lee.post(f"/clinician/said/review/{made.pk}/sign/", follow=True))
    assert f"signed it for {signer.shown_name}" in page_of(lee.get(f"/clinician/orders/{order.pk}/"))


def test_a_decision_about_a_start_that_was_taken_back_is_shown_as_that_and_decided_anew(
    clinic: Clinic, lee: Client
) -> None:
    order, okafor = reviewed(clinic, 4), prescriber(clinic, "okafor")
    say(order, Decision.CONTINUE, okafor, clinic)
    third, nurse = Appointment.objects.get(order=order, dose_number=3), factories.create_actor(clinic, NURSE)
    assert "counts no more" not in page_of(lee.get(address(order)))
    with time_machine.travel(AFTER_THREE + timedelta(minutes=10), tick=False):
        undo_step(appointment=third, by=nurse, now=timezone.now())
        assert "counts no more" in page_of(lee.get(address(order)))
        record_step(
            appointment=third, to=Status.INFUSING, happened_at=AFTER_THREE + timedelta(minutes=5),
            checks=factories.checks_for(Status.INFUSING), by=nurse, now=timezone.now(),
        )  # fmt: skip
        page = page_of(lee.get(address(order)))
        assert 'name="latest" value="0"' in page
        lee.post(address(order), {"decision": "continue", "note": "", "latest": 0})
    assert GateDecision.objects.filter(order=order).count() == 2


def test_cover_is_arranged_by_managers_for_anyone_and_refused_in_words(clinic: Clinic) -> None:
    lee, okafor = prescriber(clinic, "lee"), prescriber(clinic, "okafor")
    manager = signed_in(clinic, Role.MANAGER)
    sent = {"away": lee.pk, "cover": lee.pk, "first_day": "2027-01-12", "last_day": "2027-01-20"}
    assert "Nobody covers for themselves" in page_of(manager.post("/cover/", sent))
    assert "The last day lies on or after" in page_of(
        manager.post("/cover/", sent | {"cover": okafor.pk, "last_day": "2027-01-10"})
    )
    assert "Okafor decides for Lee" in page_of(manager.post("/cover/", sent | {"cover": okafor.pk}, follow=True))
    made = lee.covered_by.get()
    assert "Lee decides again." in page_of(manager.post(f"/cover/{made.pk}/end/", follow=True))
    assert "over already" in page_of(manager.post(f"/cover/{made.pk}/end/", follow=True))
    for role in (NURSE, DESK, Role.AUDITOR):
        assert signed_in(clinic, role).get("/cover/").status_code == 403


def test_cover_far_ahead_is_said_with_its_year_or_refused_at_the_first_day(clinic: Clinic) -> None:
    lee, okafor = prescriber(clinic, "lee"), prescriber(clinic, "okafor")
    manager = signed_in(clinic, Role.MANAGER)
    sent = {"away": lee.pk, "cover": okafor.pk, "first_day": "2036-11-28", "last_day": "2036-11-30"}
    answer = manager.post("/cover/", sent)
    assert answer.context["form"].errors == {
        "first_day": ["Cover is arranged up to a year ahead: the first day is January 12, 2028 at the latest."]
    }
    far = sent | {"first_day": "2027-12-28", "last_day": "2028-01-03"}
    page = page_of(manager.post("/cover/", far, follow=True))
    assert "from Tue, Dec 28, 2027 to Mon, Jan 3, 2028." in page
    assert "Tue, Dec 28, 2027 – Mon, Jan 3, 2028: Okafor" in page


def test_desk_reads_since_when_and_by_when_and_nothing_else(clinic: Clinic) -> None:
    order = reviewed(clinic, 4, template=with_limit(2))
    okafor = prescriber(clinic, "okafor")
    hear(order, Decision.CONTINUE_CHANGED, okafor, factories.create_user(clinic, NURSE), clinic)
    desk = signed_in(clinic, DESK)
    page = page_of(desk.get("/orders/"))
    for words in ("Waits for the prescriber", "Mon, Jan 11", "Wed, Jan 13"):
        assert words in page, words
    everything = "".join(page_of(desk.get(path)) for path in ("/orders/", f"/series/{order.pk}/", "/"))
    for hidden in ("said so", "changed order", "counter-sign", address(order)):
        assert hidden not in everything
    assert desk.get(address(order)).status_code == 403
    assert desk.get("/clinician/").status_code == 403
    with time_machine.travel(AFTER_THREE + timedelta(days=3), tick=False):
        assert "still waits" in page_of(signed_in(clinic, DESK).get("/orders/"))


def test_a_review_that_is_none_or_elsewhere_is_not_found(clinic: Clinic, lee: Client) -> None:
    order = reviewed(clinic)
    assert lee.get(f"/clinician/reviews/{order.pk}/2/").status_code == 404
    assert signed_in(factories.create_clinic(), PRESCRIBER).get(address(order)).status_code == 404
    draft = factories.create_draft(clinic)
    assert lee.get(address(draft)).status_code == 404


def test_a_review_whose_infusion_is_not_given_says_when_it_is_due(clinic: Clinic, lee: Client) -> None:
    order = factories.create_order(clinic)
    page = page_of(lee.get(address(order)))
    assert "due once the infusion is given" in page
    assert "Continue with infusion" not in page
    answer = page_of(lee.post(address(order), {"decision": "continue", "latest": 0}))
    assert "This review is due once the infusion before it is given." in answer


def test_a_last_day_that_is_over_is_said(clinic: Clinic) -> None:
    order = reviewed(clinic, template=with_limit(1))
    with time_machine.travel(AFTER_THREE + timedelta(days=2), tick=False):
        lee = signed_in(clinic, PRESCRIBER)
        for page in (lee.get("/clinician/"), lee.get(address(order))):
            assert "was due by Tue, Jan 12" in page_of(page)


def test_an_order_that_is_over_offers_nothing_more(clinic: Clinic, lee: Client) -> None:
    order = reviewed(clinic)
    say(order, Decision.STOP, prescriber(clinic, "okafor"), clinic)
    page = page_of(lee.get(address(order)))
    assert str(OrderState.STOPPED.label) in page
    assert "Continue with infusion" not in page


@pytest.mark.parametrize("sent", [{}, {"decision": "nonsense"}, {"decision": "continue"}, {"latest": "x"}])
def test_nonsense_writes_nothing(clinic: Clinic, lee: Client, sent: dict[str, str]) -> None:
    order = reviewed(clinic)
    assert lee.post(address(order), sent).status_code == 200
    assert not GateDecision.objects.exists()


def test_notes_are_shown_as_typed(clinic: Clinic, lee: Client) -> None:
    order, okafor = reviewed(clinic), prescriber(clinic, "okafor")
    for text in naughty_strings()[40:44]:
        say(order, Decision.CONTINUE_CHANGED, okafor, clinic, note=text)
        assert shows(page_of(lee.get(address(order))), text)
