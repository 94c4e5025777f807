"""The software enforces and records; it never recommends, interprets or labels, in any word that a person reads."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.counts import count
from tests.project.shown_words import Shown, catalogues, documents, literals, literals_of, scripts, templates

ENGLISH = re.compile(
    r"\b("
    # advice
    r"recommend\w*|suggest\w*|advis(?:e|es|ed|able)|should|ought to|we think|consider (?:stopping|continuing|pausing)"
    # what answers, scores and courses mean
    r"|(?:non-?)?responders?|remission|improv\w+|wors\w*|better|deteriorat\w*|sever(?:e|ely|ity)|moderate(?:ly)?"
    r"|mild(?:ly)?|minimal|abnormal|elevated|relapse\w*|effective(?:ness)?|efficac\w*|cut-?off|clinically significant"
    # what will be
    r"|risks?|risky|likel(?:y|ihood)|unlikely|diagnos\w*|prognos\w*|predict\w*|contraindicat\w*"
    r")\b",
    re.IGNORECASE,
)
SPANISH = re.compile(
    r"\b("
    r"recomend\w*|recomiend\w*|suger\w*|sugier\w*|aconsej\w*|deber[ií]a\w*"
    r"|remisi[oó]n|mejor\w*|peor\w*|empeor\w*|graves?|sever[oa]s?|moderad[oa]s?|leves?|anormal\w*|reca[ií]da\w*"
    r"|riesgos?|arriesgad\w*|probable\w*|diagn[oó]stic\w*|pron[oó]stic\w*|contraindica\w*"
    r")\b",
    re.IGNORECASE,
)
# Words that are there for another reason: exactly so much of a text, and why it may stand.
ALLOWED = {
    "It should be there within a minute.": "of a trial text on its way to the manager's own telephone",
    "How should we reach you?": "the patient says, nobody is advised",
    "Debería llegar en un minuto.": "the same in Spanish",
    "Mejor llámenme": '"Call me instead", which the patient presses',
    "something we should know": "the patient may call: with the questionnaires",
    "where they should be": "a line of the log about lost messages",
    "Names of drugs, diagnoses and treatments are refused": "of the example's file: what messages may not say",
    "--no-install-recommends": "an option of the program that installs others",
    "better off dead": "PHQ-9 as published, item 9",
    "mejor muerto": "PHQ-9 as published in Spanish, item 9",
}
# Word lists by which messages are kept from naming what a patient is treated for: no one reads them.
NOT_SHOWN = ("notifications/wording_lint.py",)
# Tones that say good or bad. A score has none, nor has a line of a chart.
TONES = re.compile(r"danger|warning|success|alarm|good|bad(?!ge)|critical", re.IGNORECASE)
ABOUT_SCORES = re.compile(r"score|chart|response|answers|questionnaire", re.IGNORECASE)

PLANTED = (
    "web/templates/clinician/planted.html", "notifications/templates/notifications/check_in/planted.html",
    "web/static/js/planted.js", "README.md", "docs/planted.md", "examples/planted.yaml",
)  # fmt: skip


def forbidden_in(shown: Iterable[Shown]) -> list[str]:
    """Where a forbidden word stands that nobody allowed."""
    found = []
    for where, text, is_spanish in shown:
        count("texts looked through for advice, interpretation and labels")
        rest = functools.reduce(lambda left, allowed: left.replace(allowed, ""), ALLOWED, text)
        # "Responder" is Spanish for "to answer".
        patterns = (SPANISH,) if is_spanish else (ENGLISH, SPANISH)
        if not where.startswith(NOT_SHOWN):
            found += [
                f"{where}: {match.group()} in {rest.strip()[:90]!r}"
                for pattern in patterns
                for match in pattern.finditer(rest)
            ]
    return found


def test_no_page_and_no_message_recommends_or_labels() -> None:
    assert forbidden_in(templates()) == []


def test_no_translation_recommends_or_labels() -> None:
    assert forbidden_in(catalogues()) == []


def test_no_string_of_the_code_recommends_or_labels() -> None:
    assert forbidden_in(literals()) == []


def test_no_script_recommends_or_labels() -> None:
    assert forbidden_in(scripts()) == []


def test_no_example_and_no_document_recommends_or_labels() -> None:
    assert forbidden_in(documents()) == []


def test_scores_have_no_tone() -> None:
    """No colour and no mark of a score says what it means."""
    about = [shown for shown in templates() if shown.where.startswith("web/templates/clinician/")]
    toned = [
        f"{where}: {line.strip()}"
        for where, text, _ in about
        for line in text.splitlines()
        if ABOUT_SCORES.search(line) and re.search(r"tone|class|badge|alert", line) and TONES.search(line)
    ]
    assert toned == []


def test_what_is_allowed_is_there() -> None:
    """An allowance for words that are gone would let them come back unseen. Published items may come later."""
    texts = " ".join(text for source in (templates, catalogues, literals, documents) for _, text, _ in source())
    gone = [
        words
        for words, why in ALLOWED.items()
        if words not in texts and not why.startswith(("PHQ-9", "the patient may"))
    ]
    assert gone == []


@pytest.mark.parametrize(
    "planted",
    [
        "We recommend another infusion.", "You should continue.", "Moderate depression", "The patient is a responder.",
        "Scores improved.", "likely to relapse", "Su riesgo es bajo", "Está mejorando", "deberían suspender",
        "Severity: mild",
    ],
)  # fmt: skip
def test_a_planted_word_is_found(planted: str, tmp_path: Path) -> None:
    """Control: in each kind of file that a person reads words of, and in no docstring."""
    for path in PLANTED:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"<p>{planted}</p>")
    catalogue = tmp_path / "web/locale/es/LC_MESSAGES/django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(f'msgid "{planted}"\nmsgstr ""\n')
    read = (*templates(tmp_path), *catalogues(tmp_path), *scripts(tmp_path), *documents(tmp_path))
    found = {one.split(":")[0] for one in forbidden_in(read)}
    assert found == {*PLANTED, "web/locale/es/LC_MESSAGES/django.po"}
    assert forbidden_in(literals_of(f'LABEL = _("{planted}")', "web/demo/x.py"))
    assert not forbidden_in(literals_of(f'"""{planted}"""', "web/x.py"))


def test_a_planted_translation_is_found(tmp_path: Path) -> None:
    """Control: the Spanish side is read as Spanish."""
    catalogue = tmp_path / "web/locale/es/LC_MESSAGES/django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text('msgid "Continue"\nmsgstr "Se recomienda continuar"\n')
    assert len(forbidden_in(catalogues(tmp_path))) == 1


def test_every_kind_of_file_is_there_to_be_read() -> None:
    """A folder that was moved would be read as nothing."""
    for source in (templates, catalogues, literals, scripts, documents):
        assert len({one.where.split(":")[0] for one in source()}) >= (1 if source is catalogues else 5), source
    assert any(one.where.startswith("web/demo/") for one in literals())
    assert {"README.md", "examples/harbor.yaml"} <= {one.where.split(":")[0] for one in documents()}
