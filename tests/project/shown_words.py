"""Every word that a person may come to read: of templates, messages, catalogues, and strings in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib

from tests.project.sources import ROOT, name, python_files

COMMENTS = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.DOTALL)


class Shown(NamedTuple):
    """A text and where it stands."""

    where: str
    text: str
    is_spanish: bool = False


def templates(root: Path = ROOT) -> Iterator[Shown]:
    """Pages and messages with their tags, for a tag holds words too; comments are for whoever builds them."""
    for path in sorted([*root.rglob("web/templates/**/*.*"), *root.rglob("notifications/templates/**/*.*")]):
        if path.suffix in (".html", ".txt", ".svg") and ".venv" not in path.parts:
            yield Shown(str(path.relative_to(root)), COMMENTS.sub("", path.read_text()), ".es." in path.name)


def catalogues(root: Path = ROOT) -> Iterator[Shown]:
    """Both sides of every catalogue: what is said in English, and in the other language."""
    for path in sorted(root.glob("*/locale/**/*.po")):
        for entry in polib.pofile(str(path)):
            if not entry.obsolete:
                where = f"{path.relative_to(root)}:{entry.linenum}"
                yield Shown(where, f"{entry.msgid} {entry.msgid_plural}")
                yield Shown(where, " ".join((entry.msgstr, *entry.msgstr_plural.values())), True)


def literals() -> Iterator[Shown]:
    """Strings of the code that are no docstrings: words of problems, of verbs, of fields, of the demo's people."""
    for path in python_files("config", "web", "notifications", "scheduling"):
        yield from literals_of(path.read_text(), name(path))


def scripts(root: Path = ROOT) -> Iterator[Shown]:
    """What runs in a browser, line by line with its comments."""
    yield from lines_of(root, "web/static/**/*.js")


def documents(root: Path = ROOT) -> Iterator[Shown]:
    """What a clinic reads before it begins, and the plans that it may copy, with their comments."""
    for pattern in ("README.md", "docs/*.md", "examples/*.*"):
        yield from lines_of(root, pattern)


def lines_of(root: Path, pattern: str) -> Iterator[Shown]:
    for path in sorted(root.glob(pattern)):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            yield Shown(f"{path.relative_to(root)}:{number}", line)


def literals_of(source: str, where: str) -> Iterator[Shown]:
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield Shown(f"{where}:{node.lineno}", node.value)
