"""A clinic's own text: plain words with a few blanks that times and a link are put into. Pure.

The blanks are `{sender}`, `{when}`, `{next}`, `{link}` and `{phone}`. A manager needs no template language, and nothing
but these can get into a message.
"""

from __future__ import annotations

import re

BLANKS = ("sender", "when", "next", "link", "phone")
NEEDED = ("when", "link")
BLANK = re.compile(r"\{([^{}\n]*)\}")
# The last times of a series may be none: then the space before them goes too.
NEXT = re.compile(r"\s*\{next\}")
# What a text says of times on its own account. The Spanish needs a qualified reviewer.
SAYS = {
    "en": {"many": "times, the first", "kept": " (kept for you, not firm)", "next": "Next:"},
    "es": {"many": "horas, la primera", "kept": " (hora guardada, por confirmar)", "next": "Siguen:"},
}
IN_A_ROW = (
    "{{% if {times}|length > 2 %}}{{{{ {times}|length }}}} {many} {{{{ {times}.0 }}}}{kept}{{% else %}}"
    '{{{{ {times}|join:"{kept}; " }}}}{{% if {times} %}}{kept}{{% endif %}}{{% endif %}}'
)
IN_LINES = "{{% for one in {times} %}}{{% if not forloop.first %}}\n  {{% endif %}}{{{{ one }}}}{kept}{{% endfor %}}"


def as_template(text: str, *, language: str, in_lines: bool) -> str:
    """The text as a message template. `in_lines`: one time a line, as in a mail; else one after the other."""
    says = SAYS.get(language, SAYS["en"])
    times = IN_LINES if in_lines else IN_A_ROW
    firm = times.format(times="visits", many=says["many"], kept="")
    kept = times.format(times="kept", many=says["many"], kept=says["kept"])
    between = "\n  " if in_lines else "; "
    filled = {
        "when": f"{firm}{{% if visits and kept %}}{between}{{% endif %}}{kept}",
        **{name: f"{{{{ {name} }}}}" for name in ("sender", "link", "phone")},
    }
    text = BLANK.sub(lambda blank: filled.get(blank[1], blank[0]), text)
    later = f"{says['next']} {{{{ later|join:'; ' }}}}."
    return NEXT.sub(lambda found: f"{{% if later %}}{found[0].removesuffix('{next}')}{later}{{% endif %}}", text)


def find_blank_faults(subject: str, body: str, *, channel: str) -> list[str]:
    """What is wrong with the blanks of a clinic's text, in plain words for the manager."""
    both = f"{subject}\n{body}"
    there_are = ", ".join(f"{{{one}}}" for one in BLANKS)
    unknown = [name for name in dict.fromkeys(BLANK.findall(both)) if name not in BLANKS]
    faults = [f"“{{{name}}}” is no blank. There are: {there_are}." for name in unknown]
    if any(brace in BLANK.sub("", both) for brace in "{}"):
        faults.append(f"Braces stand around blanks alone. There are: {there_are}.")
    faults += [f"The text has to have {{{name}}} in it." for name in NEEDED if f"{{{name}}}" not in body]
    if channel == "email" and not subject.strip():
        faults.append("An e-mail needs a subject.")
    if "\n" in subject.strip():
        faults.append("A subject is one line.")
    return faults
