"""Who changed something of the setup last, for whoever was about to change it too."""

from __future__ import annotations

from django.utils.translation import gettext as _

from scheduling.models import Clinic, Event


def who_changed(clinic: Clinic, verb: str, **what: int) -> str:
    """The person of the last such event about it; "Somebody else" where it was no person."""
    events = Event.objects.filter(clinic=clinic, verb=verb, data__contains=what).select_related("user")
    last = events.order_by("-pk").first()
    return last.user.shown_name if last and last.user else _("Somebody else")
