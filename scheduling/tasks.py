"""Scheduling's background work: the edge that reads the clock and calls one verb."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from scheduling import ending_orders, sealing


@shared_task(name="scheduling.tasks.seal_events")
def seal_events(**legacy: object) -> None:
    """Seals what was committed since the last run; what remains is taken next time."""
    sealing.seal_events(now=timezone.now())


@shared_task(name="scheduling.tasks.expire_orders")
def expire_orders(**legacy: object) -> None:
    """Ends orders whose last signed day is over; what remains is taken next time."""
    ending_orders.expire_orders(now=timezone.now())
