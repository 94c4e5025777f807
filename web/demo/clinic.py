"""Making the demo clinic and bringing it to now: one transaction, so that a stop half-way leaves what was before."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from notifications.going_live import go_live, say_of_step, steps_of
from notifications.models import Notice
from scheduling.availability import snapshot
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry, record
from scheduling.marked_yaml import Lines
from scheduling.models import Clinic, Event, ProtocolVersion, User
from scheduling.plan_approval import approve_protocol
from web.clinic_file import apply_data, data_of, read_file
from web.demo.afterwards import tell_afterwards
from web.demo.answers import tell_answers
from web.demo.around_patients import tell_around_patients
from web.demo.messages import tell_messages
from web.demo.opening import open_now
from web.demo.prerequisites import tell_what_is_needed
from web.demo.replies import tell_replies
from web.demo.stage import Stage
from web.demo.stories import tell_background, tell_orders, tell_today

SLUG: Final = "harbor"
VERB: Final = "demo.brought_to_now"
# Younger than this, "right now" still is: a restart changes nothing.
FRESH: Final = timedelta(hours=2)


class NotTheDemo(Exception):
    """The demo's accounts have public passwords, so it is only made in the embedded mode's own database."""


def example_file() -> Path:
    return Path(settings.BASE_DIR) / "examples" / "harbor.yaml"


def bring_to_now(*, now: datetime) -> bool:
    """Makes the demo clinic, or adds to it what today needs; False when that was done within the last two hours.

    Refuses with NotTheDemo outside embedded mode. Everything is written by the ordinary verbs with their events; its
    own is `demo.brought_to_now`.
    """
    if not settings.EMBEDDED:
        raise NotTheDemo
    by = Actor.system("seed_demo")
    with transaction.atomic():
        clinic = Clinic.objects.filter(organisation__slug=SLUG, slug=SLUG).first()
        last = Event.objects.filter(clinic=clinic, verb=VERB).order_by("-recorded_at").first() if clinic else None
        if clinic and last and now - last.recorded_at < FRESH:
            return _open_again(clinic, by=by, now=now)
        data, lines = (data_of(clinic), Lines({})) if clinic and last else read_file(example_file())
        clinic = apply_data(open_now(data, now), lines, by=by, now=now).clinic
        if last is None:
            _let_staff_in()
            _approve_protocols(clinic, now=now - timedelta(days=60))
            _go_live(clinic, now=now)
        stage = Stage(clinic, now)
        stage.catch_up()
        tell_today(stage)
        tell_orders(stage)
        tell_replies(stage)
        tell_what_is_needed(stage)
        if last is None:
            tell_background(stage)
            tell_answers(stage)
            tell_messages(stage)
            tell_around_patients(stage)
        tell_afterwards(stage)
        # What is answered in the story was written a while ago, and has waited for a worker only from now on.
        Notice.objects.due(now).filter(planned_at__lt=now).update(planned_at=now)
        entry = Entry(VERB, clinic_id=clinic.pk, data={"patients": stage.made})
        record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return True


def _open_again(clinic: Clinic, *, by: Actor, now: datetime) -> bool:
    """Opens a clinic that someone has closed for now, as loading the example file again does."""
    today = ClinicTime(clinic.time_zone).local_day(now)
    hours = snapshot(clinic=clinic, first_day=today, last_day=today, now=now).open[today]
    if any(one.contains(now) for one in hours):
        return False
    return apply_data(open_now(data_of(clinic), now), Lines({}), by=by, now=now).changed > 0


def _let_staff_in() -> None:
    for user in User.objects.filter(username__in=settings.DEMO_USERNAMES):
        if not user.has_usable_password():
            user.set_password(settings.DEMO_PASSWORD)
            user.save(update_fields=["password"])


def _go_live(clinic: Clinic, *, now: datetime) -> None:
    """As the demo's manager: its texts end in the outbox, so nothing has to be registered before."""
    manager = Actor.staff(User.objects.get(username="manager"), clinic)
    for step in steps_of(clinic):
        if not step.is_green:
            say_of_step(clinic=clinic, step=step.step, is_waived=True, reason="A demo.", by=manager, now=now)
    go_live(clinic=clinic, by=manager, now=now)


def _approve_protocols(clinic: Clinic, *, now: datetime) -> None:
    """As the demo's prescriber, who can: the example's numbers wait for a prescriber's word everywhere else."""
    prescriber = Actor.staff(User.objects.get(username="clinician"), clinic)
    versions = ProtocolVersion.objects.filter(protocol__organisation=clinic.organisation_id, approved_at__isnull=True)
    for version in versions.select_related("protocol"):
        approve_protocol(version=version, by=prescriber, now=now)
