"""What the words of an instrument in one language consist of. No Django."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """Published words. `licence` is the authors' own notice, shown below the questions; `source`: where the words are
    from. `needs_reviewer`: they were compared with copies alone, so a qualified reviewer has to compare them with the
    published form."""

    instruction: str
    questions: tuple[str, ...]
    options: tuple[str, ...]
    licence: str
    source: str
    needs_reviewer: bool = False


# Both instruments carry the same notice and the same four answers.
LICENCE_EN = (
    "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an educational grant"
    " from Pfizer Inc. No permission required to reproduce, translate, display or distribute."
)
LICENCE_ES = (
    "Elaborado por los doctores Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke y colegas, mediante una subvención"
    " educativa otorgada por Pfizer Inc. No se requiere permiso para reproducir, traducir, presentar o distribuir."
)
OPTIONS_EN = ("Not at all", "Several days", "More than half the days", "Nearly every day")
OPTIONS_ES = ("Ningún día", "Varios días", "Más de la mitad de los días", "Casi todos los días")
