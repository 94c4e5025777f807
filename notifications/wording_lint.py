"""What a text may not say: nothing that tells a stranger about care, nothing that opts the patient out. Pure."""

from __future__ import annotations

import re

from notifications.segments import measure, outside_gsm

ONE_SEGMENT_PURPOSES = frozenset({"reminder", "missed"})

# Stems, matched at a word's start, in English and Spanish. Wide on purpose: a false alarm costs a rewording, a miss
# tells a family what the patient is treated for. Drugs, diagnoses, treatment; then whole words.
REVEALING = re.compile(
    r"\b(?:ketamin|ketalar|esketamin|spravato|infliximab|remicade|inflectra|biologic|medicat|medicin|medicament|fármaco"
    r"|farmaco|drug|opioid|antidepress|antidepresiv|zofran|ondansetron|midazolam|magnesium|vitamin|iron"
    r"|depress|depresi|anxiet|ansiedad|bipolar|ptsd|trauma|suicid|mental|mood|disorder|trastorno|crohn|colitis|arthrit"
    r"|artritis|pain|dolor|cancer|cáncer|diagnos|migrain|migraña|addict|phq|gad-7"
    r"|infus|treat|tratamiento|therap|terapia|inject|inyecci|dose|dosis|intraven|psych|psiqui|psico|prescri|receta"
    r"|symptom|síntoma|sintoma|sedat|sedaci|chemo|quimio|procedure|procedimiento"
    r"|(?:iv|rx|tms)\b)\w*",
    re.IGNORECASE,
)

# Words that carriers take as opting out or in when a patient sends them alone: a text never asks for one of them.
ASKS_FOR_CARRIER_WORD = re.compile(
    r"\b(?:reply|text|answer|respond|send|responda|responde|conteste|contesta|env[ií]e|env[ií]a|escriba)\b"
    r"(?:with|back|con|or|o|[\s\"'“”,:])*\b(yes|sí|si|cancel|cancelar|end|quit|start|unstop|revoke|optout|unsubscribe|info)\b",
    re.IGNORECASE,
)


def find_faults(text: str, *, channel: str, purpose: str, language: str) -> list[str]:
    """What is wrong with `text` as it would be sent, in plain words for the manager; empty when it may go out."""
    faults = [f"“{found}” may tell others about the patient's care." for found in _once(REVEALING.findall(text))]
    faults += [
        f"“{found}” must not be asked for: carriers treat it as opting in or out."
        for found in _once(ASKS_FOR_CARRIER_WORD.findall(text))
    ]
    if not text.strip():
        faults.append("The text is empty.")
    if channel == "sms":
        faults += _sms_faults(text, purpose=purpose, language=language)
    return faults


def _sms_faults(text: str, *, purpose: str, language: str) -> list[str]:
    faults = []
    size = measure(text)
    if purpose in ONE_SEGMENT_PURPOSES and size.count > 1:
        faults.append(
            f"A {purpose} must fit one SMS segment; this takes {size.count} ({size.units} units, {size.encoding})."
        )
    odd = outside_gsm(text)
    if odd and size.units > 70:
        hint = " Spanish texts do without á í ó ú." if language == "es" else ""
        faults.append(f"{' '.join(odd)} makes every segment less than half as long.{hint}")
    return faults


def _once(found: list[str]) -> list[str]:
    return list(dict.fromkeys(word.lower() for word in found))
