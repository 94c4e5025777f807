"""More of what people write, in both languages; and what is near it and must not be taken for it."""

from __future__ import annotations

import pytest

from notifications.reply_intent import Intent, read_reply

MEANS: dict[Intent, list[str]] = {
    Intent.CONFIRM: [
        "Confirmar", "confirmo mi cita", "Sí, confirmo mi cita", "Confirmo asistencia", "confirmo mi asistencia",
        "lo confirmo", "Confirmamos la cita", "Cita confirmada", "yo confirmo", "confirmo las citas", "Confirmadas",
        "afirmativo", "Correcto", "por supuesto", "desde luego", "Dale", "Cuente conmigo", "voy a estar ahí",
        "Estaré allí", "Sí voy", "sí, ahí estaré", "Asistiré", "me parece bien", "Confirmo ambas", "Confirmo todas",
        "I confirm my appointment", "Confirm my appointment please", "Confirming our visit", "Appointment confirmed",
        "confirm both", "I confirm the appointments", "absolutely", "Definitely!", "of course", "For sure",
        "Affirmative", "count me in", "that works for me", "Works for me", "I'll make it", "I will come", "You bet",
        "yes that's correct", "ok see you there", "I plan to be there", "Sounds perfect",
    ],
    Intent.STOP: [
        "Ya no quiero mensajes", "Quítenme de la lista", "quítenme de su lista por favor", "No quiero más mensajes",
        "No deseo recibir mensajes", "Ya no quiero recibir sus mensajes de texto", "no quiero recordatorios",
        "No quiero que me escriban", "no quiero que me manden mensajes", "Sáquenme de esta lista", "bórrenme",
        "Elimíneme de la lista", "Borren mi número", "Quiten este número", "dejen de molestar", "No me molesten más",
        "Ya basta", "paren los mensajes", "Cancelen los mensajes", "denme de baja", "desuscríbanme", "Desinscribir",
        "déjenme en paz", "Ya no más",
        "No longer wish to receive texts", "I no longer want to receive these messages", "no longer want texts",
        "I don't want any more texts", "I do not wish to receive text messages", "don't want your reminders",
        "Please don't send me any more messages", "stop sending texts", "Remove my number", "delete this number",
        "Take my name off", "get me off this list", "lose my number", "No further messages please", "end all messages",
        "Cancel these alerts", "Discontinue texts", "quit bothering me", "stop spamming me", "unsub", "Cease",
        "No texts", "opting out",
    ],
    Intent.WRONG_NUMBER: [
        "Wrong #", "wrong #!", "Sorry wrong # ", "Wrong num", "wrong contact", "You've got the wrong guy",
        "You have the wrong patient", "Nobody here by that name", "no one by that name", "I am not this person",
        "I'm not your patient", "I don't know this person", "She no longer has this number",
        "This number belongs to someone else", "he doesn't use this phone",
        "Teléfono equivocado", "celular equivocado", "No soy esa persona", "No conozco a esa persona",
        "Este no es su número", "Ya no usa este celular", "contacto equivocado", "Aquí no hay nadie con ese nombre",
        "no soy la paciente", "Número erróneo", "ya no tiene este teléfono",
    ],
    Intent.CALL_ME: [
        "I need to reschedule", "can we reschedule?", "Reschedule my appointment please", "need a callback",
        "I'd like a call", "give me a ring", "another day", "necesito cambiar mi cita", "reagendar mi cita",
        "Quiero que me llamen", "otra fecha por favor", "márquenme", "cambiar de fecha", "change my appointment",
    ],
    # Near a yes, a stop, a wrong number, a wish for a call; each for a person to read.
    Intent.OTHER: [
        "is my appointment confirmed?", "my appointment", "the visit", "Confirmed for Friday", "confirmar?",
        "puede confirmar mi cita?", "no confirmo", "no confirmo mi cita", "I can't confirm my appointment",
        "not for sure", "of course not", "por supuesto que no", "I will not make it", "no voy", "no puedo ir",
        "ya no", "I don't want texts about billing", "no more emails, just texts", "I only want reminders by email",
        "no quiero mensajes sobre pagos", "quítame el dolor", "I need to stop at the pharmacy",
        "what is wrong", "wrong day", "wrong time", "wrong", "#", "not me", "who is this?", "se equivocó",
        "I just got this number", "my number is wrong, I have a new one", "I don't need to reschedule",
        "I don't want to change my appointment", "no quiero cambiar mi cita", "ya no quiero ir",
        "I no longer want to come", "I no longer need the ride", "don't want the 9 am visit", "no quiero la cita",
        "I don't need reminders if I confirm", "you can send more messages", "did you send my texts",
        "texts are fine", "los mensajes llegan tarde?",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("text", "intent"), [(text, intent) for intent, texts in MEANS.items() for text in texts])
def test_a_reply_means_what_people_mean_by_it(text: str, intent: Intent) -> None:
    assert read_reply(text).intent is intent


@pytest.mark.parametrize(
    "text", ["absolutely", "of course", "that works for me", "por supuesto", "correcto", "asistiré"]
)
def test_new_yeses_mean_something_after_a_question_only(text: str) -> None:
    assert read_reply(text).is_loose


@pytest.mark.parametrize("text", ["Confirmar", "confirmo mi cita", "Appointment confirmed", "confirmo ambas"])
def test_confirming_is_a_plain_yes(text: str) -> None:
    assert not read_reply(text).is_loose
