"""A clinic's own text: plain words with a few blanks that times and a link are put into. Pure.

A manager needs no template language, and nothing but the blanks can get into a message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from notifications.blanks import BLANK
from notifications.prepare_words import how_to_prepare

# What may be missing, by the fact that says so: then the space before it goes too.
MAY_BE_MISSING = {"next": "later", "hours": "answer_hours"}
OPTIONAL = re.compile(r"\s*\{(next|hours)\}")
# What a text says of times and hours on its own account. The Spanish needs a qualified reviewer.
SAYS = {
    "en": {
        "many": "times, the first",
        "kept": " (kept for you, not firm)",
        "next": "Next: {{ later|join:'; ' }}.",
        "hours": "We read answers {{ answer_hours }}.",
    },
    "es": {
        "many": "horas, la primera",
        "kept": " (hora guardada, por confirmar)",
        "next": "Siguen: {{ later|join:'; ' }}.",
        "hours": "Leemos las respuestas: {{ answer_hours }}.",
    },
}
IN_A_ROW = (
    "{{% if {times}|length > 2 or in_short and {times}|length > 1 %}}"
    "{{{{ {times}|length }}}} {many} {{{{ {times}.0 }}}}{kept}{{% else %}}"
    '{{{{ {times}|join:"{kept}; " }}}}{{% if {times} %}}{kept}{{% endif %}}{{% endif %}}'
)
IN_LINES = "{{% for one in {times} %}}{{% if not forloop.first %}}\n  {{% endif %}}{{{{ one }}}}{kept}{{% endfor %}}"


def as_template(text: str, *, language: str, in_lines: bool) -> str:
    """The text as a message template. `in_lines`: one time a line, as in a mail; else one after the other."""
    says = SAYS.get(language, SAYS["en"])
    filled = {
        "when": _times(says, in_lines=in_lines),
        "prepare": how_to_prepare(language, in_lines=in_lines),
        **{name: f"{{{{ {name} }}}}" for name in ("sender", "link", "phone", "words")},
    }
    text = BLANK.sub(lambda blank: filled.get(blank[1], blank[0]), text)

    def if_there(found: re.Match[str]) -> str:
        name = found[1]
        return f"{{% if {MAY_BE_MISSING[name]} %}}{found[0].removesuffix(f'{{{name}}}')}{says[name]}{{% endif %}}"

    return OPTIONAL.sub(if_there, text)


def _times(says: Mapping[str, str], *, in_lines: bool) -> str:
    times = IN_LINES if in_lines else IN_A_ROW
    firm = times.format(times="visits", many=says["many"], kept="")
    kept = times.format(times="kept", many=says["many"], kept=says["kept"])
    between = "\n  " if in_lines else "; "
    return f"{firm}{{% if visits and kept %}}{between}{{% endif %}}{kept}"
