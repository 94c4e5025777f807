"""The words in which people say when they can come, in English and Spanish, and the pieces of a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scheduling.can_come import Hours
from scheduling.clinic_time import MINUTES_A_DAY

NOON = 12 * 60


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _by_word(words: Mapping[str, str]) -> dict[str, str]:
    return {word: key for key, many in words.items() for word in many.split()}


WEEKDAY_WORDS = _by_word(
    {
        "mon": "mon mons monday mondays lun lunes",
        "tue": "tue tues tuesday tuesdays mar martes",
        "wed": "wed weds wednesday wednesdays mie mier miercoles",
        "thu": "thu thur thurs thursday thursdays jue jueves",
        "fri": "fri friday fridays vie viernes",
        "sat": "sat saturday saturdays sab sabado sabados",
        "sun": "sun sunday sundays dom domingo domingos",
    }
)
WORKING_DAYS = frozenset({"weekday", "weekdays", "laborables"})
WEEKEND = frozenset({"weekend", "weekends"})
MONTHS = {
    word: number
    for number, many in enumerate(
        (
            "jan january ene enero", "feb february febrero", "mar march marzo", "apr april abr abril", "may mayo",
            "jun june junio", "jul july julio", "aug august ago agosto", "sep sept september septiembre set",
            "oct october octubre", "nov november noviembre", "dec december dic diciembre",
        ),
        1,
    )
    for word in many.split()
}  # fmt: skip
PARTS_OF_DAY = {
    **dict.fromkeys(["am", "morning", "mornings", "manana", "mananas"], Hours(before=NOON)),
    **dict.fromkeys(["pm", "afternoon", "afternoons", "tarde", "tardes"], Hours(first=NOON)),
    **dict.fromkeys(["evening", "evenings", "noche", "noches"], Hours(first=17 * 60)),
}
OTHER_HALF = {
    Hours(before=NOON): Hours(first=NOON),
    Hours(first=NOON): Hours(before=NOON),
    Hours(first=17 * 60): Hours(before=17 * 60),
}
# Words that turn round what follows; after the second kind there is nothing but what is out.
PLAIN_NOT = _words(
    "not no never cant can't cannot wont won't dont don't doesnt doesn't couldnt couldn't unable neither nor nunca"
    " jamas tampoco ni"
)
EXCEPT = _words("except excepting excluding exclude minus without avoid avoiding excepto salvo menos sin evitar")
NOT = PLAIN_NOT | EXCEPT
EXCEPT_PHRASES = tuple(
    tuple(words.split())
    for words in (
        "other than", "apart from", "aside from", "rather than", "instead of", "except for", "with the exception of",
        "fuera de", "aparte de", "en vez de", "en lugar de", "a excepcion de", "con excepcion de", "excepto por",
        "fuera del", "aparte del", "en vez del", "en lugar del", "a excepcion del", "con excepcion del",
    )
)  # fmt: skip
# What may stand before such a word, and between it and what is meant.
LEADING = _words("i we he she they it can could would i'd we'd she'd he'd they'd rather prefer preferably prefiere")
FILLING = _words(
    "on in for any do make it come to be like want en por la las los puede puedo pueden podemos venir viene vengo"
    " quiere"
)
# All of them: before "but", "except" and the like.
UNIVERSAL = _words(
    "any every each all anything everything anytime anyday everyday day days time times daily whenever always other"
    " at on todo todos toda todas cualquier cualquiera dia dias los las siempre"
)
ANY = _words("any every cualquier cada")
ANY_DAY = _words("day days time times dia")
# They say no in a way that is not read: what stands beside them is not understood either.
UNREAD_NO = _words(
    "nothing none nobody unless hardly barely isnt isn't arent aren't wasnt wasn't impossible unavailable busy bad off"
    " out away nada imposible ocupado ocupada apart aside aparte fuera exception excepcion instead"
)
YES = _words("yes ok okay si")
BOUNDARIES = _words(", ; . ( )")
ONLY = _words("only just solo")
AFTER = frozenset(["after", "despues"])
FROM = frozenset(["from", "since", "starting", "desde", "partir"])
BEFORE = frozenset(["before", "antes"])
UNTIL = frozenset(["until", "till", "til", "by", "hasta"])
BETWEEN = frozenset(["between", "entre"])
AT = frozenset(["at", "around", "about", "sobre", "hacia"])
OVER = frozenset(["done", "out", "home", "over", "finished"])
ALL_WORDS = frozenset(["all", "todas", "todos"])
FIRST_WORDS = frozenset(["first", "only", "just", "primeras", "primeros", "solo"])
VISIT_WORDS = frozenset(["infusion", "infusions", "visit", "visits", "infusiones", "visita", "visitas"])
TO = frozenset(("-", "–", "to", "through", "thru", "a", "al"))
# What joins other words and says nothing by itself.
JOINTS = _words("the on in and or of please y o e u el la los las de del en por que sea , ; . / & + ( ) - –")
PIECES = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    # With a year, of two digits too where nothing else is written so.
    r"|\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})(?!\d)"
    r"|\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})(?!\d)"
    r"|\d{1,2}-\d{1,2}-\d{4}(?!\d)"
    r"|(?:19|20)\d{2}(?!\d)"
    r"|\d{1,2}/\d{1,2}(?!\d)"
    # 31.2., where it can be no time.
    r"|\d{1,2}\.\d\.|(?:2[4-9]|[3-9]\d)\.\d{2}\."
    r"|\d{1,2}[:.h]\d{2}(?:\s*[ap]\.?\s?m\b\.?)?"
    r"|\d{1,2}(?:\s*[ap]\.?\s?m\b\.?|st\b|nd\b|rd\b|th\b|º|ª|\s?h\b)?"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)?"
    r"|\S",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One word, number, date or time as typed, and without case and accents."""

    typed: str
    bare: str


def pieces_of(text: str) -> list[Piece]:
    """The sentence in pieces, in order; nothing but spaces is lost."""
    return [Piece(found, bare(found)) for found in PIECES.findall(text)]


def bare(text: str) -> str:
    """In lower case, without accents; "9 A.M." becomes "9am"."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    plain = "".join(one for one in letters if not unicodedata.combining(one))
    return re.sub(r"[\s.](?=[apm.]|$)", "", plain) if plain[:1].isdigit() else plain


def minutes_of(text: str) -> tuple[int, bool] | None:
    """Minutes after midnight of "3pm", "15:00", "9.30", "15h" or "3", and whether it can be nothing but a time.

    A bare hour from 1 to 6 is in the afternoon: no clinic gives an infusion before 7.
    """
    found = re.fullmatch(r"(\d{1,2})(?:[:.h](\d{2}))?([ap]m?|h)?", text)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "")[:1]
    if minute > 59 or hour > 23 or (half in ("a", "p") and not 1 <= hour <= 12):
        return None
    if half in ("a", "p"):
        hour = hour % 12 + (12 if half == "p" else 0)
    elif not half and 1 <= hour <= 6 and len(found[1]) == 1:
        hour += 12
    return min(hour * 60 + minute, MINUTES_A_DAY), bool(found[2] or found[3])


def typed(pieces: Iterable[Piece]) -> str:
    """Pieces as they were typed, joined."""
    return " ".join(piece.typed for piece in pieces)
