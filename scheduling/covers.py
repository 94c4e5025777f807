"""Who decides for whom on which clinic-local day. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from scheduling.models import Membership, PrescriberCover, Role, User


def covers_on(day: date, prescriber_ids: Iterable[int]) -> dict[int, User]:
    """Of these prescribers those who are away on a clinic-local day, with who decides for them."""
    standing = standing_covers().filter(prescriber__in=list(prescriber_ids), first_day__lte=day, last_day__gte=day)
    return {one.prescriber_id: one.cover for one in standing.select_related("cover")}


def covers_for(user: User, day: date) -> list[User]:
    """The prescribers for whom this one decides on a clinic-local day."""
    standing = standing_covers().filter(cover=user, first_day__lte=day, last_day__gte=day)
    return [one.prescriber for one in standing.select_related("prescriber").order_by("pk")]


def covers_ahead(organisation_id: int, today: date) -> list[PrescriberCover]:
    """What is arranged from a day on, the next first."""
    ahead = standing_covers().filter(organisation=organisation_id, last_day__gte=today)
    return list(ahead.select_related("prescriber", "cover", "arranged_by").order_by("first_day", "pk"))


def prescribers_of(organisation_id: int) -> QuerySet[User]:
    """The prescribers of an organisation who still work there."""
    held = Membership.objects.filter(clinic__organisation=organisation_id, role=Role.PRESCRIBER)
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("display_name", "username")


def standing_covers() -> QuerySet[PrescriberCover]:
    """Covers that nobody ended early, whatever their days."""
    return PrescriberCover.objects.filter(ended_at__isnull=True)
