"""Whatever an amendment says: no infusion is lost, no visit changes silently, no distance shrinks without a word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling.amendment_effects import counting_infusions, effect_of, fits_no_longer
from scheduling.booking import Pick, book_series
from scheduling.drafting import change_draft, what_is_signed
from scheduling.models import Appointment, Clinic, DoseTerms, Event, Order, OrderVersion, PlannedDose, Role
from scheduling.order_content import NotSignable, content_hash
from scheduling.signatures import signature_stands
from scheduling.signing import sign_order
from tests import factories
from tests.factories import NOW, PHASES, SIX
from tests.scheduling.ordering.test_amending import give, on

pytestmark = pytest.mark.django_db
WIDE = {
    **SIX, "reviews": [], "within_days": 60, "spacing": [{"dose": "each", "after": "previous", "min": 2, "max": 9}],
}  # fmt: skip
LONGER = [{**phase, "minutes": 55} if phase["name"] == "infuse" else phase for phase in PHASES]

changes = st.fixed_dictionaries(
    {},
    optional={
        "doses": st.integers(1, 9),
        "within_days": st.one_of(st.none(), st.integers(10, 60)),
        "per_week": st.one_of(st.none(), st.integers(1, 4)),
        "spacing": st.builds(
            lambda least, more, unit: [
                {"dose": "each", "after": "previous", "min": least, "max": least + more, "unit": unit}
            ]
            if unit == "days"
            else [{"dose": "each", "after": "previous", "min": least * 24, "unit": unit}],
            st.integers(0, 6), st.integers(1, 9), st.sampled_from(["days", "hours"]),
        ),
        "reviews": st.one_of(
            st.none(), st.builds(lambda after: [{"after": after, "method": "at_chair"}], st.integers(0, 5))
        ),
        "phases_of": st.one_of(st.none(), st.just([{"doses": [3], "phases": LONGER}])),
        "not_before": st.one_of(st.none(), st.just("2027-01-08")),
        "not_after": st.one_of(st.none(), st.just("2027-01-15")),
        "follow_ups": st.lists(
            st.builds(lambda day: {"kind": "call", "after": "each", "day": day}, st.integers(0, 9)), max_size=2,
            unique_by=lambda rule: rule["day"],
        ),
        "given_before": st.one_of(
            st.none(), st.builds(lambda day: [{"on": f"2027-01-{day:02}", "where": "North", "number": 3}],
                                 st.integers(6, 12)),
        ),
    },
)  # fmt: skip


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back; first the database is asked what it asks at a commit."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def stands(visit: Appointment) -> tuple[Any, ...]:
    """What a patient would notice, or a chair."""
    return (visit.status, visit.period, visit.clinic_id, visit.patient_id, visit.dose_id, visit.given_at)


@pytest.fixture
def begun() -> Order:
    """A series of six: the first two were given on the 5th and the 8th, the fourth is booked for the 15th."""
    clinic = factories.create_clinic()
    order = factories.create_order(clinic, template=WIDE)
    picks = [Pick(number, on(day)) for number, day in ((1, 5), (2, 8), (4, 15))]
    visits = book_series(order=order, clinic=clinic, picks=picks[:2], by=factories.create_actor(clinic, *Role), now=NOW)
    for visit in visits:
        give(visit, clinic)
    book_series(
        order=order, clinic=clinic, picks=[picks[2]], by=factories.create_actor(clinic, *Role), now=on(8, "18:00")
    )  # fmt: skip
    return order


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(changes, min_size=1, max_size=2))
def test_any_amendments_keep_what_they_must(begun: Order, said: list[dict[str, Any]]) -> None:
    clinic = begun.sites.get()
    by = factories.create_actor(clinic, Role.PRESCRIBER)
    with undone():
        for one in said:
            amended(begun, clinic, one, by=by)
        with transaction.get_connection().cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def amended(begun: Order, clinic: Clinic, said: dict[str, Any], *, by: Any) -> None:
    now = on(13)
    doses = set(PlannedDose.objects.filter(order=begun).values_list("pk", "number"))
    before = {visit.pk: visit for visit in Appointment.objects.filter(order=begun)}
    guards = ends_of_guards(begun)
    order = Order.objects.get(pk=begun.pk)
    try:
        with transaction.atomic():
            order = change_draft(order=order, changes=said, by=by, now=now)
            effect = effect_of(order, what_is_signed(order), now=now)
            version = sign_order(order=order, read=content_hash(what_is_signed(order)), by=by, now=now)
    except NotSignable:
        assert {pk: stands(visit) for pk, visit in before.items()} == {
            visit.pk: stands(visit) for visit in Appointment.objects.filter(order=begun)
        }
        return
    version = OrderVersion.objects.get(pk=version.pk)
    assert signature_stands(version)
    assert doses <= set(PlannedDose.objects.filter(order=begun).values_list("pk", "number"))
    numbers = DoseTerms.objects.filter(version=version).values_list("dose__number", flat=True)
    assert sorted(numbers) == list(range(1, version.doses + 1))
    unfitting = {visit.pk for visit, _ in effect.unfitting}
    told = set(
        Event.objects.filter(verb__in=("appointment.made_firm", "appointment.waits_for_review")).values_list(
            "appointment_id", flat=True
        )
    )
    for visit in Appointment.objects.filter(pk__in=before).select_related("terms", "order", "gap"):
        was = before[visit.pk]
        if was.given_where:
            continue
        assert stands(visit) == stands(was)
        assert fits_no_longer(visit) == (visit.pk in unfitting)
        assert visit.told_version == was.told_version or visit.pk in told
        assert visit.gap is not None
        assert visit.gap.signed_exception_by_id in (None, by.user_id)
    shortened = {
        number for number, end in ends_of_guards(begun).items() if number in guards and end < guards[number]
    }  # fmt: skip
    # A guard is shorter only where a prescriber signed less, or by the exception that says so.
    for visit in counting_infusions(begun):
        if visit.dose_number in shortened and not visit.given_where:
            assert visit.gap is not None
            signed_less = visit.terms_id != before[visit.pk].terms_id
            assert signed_less or visit.gap.signed_exception_by_id == by.user_id


def ends_of_guards(order: Order) -> dict[int, date]:
    """By number the first day on which the next infusion may be."""
    return {
        visit.dose_number: visit.period.lower.date() + timedelta(days=visit.gap_days or 0)
        for visit in counting_infusions(order)
        if visit.dose_number
    }
