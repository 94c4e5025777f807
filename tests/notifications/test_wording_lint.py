from __future__ import annotations

import pytest

from notifications.wording_lint import find_faults


def faults(text: str, *, purpose: str = "changed", channel: str = "email", language: str = "en") -> list[str]:
    return find_faults(text, channel=channel, purpose=purpose, language=language)


@pytest.mark.parametrize(
    "text",
    [
        "Your ketamine visit is tomorrow", "KETAMINE", "Your infusion is at 10:00", "next dose", "infliximab",
        "your depression check", "Su infusión es mañana", "tratamiento", "psiquiatra", "IV at 10:00", "Spravato visit",
        "pain clinic", "your therapist", "treatment room",
    ],
)  # fmt: skip
def test_revealing_word_is_named(text: str) -> None:
    assert len(faults(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Harbor Center: your visit is on Thu Dec 3, 10:00 AM.",
        "Harbor Center: su visita es el jue 3 dic, 10:00.",
        "Reply STOP to opt out.", "Please arrive with a driver.", "We give you a call.", "Drive home safely",
    ],
)  # fmt: skip
def test_discreet_text_has_no_fault(text: str) -> None:
    assert faults(text, channel="sms", purpose="reminder") == []


@pytest.mark.parametrize(
    "text",
    ["Reply YES to confirm", "reply 'cancel' to cancel", "Text CANCEL", "Responda SÍ", "Responda con CANCELAR",
     "Reply with YES or NO", "Conteste SI para confirmar", "Answer START"],
)  # fmt: skip
def test_carrier_word_is_never_asked_for(text: str) -> None:
    assert len(faults(text)) == 1


def test_reminder_of_two_segments_is_a_fault() -> None:
    assert faults("a" * 161, channel="sms", purpose="reminder") == [
        "A reminder must fit one SMS segment; this takes 2 (161 units, gsm-7)."
    ]
    assert faults("a" * 161, channel="sms") == []


def test_spanish_accents_outside_gsm_are_a_fault_in_a_long_text() -> None:
    assert faults("Le esperamos allí. " + "a" * 60, channel="sms", language="es") == [
        "í makes every segment less than half as long. Spanish texts do without á í ó ú."
    ]
    assert faults("¡Mañana! ¿Está? " + "ñ", channel="sms", language="es") == []


def test_empty_text_is_a_fault() -> None:
    assert faults(" ") == ["The text is empty."]
