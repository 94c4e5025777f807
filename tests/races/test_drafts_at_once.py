"""A draft changed or discarded while it is signed, or while its patient's record is closed: one comes first, and the
other reads it. Each side is held in its transaction, after it looked. Controls take the patient's lock away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scheduling import drafting, drafts_of_gone, patients, signing
from scheduling.drafting import change_draft, discard_draft, draft_order
from scheduling.events import Actor
from scheduling.models import Order, OrderState, OrderVersion, Patient
from scheduling.order_content import NotSignable, SignedAlready
from tests import factories
from tests.databases import Committed
from tests.factories import NOW
from tests.races.test_closed_while_signing import Side, dies, merges, no_lock, race, signs, staff

FOUR = {"doses": 4}


@pytest.fixture
def draft(committed_database: Committed) -> Order:
    return factories.create_draft(factories.create_clinic())


@pytest.fixture
def amendment(committed_database: Committed) -> Order:
    """Of an order under way for six infusions; five are to be signed."""
    order = factories.create_order(factories.create_clinic())
    return change_draft(order=order, changes={"doses": 5}, by=staff(order), now=NOW)


def changes(order: Order, by: Actor) -> Side:
    return lambda: change_draft(order=order, changes=FOUR, by=by, now=NOW)


def discards(order: Order, by: Actor) -> Side:
    return lambda: discard_draft(order=order, by=by, now=NOW)


def orders_more(order: Order, by: Actor) -> Side:
    patient, plan, clinics = Patient.objects.get(pk=order.patient_id), order.protocol_version, list(order.sites.all())
    return lambda: draft_order(patient=patient, protocol_version=plan, clinics=clinics, by=by, now=NOW)


def waiting() -> list[tuple[bool, int]]:
    """Each draft that may be signed: whether its record is closed, and how many infusions it says."""
    rows = Order.objects.filter(discarded_at=None).exclude(draft={}).select_related("patient").order_by("pk")
    return [(row.patient.is_gone, row.draft["doses"]) for row in rows]


@pytest.mark.parametrize("act", [changes, discards])
def test_a_draft_that_is_being_signed_is_neither_changed_nor_discarded(draft: Order, act: Callable[..., Side]) -> None:
    by = staff(draft)
    signed, refused = race(signing, "write_signed_rows", signs(draft, by), act(draft, by))
    assert signed.exception() is None
    assert isinstance(refused.exception(), SignedAlready)
    assert OrderVersion.objects.get().content["doses"] == 6


def test_a_change_of_an_amendment_that_is_being_signed_begins_from_what_is_in_force_then(amendment: Order) -> None:
    by = staff(amendment)
    signed, changed = race(signing, "write_signed_rows", signs(amendment, by), changes(amendment, by))
    assert (signed.exception(), changed.exception()) == (None, None)
    assert OrderVersion.objects.latest("number").content["doses"] == 5
    assert waiting() == [(False, 4)]


def test_control_without_the_patients_lock_what_is_in_force_is_not_found(
    amendment: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version is joined to the order's row, and while that was waited for it became another one."""
    by = staff(amendment)
    monkeypatch.setattr(drafting, "lock_patients", no_lock)
    signed, changed = race(signing, "write_signed_rows", signs(amendment, by), changes(amendment, by))
    assert signed.exception() is None
    assert isinstance(changed.exception(), NotSignable), "of nothing at all"


@pytest.mark.parametrize("act", [changes, discards, orders_more])
def test_nothing_is_drafted_in_a_record_that_is_being_merged(draft: Order, act: Callable[..., Side]) -> None:
    by = staff(draft)
    merged, refused = race(drafts_of_gone, "discard_drafts", merges(draft, by), act(draft, by))
    assert merged.exception() is None
    assert isinstance(refused.exception(), NotSignable)
    assert waiting() == [(False, 6)], "it came along as it was"


@pytest.mark.parametrize(("act", "comes_along"), [(changes, [4]), (discards, []), (orders_more, [6, 6])])
def test_a_merge_carries_what_was_drafted_before_it(
    draft: Order, act: Callable[..., Side], comes_along: list[int]
) -> None:
    by = staff(draft)
    done, merged = race(drafting, "_record", act(draft, by), merges(draft, by))
    assert (done.exception(), merged.exception()) == (None, None)
    assert waiting() == [(False, doses) for doses in comes_along]


@pytest.mark.parametrize("act", [changes, discards, orders_more])
def test_control_without_the_patients_lock_a_merge_does_not_see_it(
    draft: Order, monkeypatch: pytest.MonkeyPatch, act: Callable[..., Side]
) -> None:
    """The change is lost, what was discarded is there again, and what was ordered is discarded."""
    by = staff(draft)
    monkeypatch.setattr(drafting, "lock_patients", no_lock)
    merged, done = race(drafts_of_gone, "discard_drafts", merges(draft, by), act(draft, by))
    assert (merged.exception(), done.exception()) == (None, None)
    assert waiting() == [(False, 6)]


@pytest.mark.parametrize("act", [changes, orders_more])
def test_nothing_is_drafted_for_who_has_died(amendment: Order, act: Callable[..., Side]) -> None:
    by = staff(amendment)
    died, refused = race(patients, "free_visits", dies(amendment, by), act(amendment, by))
    assert died.exception() is None
    assert isinstance(refused.exception(), NotSignable)
    assert waiting() == []
    assert Order.objects.filter(state=OrderState.DRAFT).count() == 0
