"""The published words of the PHQ-9, without the paper form's word on how to mark an answer. No Django.

Its question on how difficult the problems made things is no part of the sum and has other answers: it is not asked.
"""

from __future__ import annotations

from typing import Final

from scheduling.questionnaires.wording import LICENCE_EN, LICENCE_ES, OPTIONS_EN, OPTIONS_ES, Wording

WORDS: Final = {
    "en": Wording(
        instruction="Over the last 2 weeks, how often have you been bothered by any of the following problems?",
        questions=(
            "Little interest or pleasure in doing things",
            "Feeling down, depressed, or hopeless",
            "Trouble falling or staying asleep, or sleeping too much",
            "Feeling tired or having little energy",
            "Poor appetite or overeating",
            "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
            "Trouble concentrating on things, such as reading the newspaper or watching television",
            (
                "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so"
                " fidgety or restless that you have been moving around a lot more than usual"
            ),
            "Thoughts that you would be better off dead or of hurting yourself in some way",
        ),
        options=OPTIONS_EN,
        licence=LICENCE_EN,
        source="Patient Health Questionnaire-9 (PHQ-9), phqscreeners.com",
    ),
    "es": Wording(
        instruction=(
            "Durante las últimas 2 semanas, ¿qué tan seguido ha tenido molestias debido a los siguientes problemas?"
        ),
        questions=(
            "Poco interés o placer en hacer cosas",
            "Se ha sentido decaído(a), deprimido(a) o sin esperanzas",
            "Ha tenido dificultad para quedarse o permanecer dormido(a), o ha dormido demasiado",
            "Se ha sentido cansado(a) o con poca energía",
            "Sin apetito o ha comido en exceso",
            (
                "Se ha sentido mal con usted mismo(a) – o que es un fracaso o que ha quedado mal con usted mismo(a) o"
                " con su familia"
            ),
            (
                "Ha tenido dificultad para concentrarse en ciertas actividades, tales como leer el periódico o ver la"
                " televisión"
            ),
            (
                "¿Se ha movido o hablado tan lento que otras personas podrían haberlo notado? o lo contrario – muy"
                " inquieto(a) o agitado(a) que ha estado moviéndose mucho más de lo normal"
            ),
            "Pensamientos de que estaría mejor muerto(a) o de lastimarse de alguna manera",
        ),
        options=OPTIONS_ES,
        licence=LICENCE_ES,
        source="Cuestionario sobre la salud del paciente-9 (PHQ-9), phqscreeners.com, Spanish for the USA",
    ),
}
