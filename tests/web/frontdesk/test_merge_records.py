"""Two records side by side: what moves is read before it moves, and a merge can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.addresses import set_address
from notifications.consent import consenting
from notifications.contact_wishes import ask_for_confidentiality, wishes_of
from notifications.models import AddressKind, Notice, PatientAddress
from notifications.planning import plan_patient
from scheduling.booking import book_visit
from scheduling.models import Clinic, Patient, VisitType
from tests import factories
from tests.factories import NOW
from tests.notifications.world import MAILBOX, reachable_patient
from tests.web.pages import DESK, NURSE, book_talk, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(prescribers=2)


@pytest.fixture
def kind(clinic: Clinic) -> VisitType:
    return factories.create_visit_type(clinic)


@pytest.fixture
def twin(clinic: Clinic) -> Patient:
    """The record to retire, reached by phone and mailbox."""
    return reachable_patient(clinic, mailbox=MAILBOX, now=NOW)


@pytest.fixture
def kept(clinic: Clinic) -> Patient:
    return factories.create_patient(clinic, given_name="Rosa", family_name="Reyes")


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def merge(desk: Client, twin: Patient, kept: Patient) -> str:
    """Reads the page, then presses."""
    address = f"/patients/{twin.pk}/merge/{kept.pk}/"
    seen = page_of(desk.get(address)).split('name="seen" value="')[1].split('"')[0]
    return page_of(desk.post(address, {"seen": seen}, follow=True))


def split(desk: Client, twin: Patient) -> str:
    address = f"/patients/{twin.pk}/split/"
    seen = page_of(desk.get(address)).split('name="seen" value="')[1].split('"')[0]
    return page_of(desk.post(address, {"seen": seen}, follow=True))


def test_the_other_record_is_found_by_looks_and_by_search(clinic: Clinic, kept: Patient, desk: Client) -> None:
    alike = factories.create_patient(clinic, given_name="Rosa", family_name="Reyes")
    page = page_of(desk.get(f"/patients/{kept.pk}/merge/"))
    assert f"/patients/{kept.pk}/merge/{alike.pk}/" in page
    page = page_of(desk.post(f"/patients/{kept.pk}/merge/", {"text": "reyes"}))
    assert f"/patients/{kept.pk}/merge/{alike.pk}/" in page
    assert f"/merge/{kept.pk}/" not in page


def test_what_moves_is_read_first_and_then_moves(
    clinic: Clinic, kind: VisitType, twin: Patient, kept: Patient, desk: Client
) -> None:
    visit = book_talk(twin, clinic, kind)
    page = page_of(desk.get(f"/patients/{twin.pk}/merge/{kept.pk}/"))
    moves = page[page.index("Moves to the record that is kept") : page.index("Stays where it is")]
    assert kind.name in moves
    assert MAILBOX in moves
    assert "Merged into this record" in merge(desk, twin, kept)
    visit.refresh_from_db()
    assert visit.patient == kept
    links = PatientAddress.objects.filter(patient=kept, ended_at=None)
    assert {link.address.kind for link in links} == {"phone", "email"}
    assert consenting([link.address_id for link in links]) == {link.address_id for link in links}


def test_an_address_of_its_own_is_kept_and_the_other_is_named(twin: Patient, kept: Patient, desk: Client) -> None:
    own = set_address(patient=kept, kind=AddressKind.PHONE, raw="+12125550888", by=factories.system(), now=NOW)
    assert "the other record has one of its own" in page_of(desk.get(f"/patients/{twin.pk}/merge/{kept.pk}/"))
    merge(desk, twin, kept)
    phones = PatientAddress.objects.filter(patient=kept, ended_at=None, address__kind="phone")
    assert [link.address for link in phones] == [own]


def test_the_patient_is_told_the_times_under_the_kept_record(
    clinic: Clinic, kind: VisitType, twin: Patient, kept: Patient, desk: Client
) -> None:
    by, friday = factories.create_actor(clinic, DESK), NOW + timedelta(days=4, hours=4)
    visit = book_visit(patient=twin, clinic=clinic, visit_type=kind, start=friday, by=by, now=NOW)
    plan_patient(patient=twin, now=NOW)
    merge(desk, twin, kept)
    for patient in (twin, kept):
        plan_patient(patient=patient, now=NOW)
    assert not Notice.objects.filter(patient=twin, state="planned").exists()
    assert Notice.objects.filter(patient=kept, state="planned", told_visits__appointment=visit).exists()
    split(desk, twin)
    for patient in (twin, kept):
        patient.refresh_from_db()
        plan_patient(patient=patient, now=NOW)
    assert not Notice.objects.filter(patient=kept, state="planned").exists()
    assert Notice.objects.filter(patient=twin, state="planned", told_visits__appointment=visit).exists()


def test_a_request_for_one_place_comes_along_and_two_of_them_are_asked_about(
    clinic: Clinic, twin: Patient, kept: Patient, desk: Client
) -> None:
    by = factories.create_actor(clinic, DESK)
    phone = PatientAddress.objects.get(patient=twin, address__kind="phone").address
    ask_for_confidentiality(patient=twin, address=phone, note="only here", by=by, now=NOW)
    other = set_address(patient=kept, kind=AddressKind.PHONE, raw="+12125550888", by=by, now=NOW)
    ask_for_confidentiality(patient=kept, address=other, note="there", by=by, now=NOW)
    address = f"/patients/{twin.pk}/merge/{kept.pk}/"
    assert "Ask the patient which holds" in page_of(desk.get(address))
    assert desk.post(address, {"seen": "1"}).status_code == 409
    twin.refresh_from_db()
    assert twin.merged_into is None
    third = factories.create_patient(clinic)
    merge(desk, twin, third)
    assert (wishes_of(third).only_address, wishes_of(third).confidential_note) == (phone, "only here")
    split(desk, twin)
    assert wishes_of(third).only_address is None
    assert not PatientAddress.objects.filter(patient=third, ended_at=None).exists()


def test_two_visits_at_once_are_refused_with_a_way_on(
    clinic: Clinic, kind: VisitType, twin: Patient, kept: Patient, desk: Client
) -> None:
    visits = [book_talk(patient, clinic, kind) for patient in (twin, kept)]
    page = page_of(desk.get(f"/patients/{twin.pk}/merge/{kept.pk}/"))
    assert "one person can&#x27;t have both" in page
    assert all(f"/visits/{visit.pk}/" in page for visit in visits)
    assert "They are one person: merge them" not in page


def test_an_order_under_way_stays_and_the_other_way_round_is_offered(
    clinic: Clinic, twin: Patient, kept: Patient, desk: Client
) -> None:
    factories.create_order(clinic, twin)
    page = page_of(desk.get(f"/patients/{twin.pk}/merge/{kept.pk}/"))
    assert "has an order under way" in page
    assert f'href="/patients/{kept.pk}/merge/{twin.pk}/"' in page
    assert "They are one person: merge them" in page_of(desk.get(f"/patients/{kept.pk}/merge/{twin.pk}/"))


def test_a_page_older_than_the_records_merges_nothing(
    clinic: Clinic, kind: VisitType, twin: Patient, kept: Patient, desk: Client
) -> None:
    address = f"/patients/{twin.pk}/merge/{kept.pk}/"
    seen = page_of(desk.get(address)).split('name="seen" value="')[1].split('"')[0]
    book_talk(twin, clinic, kind)
    for old in (seen, "", "x"):
        answer = desk.post(address, {"seen": old})
        assert answer.status_code == 409
        assert "this is how it stands now" in page_of(answer)
    twin.refresh_from_db()
    assert twin.merged_into is None


def test_taking_it_back_names_what_came_since(
    clinic: Clinic, kind: VisitType, twin: Patient, kept: Patient, desk: Client
) -> None:
    merge(desk, twin, kept)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        desk.post(f"/patients/{kept.pk}/needs/", {"need-kind": "note", "need-words": "x"})
    page = page_of(desk.get(f"/patients/{twin.pk}/split/"))
    assert "a need or note was written down" in page
    assert "The two are apart again." in split(desk, twin)
    assert "there is nothing to undo" in page_of(desk.get(f"/patients/{twin.pk}/split/", follow=True))


def test_merging_is_the_desks_and_the_page_takes_few_queries(
    clinic: Clinic, twin: Patient, kept: Patient, desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    nurse = signed_in(clinic, NURSE)
    assert nurse.get(f"/patients/{twin.pk}/merge/").status_code == 403
    assert "on file twice" not in page_of(nurse.get(f"/patients/{kept.pk}/"))
    desk.get(f"/patients/{twin.pk}/merge/{kept.pk}/")
    with django_assert_num_queries(21):
        desk.get(f"/patients/{twin.pk}/merge/{kept.pk}/")
