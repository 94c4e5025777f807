"""What was given elsewhere counts for windows, numbers and reviews, and is no visit here."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from notifications.calendar_feeds import feed_file
from notifications.models import CalendarFeed
from scheduling.booking import BookingRefused, Pick, book_series
from scheduling.drafting import change_draft
from scheduling.models import Appointment, Clinic, DoseGap, Event, FollowUp, Gate, Order, OrderVersion, Role, Status
from scheduling.order_content import NotSignable
from scheduling.orders import orders_to_book
from scheduling.reviews import reviews_due
from scheduling.series import read_series
from scheduling.signing import sign_order
from tests import factories
from tests.factories import NOW, SIX
from tests.scheduling.ordering.test_amending import amend, booked, give, on

pytestmark = pytest.mark.django_db
NO_REVIEW: dict[str, Any] = {**SIX, "reviews": []}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def given(*days: tuple[int, str] | tuple[int, str, int]) -> list[dict[str, object]]:
    """Entries for days of December 2026, or of January where the number is named."""
    return [
        {"on": f"2026-12-{day[0]:02}" if day[0] > 20 else f"2027-01-{day[0]:02}", "where": day[1]}
        | ({"number": day[2]} if len(day) == 3 else {})
        for day in days
    ]  # fmt: skip


def elsewhere(order: Order) -> list[Appointment]:
    return list(Appointment.objects.filter(order=order).exclude(given_where="").order_by("dose_number"))


def test_history_is_written_with_the_signature_at_local_noon(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template={**SIX, "given_before": given((28, "North"), (31, "Elm Street"))})
    first, second = elsewhere(order)
    assert (first.dose_number, first.given_where, first.status) == (1, "North", Status.COMPLETED)
    assert first.given_at == datetime(2026, 12, 28, 17, 0, tzinfo=UTC)
    assert (first.live, first.claims.count(), second.dose_number, second.given_where) == (False, 0, 2, "Elm Street")
    series = read_series(order, now=NOW)
    assert (sorted(series.given), series.to_book, series.next_closed_review) == ([1, 2], [3, 4, 5, 6], 3)
    event = Event.objects.get(verb="appointment.given_elsewhere", appointment_id=first.pk)
    assert (event.happened_at, event.recorded_at) == (first.given_at, NOW)
    assert order in orders_to_book(clinic=clinic)


def test_next_one_keeps_its_distance_to_what_was_given_elsewhere(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template={**NO_REVIEW, "given_before": given((3, "North"))})
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    with pytest.raises(BookingRefused) as refusal:
        book_series(order=order, clinic=clinic, picks=[Pick(2, on(4))], by=by, now=NOW)
    assert [problem.rule for problem in refusal.value.problems] == ["spacing"]
    [visit] = book_series(order=order, clinic=clinic, picks=[Pick(2, on(5))], by=by, now=NOW)
    assert visit.dose_number == 2


def test_history_that_was_nearer_than_ordered_lowers_its_gap_by_a_signed_exception(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template={**NO_REVIEW, "given_before": given((28, "North"), (29, "North"))})
    first, second = elsewhere(order)
    assert (first.gap_days, second.gap_days) == (1, 2)
    exception = DoseGap.objects.get(signed_exception_by__isnull=False)
    assert exception == first.gap
    assert exception.signed_exception_by == OrderVersion.objects.get(order=order).signed_by


def test_review_before_what_was_given_elsewhere_does_not_stand(clinic: Clinic) -> None:
    three = given((24, "North"), (27, "North"), (30, "North"))
    reviews = [{"after": number, "method": "at_chair"} for number in (0, 2, 3, 5)]
    order = factories.create_order(clinic, template={**SIX, "given_before": three, "reviews": reviews})
    assert list(Gate.objects.filter(order=order).order_by("after_number").values_list("after_number", flat=True)) == [
        3, 5,
    ]  # fmt: skip
    assert [review.gate.after_number for review in reviews_due(clinic=clinic)] == [3]


def test_follow_ups_of_the_past_are_not_opened_and_those_to_come_are(clinic: Clinic) -> None:
    rules = [{"kind": "call", "after": "each", "day": 1}, {"kind": "review", "after": "each", "day": 14}]
    order = factories.create_order(
        clinic, template={**NO_REVIEW, "given_before": given((28, "North"), (31, "North")), "follow_ups": rules}
    )
    open_now = FollowUp.objects.filter(order=order, state="open").order_by("after_number")
    assert [(one.kind, one.after_number) for one in open_now] == [("review", 1), ("review", 2)]
    assert not FollowUp.objects.filter(order=order, kind="call", after_number__lt=3).exists()
    assert FollowUp.objects.filter(order=order, kind="call", state="waiting").count() == 4


def test_later_one_is_recorded_by_an_amendment(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template={**SIX, "reviews": [{"after": 1, "method": "at_chair"}]})
    [first] = booked(order, clinic, 4)
    give(first, clinic)
    amend(order, clinic, now=on(8), given_before=given((7, "North", 2)))
    order.refresh_from_db()
    [second] = elsewhere(order)
    assert (second.dose_number, second.given_where) == (2, "North")
    assert not Gate.objects.filter(version=order.current_version_id).exists()
    series = read_series(order, now=on(8))
    assert (sorted(series.given), series.to_book) == ([1, 2], [3, 4, 5, 6])
    amend(order, clinic, now=on(9), doses=5)
    assert elsewhere(order) == [second]


def test_what_was_said_wrongly_is_entered_in_error_and_said_anew(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template={**NO_REVIEW, "given_before": given((28, "North"))})
    amend(order, clinic, given_before=given((29, "North")))
    wrong, right = elsewhere(order)
    wrong, right = sorted((wrong, right), key=lambda visit: visit.period.lower)
    assert (wrong.status, right.status) == (Status.ENTERED_IN_ERROR, Status.COMPLETED)
    assert read_series(order, now=NOW).given == {1: right.given_at}
    amend(order, clinic, given_before=None)
    right.refresh_from_db()
    assert right.status == Status.ENTERED_IN_ERROR
    assert read_series(order, now=NOW).given == {}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (given((5, "North")), "Infusion 1 can't have been given on 2027-01-05: that day is to come."),
        (given((28, "North", 2)), "Infusion 2 comes after infusion 1, so it was on a later day."),
    ],
)
def test_history_that_can_not_be_is_refused(clinic: Clinic, entries: list[dict[str, object]], said: str) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    if "number" in entries[0]:
        [visit] = booked(order, clinic, 4)
        give(visit, clinic)
    with pytest.raises(NotSignable) as refusal:
        amend(order, clinic, given_before=entries)
    assert refusal.value.reasons == [said]
    assert elsewhere(order) == []


def test_draft_of_before_birth_or_of_days_to_come_is_not_signed(clinic: Clinic) -> None:
    by = factories.create_actor(clinic, Role.PRESCRIBER)
    for day, said in (("0001-01-01", "the patient was born on 1980-02-03."), ("2027-01-05", "that day is to come.")):
        draft = factories.create_draft(
            clinic, template={**NO_REVIEW, "given_before": [{"on": day, "where": "North"}]}
        )  # fmt: skip
        with pytest.raises(NotSignable) as refusal:
            sign_order(order=draft, by=by, now=NOW)
        assert refusal.value.reasons == [f"Infusion 1 can't have been given on {day}: {said}"]
        assert elsewhere(draft) == []


def test_what_was_given_or_is_booked_here_was_not_given_elsewhere(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    first, _ = booked(order, clinic, 4, 7)
    give(first, clinic)
    for number, said in ((1, "was given here."), (2, "is booked here. Cancel that visit first")):
        with pytest.raises(NotSignable) as refusal:
            amend(order, clinic, now=on(6), given_before=given((5, "North", number)))
        assert said in refusal.value.reasons[0]


def test_history_near_another_orders_infusion_is_refused_in_a_sentence(clinic: Clinic) -> None:
    other = factories.create_order(clinic, template={**NO_REVIEW, "given_before": given((30, "North"))})
    draft = factories.create_draft(clinic, other.patient)
    by = factories.create_actor(clinic, Role.PRESCRIBER)
    draft = change_draft(order=draft, changes={"given_before": given((31, "North"))}, by=by, now=NOW)
    with pytest.raises(NotSignable) as refusal:
        sign_order(order=draft, by=by, now=NOW)
    assert "another order for the same treatment is nearer" in refusal.value.reasons[0]


def test_it_is_no_visit_of_this_clinic(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template={**NO_REVIEW, "given_before": given((28, "North"))})
    assert list(Appointment.objects.at_clinic(clinic)) == []
    [visit] = elsewhere(order)
    assert visit.period.lower.date() == date(2026, 12, 28)
    feed = CalendarFeed(patient=order.patient, clinic=clinic, language="en")
    assert b"BEGIN:VEVENT" not in feed_file(feed, now=NOW)
