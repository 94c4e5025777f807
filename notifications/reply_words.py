"""The words replies are read by, in plain lower case without accents. Pure.

Twilio opts out on STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT, AWS also on ARRET, REMOVE and TD.
"""

from __future__ import annotations

from typing import Final

# Said with anything, and meaning nothing for it.
POLITE: Final = frozenset({"please", "pls", "plz", "thanks", "thank", "you", "thx", "ty", "gracias", "por", "favor"})
NEGATES: Final = frozenset({"not", "dont", "no", "never", "cant", "wont", "nunca", "without", "sin"})

STOPS: Final = frozenset(
    {
        "stop", "stopall", "stop all", "unsubscribe", "unsubscribe me", "end", "quit", "revoke", "optout", "opt out",
        "remove", "remove me", "arret", "td", "leave me alone", "no more", "no more texts", "no more messages",
        "alto", "basta", "basta ya", "no mas", "no mas mensajes", "no mas textos", "parar", "pare", "paren", "baja",
        "dar de baja", "darme de baja", "desuscribir", "desuscribirme", "cancelar suscripcion", "cancel texts",
        "cancel messages", "cancel all texts", "cancel subscription", "end texts", "quit texting me",
        "dejen de escribirme", "borrenme", "quitenme",
    }
)  # fmt: skip
STOPS_WITH: Final = frozenset(
    {
        "all", "it", "this", "these", "those", "the", "me", "my", "now", "your", "any", "more", "to", "number",
        "sending", "texting", "texts", "text", "messaging", "messages", "message", "msgs", "contacting", "everything",
        "stop", "already", "here", "sms", "emails", "email", "mail", "mails", "reminders", "phone",
    }
)  # fmt: skip
STOP_MISSPELT_BUT_A_WORD: Final = frozenset({"step", "shop", "slop", "sop", "stow", "swop", "stoop", "stomp"})
CANCELS: Final = frozenset({"cancel", "cancell", "cancle", "cancelar", "cancele", "cancelo", "cancela", "cancelled"})
STARTS: Final = frozenset(
    {
        "start", "unstop", "opt in", "optin", "subscribe", "resume", "start texting me", "start again", "alta",
        "comenzar", "empezar", "iniciar", "reanudar", "volver a recibir",
    }
)  # fmt: skip
HELPS: Final = frozenset({"help", "info", "help me", "ayuda", "ayudenme", "informacion"})

CONFIRMS: Final = frozenset({"1", "c", "confirm", "confirmed", "confirming", "confirmo", "confirmado", "confirmada"})
CONFIRMS_LOOSELY: Final = frozenset(
    {
        "yes", "y", "yep", "yup", "yeah", "yea", "yess", "ok", "okay", "okey", "oki", "okk", "k", "kk", "sure", "si",
        "sip", "sii", "claro", "vale", "listo", "lista", "bueno", "perfecto", "perfect",
    }
)  # fmt: skip
# May stand beside a yes without taking anything back.
FILLS: Final = frozenset(
    {
        "i", "ill", "will", "be", "there", "see", "then", "thats", "that", "fine", "works", "great", "good", "for",
        "me", "im", "coming", "all", "set", "it", "we", "well", "u", "maam", "sir", "senora", "senorita", "de",
        "acuerdo", "esta", "bien", "ahi", "alli", "estare", "estaremos", "nos", "vemos", "que", "muy", "muchas", "a",
    }
)  # fmt: skip
YES_PHRASES: Final = frozenset(
    {
        "ill be there", "i will be there", "well be there", "we will be there", "im coming", "i am coming",
        "sounds good", "see u then", "see then", "see there", "i can make it", "ahi estare", "alli estare",
        "ahi estaremos",
        "alli estaremos", "ahi nos vemos", "alla nos vemos", "de acuerdo", "esta bien",
    }
)  # fmt: skip
CALLS: Final = frozenset(
    {
        "2", "r", "call", "call me", "callback", "call back", "call me back", "reschedule", "change", "move",
        "llamar", "llame", "llamen", "llamada", "llamenme", "llameme", "llamame", "reprogramar", "cambiar", "cambio",
    }
)  # fmt: skip
THANKS: Final = frozenset({"thanks", "thank", "thx", "ty", "thanx", "tks", "gracias", "thankyou", "appreciated"})
THANKS_WITH: Final = frozenset(
    {
        "you", "u", "so", "much", "very", "a", "lot", "again", "all", "for", "the", "reminder", "letting", "me", "know",
        "muchas", "mil", "muchisimas", "por", "el", "recordatorio", "avisar", "avisarme", "su", "and", "have", "good",
        "great", "nice", "day", "one", "buen", "dia", "que", "tenga", "many",
    }
)  # fmt: skip
EMOJI_YES: Final = frozenset("👍✅✔👌☑")
EMOJI_THANKS: Final = frozenset("🙏❤😊🙂😀😃😄🤗💕💙💚💛🧡💜♥☺😁🥰😘🌸🌹")
