"""Finds the strings that are marked for translation and keeps a catalogue in step, without gettext's tools."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib
from django.utils.translation import templatize

PACKAGES = ("config", "web", "notifications", "scheduling")
# What a patient may come to see: their own pages, the parts these are made of, and the pages that say no.
PATIENT_FACING = (
    "web/patient/",
    "web/templates/patient/",
    "web/templates/gallery/patient.html",
    "web/templates/components/",
    "web/templates/django/forms/",
    "web/templates/base.html",
    "web/templates/refusal.html",
    "web/templates/40",
    "web/templates/500",
)
NEEDS_REVIEW = "needs a qualified reviewer"

# Which argument is what. Templates are turned into these calls by Django before they are read.
FUNCTIONS = {
    "_": ("msgid",),
    "gettext": ("msgid",),
    "gettext_lazy": ("msgid",),
    "ngettext": ("msgid", "plural"),
    "ngettext_lazy": ("msgid", "plural"),
    "pgettext": ("context", "msgid"),
    "pgettext_lazy": ("context", "msgid"),
    "npgettext": ("context", "msgid", "plural"),
}
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b({'|'.join(FUNCTIONS)})\(({LITERAL}(?:,\s*{LITERAL})*)", re.DOTALL)


class Message(NamedTuple):
    """One string to translate; `plural` and `context` are empty where there is none."""

    msgid: str
    plural: str = ""
    context: str = ""


def find_messages(root: Path) -> dict[Message, list[str]]:
    """Every marked string below `root` with the files it stands in (relative to `root`), in the order of the files."""
    found: dict[Message, set[str]] = {}
    for package in PACKAGES:
        for path in (root / package).rglob("*"):
            for message in messages_of(path):
                found.setdefault(message, set()).add(path.relative_to(root).as_posix())
    in_order = sorted((sorted(files), message) for message, files in found.items())
    return {message: files for files, message in in_order}


def messages_of(path: Path) -> Iterator[Message]:
    """The marked strings of one file: a module, or a template of whatever kind."""
    if path.suffix == ".py":
        yield from in_python(path.read_text())
    elif "templates" in path.parts and path.suffix in {".html", ".txt"}:
        for call, arguments in CALL.findall(templatize(path.read_text(), origin=str(path))):
            yield message_from(call, [ast.literal_eval(literal) for literal in re.findall(LITERAL, arguments)])


def in_python(source: str) -> Iterator[Message]:
    """The marked strings of a module. Only plain strings are marked: others cannot be looked up."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            yield from in_texts(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if texts:
                yield message_from(node.func.id, texts)


def in_texts(node: ast.Assign | ast.AnnAssign) -> Iterator[Message]:
    """The sentences of a table called ..TEXTS: pure modules can't mark them, the page that shows one looks it up."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    named = any(isinstance(target, ast.Name) and target.id.endswith("TEXTS") for target in targets)
    if named and isinstance(node.value, ast.Dict):
        for value in node.value.values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield Message(value.value)


def message_from(function: str, texts: list[str]) -> Message:
    """The message that a call marks."""
    return Message(**dict(zip(FUNCTIONS[function], texts, strict=False)))


def is_patient_facing(files: list[str]) -> bool:
    """Whether a patient may see a string that stands in these files."""
    return any(file.startswith(PATIENT_FACING) for file in files)


def bring_up_to_date(catalogue: polib.POFile, messages: dict[Message, list[str]]) -> None:
    """Adds what is new with an empty translation, drops what is gone, keeps every translation there is.

    New words for patients are marked as in need of a qualified reviewer; the mark goes when one has read them.
    """
    kept = {Message(entry.msgid, entry.msgid_plural, entry.msgctxt or ""): entry for entry in catalogue}
    catalogue.clear()
    for message, files in messages.items():
        entry = kept.get(message) or new_entry(message, for_patients=is_patient_facing(files))
        entry.occurrences = [(file, "") for file in files]
        catalogue.append(entry)


def new_entry(message: Message, *, for_patients: bool) -> polib.POEntry:
    """An entry without a translation."""
    entry = polib.POEntry(msgid=message.msgid, tcomment=NEEDS_REVIEW if for_patients else "")
    if message.context:
        entry.msgctxt = message.context
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = {0: "", 1: ""}
    return entry
