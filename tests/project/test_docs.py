"""What the documents name exists: a page that sends a newcomer to a place which is gone is worse than none."""

from __future__ import annotations

import re

import pytest
from django.db import connection

from tests.project.sources import ROOT

DOCS = ROOT / "docs"
MODULE = re.compile(r"`((?:scheduling|notifications|web|config)/[\w/]+\.py)`")


def test_the_page_of_rules_names_modules_and_what_is_in_them() -> None:
    lost = []
    for line in (DOCS / "where.md").read_text().splitlines():
        _, *parts = MODULE.split(line)
        for path, words in zip(parts[::2], parts[1::2], strict=True):
            source = (ROOT / path).read_text() if (ROOT / path).exists() else ""
            names = [name for name in re.findall(r"`(\w+)`", words) if not name.startswith("scheduling_")]
            there = [re.search(rf"^(?:def|class) {name}\b|^{name}\b", source, re.MULTILINE) for name in names]
            lost += [path] if not source else [name for name, found in zip(names, there, strict=True) if not found]
    assert lost == []


@pytest.mark.parametrize("folder", [DOCS, DOCS / "decisions"])
def test_every_document_is_in_its_index(folder: object) -> None:
    index = (DOCS / "decisions" / "README.md" if folder == DOCS / "decisions" else ROOT / "README.md").read_text()
    known = {path.name for path in (DOCS if folder == DOCS else DOCS / "decisions").glob("*.md")} - {"README.md"}
    assert {name for name in known if name not in index} == set()


def test_the_glossary_says_each_word_once() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (DOCS / "glossary.md").read_text(), re.MULTILINE)
    words = [word.strip(" `") for row in rows for word in row.split(",")]
    assert {word for word in words if words.count(word) > 1} == set()


@pytest.mark.django_db
def test_every_trigger_that_refuses_is_written_down_with_its_codes() -> None:
    said = (DOCS / "flows.md").read_text()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, pg_get_functiondef(t.tgfoid) FROM pg_trigger t"
            " WHERE NOT t.tgisinternal AND t.tgname NOT LIKE 'pgtrigger_%'"
        )
        triggers = cursor.fetchall()
    missing = []
    for name, text in triggers:
        rows = [line for line in said.splitlines() if line.startswith("|") and f"`{name}`" in line]
        codes = set(re.findall(r"ERRCODE = '(\w+)'", text))
        missing += [name] if not rows else [f"{name} {code}" for code in codes if code not in " ".join(rows)]
    assert sorted(set(missing)) == []
