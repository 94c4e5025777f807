"""Arranging who decides for a prescriber that is away, by days, and ending it early."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q

from scheduling import permissions
from scheduling.covers import prescribers_of, standing_covers
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import PrescriberCover, Role, User

LONGEST: Final = timedelta(days=366)


class NoPrescriber(Exception):
    """Only a prescriber of the organisation is covered for, and covers."""


class CoversOneself(Exception):
    """Nobody covers for themselves."""


class NotThoseDays(Exception):
    """The last day lies before the first or is over, or it is longer than a year."""


class TooFarAhead(Exception):
    """Its first day lies more than a year ahead; `latest` is the last that does not."""

    def __init__(self, latest: date) -> None:
        self.latest = latest
        super().__init__(f"after {latest}")


class CoveredAlready(Exception):
    """Another cover stands on some of these days, of the one who is away or of the one who would cover; `cover` says
    whose."""

    def __init__(self, cover: PrescriberCover) -> None:
        self.cover = cover
        super().__init__(f"cover {cover.pk}")


class CoverIsOver(Exception):
    """It was ended already, or its last day is over."""


def arrange_cover(
    *, prescriber: User, cover: User, first_day: date, last_day: date, today: date, by: Actor, now: datetime
) -> PrescriberCover:
    """`cover` decides for `prescriber` on these clinic-local days, both counted; `today` is the clinic's.

    A prescriber arranges their own cover, a manager anyone's. Refuses with NotAllowed, CoversOneself, NotThoseDays,
    TooFarAhead, NoPrescriber, and CoveredAlready: another covers for them on one of these days, the cover is away then,
    or the prescriber covers for somebody then. Records `cover.arranged`.
    """
    organisation_id = _check(by, prescriber)
    if prescriber.pk == cover.pk:
        raise CoversOneself
    if not max(first_day, today) <= last_day or last_day - first_day > LONGEST:
        raise NotThoseDays
    if first_day - today > LONGEST:
        raise TooFarAhead(today + LONGEST)
    with writing():
        # Two who arrange for the same people at once come one after the other.
        people = [prescriber.pk, cover.pk]
        list(User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
        if len(prescribers_of(organisation_id).filter(pk__in=people)) != len(people):
            raise NoPrescriber
        _refuse_others(prescriber, cover, first_day, last_day, organisation_id)
        made = PrescriberCover.objects.create(
            organisation_id=organisation_id,
            prescriber=prescriber,
            cover=cover,
            first_day=first_day,
            last_day=last_day,
            arranged_by_id=by.staff_id,
            arranged_at=now,
        )
        _record("cover.arranged", made, by=by, now=now)
    return made


def end_cover(*, cover: PrescriberCover, today: date, by: Actor, now: datetime) -> None:
    """Ends a cover at once, or takes one back that has not begun; by who is covered for, or a manager.

    Refuses with NotAllowed and CoverIsOver. Records `cover.ended`.
    """
    _check(by, cover.prescriber)
    with writing():
        locked = PrescriberCover.objects.select_for_update().get(pk=cover.pk)
        if locked.ended_at is not None or locked.last_day < today:
            raise CoverIsOver
        PrescriberCover.objects.filter(pk=cover.pk).update(ended_at=now)
        _record("cover.ended", locked, by=by, now=now)
    cover.refresh_from_db()


def _refuse_others(prescriber: User, cover: User, first_day: date, last_day: date, organisation_id: int) -> None:
    """One who is away has one cover; who covers is there, and is not covering for somebody who in turn covers."""
    away = Q(prescriber__in=(prescriber, cover)) | Q(cover=prescriber)
    same_days = standing_covers().filter(
        away, organisation=organisation_id, first_day__lte=last_day, last_day__gte=first_day
    )
    other = same_days.select_related("prescriber", "cover").order_by("first_day", "pk").first()
    if other is not None:
        raise CoveredAlready(other)


def _check(by: Actor, prescriber: User) -> int:
    """The organisation of who acts. A prescriber acts for themselves alone."""
    if by.organisation_id is None or (Role.MANAGER not in by.roles and by.user_id != prescriber.pk):
        raise permissions.NotAllowed("review.cover")
    permissions.check(by, "review.cover", organisation_id=by.organisation_id)
    return by.organisation_id


def _record(verb: str, cover: PrescriberCover, *, by: Actor, now: datetime) -> None:
    entry = Entry(verb, clinic_id=by.clinic_id, data={"cover": cover.pk})
    record(organisation_id=cover.organisation_id, entries=[entry], by=by, now=now)
