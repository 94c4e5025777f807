"""What the demo's stories are told with: real verbs, as the demo's own staff, at times that lie around now."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import models, transaction

from scheduling import booking, drafting, gates, proposals, reviews, signing, visits
from scheduling.availability import snapshot
from scheduling.booking import BookingRefused, Pick
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor
from scheduling.intervals import Interval
from scheduling.locking import AgainstTheOrder
from scheduling.models import (
    Appointment,
    CheckKind,
    Claim,
    ClaimRole,
    Clinic,
    Decision,
    Order,
    Patient,
    ProtocolVersion,
    Status,
    User,
    VisitKind,
    VisitType,
)
from scheduling.patients import record_death
from scheduling.series_terms import Wish
from scheduling.step_demands import observed_until
from scheduling.visit_checks import Said
from scheduling.visit_steps import next_steps
from web.demo import people
from web.demo.prerequisites import bring_all, bring_what_is_missing
from web.frontdesk.registration import register

GRID: Final = timedelta(minutes=15)
# A wished time that is taken gives way to another, so many grid steps away: before it for what has begun already.
NEARBY: Final = (0, -1, 1, -2, 2, -3, 3, -4, 4)
SOON: Final = (0, 1, 2, -1, -2, -3)
EARLIER: Final = (0, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12)
# What the nurse asked with a step, and found in order.
WHO: Final = Said(CheckKind.IDENTITY, detail="birth_date")
LOOKED_AT: Final = {
    Status.ARRIVED: (WHO,),
    Status.INFUSING: (WHO, Said(CheckKind.FASTING), Said(CheckKind.RIDE)),
}

# Where a wished hour was somebody else's, so many hours from it.
NEAR_HOURS: Final = (0, 1, -1, 2, -2, 3)


class ChairWasTaken(Exception):
    """By somebody whose visit is over."""


@dataclass
class Stage:
    """The demo clinic and who acts there. `now` is the real time; stories happen before and after it."""

    clinic: Clinic
    now: datetime

    def __post_init__(self) -> None:
        self.clock = ClinicTime(self.clinic.time_zone)
        self.prescriber = User.objects.get(username="clinician")
        self.desk, self.nurse, self.doctor = (
            Actor.staff(User.objects.get(username=name), self.clinic) for name in ("desk", "nurse", "clinician")
        )
        self.made = Patient.objects.filter(is_demo=True).count()
        today = self.clock.local_day(self.now)
        ahead = snapshot(clinic=self.clinic, first_day=today, last_day=today + timedelta(days=10), now=self.now).open
        # From 23:55 to midnight no clinic is open: the day's last hours stand for now.
        self.today = next((hours for hours in ahead[today] if hours.contains(self.now)), ahead[today][-1])
        later = (hours[0] for day, hours in sorted(ahead.items()) if day > today and hours)
        self.next_day = next(later, self.today)

    def ago(self, *, days: float = 0, minutes: int = 0) -> datetime:
        return self.now - timedelta(days=days, minutes=minutes)

    def on_grid(self, wished: datetime, minutes: int) -> datetime:
        """The grid start at or before `wished` at which a visit of that length still lies in today's hours."""
        latest = self.today.end - timedelta(minutes=minutes)
        start = max(min(wished, latest), self.today.start)
        return start - (start - self.today.start) % GRID

    def visits_on(self, hours: Interval) -> models.QuerySet[Appointment]:
        return Appointment.objects.filter(clinic=self.clinic, period__overlap=(hours.start, hours.end))

    def visits_today(self) -> models.QuerySet[Appointment]:
        return self.visits_on(self.today)

    def new_patient(self, *, days_ago: float = 3) -> Patient:
        """The next made-up patient, reachable by phone and mail, who said yes to messages."""
        someone, index = people.person(self.made), self.made
        self.made += 1
        return register(
            clinic=self.clinic,
            identity={
                "given_name": someone.given,
                "family_name": someone.family,
                "preferred_name": someone.preferred,
                "birth_date": someone.born,
                "language": someone.language,
                "mrn": f"HC-{index + 1:05}",
                "is_demo": True,
            },
            phone=people.phone(index),
            email=people.email(someone, index),
            may_message=True,
            told_apart=None,
            by=self.desk,
            now=self.ago(days=days_ago),
        )

    def bury(self, patient: Patient) -> None:
        record_death(patient=patient, died_at=self.ago(days=10), by=self.doctor, now=self.ago(days=9))

    def draft(self, patient: Patient, code: str, *, at: datetime, doses: int | None = None) -> Order:
        versions = ProtocolVersion.objects.filter(
            protocol__organisation=self.clinic.organisation_id, protocol__code=code, approved_at__isnull=False
        )
        return drafting.draft_order(
            patient=patient, protocol_version=versions.latest("number"), clinics=[self.clinic], doses=doses,
            by=self.nurse, now=at,
        )  # fmt: skip

    def order(self, code: str, *, at: datetime, doses: int | None = None, ready: bool = True) -> Order:
        """A signed order of a new patient, with all that its visits need."""
        patient = self.new_patient(days_ago=(self.now - at) / timedelta(days=1) + 4)
        # Forms have to be there a day before the first infusion, which may be hours after the signature.
        drafted = at - timedelta(days=3)
        order = self.draft(patient, code, at=drafted, doses=doses)
        if ready:
            bring_all(self, order, at=drafted)
        signing.sign_order(order=order, by=self.doctor, now=at)
        order.refresh_from_db()
        return order

    def book_one(
        self, order: Order, start: datetime, *, at: datetime, steps: Sequence[int] = NEARBY
    ) -> Appointment | None:
        """Books the first infusion at `start` or as near as there is room; None where the day is full."""
        for step in steps:
            with suppress(BookingRefused):
                if booked := self._book(order, [Pick(1, start + step * GRID)], at=at):
                    return booked[0]
        return None

    def book_more(self, order: Order, *, how_many: int | None, wish: Wish, at: datetime) -> Sequence[Appointment]:
        """Books the best proposal, as a desk would; of those at the wished hour or near it."""
        for hours in NEAR_HOURS if wish.time else (0,):
            near = replace(wish, time=wish.time.replace(hour=wish.time.hour + hours)) if wish.time else wish
            found = proposals.propose_series(
                order=order, clinic=self.clinic, wish=near, how_many=how_many, count=3, now=at
            ).proposals
            for proposal in found:
                picks = [Pick(visit.number, visit.start) for visit in proposal.visits]
                if booked := self._book(order, picks, at=at):
                    return booked
        return []

    def _book(self, order: Order, picks: Sequence[Pick], *, at: datetime) -> Sequence[Appointment]:
        """Books them; none where somebody of an earlier story had one of the chairs today. Who is over guards a chair
        no longer, so what is told later, of an earlier hour, could be booked on top, and the board would show it."""
        with suppress(ChairWasTaken), transaction.atomic():
            booked = booking.book_series(order=order, clinic=self.clinic, picks=picks, by=self.desk, now=at)
            today = Claim.objects.filter(role=ClaimRole.SEAT, period__overlap=(self.today.start, self.today.end))
            for claim in today.filter(appointment__in=booked):
                others = today.filter(resource=claim.resource_id, period__overlap=claim.period)
                others = others.exclude(appointment=claim.appointment_id).exclude(appointment__status=Status.NO_SHOW)
                if others.exists():
                    raise ChairWasTaken
            return booked
        return []

    def book_visit(self, patient: Patient, code: str, start: datetime, *, at: datetime) -> Appointment | None:
        visit_type = VisitType.objects.get(clinic=self.clinic, code=code)
        for step in NEARBY:
            try:
                return booking.book_visit(
                    patient=patient, clinic=self.clinic, visit_type=visit_type, start=start + step * GRID, by=self.desk,
                    now=at,
                )  # fmt: skip
            except BookingRefused:
                continue
        return None

    def confirm(self, visit: Appointment, *, at: datetime) -> None:
        visits.confirm(appointment=visit, how="link", by=Actor.patient(), now=at)

    def go_on(self, order: Order, after: int, *, at: datetime, is_heard: bool = False) -> None:
        gates.decide(
            order=order, after_number=after, decision=Decision.CONTINUE, decided_by=self.prescriber,
            heard_by_word_of_mouth=is_heard, read_back=is_heard, by=self.nurse if is_heard else self.doctor, now=at,
        )  # fmt: skip

    def miss(self, visit: Appointment) -> None:
        at = min(visit.period.lower + timedelta(minutes=20), self.now)
        visits.record_step(appointment=visit, to=Status.NO_SHOW, happened_at=at, by=self.desk, now=at)

    def play(self, visit: Appointment, until: Status | None = None) -> None:
        """Takes a visit through its steps at their planned times as far as they are past; or to `until` in any case."""
        phases = visit.phases.order_by("position").values_list("period", flat=True)
        ends = [period.upper for period in phases]
        steps = [(Status.ARRIVED, visit.period.lower), (Status.COMPLETED, visit.period.upper)]
        if visit.kind == VisitKind.INFUSION:
            steps[1:1] = [(Status.SEATED, ends[0]), (Status.INFUSING, ends[1]), (Status.RECOVERING, ends[2])]
        for status, planned in steps:
            at = min(planned, self.now)
            if (until is None and planned > self.now) or visit.status == until:
                break
            if status == Status.COMPLETED and not self._may_leave(visit, at):
                break
            if status in next_steps(visit):
                # The prescriber discharges, where the order wants their word.
                by = self.doctor if status == Status.COMPLETED else self.nurse
                visits.record_step(
                    appointment=visit, to=status, happened_at=at, checks=LOOKED_AT.get(status, ()), by=by, now=at
                )

    def _may_leave(self, visit: Appointment, at: datetime) -> bool:
        """Minutes after midnight the day is too young for an infusion that is over and observed."""
        until = observed_until(visit)
        return until is None or until <= at

    def catch_up(self) -> None:
        """Lets go on what an earlier day left standing: visits run as planned, reviews of past days said continue."""
        begun = Appointment.objects.filter(
            clinic=self.clinic, patient__is_demo=True, live=True, is_placed=True, held_until__isnull=True,
            period__startswith__lt=self.ago(minutes=10),
        )  # fmt: skip
        for visit in begun.order_by("period"):
            if visit.order and visit.period.upper < self.today.start:
                self._review_in_time(visit.order, visit)
            bring_what_is_missing(self, visit)
            try:
                with transaction.atomic():
                    self.play(visit)
            except AgainstTheOrder:
                # It still waits for its review: what the day does with it is for whoever looks at the demo.
                visit.refresh_from_db()

    def _review_in_time(self, order: Order, visit: Appointment) -> None:
        for due in reviews.reviews_due(clinic=self.clinic):
            if due.order.pk == order.pk and due.gate.after_number < (visit.dose_number or 0):
                at = max(due.since, visit.period.lower - timedelta(hours=1))
                self.go_on(order, due.gate.after_number, at=at)
