from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from notifications.addresses import (
    NotTheirAddress,
    normalise,
    reopen_address,
    set_address,
    stop_address,
    tell_apart,
)
from notifications.consent import WrongChannel, consenting, record_consent
from notifications.models import Address, AddressKind, ConsentMethod, ConsentRecord, PatientAddress
from notifications.notice_facts import ChannelName
from scheduling.models import Event, Patient
from tests import factories
from tests.notifications.world import NOON, agree


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("phone", "(212) 555-0123", "+12125550123"),
        ("phone", " +1 212.555.0123 ", "+12125550123"),
        ("phone", "+49 30 901820", "+4930901820"),
        ("phone", "555-123-4567", None),
        ("phone", "212-555-0123 x12", None),
        ("phone", "ask her sister", None),
        ("phone", "", None),
        ("email", " Rosa.Reyes@Patients.TEST ", "rosa.reyes@patients.test"),
        ("email", "rosa@patients", None),
        ("email", "rosa@patients.test, other@x.test", None),
        ("email", "rosa@patients.test\r\nBcc: x@y.test", None),
        ("email", "a" * 250 + "@x.test", None),
    ],
)
def test_address_is_normalised_or_kept_as_text_only(kind: str, raw: str, value: str | None) -> None:
    assert normalise(AddressKind(kind), raw) == value


@pytest.fixture
def rosa(db: None) -> Patient:
    return factories.create_patient(factories.create_clinic())


def give(patient: Patient, raw: str, kind: AddressKind = AddressKind.PHONE, *, preferred: bool = False) -> Address:
    return set_address(patient=patient, kind=kind, raw=raw, by=factories.system(), now=NOON, preferred=preferred)


def current(patient: Patient) -> list[tuple[str, bool]]:
    rows = PatientAddress.objects.filter(patient=patient, ended_at=None).order_by("pk")
    return [(row.address.value or row.address.raw, row.preferred) for row in rows]


def test_new_number_ends_the_old_one_and_keeps_it(rosa: Patient) -> None:
    give(rosa, "212-555-0123")
    give(rosa, "212-555-0188")
    assert current(rosa) == [("+12125550188", False)]
    assert PatientAddress.objects.filter(patient=rosa).count() == 2
    give(rosa, "212-555-0123")
    assert current(rosa) == [("+12125550123", False)]


def test_same_number_again_changes_nothing(rosa: Patient) -> None:
    give(rosa, "212-555-0123")
    give(rosa, "(212) 555 0123")
    assert Event.objects.filter(verb="patient.address_set").count() == 1


def test_invalid_number_is_kept_as_typed(rosa: Patient) -> None:
    address = give(rosa, "555-123-4567")
    address.refresh_from_db()
    assert (address.value, address.raw, address.is_valid) == (None, "555-123-4567", False)


def test_one_address_of_all_kinds_is_preferred(rosa: Patient) -> None:
    give(rosa, "212-555-0123", preferred=True)
    give(rosa, "rosa@patients.test", AddressKind.EMAIL, preferred=True)
    assert current(rosa) == [("+12125550123", False), ("rosa@patients.test", True)]


def test_shared_number_is_one_row_and_its_stop_stops_both(rosa: Patient) -> None:
    other = factories.create_patient(factories.create_clinic(rosa.organisation.clinics.get().organisation))
    shared = give(rosa, "212-555-0123")
    assert give(other, "2125550123") == shared
    stop_address(address=shared, reason="opted_out", by=factories.system(), now=NOON)
    stop_address(address=shared, reason="again", by=factories.system(), now=NOON)
    told = Event.objects.filter(verb="address.stopped").values_list("patient_id", flat=True)
    assert sorted(told) == sorted([rosa.pk, other.pk])
    reopen_address(address=shared, by=factories.system(), now=NOON)
    shared.refresh_from_db()
    assert (shared.stopped_at, shared.stop_reason) == (None, "")


def test_latest_word_counts_and_every_word_is_kept(rosa: Patient) -> None:
    phone = give(rosa, "212-555-0123")
    assert consenting([phone.pk]) == set()
    agree(phone)
    assert consenting([phone.pk]) == {phone.pk}
    agree(phone, granted=False)
    assert consenting([phone.pk]) == set()
    assert list(ConsentRecord.objects.order_by("pk").values_list("granted", flat=True)) == [True, False]


def test_consent_to_texts_of_a_mailbox_is_refused(rosa: Patient) -> None:
    mailbox = give(rosa, "rosa@patients.test", AddressKind.EMAIL)
    with pytest.raises(WrongChannel):
        record_consent(
            address=mailbox, channel=ChannelName.SMS, granted=True, wording_version="1", method=ConsentMethod.VERBAL,
            language="en", by=factories.system(), now=NOON,
        )  # fmt: skip


def test_number_of_another_organisation_is_another_row(rosa: Patient) -> None:
    stranger = factories.create_patient(factories.create_clinic())
    address = give(rosa, "212-555-0123")
    assert give(stranger, "212-555-0123") != address
    with pytest.raises(IntegrityError, match="patient_address_address"), transaction.atomic():
        PatientAddress.objects.create(
            organisation=stranger.organisation, patient=stranger, address=address, given_at=NOON
        )


def test_number_that_nobody_has_any_more_is_stopped_and_a_shared_one_is_not(rosa: Patient) -> None:
    other = factories.create_patient(factories.create_clinic(rosa.organisation))
    old = give(rosa, "212-555-0123")
    give(other, "212-555-0123")
    give(rosa, "212-555-0188")
    assert Address.objects.get(pk=old.pk).stop_reason == ""
    give(other, "212-555-0199")
    stopped = Address.objects.get(pk=old.pk)
    assert (stopped.stopped_at, stopped.stop_reason) == (NOON, "given_up")


def test_whoever_gets_a_number_next_has_not_agreed_to_anything(rosa: Patient) -> None:
    stranger = factories.create_patient(factories.create_clinic(rosa.organisation))
    number = give(rosa, "212-555-0123")
    agree(number)
    give(rosa, "212-555-0188")
    again = set_address(
        patient=stranger, kind=AddressKind.PHONE, raw="2125550123", by=factories.system(), now=NOON + timedelta(days=9)
    )
    again.refresh_from_db()
    assert (again, again.stopped_at) == (number, None)
    assert consenting([again.pk]) == set()
    agree(again, now=NOON + timedelta(days=9))
    assert consenting([again.pk]) == {again.pk}


def test_number_given_back_after_a_while_needs_a_new_yes(rosa: Patient) -> None:
    number = give(rosa, "212-555-0123")
    agree(number)
    give(rosa, "212-555-0188")
    set_address(
        patient=rosa, kind=AddressKind.PHONE, raw="212-555-0123", by=factories.system(), now=NOON + timedelta(days=9)
    )
    assert consenting([number.pk]) == set()


def test_whoever_comes_to_share_a_number_comes_under_its_consent(rosa: Patient) -> None:
    number = give(rosa, "212-555-0123")
    agree(number)
    other = factories.create_patient(factories.create_clinic(rosa.organisation))
    set_address(
        patient=other, kind=AddressKind.PHONE, raw="212-555-0123", by=factories.system(), now=NOON + timedelta(days=9)
    )
    assert consenting([number.pk]) == {number.pk}


def test_making_an_address_the_preferred_one_keeps_its_consent(rosa: Patient) -> None:
    number = give(rosa, "212-555-0123")
    agree(number)
    set_address(
        patient=rosa, kind=AddressKind.PHONE, raw="212-555-0123", preferred=True, by=factories.system(),
        now=NOON + timedelta(days=9),
    )  # fmt: skip
    assert consenting([number.pk]) == {number.pk}


def test_opted_out_number_stays_stopped_when_somebody_else_gives_it(rosa: Patient) -> None:
    number = give(rosa, "212-555-0123")
    stop_address(address=number, reason="opted_out", by=factories.system(), now=NOON)
    give(factories.create_patient(factories.create_clinic(rosa.organisation)), "212-555-0123")
    number.refresh_from_db()
    assert number.stop_reason == "opted_out"


def test_shared_number_is_told_apart(rosa: Patient) -> None:
    number = give(rosa, "212-555-0123")
    tell_apart(patient=rosa, address=number, label="  his wife's phone " + "x" * 60, by=factories.system(), now=NOON)
    label = PatientAddress.objects.get(patient=rosa).told_apart_label
    assert label == ("his wife's phone " + "x" * 60)[:40]
    event = Event.objects.get(verb="patient.address_told_apart")
    assert event.data == {"address": number.pk}
    stranger = factories.create_patient(factories.create_clinic(rosa.organisation))
    with pytest.raises(NotTheirAddress):
        tell_apart(patient=stranger, address=number, label="mine", by=factories.system(), now=NOON)
