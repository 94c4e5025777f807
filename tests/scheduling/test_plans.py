"""Plans: drafted by manager or prescriber, approved by a prescriber alone; what is in use stays; orders keep theirs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from pytest_django import DjangoAssertNumQueries

from scheduling.drafting import draft_order
from scheduling.models import Clinic, Event, Order, ProtocolVersion, Role
from scheduling.permissions import NotAllowed
from scheduling.plan_approval import approve_protocol
from scheduling.plan_drafts import DraftedMeanwhile, NameTaken, draft_plan, draft_version
from scheduling.plan_retiring import offer_again, retire_plan
from scheduling.plans import fingerprint, newest_versions, plans_on_offer
from scheduling.signing import sign_order
from scheduling.spacing import InvalidFields
from tests import factories
from tests.factories import NOW, SIX

pytestmark = pytest.mark.django_db
EIGHT = SIX | {"doses": 8, "within_days": 28}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def version(clinic: Clinic) -> ProtocolVersion:
    """A plan that a prescriber has approved."""
    made = factories.create_protocol(clinic)
    approve_protocol(version=made, by=factories.create_actor(clinic, Role.PRESCRIBER), now=NOW)
    return made


def draft(version: ProtocolVersion, clinic: Clinic, template: dict[str, Any], **more: Any) -> ProtocolVersion:
    by = more.pop("by", None) or factories.create_actor(clinic, Role.MANAGER)
    after = more.pop("after", fingerprint(version))
    return draft_version(protocol=version.protocol, template=template, after=after, by=by, now=NOW)


def test_version_in_use_stays_and_the_next_one_says_what_is_new(clinic: Clinic, version: ProtocolVersion) -> None:
    drafted = draft(version, clinic, EIGHT)
    version.refresh_from_db()
    assert (version.template, drafted.number, drafted.template) == (SIX, 2, EIGHT)
    assert not drafted.is_approved
    assert Event.objects.get(verb="protocol.drafted").data == {"protocol_version": drafted.pk}


def test_draft_is_written_anew_and_the_same_again_changes_nothing(clinic: Clinic, version: ProtocolVersion) -> None:
    drafted = draft(version, clinic, EIGHT)
    again = draft(drafted, clinic, EIGHT | {"doses": 7})
    assert (again.pk, again.template["doses"]) == (drafted.pk, 7)
    draft(again, clinic, EIGHT | {"doses": 7})
    assert ProtocolVersion.objects.count() == 2
    assert Event.objects.filter(verb="protocol.drafted").count() == 2


def test_draft_that_was_ordered_from_is_in_use(clinic: Clinic, version: ProtocolVersion) -> None:
    drafted = draft(version, clinic, EIGHT)
    by = factories.create_actor(clinic, Role.PRESCRIBER)
    draft_order(patient=factories.create_patient(clinic), protocol_version=drafted, clinics=[clinic], by=by, now=NOW)
    assert draft(drafted, clinic, EIGHT | {"doses": 7}).number == 3
    with pytest.raises(DatabaseError, match="a plan in use stays as it is"), transaction.atomic():
        ProtocolVersion.objects.filter(pk=drafted.pk).update(template=SIX)


def test_second_of_two_who_draft_is_told(clinic: Clinic, version: ProtocolVersion) -> None:
    seen = fingerprint(version)
    drafted = draft(version, clinic, EIGHT, after=seen)
    for after in (seen, "", "nonsense"):
        with pytest.raises(DraftedMeanwhile):
            draft(version, clinic, EIGHT | {"doses": 7}, after=after)
    seen = fingerprint(drafted)
    approve_protocol(version=drafted, by=factories.create_actor(clinic, Role.PRESCRIBER), now=NOW)
    with pytest.raises(DraftedMeanwhile):
        draft(drafted, clinic, EIGHT | {"doses": 7}, after=seen)


@pytest.mark.parametrize(
    ("role", "may_draft", "may_approve"),
    [
        (Role.FRONT_DESK, False, False), (Role.NURSE, False, False), (Role.PRESCRIBER, True, True),
        (Role.MANAGER, True, False), (Role.AUDITOR, False, False),
    ],
)  # fmt: skip
def test_manager_drafts_and_never_approves(
    clinic: Clinic, version: ProtocolVersion, role: Role, may_draft: bool, may_approve: bool
) -> None:
    by, waiting = factories.create_actor(clinic, role), factories.create_protocol(clinic)
    if may_draft:
        draft(version, clinic, EIGHT, by=by)
    else:
        with pytest.raises(NotAllowed):
            draft(version, clinic, EIGHT, by=by)
    if may_approve:
        approve_protocol(version=waiting, by=by, now=NOW)
    else:
        with pytest.raises(NotAllowed):
            approve_protocol(version=waiting, by=by, now=NOW)
    assert waiting.is_approved == may_approve


def test_another_organisations_plan_is_left_alone(clinic: Clinic, version: ProtocolVersion) -> None:
    stranger = factories.create_actor(factories.create_clinic(), Role.PRESCRIBER)
    with pytest.raises(NotAllowed):
        draft(version, clinic, EIGHT, by=stranger)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"doses": 0}, "template.doses"),
        ({"reviews": [{"after": 9, "method": "video"}]}, "template.reviews[0].minutes"),
        ({"prerequisites": [{"code": "labs"}]}, "template.prerequisites[0]"),
        (
            {"prerequisites": [{"code": "labs", "name": "labs", "met_by": ["janitor"]}]},
            "template.prerequisites[0].met_by[0]",
        ),
        ({"surprise": 1}, "template.surprise"),
    ],
)
def test_what_contradicts_itself_is_not_drafted(
    clinic: Clinic, version: ProtocolVersion, wrong: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidFields) as refusal:
        draft(version, clinic, SIX | wrong)
    assert path in refusal.value.errors
    assert ProtocolVersion.objects.count() == 1


def test_newest_approved_is_offered_and_orders_keep_their_version(clinic: Clinic, version: ProtocolVersion) -> None:
    doctor = factories.create_actor(clinic, Role.PRESCRIBER)
    order = draft_order(
        patient=factories.create_patient(clinic), protocol_version=version, clinics=[clinic], by=doctor, now=NOW
    )
    drafted = draft(version, clinic, EIGHT)
    assert plans_on_offer(clinic.organisation_id) == [version]
    approve_protocol(version=drafted, by=doctor, now=NOW)
    assert plans_on_offer(clinic.organisation_id) == [drafted]
    sign_order(order=order, by=doctor, now=NOW)
    order = Order.objects.get()
    assert order.current_version
    assert (order.protocol_version, order.current_version.content["doses"]) == (version, 6)


def test_retired_twice_is_recorded_once(clinic: Clinic, version: ProtocolVersion) -> None:
    by = factories.create_actor(clinic, Role.MANAGER)
    said: dict[str, Any] = {"protocol": version.protocol, "by": by, "now": NOW}
    assert [retire_plan(**said), retire_plan(**said)] == [True, False]
    assert plans_on_offer(clinic.organisation_id) == []
    assert [offer_again(**said), offer_again(**said)] == [True, False]
    assert plans_on_offer(clinic.organisation_id) == [version]
    verbs = Event.objects.filter(verb__in=("protocol.retired", "protocol.offered_again")).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["protocol.retired", "protocol.offered_again"]
    with pytest.raises(NotAllowed):
        retire_plan(protocol=version.protocol, by=factories.create_actor(clinic, Role.NURSE), now=NOW)


@pytest.mark.parametrize("plans", [1, 4])
def test_lists_of_plans_take_one_query_each(
    clinic: Clinic, plans: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(plans):
        factories.create_protocol(clinic)
    factories.create_protocol(factories.create_clinic())
    with django_assert_num_queries(2):
        assert len(newest_versions(clinic.organisation_id)) == plans
        assert plans_on_offer(clinic.organisation_id) == []


def test_new_plan_has_a_name_of_its_own(clinic: Clinic) -> None:
    by = factories.create_actor(clinic, Role.MANAGER)
    said: dict[str, Any] = {"name": "Six", "therapy": "ketamine", "template": SIX, "by": by, "now": NOW}
    made = draft_plan(organisation=clinic.organisation, code="six", **said)
    assert (made.number, made.protocol.code, made.is_approved) == (1, "six", False)
    with pytest.raises(NameTaken):
        draft_plan(organisation=clinic.organisation, code="six", **said)
    with pytest.raises(InvalidFields):
        draft_plan(organisation=clinic.organisation, code="Six!", **said)
