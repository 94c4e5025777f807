"""Whether a visit is ready, in a word or two: one place, so that board, lists and pages agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.text import get_text_list
from django.utils.translation import gettext

from scheduling.models import Appointment, Status
from scheduling.prerequisite_rows import standing_of
from scheduling.readiness import Stands

BEFORE_THE_START = (Status.HELD, Status.BOOKED, Status.ARRIVED, Status.SEATED)


def waiting_for(visit: Appointment, now: datetime) -> tuple[Stands, ...]:
    """What a visit read with its prerequisites lacks; nothing once it has started."""
    if visit.status not in BEFORE_THE_START:
        return ()
    return tuple(one for one in standing_of(visit, now=now) if not one.is_ready)


def ready_words(visit: Appointment, now: datetime) -> str:
    """Ready; waiting for labs, authorisation. Empty where nothing is asked for, and once it has started."""
    if visit.status not in BEFORE_THE_START:
        return ""
    standing = standing_of(visit, now=now)
    return words_of(standing) if standing else ""


def words_of(standing: Sequence[Stands]) -> str:
    """The same of what is known already."""
    lacks = [one.needs.name for one in standing if not one.is_ready]
    if not lacks:
        return gettext("ready")
    return gettext("waiting for %(what)s") % {"what": get_text_list(lacks, gettext("and"))}
