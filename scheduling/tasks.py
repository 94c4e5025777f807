"""Scheduling's background work: the edge that reads the clock and calls one verb."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from scheduling import expiring_orders, review_limits, sealing, settling_tasks


@shared_task(name="scheduling.tasks.seal_events")
def seal_events(**legacy: object) -> None:
    """Seals what was committed since the last run; what remains is taken next time."""
    sealing.seal_events(now=timezone.now())


@shared_task(name="scheduling.tasks.expire_orders")
def expire_orders(**legacy: object) -> None:
    """Ends orders whose last signed day is over, and closes tasks that need nobody any more; what remains is taken next
    time."""
    expiring_orders.expire_orders(now=timezone.now())
    settling_tasks.settle_tasks(now=timezone.now())


@shared_task(name="scheduling.tasks.reach_review_limits")
def reach_review_limits(**legacy: object) -> None:
    """Does what orders say of reviews that nobody decided in time; what is done already is left alone."""
    review_limits.reach_limits(now=timezone.now())
