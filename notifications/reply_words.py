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
        "remove", "remove me", "arret", "td", "leave me alone", "no more", "no more texts", "no more messages", "unsub",
        "cease", "cease and desist", "no texts", "no text", "no texting", "no messages", "no sms", "opting out",
        "opt me out", "end messages", "end all", "quit it", "stop it", "stop this", "enough texts", "discontinue",
        "alto", "basta", "basta ya", "no mas", "no mas mensajes", "no mas textos", "parar", "pare", "paren", "baja",
        "dar de baja", "darme de baja", "desuscribir", "desuscribirme", "cancelar suscripcion", "cancel texts",
        "cancel messages", "cancel all texts", "cancel subscription", "end texts", "quit texting me",
        "dejen de escribirme", "borrenme", "borreme", "borrame", "quitenme", "quiteme", "quitame", "saquenme",
        "saqueme", "sacame", "eliminenme", "elimineme", "eliminame", "ya basta", "ya paren", "paren ya", "pare ya",
        "alto ya", "ya no mas", "ya no mas mensajes", "no mensajes", "no textos", "no molesten", "no me molesten",
        "no me molesten mas", "dejenme en paz", "dejeme en paz", "darse de baja", "baja mensajes", "dejen de molestar",
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

CONFIRMS: Final = frozenset(
    {
        "1", "c", "confirm", "confirmed", "confirming", "confirms", "confirmo", "confirmado", "confirmada", "confirmar",
        "confirmamos", "confirmadas", "confirmados",
    }
)  # fmt: skip
CONFIRMS_LOOSELY: Final = frozenset(
    {
        "yes", "y", "yep", "yup", "yeah", "yea", "yess", "ok", "okay", "okey", "oki", "okk", "k", "kk", "sure", "si",
        "sip", "sii", "siii", "claro", "vale", "listo", "lista", "bueno", "perfecto", "perfect", "absolutely",
        "definitely", "certainly", "affirmative", "correct", "yessir", "yesss", "yas", "okie", "roger", "seguro",
        "correcto", "afirmativo", "cierto", "dale", "sipi", "okis", "oka",
    }
)  # fmt: skip
# May stand beside a yes without taking anything back.
FILLS: Final = frozenset(
    {
        "i", "ill", "will", "be", "there", "see", "then", "thats", "that", "fine", "works", "great", "good", "for",
        "me", "im", "coming", "all", "set", "it", "we", "well", "u", "maam", "sir", "senora", "senorita", "de",
        "acuerdo", "esta", "bien", "ahi", "alli", "estare", "estaremos", "nos", "vemos", "que", "muy", "muchas", "a",
        "my", "the", "our", "appointment", "appointments", "appt", "visit", "visits", "both", "attendance", "mi", "mis",
        "la", "las", "lo", "el", "yo", "cita", "citas", "visita", "visitas", "asistencia", "ambas", "todas", "nuestra",
    }
)  # fmt: skip
YES_PHRASES: Final = frozenset(
    {
        "ill be there", "i will be there", "well be there", "we will be there", "im coming", "i am coming",
        "sounds good", "see u then", "see then", "see there", "i can make it", "ahi estare", "alli estare",
        "ahi estaremos",
        "alli estaremos", "ahi nos vemos", "alla nos vemos", "de acuerdo", "esta bien", "of course", "for sure",
        "count me in", "that works", "that works for me", "works for me", "ill see then", "ill see there",
        "i plan to be there", "planning to be there", "planning on it", "ill make it", "i will make it", "i can come",
        "i will come", "ill come", "we are coming", "were coming", "see you then", "sounds great", "sounds perfect",
        "you bet", "bet", "that is fine", "thats fine", "supuesto", "desde luego", "ahi estoy", "alli estoy",
        "ahi voy a estar", "alli voy a estar", "voy a estar ahi", "voy a estar alli", "estare ahi", "estare alli",
        "alla estare", "alla voy a estar", "voy a ir", "si voy", "si ire", "asistire", "si asistire", "si puedo",
        "si puedo ir", "cuente conmigo", "cuenten conmigo", "nos vemos ahi", "nos vemos alla", "nos vemos alli",
        "me parece bien", "asi es", "todo bien", "si cuente conmigo",
    }
)  # fmt: skip
CALLS: Final = frozenset(
    {
        "2", "r", "call", "call me", "callback", "call back", "call me back", "reschedule", "change", "move",
        "llamar", "llame", "llamen", "llamada", "llamenme", "llameme", "llamame", "reprogramar", "cambiar", "cambio",
        "resched", "rebook", "ring me", "phone me", "reagendar", "reagenda", "reprograme", "marquenme",
        "marqueme", "marcame", "otra fecha", "otro dia", "another day", "another time", "different day",
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
