"""The lists about orders, in words: what is left to book, what was missed, whose places are kept, what waits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.db.models import Min, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduling.clinic_time import ClinicTime
from scheduling.models import MISSED, Appointment, AskedFor, AskState, Clinic, ClinicianTask, FollowUp, Order, RowKind
from scheduling.reviews import ReviewDue, reviews_due
from web.frontdesk.list_rows import Action, Facts, Mark
from web.frontdesk.rows_to_book import FAR, ToBook, rows_to_book
from web.spoken import infusions, short_day, soon, word_of

PAST_ITS_DAYS = Mark("danger", "triangle-alert", gettext_lazy("past its days"))
TIMES_KEPT = Mark("neutral", "hourglass", gettext_lazy("times are kept"))
WAITS = Mark("review", "clipboard-clock", gettext_lazy("waits for the prescriber"))
STILL_WAITS = Mark("warning", "clock-alert", gettext_lazy("still waits"))
BOOK = gettext_lazy("Book")


def to_book(found: tuple[QuerySet[Any], ...], clinic: Clinic, now: datetime) -> list[Facts]:
    """Orders and reviews without a visit, the one whose days are over first."""
    orders, without_visit = found
    rows = [to_book_row(RowKind.ORDER_TO_BOOK, row, left_of(row), clinic, now) for row in rows_of(orders, clinic, now)]
    rows += [review_row(one) for one in without_visit.select_related("order__patient")]
    return sorted(rows, key=lambda one: (one.at is None, one.at or now, one.subject))


def missed(orders: QuerySet[Order], clinic: Clinic, now: datetime) -> list[Facts]:
    """Orders of which an infusion was missed and not planned anew, with which."""
    rows = rows_of(orders, clinic, now)
    had = Appointment.objects.filter(order__in=[row.order for row in rows], status__in=MISSED, dose__isnull=False)
    days: dict[int | None, dict[int, datetime]] = {}
    for order_id, number, period in had.order_by("period").values_list("order_id", "dose_number", "period"):
        days.setdefault(order_id, {})[number or 0] = period.lower
    found = []
    for row in rows:
        gone = {number: days[row.order.pk][number] for number in row.numbers if number in days.get(row.order.pk, {})}
        word = word_of(row.order.current_version)
        what = _("%(infusions)s missed on %(day)s") % {
            "infusions": infusions(gone, word), "day": short_day(max(gone.values(), default=now))
        }  # fmt: skip
        found.append(to_book_row(RowKind.INFUSION_MISSED, row, what, clinic, now))
    return sorted(found, key=lambda one: (one.at is None, one.at or now, one.subject))


def rows_of(orders: QuerySet[Order], clinic: Clinic, now: datetime) -> list[ToBook]:
    """Of the clinic's orders to book those among these."""
    wanted = set(orders.values_list("pk", flat=True))
    if not wanted:
        return []
    return [row for row in rows_to_book(clinic, reviews_due(clinic=clinic), now=now) if row.order.pk in wanted]


def to_book_row(kind: RowKind, row: ToBook, what: str, clinic: Clinic, now: datetime) -> Facts:
    """One order to book. It is late once the last day of its next infusion is over."""
    order, window = row.order, row.window
    marks = []
    if window.latest and window.latest < timezone.localdate(now):
        marks.append(PAST_ITS_DAYS)
    marks += [WAITS] * row.waits + [TIMES_KEPT] * (row.kept_until is not None)
    if window.latest:
        when = _("until %(day)s") % {"day": short_day(window.latest)}
    else:
        when = _("from %(day)s") % {"day": short_day(window.earliest)} if window.earliest else _("any day")
    at = None if window.latest in (None, FAR) else end_of(window.latest, clinic)
    return Facts(
        kind, order.pk, order.patient, reverse("series", args=[order.pk]), what,
        Action(BOOK, reverse("book_series", args=[order.pk])), at, when, marks,
    )  # fmt: skip


def end_of(day: Any, clinic: Clinic) -> datetime:
    """The last minute of a clinic-local day, for the order of the rows alone."""
    return ClinicTime(clinic.time_zone).at_wall(day, time(23, 45), which="first")


def left_of(row: ToBook) -> str:
    """Infusions 4-6 of 6; Booster 2 of 4."""
    version = row.order.current_version
    if row.next_one or version is None:
        return row.next_one
    said = infusions(row.numbers, word_of(version))
    return _("%(infusions)s of %(doses)s") % {"infusions": said, "doses": version.doses}


def review_row(follow_up: FollowUp) -> Facts:
    """A visit with the prescriber that was ordered for after an infusion."""
    patient, due = follow_up.order.patient, follow_up.due_at
    url = f"{reverse('visit_openings', args=[patient.pk])}?follow_up={follow_up.pk}"
    when = _("about %(day)s") % {"day": short_day(due)} if due else ""
    return Facts(
        RowKind.REVIEW_TO_BOOK, follow_up.pk, patient, reverse("patient", args=[patient.pk]),
        _("A visit with the prescriber"), Action(BOOK, url), due, when,
    )  # fmt: skip


def places(orders: QuerySet[Order], now: datetime) -> Iterable[Facts]:
    """Paused orders whose visits' places were kept until now: somebody asks whether they still are."""
    for order in orders.select_related("patient").order_by("keep_places_until", "pk"):
        yield Facts(
            RowKind.PLACES_TO_SETTLE, order.pk, order.patient, reverse("series", args=[order.pk]),
            _("Are these times still kept?"), Action(_("Keep or let go"), f"{reverse('orders')}#settle-title"),
            order.keep_places_until, since(order.keep_places_until, now), (WAITS,),
        )  # fmt: skip


def waiting(orders: QuerySet[Order], clinic: Clinic, now: datetime) -> list[Facts]:
    """What waits for a prescriber: the order whose next visit comes first on top. No word of what or why."""
    due = {one.order.pk: one for one in reviews_due(clinic=clinic)}
    tasks = ClinicianTask.objects.filter(order=OuterRef("pk"), closed_at=None).order_by().values("order")
    asked = AskedFor.objects.filter(order=OuterRef("pk"), state=AskState.OPEN).order_by().values("order")
    ahead = Appointment.objects.filter(order=OuterRef("pk"), live=True, given_at=None, period__startswith__gt=now)
    rows = orders.select_related("patient").annotate(
        task_since=Subquery(tasks.annotate(at=Min("opened_at")).values("at")),
        asked_since=Subquery(asked.annotate(at=Min("asked_at")).values("at")),
        next_visit=Subquery(ahead.order_by("period").values("period__startswith")[:1]),
    )
    found = [waiting_row(order, due.get(order.pk), now) for order in rows]
    return sorted(found, key=lambda one: (one.at is None, one.at or now, one.subject))


def waiting_row(order: Any, review: ReviewDue | None, now: datetime) -> Facts:
    """One of them, as `waiting` reads it; of a draft the desk may keep times meanwhile."""
    is_draft = order.current_version_id is None
    begun = [review.since if review else None, order.task_since, order.asked_since]
    begun += [order.created_at] if is_draft else []
    what = _("No visit is planned")
    if order.next_visit:
        what = _("Next visit: %(day)s") % {"day": soon(order.next_visit, timezone.localdate(now))}
    if is_draft:
        url = reverse("patient", args=[order.patient_id])
        action = Action(_("Keep times"), reverse("pencil", args=[order.pk]))
    else:
        url = reverse("series", args=[order.pk])
        action = Action(_("Look at it"), url)
    return Facts(
        RowKind.WAITS_FOR_PRESCRIBER, order.pk, order.patient, url, what, action, order.next_visit,
        since(min(filter(None, begun), default=None), now),
        (STILL_WAITS,) if review and review.is_overdue(now) else (),
    )  # fmt: skip


def since(instant: datetime | None, now: datetime) -> str:
    """since 10:15 AM; since Mon, Dec 7, 10:15 AM."""
    return _("since %(time)s") % {"time": soon(instant, timezone.localdate(now))} if instant else ""
