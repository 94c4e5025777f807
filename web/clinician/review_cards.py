"""Reviews that are due, as inbox and desk show them: whose they are, since when, by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from scheduling.covers import covers_on, prescribing
from scheduling.decisions_made import latest_decisions
from scheduling.models import Clinic, Decision, Order, User
from scheduling.reviews import ReviewDue, due_among, gates_under_way
from web.clinician.course import Stop, courses_of
from web.spoken import infusion_of


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """A review that is due. `cover` decides while `signer` is away or since they left; where `has_left` and nobody
    covers, it is everybody's. `is_mine`: of who looks at it."""

    due: ReviewDue
    signer: User
    cover: User | None
    has_left: bool
    is_mine: bool
    is_overdue: bool
    is_last_day: bool
    course: Sequence[Stop]

    @property
    def order(self) -> Order:
        return self.due.order

    @property
    def after_number(self) -> int:
        return self.due.gate.after_number

    @property
    def after(self) -> str:
        """Infusion 3 of 6; empty before the first."""
        return infusion_of(self.after_number, self.due.gate.version.doses) if self.after_number else ""

    @property
    def waits_for_signature(self) -> bool:
        """Whether it was decided to change the order, and the change is not signed yet."""
        return self.due.latest is not None and self.due.latest.decision == Decision.CONTINUE_CHANGED


def review_cards(clinic: Clinic, user: User, *, today: date, now: datetime) -> list[ReviewCard]:
    """The clinic's reviews that are due, one's own first, those one covers, and those of who has left."""
    gates = list(gates_under_way().filter(order__sites=clinic))
    latest = latest_decisions({gate.order_id for gate in gates})
    due = due_among(gates, {}, clinic, latest=latest)
    away = covers_on(today, {one.signer.pk for one in due})
    # The signed version is that of the review: what is due stands in the current one.
    for one in due:
        one.order.current_version = one.gate.version
    there = prescribing({one.order.pk for one in due})
    courses = courses_of([one.order for one in due], gates=gates, latest=latest, now=now)
    cards = [
        ReviewCard(
            due=one,
            signer=one.signer,
            cover=away.get(one.signer.pk),
            has_left=(has_left := (one.order.pk, one.signer.pk) not in there),
            is_mine=_is_of(user, one.signer, away.get(one.signer.pk), has_left=has_left),
            is_overdue=one.is_overdue(now),
            is_last_day=one.decide_by == today,
            course=courses[one.order.pk],
        )
        for one in due
    ]
    return sorted(cards, key=lambda card: not card.is_mine)


def _is_of(user: User, signer: User, cover: User | None, *, has_left: bool) -> bool:
    if cover is not None:
        return user == cover
    return has_left or user == signer
