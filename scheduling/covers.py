"""Who decides for whom on which clinic-local day, and whose is nobody's any more. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from scheduling.models import Membership, PrescriberCover, Role, User


def covers_on(day: date, prescriber_ids: Iterable[int]) -> dict[int, User]:
    """Of these prescribers those who are away on a clinic-local day, with who decides for them."""
    standing = _covering(day).filter(prescriber__in=list(prescriber_ids))
    return {one.prescriber_id: one.cover for one in standing.select_related("cover")}


def covers_for(user: User, day: date) -> list[User]:
    """The prescribers for whom this one decides on a clinic-local day."""
    standing = _covering(day).filter(cover=user)
    return [one.prescriber for one in standing.select_related("prescriber").order_by("pk")]


def covers_ahead(organisation_id: int, today: date) -> list[PrescriberCover]:
    """What is arranged from a day on, the next first."""
    ahead = standing_covers().filter(organisation=organisation_id, last_day__gte=today)
    return list(ahead.select_related("prescriber", "cover", "arranged_by").order_by("first_day", "pk"))


def prescribing(order_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Each of these orders with each prescriber at a clinic that it is for: who signed it and is not among them has
    left."""
    rows = _prescribing().filter(clinic__orders__in=list(order_ids))
    return set(rows.values_list("clinic__orders", "user"))


def is_nobodys(day: date) -> Q:
    """Of what was said about orders: what is nobody's, for who said it has left and nobody covers for them on this
    clinic-local day."""
    there = _prescribing().filter(user=OuterRef("decided_by"), clinic__orders=OuterRef("order"))
    return _left("decided_by", there, day)


def is_nobodys_in(organisation: str, day: date, said_by: str) -> Q:
    """The same of what was said about a visit or visits, where who said it (`said_by`) prescribes nowhere in the
    organisation, which stands in that field."""
    there = _prescribing().filter(user=OuterRef(said_by), clinic__organisation=OuterRef(organisation))
    return _left(said_by, there, day)


def _left(said_by: str, there: QuerySet[Membership], day: date) -> Q:
    covered = _covering(day).filter(prescriber=OuterRef(said_by))
    return Q(~Exists(there), ~Exists(covered), **{f"{said_by}__isnull": False})


def prescribers_of(organisation_id: int) -> QuerySet[User]:
    """The prescribers of an organisation who still work there."""
    held = _prescribing().filter(clinic__organisation=organisation_id)
    return User.objects.filter(pk__in=held.values("user")).order_by("display_name", "username")


def standing_covers() -> QuerySet[PrescriberCover]:
    """Covers that nobody ended early, whatever their days."""
    return PrescriberCover.objects.filter(ended_at__isnull=True)


def _covering(day: date) -> QuerySet[PrescriberCover]:
    """Covers of a day by who still works there."""
    there = _prescribing().filter(user=OuterRef("cover"), clinic__organisation=OuterRef("organisation"))
    return standing_covers().filter(Exists(there), first_day__lte=day, last_day__gte=day)


def _prescribing() -> QuerySet[Membership]:
    return Membership.objects.filter(role=Role.PRESCRIBER, user__is_active=True)
