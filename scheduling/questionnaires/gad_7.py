"""The published words of the GAD-7, without the paper form's word on how to mark an answer. No Django."""

from __future__ import annotations

from typing import Final

from scheduling.questionnaires.wording import LICENCE_EN, LICENCE_ES, OPTIONS_EN, OPTIONS_ES, Wording

WORDS: Final = {
    "en": Wording(
        instruction="Over the last 2 weeks, how often have you been bothered by the following problems?",
        questions=(
            "Feeling nervous, anxious or on edge",
            "Not being able to stop or control worrying",
            "Worrying too much about different things",
            "Trouble relaxing",
            "Being so restless that it is hard to sit still",
            "Becoming easily annoyed or irritable",
            "Feeling afraid as if something awful might happen",
        ),
        options=OPTIONS_EN,
        licence=LICENCE_EN,
        source="GAD-7, phqscreeners.com",
    ),
    # Independent copies agree word for word, but the form itself was not at hand.
    "es": Wording(
        instruction=(
            "Durante las últimas 2 semanas, ¿qué tan seguido ha tenido molestias debido a los siguientes problemas?"
        ),
        questions=(
            "Se ha sentido nervioso(a), ansioso(a) o con los nervios de punta",
            "No ha sido capaz de parar o controlar su preocupación",
            "Se ha preocupado demasiado por motivos diferentes",
            "Ha tenido dificultad para relajarse",
            "Se ha sentido tan inquieto(a) que no ha podido quedarse quieto(a)",
            "Se ha molestado o irritado fácilmente",
            "Ha tenido miedo de que algo terrible fuera a pasar",
        ),
        options=OPTIONS_ES,
        licence=LICENCE_ES,
        source="GAD-7, phqscreeners.com, Spanish for the USA",
        needs_reviewer=True,
    ),
}
