"""Pages for machines: is the process alive, can it work, and the numbers to watch. No sign-in, nothing about anyone."""

from __future__ import annotations

from datetime import datetime

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from notifications.conservation import count_all, count_states_of_day, last_look
from notifications.ledger import needs_person
from scheduling.models import EventToPlan

# A frozen Redis must not hold up whoever asks.
REDIS_TIMEOUT_SECONDS = 0.25
# What came due in the last day, by where it stands.
OF_DAY = "infusion_notices_of_last_day"


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when pages can be served, else 503. Redis is told but not required: pages work without it."""
    database = database_answers()
    found = {"database": word(up=database), "redis": word(up=redis_answers())}
    return JsonResponse(found, status=200 if database else 503)


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The same facts in the text format that Prometheus reads."""
    database = database_answers()
    facts = {"infusion_database_up": int(database), "infusion_redis_up": int(redis_answers())}
    if database:
        facts |= waiting(timezone.now())
    lines = [f"# TYPE {name} gauge\n{name} {value}\n" for name, value in facts.items()]
    if database:
        by_state = count_states_of_day(now=timezone.now())
        lines.append(f"# TYPE {OF_DAY} gauge\n")
        lines += [f'{OF_DAY}{{state="{state}"}} {count}\n' for state, count in by_state.items()]
    return HttpResponse("".join(lines), content_type="text/plain; version=0.0.4; charset=utf-8")


def waiting(now: datetime) -> dict[str, int]:
    """What waits for a worker: the seconds the oldest has waited are the alarm, not how many there are. And whether
    every message is somewhere: what must be none."""
    counts, missing = count_all(now=now), last_look(now=now)
    unplanned = EventToPlan.objects.aggregate(first=Min("event__recorded_at"), count=Count("pk"))
    return {
        "infusion_due_notices": counts.due,
        "infusion_oldest_due_notice_seconds": counts.oldest_due_seconds,
        "infusion_claimed_notices": counts.claimed,
        "infusion_notices_unclaimed_over_a_minute": counts.unclaimed,
        "infusion_notices_unsettled_after_lease": counts.unsettled,
        "infusion_notices_sent_without_reference": counts.without_reference,
        "infusion_unplanned_events": unplanned["count"],
        "infusion_oldest_unplanned_event_seconds": seconds_since(unplanned["first"], now),
        "infusion_notices_called_for_and_not_planned": missing.notices,
        "infusion_patients_whose_facts_make_no_sense": missing.patients,
        "infusion_look_at_everyone_age_seconds": missing.seconds,
        "infusion_notices_that_need_a_person": needs_person(now=now).count(),
    }


def seconds_since(instant: datetime | None, now: datetime) -> int:
    return int((now - instant).total_seconds()) if instant else 0


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def redis_answers() -> bool:
    server = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_TIMEOUT_SECONDS, socket_connect_timeout=REDIS_TIMEOUT_SECONDS
    )
    try:
        return bool(server.ping())
    except redis.RedisError:
        return False
    finally:
        server.close()


def word(*, up: bool) -> str:
    return "up" if up else "down"
