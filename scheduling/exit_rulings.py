"""A prescriber's ruling on an infusion that was broken off: it counts, or it is given again. The latest one counts."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q

from scheduling import permissions
from scheduling.clinician_tasks import DONE_WITH_IT, close_unneeded
from scheduling.events import Actor, Entry, record
from scheduling.follow_ups import open_follow_ups
from scheduling.holds import let_go
from scheduling.locking import lock_patients, writing
from scheduling.models import Appointment, ExitRuling, Order, Status, TaskKind
from scheduling.tasks_of_visits import open_tasks
from scheduling.visit_steps import lock_visit
from scheduling.waiting_visits import settle_waiting
from scheduling.word_of_mouth import A_MINUTE, Word, check_heard_since, check_said


class NothingToRule(Exception):
    """The visit is no infusion that was broken off and waits for a ruling, or the latest ruling says the same."""


class RuledMeanwhile(Exception):
    """Somebody ruled since the page was read, or since what was heard was said; `latest` is what."""

    def __init__(self, latest: ExitRuling) -> None:
        self.latest = latest
        super().__init__(f"ruling {latest.pk}")


class RepeatStands(Exception):
    """The infusion is booked again under its number, or was given again: `visit`. It can't count twice."""

    def __init__(self, visit: Appointment) -> None:
        self.visit = visit
        super().__init__(f"appointment {visit.pk}")


class LaterWasGiven(Exception):
    """A later infusion of the order was given: this one has no day left on which it could be given again."""


def rule_on_exit(
    *, appointment: Appointment, counts: bool, word: Word, seen: int | None = None, by: Actor, now: datetime
) -> ExitRuling:
    """Writes down whether an infusion that was broken off counts or is given again, by the prescriber's own `word` or
    by one that a nurse heard; and the other way round as long as that can be. `seen` is the id of the latest ruling
    that was read before (0: none).

    One that is given again is to book under its number, not before the gap signed for after it. One that counts after
    all opens what was ordered for after it, where nothing else did. Refuses with NotAllowed, NotReadBack, NotHeardThen
    (heard before the infusion, longer ago than a day, or in the future), NothingToRule, RuledMeanwhile, RepeatStands
    and LaterWasGiven; AgainstTheOrder where the word is that of no prescriber. Records `appointment.ruled` without the
    reason, which stays with clinical staff.
    """
    order = appointment.order
    if order is None:
        raise NothingToRule
    verb = "exit.write_down" if word.is_heard else "exit.rule"
    permissions.check_of_order(by, verb, order)
    check_said(word, verb, by=by, now=now)
    with writing():
        lock_patients(appointment.patient_id)
        # A start of the next infusion reads the order FOR SHARE, so it comes before this or after. Its visits come
        # before the ruling, which shuts the order's row: as a decision at a review has it.
        order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
        standing = Q(pk=appointment.pk) | Q(live=True)
        list(Appointment.objects.select_for_update().filter(standing, order=order).order_by("pk").values_list("pk"))
        visit = lock_visit(appointment.pk)
        _check(visit, word, counts=counts, seen=seen)
        if counts and visit.is_repeated:
            _make_way(visit, by=by, now=now)
        ruling = ExitRuling.objects.create(
            appointment=visit,
            counts=counts,
            decided_by=word.decided_by,
            decided_at=word.heard_at or now,
            note=word.reason.strip(),
            heard_by_id=by.staff_id if word.is_heard else None,
            was_read_back=word.is_heard,
            recorded_at=now,
        )
        counts_again = counts and visit.is_repeated
        Appointment.objects.filter(pk=visit.pk).update(is_repeated=not counts, row_version=F("row_version") + 1)
        entries = [
            Entry.of_visit("appointment.ruled", visit, data={"repeated": not counts}, tell=True),
            *close_unneeded(open_tasks(visit, [TaskKind.RULING]), outcome=DONE_WITH_IT, by=by, now=now),
            *settle_waiting(order),
        ]
        if counts_again and visit.dose_number and visit.given_at:
            entries += open_follow_ups(order, visit.dose_number, visit.time_zone, now=visit.given_at)
        record(organisation_id=visit.organisation_id, entries=entries, by=by, now=now)
    appointment.refresh_from_db()
    return ruling


def rulings_of(visit: Appointment) -> list[ExitRuling]:
    """Every ruling on how this visit ended, the latest last, with who said and who heard it."""
    return list(ExitRuling.objects.filter(appointment=visit).select_related("decided_by", "heard_by").order_by("pk"))


def is_ruled(visit: Appointment) -> bool:
    """Whether a prescriber has ruled on how this visit ended."""
    return ExitRuling.objects.filter(appointment=visit).exists()


def repeat_of(visit: Appointment) -> Appointment | None:
    """The infusion that is booked or kept, or was given, in place of this one."""
    again = Q(live=True) | (Q(given_at__isnull=False) & ~Q(status=Status.ENTERED_IN_ERROR))
    rows = Appointment.objects.filter(again, order=visit.order_id, dose=visit.dose_id, is_repeated=False)
    return rows.exclude(pk=visit.pk).select_related("clinic").order_by("pk").last()


def _check(visit: Appointment, word: Word, *, counts: bool, seen: int | None) -> None:
    latest = next(reversed(rulings_of(visit)), None)
    if not visit.needs_ruling:
        raise NothingToRule
    check_heard_since(word, visit.given_at)
    if latest is not None:
        if seen not in (None, latest.pk):
            raise RuledMeanwhile(latest)
        # What was said before the latest ruling and is written down after it must not count for later.
        if word.heard_at is not None and word.heard_at + A_MINUTE <= latest.decided_at:
            raise RuledMeanwhile(latest)
        if latest.counts == counts:
            raise NothingToRule
    later = Appointment.objects.filter(order=visit.order_id, dose_number__gt=visit.dose_number, given_at__isnull=False)
    if not counts and later.exclude(status=Status.ENTERED_IN_ERROR).exists():
        raise LaterWasGiven


def _make_way(visit: Appointment, *, by: Actor, now: datetime) -> None:
    """Lets go a time that was kept for the repeat and is past its end. Refuses with RepeatStands for any other."""
    again = repeat_of(visit)
    if again is None:
        return
    if again.status != Status.HELD or again.held_until is None or again.held_until > now:
        raise RepeatStands(again)
    let_go([again], patient_id=visit.patient_id, by=by, now=now)
