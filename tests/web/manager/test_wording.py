"""The manager's pages of words and rules: preview, lint, segments, saving, trials, answers; and whose they are."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from notifications import clinic_section
from notifications.models import ClinicWording, MessageRules, QuickReply, StaffContact
from scheduling.models import Clinic, Event, Role
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.web.pages import DESK, NURSE, naughty_strings, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
TEXT = "/wording/booking_confirmation/sms/en/"
GOOD = "{sender}: see you {when}. {link}"


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def manager(clinic: Clinic) -> Client:
    return signed_in(clinic, Role.MANAGER)


def test_shipped_text_is_where_one_begins(manager: Client) -> None:
    page = page_of(manager.get(TEXT))
    assert "{sender}: your visit is booked for {when}." in page
    assert "Harbor Center: your visit is booked for Sun Jan 10, 10:30 AM." in page
    assert "one segment" in page or "segments" in page


def test_own_text_is_saved_shown_as_ones_own_and_given_back(manager: Client) -> None:
    page = page_of(manager.post(TEXT, {"body": GOOD, "after_version": 0, "do": "save"}, follow=True))
    assert "Saved. Messages say it from now on." in page
    assert page.count(">yours<") == 1 or "yours" in page
    assert "Your own text, version 1." in page_of(manager.get(TEXT))
    page = page_of(manager.post(TEXT, {"body": GOOD, "after_version": 1, "do": "shipped"}, follow=True))
    assert "Back to the shipped text." in page
    assert list(ClinicWording.objects.order_by("version").values_list("body", flat=True)) == [GOOD, ""]


def test_preview_shows_the_text_and_saves_nothing(manager: Client) -> None:
    page = page_of(manager.post(TEXT, {"body": GOOD, "after_version": 0, "do": "preview"}))
    assert "Harbor Center: see you Sun Jan 10, 10:30 AM. http" in page
    assert "4 times, the first Sun Jan 10, 10:30 AM" in page
    assert "(kept for you, not firm)" in page
    assert "units of GSM-7" in page
    assert ClinicWording.objects.count() == 0


def test_preview_in_the_background_is_the_preview_alone(manager: Client) -> None:
    sent = {"body": GOOD, "after_version": 0}
    page = page_of(manager.post(TEXT, sent, headers={"HX-Request": "true"}))
    assert page.lstrip().startswith('<section class="card stack" id="preview"')
    assert "see you Sun Jan 10" in page
    assert "<html" not in page


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("Your ketamine is {when} {link}", "“ketamine” may tell others about the patient&#x27;s care."),
        ("{when}", "The text has to have {link} in it."),
        ("{when} {link} {{ request.user }}", "Braces stand around blanks alone."),
        ("", "The text has to have {when} in it."),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_stays(manager: Client, body: str, fault: str) -> None:
    for do in ("preview", "save", "try"):
        page = page_of(manager.post(TEXT, {"body": body, "after_version": 0, "do": do}))
        if do == "save" and not body:
            continue
        assert fault in page
        assert shows(page, body)
    assert ClinicWording.objects.exclude(body="").count() == 0


def test_every_text_has_its_page_with_preview_and_segments_and_may_be_tried(
    manager: Client, gateway: TwilioGateway
) -> None:
    manager.post("/wording/me/", {"channel": "sms", "value": "(212) 555-0177"})
    paths = re.findall(r'href="(/wording/\w+/(?:sms|email)/(?:en|es)/)"', page_of(manager.get("/wording/")))
    assert len(set(paths)) == 44
    for path in paths:
        answer = manager.get(path)
        assert ("units of GSM-7" in page_of(answer)) == ("/sms/" in path)
        assert (answer.context["faults"], answer.context["typed"].body != "") == ([], True)
    for number, path in enumerate((path for path in paths if "/sms/en/" in path), start=1):
        body = manager.get(path).context["typed"].body
        assert "Sent to you." in page_of(manager.post(path, {"body": body, "after_version": 0, "do": "try"}))
        assert len(gateway.ledger) == number


@pytest.mark.parametrize(
    ("purpose", "needed"),
    [("instructions", "{when} {prepare} {link}"), ("check_in", "{when} {hours}"), ("reply", "{words}")],
)
def test_page_says_which_blanks_have_to_be_there(manager: Client, purpose: str, needed: str) -> None:
    assert f"These have to be there: {needed}." in page_of(manager.get(f"/wording/{purpose}/sms/en/"))


def test_slower_writer_keeps_what_was_typed_and_can_save_it_then(manager: Client) -> None:
    manager.post(TEXT, {"body": GOOD, "after_version": 0, "do": "save"})
    page = page_of(manager.post(TEXT, {"body": GOOD + " Bye", "after_version": 0, "do": "save"}))
    assert "Somebody else saved a text here meanwhile." in page
    assert 'name="after_version" value="1"' in page
    assert "{link} Bye" in page
    manager.post(TEXT, {"body": GOOD + " Bye", "after_version": 1, "do": "save"})
    assert ClinicWording.objects.filter(version=2, body=GOOD + " Bye").exists()


def test_trial_goes_to_ones_own_number(clinic: Clinic, manager: Client, gateway: TwilioGateway) -> None:
    sent = {"body": GOOD, "after_version": 0, "do": "try"}
    assert "Write down your own number or mailbox first" in page_of(manager.post(TEXT, sent))
    assert "This can&#x27;t be a number" in page_of(
        manager.post("/wording/me/", {"channel": "sms", "value": "no"}, follow=True)
    )
    manager.post("/wording/me/", {"channel": "sms", "value": "(212) 555-0177"})
    assert StaffContact.objects.get().value == "+12125550177"
    assert "Sent to you." in page_of(manager.post(TEXT, sent))
    assert [text.to for text in gateway.ledger] == ["+12125550177"]


def test_clinics_own_name_is_looked_at(clinic: Clinic, manager: Client) -> None:
    assert "tells too much" not in page_of(manager.get("/wording/"))
    Clinic.objects.filter(pk=clinic.pk).update(name="Harbor Ketamine Center")
    page = page_of(manager.get("/wording/"))
    assert "The clinic's own name tells too much, so a neutral one is used." in page
    assert "Your clinic" in page


def test_answers_are_approved_and_let_go(clinic: Clinic, manager: Client) -> None:
    assert "“infusion” may tell" in page_of(
        manager.post("/wording/replies/", {"body": "Your infusion", "language": "en"}, follow=True)
    )
    manager.post("/wording/replies/", {"body": "We call you soon.", "language": "es"})
    reply = QuickReply.objects.get()
    assert reply.language == "es"
    assert "We call you soon." in page_of(manager.get("/wording/"))
    manager.post(f"/wording/replies/{reply.pk}/end/")
    assert "We call you soon." not in page_of(manager.get("/wording/"))
    stranger = signed_in(factories.create_clinic(), Role.MANAGER)
    assert stranger.post(f"/wording/replies/{reply.pk}/end/").status_code == 404


def rules_as_shown(manager: Client) -> dict[str, str]:
    form = manager.get("/wording/rules/").context["form"]
    return {bound.name: "" if bound.value() is None else str(bound.value()) for bound in form}


def test_rules_as_shown_change_nothing_but_what_was_typed(clinic: Clinic, manager: Client) -> None:
    shown = rules_as_shown(manager)
    manager.post("/wording/rules/", shown)
    assert "It was so before." in page_of(manager.post("/wording/rules/", shown, follow=True))
    changed = shown | {
        "reminder_hours": "24, 96", "quiet_from": "21:00", "self_service_hours": "48",
        "answer_hours": "Weekdays 8 to 6", "text_number": "+12125550100", "most_a_day": "2",
    }  # fmt: skip
    assert "Saved. What is planned follows it." in page_of(manager.post("/wording/rules/", changed, follow=True))
    rules = MessageRules.objects.get()
    assert (rules.reminder_hours, f"{rules.quiet_from:%H:%M}") == ([96, 24], "21:00")
    assert (rules.self_service_hours, rules.answer_hours) == (48, "Weekdays 8 to 6")
    assert (rules.text_number, rules.most_a_day) == ("+12125550100", 2)
    assert Event.objects.filter(verb="clinic.messages_set").count() == 2
    assert rules_as_shown(manager) == changed | {"reminder_hours": "96, 24", "quiet_from": "21:00:00"} | {
        "quiet_until": str(rules.quiet_until)
    }


def test_reminders_are_switched_off_and_texts_get_no_limit_on_the_page(clinic: Clinic, manager: Client) -> None:
    typed = rules_as_shown(manager) | {"reminder_hours": "", "texts_per_minute": "0"}
    assert "Saved. What is planned follows it." in page_of(manager.post("/wording/rules/", typed, follow=True))
    rules = MessageRules.objects.get()
    assert (rules.reminder_hours, rules.texts_per_minute) == ([], 0)
    assert clinic_section.export(clinic)["reminder_hours"] == []
    assert rules_as_shown(manager) == typed
    assert "Empty: no reminders go." in page_of(manager.get("/wording/rules/"))


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("sender_name", "Ketamine Place", "“ketamine” may tell others"),
        ("reminder_hours", "72; 24", "Whole hours with commas between them"),
        ("quiet_from", "20:10", "Quiet hours start and end on a quarter hour."),
        ("quiet_from", "late", "Enter a valid time."),
        ("grace_minutes", "90", "is 60 or less, not 90"),
        ("text_number", "555", "is a text such as &quot;+12125550100&quot;"),
        ("fixed_answer", "", "This field is required."),
        ("fixed_answer_es", "Responda SI si quiere", "“si” must not be asked for"),
    ],
)
def test_rule_that_can_not_be_is_named_at_its_field(manager: Client, field: str, typed: str, words: str) -> None:
    page = page_of(manager.post("/wording/rules/", rules_as_shown(manager) | {field: typed}))
    assert words in page
    assert MessageRules.objects.count() == 0


@pytest.mark.parametrize("path", ["/wording/", "/wording/rules/", TEXT])
@pytest.mark.parametrize("role", [DESK, NURSE, Role.PRESCRIBER, Role.AUDITOR])
def test_pages_are_the_managers(clinic: Clinic, role: Role, path: str) -> None:
    assert signed_in(clinic, role).get(path).status_code == 403


@pytest.mark.parametrize("path", ["reminder/call/en/", "reminder/sms/vi/", "x/y/z/"])
def test_text_that_clinics_do_not_word_is_not_found(manager: Client, path: str) -> None:
    assert manager.get(f"/wording/{path}").status_code == 404
    assert manager.post(f"/wording/{path}", {"do": "save", "body": GOOD}).status_code == 404


def test_words_are_shown_as_typed(manager: Client) -> None:
    for text in naughty_strings()[40:60]:
        assert shows(page_of(manager.post(TEXT, {"body": f"{text} {{when}} {{link}}", "after_version": 0})), text)
