"""The mail with a link to choose a password. It is no patient's message; nothing of it is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.utils.translation import gettext as _

from notifications.channels.outcomes import Accepted, Outgoing
from notifications.channels.registry import channel_for
from notifications.clinic_rules import sender_name
from notifications.notice_facts import ChannelName
from scheduling.inviting import LASTS
from scheduling.models import Clinic, User


def mail_invite(*, user: User, clinic: Clinic, link: str, now: datetime) -> bool:
    """Mails the link to the person, where an address is known; whether the mail was taken."""
    if not user.email:
        return False
    name = sender_name(clinic, "en")
    words = _("%(name)s, this link opens your account at %(clinic)s. It works once, for 7 days: %(link)s")
    outgoing = Outgoing(
        message_id=str(uuid4()),
        to=user.email,
        subject=_("Your account at %(clinic)s") % {"clinic": name},
        body=words % {"name": user.shown_name, "clinic": name, "link": link},
        started_at=now,
        valid_until=now + LASTS,
        sender_name=name,
        is_practice=clinic.is_practice,
    )
    return isinstance(channel_for(ChannelName.EMAIL).send(outgoing), Accepted)
