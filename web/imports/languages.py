"""Languages as people and files write them, as BCP-47 codes: "Spanish", "español", "spa", "es-MX" are all "es".

The region is left out, since patients are written to by language; a script (zh-Hant) is kept.
"""

from __future__ import annotations

import re
from typing import Final

UNKNOWN: Final = "und"
_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-(?:[a-z]{2}|\d{3}))?", re.IGNORECASE)

WORDS: Final = {
    "albanian": "sq", "amharic": "am", "arabic": "ar", "armenian": "hy", "asl": "ase", "american sign language": "ase",
    "bengali": "bn", "bosnian": "bs", "bulgarian": "bg", "burmese": "my", "cantonese": "yue", "chinese": "zh",
    "croatian": "hr", "czech": "cs", "danish": "da", "dari": "prs", "deutsch": "de", "dutch": "nl", "english": "en",
    "espanol": "es", "español": "es", "farsi": "fa", "filipino": "fil", "finnish": "fi", "francais": "fr",
    "français": "fr", "french": "fr", "german": "de", "greek": "el", "gujarati": "gu", "haitian": "ht",
    "haitian creole": "ht", "hebrew": "he", "hindi": "hi", "hmong": "hmn", "hungarian": "hu", "ilocano": "ilo",
    "indonesian": "id", "italian": "it", "japanese": "ja", "khmer": "km", "korean": "ko", "lao": "lo",
    "mandarin": "zh", "navajo": "nv", "nepali": "ne", "norwegian": "no", "pashto": "ps", "persian": "fa",
    "polish": "pl", "portugues": "pt", "português": "pt", "portuguese": "pt", "punjabi": "pa", "romanian": "ro",
    "russian": "ru", "samoan": "sm", "serbian": "sr", "slovak": "sk", "somali": "so", "spanish": "es", "swahili": "sw",
    "swedish": "sv", "tagalog": "tl", "tamil": "ta", "telugu": "te", "thai": "th", "tigrinya": "ti", "turkish": "tr",
    "ukrainian": "uk", "urdu": "ur", "vietnamese": "vi", "yiddish": "yi", "yoruba": "yo",
}  # fmt: skip
THREE_LETTERS: Final = {
    "ara": "ar", "chi": "zh", "cmn": "zh", "deu": "de", "ell": "el", "eng": "en", "fra": "fr", "fre": "fr", "ger": "de",
    "gre": "el", "heb": "he", "hin": "hi", "ita": "it", "jpn": "ja", "kor": "ko", "pol": "pl", "por": "pt", "rus": "ru",
    "spa": "es", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi", "zho": "zh",
}  # fmt: skip


def language_code(text: str) -> str:
    """The code for a language's name or tag; "" for nothing said, "und" for what is not known."""
    plain = text.strip().partition("(")[0].strip().replace("_", "-").lower()
    if not plain:
        return ""
    if plain in WORDS:
        return WORDS[plain]
    found = _TAG.fullmatch(plain)
    if found is None:
        return UNKNOWN
    base, script = THREE_LETTERS.get(found[1], found[1]), found[2]
    return f"{base}-{script.title()}" if script else base
