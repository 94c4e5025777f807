"""What a patient means by a reply: a few words in English and Spanish, and everything else for a person to read. Pure.

Opt-out words: 47 CFR 64.1200(a)(10)(i) names stop, quit, end, revoke, opt out, cancel and unsubscribe, and any other
words by which a reasonable person would understand the same; carriers add a few.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from notifications.reply_patterns import CALL, GAVE_WRONG, KEEPS_SOME, OPTS_OUT, WANTS_NONE, WRONG, WRONG_ALONE
from notifications.reply_words import (
    CALLS,
    CANCELS,
    CONFIRMS,
    CONFIRMS_LOOSELY,
    EMOJI_THANKS,
    EMOJI_YES,
    FILLS,
    HELPS,
    NEGATES,
    POLITE,
    STARTS,
    STOP_MISSPELT_BUT_A_WORD,
    STOPS,
    STOPS_WITH,
    THANKS,
    THANKS_WITH,
    YES_PHRASES,
)

LONGEST_READ = 2000
LONGEST_LATE_MINUTES = 240
MOST_WORDS_OF_A_YES, MOST_WORDS_OF_A_REQUEST = 6, 12


class Intent(StrEnum):
    """What a reply was taken to mean. OTHER: a person reads it."""

    CONFIRM = "confirm"
    CALL_ME = "call_me"
    STOP = "stop"
    STOP_AND_CALL = "stop_and_call"
    START = "start"
    HELP = "help"
    LATE = "late"
    WRONG_NUMBER = "wrong_number"
    THANKS = "thanks"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reading:
    """`late_minutes` where a late one says how many. `is_loose`: a yes that means something after a question only."""

    intent: Intent
    late_minutes: int | None = None
    is_loose: bool = False


LATE_WORD = r"(?:late|behind|delay\w*|tarde|retras\w*|atras\w*|demor\w*|tardar\w*)"
# The afternoon is no delay.
AFTERNOON = re.compile(r"\b(?:por|en|de|esta) (?:la )?tarde\b")
IS_LATE = re.compile(rf"\b{LATE_WORD}\b")
MINUTES = re.compile(r"\b(\d{1,3}) ?(?:m|mins?|minutes?|minutos?|minutitos?)\b")
HOURS = re.compile(r"\b(\d|an?|one|una?) ?(?:h|hrs?|hours?|horas?)\b")
HALF_HOUR = re.compile(r"\bhalf (?:an? )?hour\b|\bmedia hora\b")
QUARTER = re.compile(r"\bquarter of an hour\b|\bcuarto de hora\b")
RUNS_LATE = re.compile(
    r"\b(?:running|be|im|am|voy|llego|llegare|vamos) (?:\w+ ){0,3}?(?:late|tarde|retrasad[oa]|atrasad[oa])\b"
)
BARE_LATE = re.compile(rf"\b{LATE_WORD} (?:by )?(\d{{1,3}})\b|\b(\d{{1,3}}) {LATE_WORD}\b")
# What a phone makes of a thumb on our text where the other phone has no such thing.
LIKED = re.compile(r"^\s*(?:liked|loved|le gusto|le encanto|te gusto)\s*[\"“«]", re.IGNORECASE)


def read_reply(text: str) -> Reading:
    """The meaning of one reply; OTHER wherever two readings are possible. Never raises."""
    text = text[:LONGEST_READ]
    plain = re.sub(r"\bwrong\s*#(?!\d)", "wrong number", _plain(text))
    if LIKED.match(plain) or (_only(text, EMOJI_YES) and any(one in text for one in EMOJI_YES)):
        return Reading(Intent.CONFIRM, is_loose=True)
    words = re.findall(r"\w+", plain.replace("'", "").replace("’", ""))
    if not words:
        only_kind = _only(text, EMOJI_THANKS) and any(one in text for one in EMOJI_THANKS)
        return Reading(Intent.THANKS if only_kind else Intent.OTHER)
    said = _Said(words, " ".join(words), [one for one in words if one not in POLITE], "?" in text or "👎" in text)
    return next((reading for rule in RULES if (reading := rule(said)) is not None), Reading(Intent.OTHER))


@dataclass(frozen=True, slots=True)
class _Said:
    """A reply's words, all as one `phrase`, and the `bare` ones without politeness. `has_doubt`: a question is one."""

    words: list[str]
    phrase: str
    bare: list[str]
    has_doubt: bool

    @property
    def short(self) -> str:
        return " ".join(self.bare)

    @property
    def is_request(self) -> bool:
        return len(self.words) <= MOST_WORDS_OF_A_REQUEST


def _wrong_number(said: _Said) -> Reading | None:
    is_wrong = said.is_request and (WRONG.search(said.phrase) or WRONG_ALONE.match(said.phrase))
    return Reading(Intent.WRONG_NUMBER) if is_wrong and not GAVE_WRONG.search(said.phrase) else None


def _stop(said: _Said) -> Reading | None:
    if said.short in CANCELS:
        return Reading(Intent.STOP_AND_CALL)
    return Reading(Intent.STOP) if _is_stop(said.bare) or (said.is_request and _asks_for_none(said)) else None


def _asks_for_none(said: _Said) -> bool:
    if OPTS_OUT.search(said.phrase):
        return not _negated(said.phrase, OPTS_OUT)
    wants_none = WANTS_NONE.search(said.phrase) and not _negated(said.phrase, WANTS_NONE)
    # "Please" is no "by", nor "por favor" a "por".
    return bool(wants_none and not KEEPS_SOME.search(said.short))


def _start(said: _Said) -> Reading | None:
    return Reading(Intent.START) if said.short in STARTS else None


def _help(said: _Said) -> Reading | None:
    return Reading(Intent.HELP) if said.short in HELPS else None


def _late(said: _Said) -> Reading | None:
    phrase = AFTERNOON.sub(" ", said.phrase)
    if not IS_LATE.search(phrase):
        return None
    minutes = _minutes(phrase)
    if minutes is not None:
        return Reading(Intent.LATE, minutes) if 0 < minutes <= LONGEST_LATE_MINUTES else None
    return Reading(Intent.LATE) if RUNS_LATE.search(phrase) and not set(said.words) & NEGATES else None


def _yes(said: _Said) -> Reading | None:
    found = set(said.bare)
    if said.has_doubt or len(said.bare) > MOST_WORDS_OF_A_YES:
        return None
    if said.short in YES_PHRASES:
        return Reading(Intent.CONFIRM, is_loose=True)
    if not found <= CONFIRMS | CONFIRMS_LOOSELY | FILLS or not found & (CONFIRMS | CONFIRMS_LOOSELY):
        return None
    return Reading(Intent.CONFIRM, is_loose=not found & CONFIRMS)


def _call(said: _Said) -> Reading | None:
    asks = said.is_request and CALL.search(said.phrase) and not _negated(said.phrase, CALL)
    return Reading(Intent.CALL_ME) if asks or said.short in CALLS else None


def _thanks(said: _Said) -> Reading | None:
    found = set(said.words)
    return Reading(Intent.THANKS) if found <= THANKS | THANKS_WITH and found & THANKS else None


# The first that fits: what stops messages goes before what keeps them coming.
RULES = (_wrong_number, _stop, _start, _help, _late, _yes, _call, _thanks)


def _plain(text: str) -> str:
    """Lower case without accents and variants: "Sí", "sí" and "ＳＩ" are one word."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in letters if not unicodedata.category(one).startswith("M"))


def _only(text: str, allowed: frozenset[str]) -> bool:
    """Nothing but these signs, spaces, and what colours and joins signs."""
    return all(one in allowed or one.isspace() or _is_modifier(one) for one in text)


def _is_modifier(sign: str) -> bool:
    return sign in "\u200d\ufe0f!." or "\U0001f3fb" <= sign <= "\U0001f3ff"


def _is_stop(bare: list[str]) -> bool:
    if " ".join(bare) in STOPS or (len(bare) > 1 and bare[0] == "stop" and set(bare[1:]) <= STOPS_WITH):
        return True
    if len(bare) != 1:
        return False
    [word] = bare
    if word.startswith("s") and word not in STOP_MISSPELT_BUT_A_WORD and _one_slip(word, "stop"):
        return True
    return len(word) >= 9 and word.startswith(("uns", "usn")) and word.endswith(("be", "bed", "eb", "ir", "irse"))


def _one_slip(word: str, wanted: str) -> bool:
    """Whether one letter is missing, too many, another one, or two neighbours changed places."""
    longer, shorter = sorted((word, wanted), key=len, reverse=True)
    if len(longer) - len(shorter) == 1:
        return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
    if len(longer) != len(shorter):
        return False
    differ = [i for i in range(len(word)) if word[i] != wanted[i]]
    if len(differ) == 1:
        return True
    return len(differ) == 2 and differ[1] == differ[0] + 1 and sorted(word) == sorted(wanted)


def _negated(phrase: str, pattern: re.Pattern[str]) -> bool:
    found = pattern.search(phrase)
    return found is not None and bool(set(phrase[: found.start()].split()[-3:]) & NEGATES)


def _minutes(phrase: str) -> int | None:
    if found := MINUTES.search(phrase):
        return int(found[1])
    if HALF_HOUR.search(phrase):
        return 30
    if QUARTER.search(phrase):
        return 15
    if found := HOURS.search(phrase):
        return 60 * (int(found[1]) if found[1].isdecimal() else 1)
    if found := BARE_LATE.search(phrase):
        return int(found[1] or found[2])
    return None
