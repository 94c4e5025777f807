"""How to reach a patient: what was said, who shares it, what they wish, wrong numbers and what went there."""

from __future__ import annotations

import pytest
from django.test import Client

from notifications.addresses import set_address, stop_address
from notifications.consent import consenting, record_consent
from notifications.contact_wishes import wishes_of
from notifications.models import AddressKind, CallTask, ConsentMethod, ConsentRecord, PatientAddress
from notifications.notice_facts import ChannelName
from scheduling.models import Clinic, Patient
from tests import factories
from tests.factories import NOW
from tests.notifications.world import MAILBOX, reachable_patient
from tests.web.pages import DESK, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
WISHES = {"way": "", "language": "en", "second_language": "", "time_zone": ""}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return reachable_patient(clinic, mailbox=MAILBOX, now=NOW)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def phone_of(patient: Patient) -> PatientAddress:
    return PatientAddress.objects.get(patient=patient, address__kind="phone")


def test_no_is_kept_in_the_patients_words_with_who_heard_it(rosa: Patient, desk: Client) -> None:
    phone = phone_of(rosa).address
    sent = {"address": phone.pk, "answer": "no", "raw_text": "please no more texts"}
    page = page_of(desk.post(f"/patients/{rosa.pk}/answer/", sent, follow=True))
    assert "“please no more texts”" in page
    record = ConsentRecord.objects.order_by("-pk")[0]
    assert (record.granted, record.raw_text, record.method) == (False, "please no more texts", "verbal")
    assert record.recorded_by is not None
    assert consenting([phone.pk]) == set()


def test_stop_is_said_on_the_page_of_everybody_who_uses_the_number(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    juan = reachable_patient(clinic, now=NOW)
    phone = phone_of(rosa).address
    record_consent(
        address=phone, channel=ChannelName.SMS, granted=False, wording_version="", method=ConsentMethod.REPLY,
        language="en", raw_text="STOP", by=factories.system(), now=NOW,
    )  # fmt: skip
    stop_address(address=phone, reason="opted_out", by=factories.system(), now=NOW)
    for patient, other in ((rosa, juan), (juan, rosa)):
        page = page_of(desk.get(f"/patients/{patient.pk}/"))
        assert "stopped: no messages" in page
        assert "It holds for everybody who uses it." in page
        assert "“STOP”" in page
        assert f'href="/patients/{other.pk}/">{other.shown_name}' in page


def test_yes_takes_a_stop_back(rosa: Patient, desk: Client) -> None:
    phone = phone_of(rosa).address
    stop_address(address=phone, reason="opted_out", by=factories.system(), now=NOW)
    desk.post(f"/patients/{rosa.pk}/answer/", {"address": phone.pk, "answer": "yes"})
    phone.refresh_from_db()
    assert (phone.stopped_at, consenting([phone.pk])) == (None, {phone.pk})


def test_shared_number_is_told_apart(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    reachable_patient(clinic, now=NOW)
    sent = {"address": phone_of(rosa).address_id, "label": "her husband's"}
    assert "her husband&#x27;s" in page_of(desk.post(f"/patients/{rosa.pk}/told-apart/", sent, follow=True))
    assert phone_of(rosa).told_apart_label == "her husband's"


def test_wishes_are_written_down_together(rosa: Patient, desk: Client) -> None:
    sent = WISHES | {
        "way": "call", "wants_day_of": "on", "language": "vi", "second_language": "es", "interpreter_needed": "on",
        "time_zone": "America/Denver",
    }  # fmt: skip
    page = page_of(desk.post(f"/patients/{rosa.pk}/wishes/", sent, follow=True))
    rosa.refresh_from_db()
    assert (rosa.language, rosa.second_language, rosa.interpreter_needed) == ("vi", "es", True)
    assert rosa.time_zone == "America/Denver"
    assert (wishes_of(rosa).way, wishes_of(rosa).wants_day_of) == ("call", True)
    assert "Vietnamese" in page
    assert "calls instead of messages" in page
    assert "It was so before." in page_of(desk.post(f"/patients/{rosa.pk}/wishes/", sent, follow=True))


@pytest.mark.parametrize("wrong", [{"way": "fax"}, {"language": "xx"}, {"time_zone": "Mars"}, {"language": ""}])
def test_nonsense_changes_nothing(rosa: Patient, desk: Client, wrong: dict[str, str]) -> None:
    page = page_of(desk.post(f"/patients/{rosa.pk}/wishes/", WISHES | {"way": "call"} | wrong, follow=True))
    assert "nothing was changed" in page
    assert wishes_of(rosa).way == ""


def test_language_nobody_listed_survives_the_form(clinic: Clinic, desk: Client) -> None:
    patient = factories.create_patient(clinic, language="so", time_zone="Africa/Mogadishu")
    sent = WISHES | {"language": "so", "time_zone": "Africa/Mogadishu", "way": "sms"}
    desk.post(f"/patients/{patient.pk}/wishes/", sent)
    patient.refresh_from_db()
    assert (patient.language, patient.time_zone, wishes_of(patient).way) == ("so", "Africa/Mogadishu", "sms")


def test_confidential_request_stands_on_top_of_the_page_until_taken_back(rosa: Patient, desk: Client) -> None:
    mailbox = PatientAddress.objects.get(patient=rosa, address__kind="email").address
    path = f"/patients/{rosa.pk}/confidential/"
    page = page_of(desk.post(path, {"address": mailbox.pk, "note": "Not at home"}, follow=True))
    assert "Asked to be reached only at" in page
    assert "“Not at home”" in page
    assert wishes_of(rosa).only_address == mailbox
    assert "Asked to be reached only at" not in page_of(desk.post(path, {"do": "end"}, follow=True))
    assert wishes_of(rosa).only_address is None


def test_confidential_request_needs_an_address_of_theirs_and_their_words(
    clinic: Clinic, rosa: Patient, desk: Client
) -> None:
    other = phone_of(reachable_patient(clinic, phone="+12125550188", now=NOW))
    for sent in ({"address": other.address_id, "note": "x"}, {"address": phone_of(rosa).address_id, "note": " "}, {}):
        page = page_of(desk.post(f"/patients/{rosa.pk}/confidential/", sent, follow=True))
        assert "in their words" in page
    assert wishes_of(rosa).only_address is None


def test_wrong_number_leads_to_what_went_there_and_leaves_a_call(rosa: Patient, desk: Client) -> None:
    phone = phone_of(rosa)
    answer = desk.post(f"/patients/{rosa.pk}/wrong-number/", {"address": phone.address_id})
    assert answer.headers["Location"] == f"/patients/{rosa.pk}/addresses/{phone.address_id}/"
    page = page_of(desk.get(answer.headers["Location"]))
    assert "(212) 555-0123" in page
    assert "Nothing was ever sent there." in page
    assert CallTask.objects.get().patient == rosa
    assert desk.post(f"/patients/{rosa.pk}/wrong-number/", {"address": phone.address_id}).status_code == 404


def test_new_number_asks_anew(rosa: Patient, desk: Client) -> None:
    old = phone_of(rosa).address
    desk.post(f"/patients/{rosa.pk}/address/", {"kind": "phone", "raw": "212 555 0188"})
    old.refresh_from_db()
    assert old.stop_reason == "given_up"
    page = page_of(desk.get(f"/patients/{rosa.pk}/"))
    assert "(212) 555-0188" in page
    assert "no messages" in page


@pytest.mark.parametrize("path", ["wishes/", "confidential/", "wrong-number/", "told-apart/"])
def test_foreign_patient_is_not_changed(rosa: Patient, path: str) -> None:
    stranger = signed_in(factories.create_clinic(), DESK)
    sent = WISHES | {"address": str(phone_of(rosa).address_id), "note": "x", "label": "x", "way": "call"}
    assert stranger.post(f"/patients/{rosa.pk}/{path}", sent).status_code == 404
    assert (wishes_of(rosa).way, phone_of(rosa).told_apart_label) == ("", "")


def test_address_of_somebody_else_is_not_found(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    other = factories.create_patient(clinic)
    address = set_address(
        patient=other, kind=AddressKind.PHONE, raw="2125550188", by=factories.create_actor(clinic, DESK), now=NOW
    )
    for path in ("wrong-number/", "told-apart/"):
        assert desk.post(f"/patients/{rosa.pk}/{path}", {"address": address.pk}).status_code == 404
    assert desk.get(f"/patients/{rosa.pk}/addresses/{address.pk}/").status_code == 404


def test_a_number_that_somebody_said_yes_to_is_said_to_be_under_that_word(
    clinic: Clinic, rosa: Patient, desk: Client
) -> None:
    other, path = factories.create_patient(clinic), "/patients/{}/address/"
    number = phone_of(rosa).address.value
    page = page_of(desk.post(path.format(other.pk), {"kind": "phone", "raw": number}, follow=True))
    assert "there is a yes for this number or mailbox already" in page
    page = page_of(desk.post(path.format(other.pk), {"kind": "phone", "raw": "212 555 0188"}, follow=True))
    assert "Ask whether it may be used for messages." in page
