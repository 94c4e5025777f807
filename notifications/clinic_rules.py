"""What a clinic says of its messages: when they go, and the discreet name they are from. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from notifications.models import MessageRules
from notifications.notice_facts import ClinicRules
from notifications.quiet_hours import QuietHours
from notifications.rendering import LONGEST_SENDER, NEUTRAL_SENDERS, base_language
from notifications.wording_lint import find_faults
from scheduling.models import Clinic


def read_rules(clinic_ids: Iterable[int]) -> dict[int, ClinicRules]:
    """Each clinic's message rules, the defaults where it says nothing."""
    wanted = set(clinic_ids)
    rows = MessageRules.objects.filter(clinic__in=wanted)
    said = {
        row.clinic_id: ClinicRules(
            reminder_hours=tuple(row.reminder_hours),
            grace=timedelta(minutes=row.grace_minutes),
            quiet=QuietHours(row.quiet_from, row.quiet_until),
            day_of=timedelta(minutes=row.day_of_minutes),
            told_by=timedelta(minutes=row.told_by_minutes),
        )
        for row in rows
    }
    return {clinic_id: said.get(clinic_id, ClinicRules()) for clinic_id in wanted}


def safety_text(clinic: Clinic, language: str) -> str:
    """Where a patient gets help at once, in the clinic's words; the same whatever was answered."""
    rules = MessageRules.objects.filter(clinic=clinic).first() or MessageRules(clinic=clinic)
    return rules.safety_text_es if base_language(language) == "es" else rules.safety_text


def answer_hours(clinic: Clinic, language: str) -> str:
    """When answers are read, in the clinic's words in that language; empty where it has none, never in another one."""
    rules = MessageRules.objects.filter(clinic=clinic).first() or MessageRules(clinic=clinic)
    return hours_in(rules, language)


def hours_in(rules: MessageRules, language: str) -> str:
    """As `answer_hours`, of rules at hand."""
    said = {"en": rules.answer_hours, "es": rules.answer_hours_es}
    return said.get(base_language(language), "")


def sender_name(clinic: Clinic, language: str) -> str:
    """The discreet name that messages are from: the clinic's choice, else its own name where nothing is wrong with it.

    A name that tells of treatment gives way to a neutral one in `language`.
    """
    chosen = MessageRules.objects.filter(clinic=clinic).values_list("sender_name", flat=True).first()
    name = " ".join((chosen or clinic.name).split())
    # The whole name: cut short, a word may slip past that a reader still guesses.
    if find_faults(name, channel="sms", purpose="", language=language):
        return NEUTRAL_SENDERS.get(base_language(language), NEUTRAL_SENDERS["en"])
    return name[:LONGEST_SENDER].rstrip()
