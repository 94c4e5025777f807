"""A signature is for exactly what was read, can be checked later, and is refused with a sentence."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from scheduling.drafting import change_draft, draft_order, what_is_signed
from scheduling.events import Actor
from scheduling.merging import merge_patients
from scheduling.models import Clinic, Event, Order, OrderState, OrderVersion, PlannedDose, Role
from scheduling.order_content import DraftChanged, NotSignable, SignedAlready, content_hash
from scheduling.patients import record_death
from scheduling.permissions import NotAllowed
from scheduling.signatures import count_broken_signatures, signature_stands
from scheduling.signing import ToSign, sign_order, sign_several
from tests import factories
from tests.factories import NOW, SIX

pytestmark = pytest.mark.django_db
PROVED = NOW - timedelta(seconds=5)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def read_of(order: Order) -> str:
    return content_hash(what_is_signed(order))


def test_signature_keeps_name_time_proof_and_hash_and_can_be_checked(clinic: Clinic) -> None:
    order = factories.create_draft(clinic, template={**SIX, "not_before": "2027-01-05", "not_after": "2027-03-01"})
    user = factories.create_user(clinic, Role.PRESCRIBER, username="cole")
    by = Actor.staff(user, clinic)
    signed = sign_order(order=order, read=read_of(order), reauthenticated_at=PROVED, by=by, now=NOW)
    version = OrderVersion.objects.get(pk=signed.pk)
    assert (version.signed_name, version.signed_at, version.reauthenticated_at) == ("Cole", NOW, PROVED)
    assert version.content["sites"] == [clinic.slug]
    assert version.content_hash == content_hash(version.content)
    assert signature_stands(version)
    order.refresh_from_db()
    assert order.draft == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [("content", {**SIX, "doses": 7}), ("doses", 7), ("not_after", NOW.date()), ("content_hash", "0" * 64)],
)
def test_signature_of_other_words_does_not_stand(clinic: Clinic, field: str, value: object) -> None:
    version = OrderVersion.objects.get(order=factories.create_order(clinic))
    setattr(version, field, value)
    assert not signature_stands(version)


def test_what_was_written_past_the_verb_is_found_among_all_that_was_signed(clinic: Clinic) -> None:
    version = OrderVersion.objects.get(order=factories.create_order(clinic))
    assert count_broken_signatures() == 0
    version.pk, version.number, version.content_hash = None, 2, "0" * 64
    version.save()
    assert count_broken_signatures() == 1
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("check_invariants", stdout=out)
    assert left.value.code == 1
    assert "WRONG: 1 versions of orders that say something else than what was signed" in out.getvalue()


def test_draft_changed_since_it_was_read_is_not_signed(clinic: Clinic) -> None:
    order = factories.create_draft(clinic)
    read = read_of(order)
    change_draft(order=order, changes={"doses": 5}, by=factories.create_actor(clinic, Role.NURSE), now=NOW)
    by = factories.create_actor(clinic, Role.PRESCRIBER)
    with pytest.raises(DraftChanged) as refusal:
        sign_order(order=order, read=read, by=by, now=NOW)
    assert "please read it again" in refusal.value.reasons[0]
    assert OrderVersion.objects.count() == 0
    order.refresh_from_db()
    assert sign_order(order=order, read=read_of(order), by=by, now=NOW).doses == 5


def test_sites_changed_since_it_was_read_are_not_signed(clinic: Clinic) -> None:
    order = factories.create_draft(clinic)
    read = read_of(order)
    north = factories.create_clinic(clinic.organisation)
    nurse = factories.create_actor(clinic, Role.NURSE)
    change_draft(order=order, changes={"sites": [clinic.slug, north.slug]}, by=nurse, now=NOW)
    with pytest.raises(DraftChanged):
        sign_order(order=order, read=read, by=factories.create_actor(clinic, Role.PRESCRIBER), now=NOW)


def test_second_signature_from_another_tab_gets_a_sentence(clinic: Clinic) -> None:
    order = factories.create_draft(clinic)
    read, by = read_of(order), factories.create_actor(clinic, Role.PRESCRIBER)
    sign_order(order=order, read=read, by=by, now=NOW)
    with pytest.raises(SignedAlready) as refusal:
        sign_order(order=order, read=read, by=by, now=NOW)
    assert refusal.value.reasons == ["This order is signed already."]
    assert OrderVersion.objects.count() == 1


def test_nothing_is_signed_for_a_merged_record(clinic: Clinic) -> None:
    order, by = factories.create_draft(clinic), factories.create_actor(clinic, *Role)
    merge_patients(into=factories.create_patient(clinic), duplicate=order.patient, by=by, now=NOW)
    order.refresh_from_db()
    with pytest.raises(NotSignable) as refusal:
        sign_order(order=order, by=by, now=NOW)
    assert refusal.value.reasons == ["This record was merged into another; order for that one."]


def test_several_are_signed_after_one_proof_each_wholly_or_not(clinic: Clinic) -> None:
    by = factories.create_actor(clinic, Role.PRESCRIBER)
    good, zero, gone = (
        factories.create_draft(clinic), factories.create_draft(clinic, template={**SIX, "doses": 0}),
        factories.create_draft(clinic),
    )  # fmt: skip
    stale, last = factories.create_draft(clinic), factories.create_draft(clinic)
    reads = {order: read_of(order) for order in (good, zero, gone, stale, last)}
    record_death(patient=gone.patient, died_at=NOW, by=by, now=NOW)
    change_draft(order=stale, changes={"doses": 5}, by=by, now=NOW)
    outcomes = sign_several(
        drafts=[ToSign(order, read) for order, read in reads.items()], reauthenticated_at=PROVED, by=by, now=NOW
    )
    said = {outcome.order: outcome.reasons for outcome in outcomes}
    assert [outcome.order for outcome in outcomes if outcome.version] == [good, last]
    assert said[zero] == ("The number of infusions: is 1 or more, not 0.",)
    assert said[gone] == ("The patient has died.",)
    assert "please read it again" in said[stale][0]
    assert set(OrderVersion.objects.values_list("reauthenticated_at", flat=True)) == {PROVED}
    assert PlannedDose.objects.filter(order__in=[zero, gone, stale]).count() == 0
    assert Order.objects.filter(state=OrderState.ACTIVE).count() == 2
    assert Event.objects.filter(verb="order.signed").count() == 2


def test_one_proof_signs_no_two_versions_of_one_order(clinic: Clinic) -> None:
    order, by = factories.create_draft(clinic), factories.create_actor(clinic, Role.PRESCRIBER)
    read = read_of(order)
    first, second = sign_several(drafts=[ToSign(order, read)] * 2, reauthenticated_at=PROVED, by=by, now=NOW)
    assert first.version is not None
    assert second.reasons == ("This order is signed already.",)


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.NURSE, Role.MANAGER, Role.AUDITOR])
def test_only_a_prescriber_signs_several(clinic: Clinic, role: Role) -> None:
    order = factories.create_draft(clinic)
    with pytest.raises(NotAllowed):
        sign_several(drafts=[ToSign(order)], by=factories.create_actor(clinic, role), now=NOW)


def test_order_of_another_organisation_is_not_signed(clinic: Clinic) -> None:
    stranger = factories.create_actor(factories.create_clinic(), Role.PRESCRIBER)
    with pytest.raises(NotAllowed):
        sign_order(order=factories.create_draft(clinic), by=stranger, now=NOW)


def test_unapproved_plan_is_not_signed(clinic: Clinic) -> None:
    by, plan = factories.create_actor(clinic, Role.PRESCRIBER), factories.create_protocol(clinic)
    patient = factories.create_patient(clinic)
    order = draft_order(patient=patient, protocol_version=plan, clinics=[clinic], by=by, now=NOW)
    with pytest.raises(NotSignable) as refusal:
        sign_order(order=order, by=by, now=NOW)
    assert refusal.value.reasons == ["A prescriber of this organisation has to approve the protocol first."]
