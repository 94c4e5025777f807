"""What visits need beforehand and what was said of it, read beside the visits themselves: no query of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import JSONObject, Lower

from scheduling.clinic_time import ClinicTime
from scheduling.models import Appointment, Order, PrerequisiteRecord, Status
from scheduling.protocol_parts import Prerequisite
from scheduling.protocol_template import prerequisites_from
from scheduling.readiness import Needing, Said, Stands, stand

SAID = JSONObject(
    number="pk", code="code", answer="answer", first="valid_from", last="valid_to", visits="visits",
    visit_id="appointment_id", said_at="said_at",
)  # fmt: skip
COUNTED = JSONObject(visit_id="pk", start=Lower("period"), zone="time_zone")


def using_up(orders: Any) -> QuerySet[Appointment]:
    """The infusions of these orders that use up what is good for so many visits: booked here, or given here."""
    is_booked = Q(live=True) & ~Q(status=Status.HELD)
    was_given = Q(given_at__isnull=False) & ~Q(status=Status.ENTERED_IN_ERROR)
    return Appointment.objects.filter(is_booked | was_given, order=orders, dose__isnull=False, given_where="")


def with_prerequisites(visits: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """The visits with what `standing_of` reads. A visit whose order asks for nothing costs no look at other rows."""
    records = PrerequisiteRecord.objects.filter(order=OuterRef("order"))
    asks = Q(dose__isnull=False, order__current_version__content__has_key="prerequisites")
    counts = asks & Q(Exists(records.filter(visits__isnull=False)))
    return visits.annotate(
        asked_before=Case(When(asks, then=F("order__current_version__content__prerequisites"))),
        said_before=Case(When(asks, then=ArraySubquery(records.order_by("pk").values(json=SAID)))),
        counted_before=Case(When(counts, then=ArraySubquery(using_up(OuterRef("order")).values(json=COUNTED)))),
    )


def standing_of(visit: Appointment, *, now: datetime) -> tuple[Stands, ...]:
    """Where the prerequisites of a visit read by `with_prerequisites` stand, as its order asks for them as it is signed
    now; none for a visit that is no infusion."""
    asked: list[dict[str, Any]] | None = visit.asked_before  # type: ignore[attr-defined]  # annotated above
    if not asked:
        return ()
    said: list[dict[str, Any]] = visit.said_before or []  # type: ignore[attr-defined]
    counted: list[dict[str, Any]] = visit.counted_before or []  # type: ignore[attr-defined]
    return stand(
        prerequisites_from(asked),
        Needing(visit.pk, visit.period.lower, ClinicTime(visit.time_zone)),
        [_said(one) for one in said],
        [_needing(one) for one in counted],
        now=now,
    )


class OfOrder:
    """An order's prerequisites with all that was said of them, for many starts that are thought of."""

    def __init__(self, asked: Sequence[Prerequisite], said: Sequence[Said], counted: Sequence[Needing]) -> None:
        self.asked, self.said, self.counted = asked, said, counted

    @classmethod
    def read(cls, order: Order) -> OfOrder:
        """What its current version asks for. Two queries, none where that is nothing."""
        asked = prerequisites_of(order)
        if not asked:
            return cls((), (), ())
        said = PrerequisiteRecord.objects.filter(order=order).order_by("pk").values_list(SAID, flat=True)
        counted = using_up(order).values_list(COUNTED, flat=True)
        return cls(asked, [_said(one) for one in said], [_needing(one) for one in counted])

    def standing_at(
        self, starts: Mapping[int, datetime], clock: ClinicTime, *, instead_of: Collection[int] = (), now: datetime
    ) -> dict[int, tuple[Stands, ...]]:
        """By the infusion's number; the starts count for each other."""
        wished = {number: Needing(None, start, clock) for number, start in starts.items()}
        others = [one for one in self.counted if one.visit_id not in instead_of]
        counted = [*others, *wished.values()]
        return {number: stand(self.asked, one, self.said, counted, now=now) for number, one in wished.items()}


def prerequisites_of(order: Order) -> tuple[Prerequisite, ...]:
    """What the order asks for: as signed, or of a draft as it would be."""
    content = order.current_version.content if order.current_version else order.draft
    return prerequisites_from(content.get("prerequisites", []))


def _said(one: Mapping[str, Any]) -> Said:
    return Said(
        number=one["number"],
        code=one["code"],
        answer=one["answer"],
        first=date.fromisoformat(one["first"]),
        last=date.fromisoformat(one["last"]) if one["last"] else None,
        visits=one["visits"],
        visit_id=one["visit_id"],
        said_at=datetime.fromisoformat(one["said_at"]),
    )


def _needing(one: Mapping[str, Any]) -> Needing:
    return Needing(one["visit_id"], datetime.fromisoformat(one["start"]), ClinicTime(one["zone"]))
