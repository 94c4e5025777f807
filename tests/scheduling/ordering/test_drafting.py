"""Drafts are prepared, changed and discarded by nurses and prescribers; each leaves an event, none is lost."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from scheduling.drafting import change_draft, discard_draft, draft_order, drafts_to_sign, what_is_signed
from scheduling.models import Clinic, Event, Order, OrderState, OrderVersion, Role
from scheduling.order_content import DraftChanged, NotSignable, SignedAlready, content_hash
from scheduling.permissions import NotAllowed
from scheduling.plan_approval import approve_protocol
from scheduling.signing import sign_order
from tests import factories
from tests.factories import NOW, SIX

pytestmark = pytest.mark.django_db
CLOSER = [{"dose": "each", "after": "previous", "min": 1, "target": 2, "max": 3}]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def test_nurse_drafts_and_changes_what_one_patient_needs(clinic: Clinic) -> None:
    nurse = factories.create_actor(clinic, Role.NURSE)
    plan = factories.create_protocol(clinic)
    approve_protocol(version=plan, by=factories.create_actor(clinic, Role.PRESCRIBER), now=NOW)
    north = factories.create_clinic(clinic.organisation)
    patient = factories.create_patient(clinic)
    order = draft_order(
        patient=patient, protocol_version=plan, clinics=[clinic], doses=4, changes={"not_before": "2027-01-11"},
        by=nurse, now=NOW,
    )  # fmt: skip
    changed = change_draft(
        order=order, changes={"spacing": CLOSER, "not_before": None, "sites": [clinic.slug, north.slug]}, by=nurse,
        now=NOW,
    )  # fmt: skip
    assert (changed.draft["doses"], changed.draft["spacing"], "not_before" in changed.draft) == (4, CLOSER, False)
    assert {site.pk for site in changed.sites.all()} == {clinic.pk, north.pk}
    verbs = list(Event.objects.filter(order_id=order.pk).order_by("pk").values_list("verb", flat=True))
    assert verbs == ["order.drafted", "order.draft_changed"]
    assert drafts_to_sign(clinic=north) == [order]


def test_same_change_again_changes_nothing(clinic: Clinic) -> None:
    order, by = factories.create_draft(clinic), factories.create_actor(clinic, Role.NURSE)
    for _ in range(2):
        change_draft(order=order, changes={"doses": 4}, by=by, now=NOW)
    assert Event.objects.filter(verb="order.draft_changed").count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"doses": 0}, "The number of infusions: is 1 or more, not 0."),
        ({"doses": 9, "doses_at_most": 20}, "An order does not say doses_at_most."),
        ({"not_before": "soon"}, "The first day: is a day such as 2027-03-31."),
        ({"not_before": "2027-02-01", "not_after": "2027-02-03"}, "The last day: leaves less than the 10 days"),
        (
            {"spacing": [{"dose": "each", "after": "previous", "min": 5, "max": 2}]},
            "Between infusions: the least distance, 5 days, is more than the greatest, 2.",
        ),
        (
            {"spacing": [{"dose": 3, "after": "first", "min": 5, "target": 4, "unit": "open_days"}]},
            "Infusion 3: the least distance, 5 open days, is more than the best, 4.",
        ),
        ({"phases": [{"name": "infuse", "minutes": 7}]}, "Part 1 takes 7 minutes; parts are counted in steps of 5"),
        (
            {"reviews": [{"after": 2, "method": "video", "minutes": 7}]},
            "Review 1 takes 7 minutes; reviews are counted in steps of 5 minutes.",
        ),
        (
            {
                "spacing": [
                    {"dose": "each", "after": "previous", "min": 3},
                    {"dose": 3, "after": "first", "max": 5},
                ]
            },
            "infusion 3 can't keep all its distances, whatever the days.",
        ),
        ({"sites": ["nowhere"]}, "The clinics of an order are those of its organisation."),
        ({"given_before": [{"on": "2027-01-02", "where": "North", "number": 7}]}, "names infusion 7"),
        (
            {"given_before": [{"on": "2027-01-05", "where": "North"}]},
            "Infusion 1 can't have been given on 2027-01-05: that day is to come.",
        ),
        (
            {"given_before": [{"on": "1980-02-02", "where": "North"}]},
            "Infusion 1 can't have been given on 1980-02-02: the patient was born on 1980-02-03.",
        ),
    ],
)
def test_draft_that_contradicts_itself_is_refused_in_a_sentence(
    clinic: Clinic, changes: dict[str, object], said: str
) -> None:
    order = factories.create_draft(clinic)
    with pytest.raises(NotSignable) as refusal:
        change_draft(order=order, changes=changes, by=factories.create_actor(clinic, Role.NURSE), now=NOW)
    assert any(said in reason for reason in refusal.value.reasons), refusal.value.reasons
    order.refresh_from_db()
    assert order.draft["doses"] == 6


def test_more_infusions_than_the_plan_allows_are_refused_in_its_own_words(clinic: Clinic) -> None:
    order = factories.create_draft(clinic, template={**SIX, "doses_at_most": 8})
    with pytest.raises(NotSignable) as refusal:
        change_draft(order=order, changes={"doses": 9}, by=factories.create_actor(clinic, Role.NURSE), now=NOW)
    assert refusal.value.reasons == ["The plan allows at most 8 infusions, not 9."]


def test_clinic_of_another_organisation_is_no_site(clinic: Clinic) -> None:
    stranger = factories.create_clinic()
    with pytest.raises(NotSignable):
        change_draft(
            order=factories.create_draft(clinic), changes={"sites": [stranger.slug]},
            by=factories.create_actor(clinic, Role.NURSE), now=NOW,
        )  # fmt: skip


def test_change_on_top_of_what_nobody_read_is_refused(clinic: Clinic) -> None:
    order, by = factories.create_draft(clinic), factories.create_actor(clinic, Role.NURSE)
    read = content_hash(what_is_signed(order))
    change_draft(order=order, changes={"doses": 4}, read=read, by=by, now=NOW)
    with pytest.raises(DraftChanged):
        change_draft(order=order, changes={"doses": 5}, read=read, by=by, now=NOW)


def test_discarded_draft_stays_as_discarded_and_is_never_signed(clinic: Clinic) -> None:
    order, by = factories.create_draft(clinic), factories.create_actor(clinic, Role.NURSE)
    discard_draft(order=order, by=by, now=NOW)
    order.refresh_from_db()
    assert (order.state, order.discarded_at, order.draft["doses"]) == (OrderState.DRAFT, NOW, 6)
    assert drafts_to_sign(clinic=clinic) == []
    assert Event.objects.get(verb="order.draft_discarded").order_id == order.pk
    prescriber = factories.create_actor(clinic, Role.PRESCRIBER)
    for refused in (
        lambda: sign_order(order=order, by=prescriber, now=NOW),
        lambda: change_draft(order=order, changes={"doses": 4}, by=by, now=NOW),
        lambda: discard_draft(order=order, by=by, now=NOW),
    ):
        with pytest.raises(NotSignable) as refusal:
            refused()
        assert refusal.value.reasons == ["This draft was discarded."]


def test_database_lets_no_discarded_draft_come_back(clinic: Clinic) -> None:
    order = factories.create_draft(clinic)
    discard_draft(order=order, by=factories.create_actor(clinic, Role.NURSE), now=NOW)
    with pytest.raises(DatabaseError, match="stays so"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(discarded_at=None)


def test_discarding_what_was_signed_meanwhile_is_refused(clinic: Clinic) -> None:
    order = factories.create_draft(clinic)
    sign_order(order=order, by=factories.create_actor(clinic, Role.PRESCRIBER), now=NOW)
    with pytest.raises(SignedAlready):
        discard_draft(order=order, by=factories.create_actor(clinic, Role.NURSE), now=NOW)


def test_discarding_an_amendment_leaves_what_is_in_force(clinic: Clinic) -> None:
    order, by = factories.create_order(clinic), factories.create_actor(clinic, Role.NURSE)
    change_draft(order=order, changes={"doses": 4}, by=by, now=NOW)
    assert drafts_to_sign(clinic=clinic) == [order]
    discard_draft(order=order, by=by, now=NOW)
    order.refresh_from_db()
    assert (order.draft, order.state) == ({}, OrderState.ACTIVE)
    assert OrderVersion.objects.get(order=order).doses == 6
    assert drafts_to_sign(clinic=clinic) == []


def test_amendment_that_says_the_same_is_none(clinic: Clinic) -> None:
    order, by = factories.create_order(clinic), factories.create_actor(clinic, Role.NURSE)
    change_draft(order=order, changes={"doses": 6, "spacing": SIX["spacing"]}, by=by, now=NOW)
    order.refresh_from_db()
    assert order.draft == {}


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER, Role.AUDITOR])
def test_only_clinical_staff_drafts(clinic: Clinic, role: Role) -> None:
    order, by = factories.create_draft(clinic), factories.create_actor(clinic, role)
    with pytest.raises(NotAllowed):
        change_draft(order=order, changes={"doses": 4}, by=by, now=NOW)
    with pytest.raises(NotAllowed):
        discard_draft(order=order, by=by, now=NOW)


def test_desk_that_is_a_nurse_too_drafts(clinic: Clinic) -> None:
    order, by = factories.create_draft(clinic), factories.create_actor(clinic, Role.FRONT_DESK, Role.NURSE)
    assert change_draft(order=order, changes={"doses": 4}, by=by, now=NOW).draft["doses"] == 4
