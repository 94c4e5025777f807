"""What the demo's patients wrote back in the last hour, and who is on duty to be alerted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from notifications.duty import put_on_duty, set_contact
from notifications.inbound import Arrived, take_reply
from notifications.models import AddressKind, PatientAddress
from notifications.notice_facts import ChannelName
from scheduling.events import Actor
from scheduling.models import Appointment, Status, User
from web.demo.stage import Stage

# Minutes ago, and the words, of the next patients to come.
WROTE: Final = (
    (48, "Can I have a small breakfast before?"),
    (31, "¿Puede venir mi hermana conmigo?"),
    (9, "10 min late"),
)
# A number nobody has: 555-01xx is kept free for stories.
STRANGER: Final = "+12125550199"
ON_DUTY_FOR: Final = timedelta(days=1)


def tell_replies(stage: Stage) -> None:
    """Puts the prescriber on duty for a day, and has a few patients and a stranger write."""
    manager = Actor.staff(User.objects.get(username="manager"), stage.clinic)
    put_on_duty(
        clinic=stage.clinic, user=stage.prescriber, starts_at=stage.now, ends_at=stage.now + ON_DUTY_FOR,
        is_backup=False, by=manager, now=stage.now,
    )  # fmt: skip
    set_contact(
        user=stage.prescriber, clinic=stage.clinic, channel=ChannelName.EMAIL, raw="clinician@harbor.example",
        by=manager, now=stage.now,
    )  # fmt: skip
    ahead = Appointment.objects.filter(clinic=stage.clinic, status=Status.BOOKED, period__startswith__gt=stage.now)
    people = list(dict.fromkeys(ahead.order_by("-period").values_list("patient", flat=True)))[::-1][: len(WROTE)]
    numbers = PatientAddress.objects.filter(patient__in=people, ended_at=None, address__kind=AddressKind.PHONE)
    by_patient = dict(numbers.values_list("patient", "address__value"))
    # The one who comes next is late; the others ask.
    for patient, (minutes, words) in zip(reversed(people), WROTE, strict=False):
        if number := by_patient.get(patient):
            _write(number, words, stage.now - timedelta(minutes=minutes))
    _write(STRANGER, "Hello, do you take new patients?", stage.now - timedelta(minutes=20))


def _write(sender: str, words: str, at: datetime) -> None:
    arrived = Arrived(
        provider="demo",
        reference=f"{sender}/{at.isoformat()}",
        channel=ChannelName.SMS,
        sender=sender,
        to=[],
        text=words,
    )
    take_reply(arrived=arrived, now=at)
