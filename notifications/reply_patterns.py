"""Whole phrases that replies are read by, in plain lower case without accents or apostrophes. Pure."""

from __future__ import annotations

import re
from typing import Final

MESSAGES: Final = r"(?:text messages?|texts?|messages?|msgs?|sms|e?mails?|reminders?|alerts?|notifications?)"
MENSAJES: Final = r"(?:mensajes?|textos?|sms|correos?|recordatorios?|alertas?|notificaciones|avisos?)"
BETWEEN: Final = r"(?: (?:to|receive|get|have|any|more|anymore|these|your|the|all|further))"
NUMBER: Final = r"(?:number|phone|cell|name|email)"
NUMERO: Final = r"(?:numero|telefono|celular|correo|nombre)"


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in phrases))


WRONG: Final = _any(
    r"wrong (?:number|num|nbr|person|phone|cell|contact|recipient|guy|lady|patient|individual)",
    r"(?:not|no longer) (?:his|her|their) (?:number|phone)",
    r"(?:nobody|no one|noone) (?:here )?(?:by|with) (?:that|this) name",
    r"(?:im|i am) not (?:this|that|the|your) (?:person|patient)",
    r"(?:dont|do not) know (?:this|that|any such) (?:person|patient|name)",
    r"(?:he|she|they) (?:no longer|doesnt|does not|dont|do not) (?:has|have|uses?|owns?) this (?:number|phone)",
    r"(?:number|phone) (?:no longer )?belongs to (?:someone|somebody) else",
    r"(?:numero|telefono|celular|contacto|destinatario) (?:equivocado|incorrecto|erroneo)",
    r"persona equivocada",
    r"equivoc\w+ de (?:numero|persona|telefono)",
    r"ya no es su (?:numero|telefono|celular)",
    r"no es su (?:numero|telefono|celular)",
    r"ya no (?:tiene|usa) este (?:numero|telefono|celular)",
    r"no soy (?:esa|la|ese|el|esta|su) (?:persona|paciente)",
    r"no conozco a (?:esa|esta|ninguna) persona",
    r"nadie (?:aqui )?con ese nombre",
)
WRONG_ALONE: Final = re.compile(r"^(?:esta |estan )?equivocados?$")
# Whoever gave us a wrong number is the patient, and says so from the right one.
GAVE_WRONG: Final = re.compile(r"\bi (?:gave|wrote|put|have)\b|\b(?:le|les) di\b|\d{7}")

OPTS_OUT: Final = _any(
    r"unsubscribe|opt(?: me)? out|optout",
    r"(?:take|get) me off|remove me",
    r"(?:remove|delete|erase) (?:my|this) " + NUMBER,
    r"take my (?:number|name|phone) off",
    r"lose (?:my|this) number",
    r"(?:do not|dont) (?:text|message|contact|write)",
    r"stop (?:texting|messaging|contacting|writing|bothering|spamming|harassing|emailing)",
    r"quit (?:texting|messaging|contacting|bothering|spamming)",
    r"(?:darme|dar|dame|denme|deme|darse) de baja",
    r"des(?:us|ins)cri\w+",
    r"(?:anular|cancelar) (?:mi |la )?suscripcion",
    r"(?:borren?|eliminen?|quiten?|saquen?) (?:mi|este) " + NUMERO,
    r"(?:quit|saqu|sac|borr|elimin|retir)(?:en|e|a)me de (?:la|su|esta|sus|las|estas) listas?",
    r"no (?:me |mas )+(?:escriban?|manden?|envien?|mensajes?|textos?|contacten?)",
    r"no (?:quiero|deseo) que me (?:escriban?|contacten?|molesten?)",
    r"dejen? de (?:escribir|mandar|enviar|molestar|contactar|textear)\w*",
)
# Who wants none of our messages, in whatever words, unless they want some: see KEEPS_SOME.
WANTS_NONE: Final = _any(
    rf"(?:no longer|do not|dont) (?:want|wish|need|care){BETWEEN}{{0,5}} {MESSAGES}",
    rf"(?:do not|dont|stop|quit) send(?:ing)?(?: (?:me|us|any|more|these|your|the|so|many)){{0,4}} {MESSAGES}",
    rf"no (?:more|further) (?:of |these |your )*{MESSAGES}",
    rf"(?:cancel|end|discontinue) (?:all |the |my |these |your )*{MESSAGES}",
    rf"no (?:quiero|queremos|deseo|deseamos|necesito)(?: (?:mas|recibir|sus|estos|los|ningun)){{0,3}} {MENSAJES}",
    rf"no (?:quiero|deseo) que me (?:mand|envi)en (?:mas |sus |estos )*{MENSAJES}",
    rf"(?:cancel(?:ar|en|e|a)|suspend(?:er|an|a)|par(?:ar|en|e)) (?:los |sus |estos |todos |mis )*{MENSAJES}",
)
KEEPS_SOME: Final = _any(
    "but", "only", "except", "just", "instead", "rather", "about", "if", "unless", "by", "until",
    "pero", "solo", "solamente", "excepto", "menos", "sino", "sobre", "si", "hasta",
)  # fmt: skip
CALL: Final = _any(
    r"call me|give me a (?:call|ring)",
    r"llame(?:n)?me|llamame|me pueden? llamar|pueden? llamarme|que me llamen",
    r"(?:id like|i want|i need|need|requesting|necesito|quiero) (?:a call|a callback|a call back|una llamada)",
    r"(?:need|want|have|like|must|can we|can i|could we|could i) (?:to )?(?:reschedule|rebook)",
    r"(?:reschedule|move|change) (?:my|the) (?:appointment|appt|visit)",
    r"(?:reprogramar|reagendar|cambiar|mover)(?: mi| la| de)? (?:cita|fecha|visita)",
)
