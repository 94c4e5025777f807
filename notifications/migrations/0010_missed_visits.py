"""One more purpose: after a visit that the patient did not come to."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

PURPOSES = [
    ("booking_confirmation", "Booking confirmation"),
    ("reminder", "Reminder"),
    ("changed", "Changed"),
    ("cancelled", "Cancelled"),
    ("check_in", "Check-in"),
    ("instructions", "Instructions"),
    ("ride", "Ride home"),
    ("order_paused", "Treatment paused"),
    ("closure", "Clinic closed"),
    ("missed", "Missed visit"),
    ("reply", "Answer"),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("notifications", "0009_letters_read_whole")]
    operations: ClassVar = [
        migrations.AlterField("notice", "purpose", models.CharField(choices=PURPOSES, max_length=30)),
    ]
