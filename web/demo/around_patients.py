"""Whom we may talk to, what some patients need and when they can come, so that their pages show how it looks."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from scheduling.models import NeedKind, Patient, TalkScope, Weekday
from scheduling.needs import note_need
from scheduling.patient_availability import set_availability
from scheduling.people_to_talk_to import let_talk_to

if TYPE_CHECKING:
    from web.demo.stage import Stage

MORNINGS = (time(8), time(12))
AGREED = "garden gate"


def tell_around_patients(stage: Stage) -> None:
    """Elena is 71 and brought by her daughter Rosa; Walter comes with a cane; Hannah has a word for needles."""
    at, by = stage.ago(days=2), stage.desk
    for patient in known(stage, "Delgado", "Elena"):
        let_talk_to(
            patient=patient, name="Rosa Delgado", relation="daughter, drives her", scope=TalkScope.TIMES,
            pass_phrase=AGREED, by=by, now=at,
        )  # fmt: skip
        note_need(patient=patient, kind=NeedKind.SIGHT, words="reads large print only", by=by, now=at)
        days = {Weekday.MONDAY: MORNINGS, Weekday.WEDNESDAY: MORNINGS, Weekday.FRIDAY: None}
        set_availability(patient=patient, times=days, by=by, now=at)
    for patient in known(stage, "Brandt", "Walter"):
        let_talk_to(
            patient=patient, name="Inge Brandt", relation="wife", scope=TalkScope.EVERYTHING,
            until=stage.clock.local_day(stage.now) + timedelta(days=90), by=by, now=at,
        )  # fmt: skip
        note_need(patient=patient, kind=NeedKind.MOVING, words="walks with a cane, chair by the door", by=by, now=at)
    for patient in known(stage, "Weiss", "Hannah"):
        words = "say when it comes, and count to three"
        note_need(patient=patient, kind=NeedKind.NEEDLES, words=words, by=by, now=at)
        note_need(patient=patient, kind=NeedKind.NOTE, words="her ride waits in the side street", by=by, now=at)


def known(stage: Stage, family: str, given: str) -> list[Patient]:
    """The demo's patient of this name, if the stories came to them."""
    of_demo = Patient.objects.filter(organisation=stage.clinic.organisation, is_demo=True)
    return list(of_demo.filter(family_name=family, given_name=given).order_by("pk")[:1])
