"""Every template and static file keeps the rules of the house: nothing inline, icons, files and classes that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from scheduling.models import Status
from web.templatetags.icons import icon
from web.templatetags.visit_marks import CONFIRMED, MARKS, WAITS_FOR_REVIEW, mark_of

WEB = Path(settings.BASE_DIR) / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
FORBIDDEN = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "script in the page": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "script that HTMX would evaluate": re.compile(r"hx-on|hx-vals\s*=\s*[\"']js:|hx-vars", re.IGNORECASE),
    "address of a third party": re.compile(r"(?:src|href|action)=[\"']https?:", re.IGNORECASE),
}


def name_of(path: Path) -> str:
    return path.relative_to(WEB / "templates").as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_passes_the_content_security_policy(path: Path) -> None:
    text = path.read_text()
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_compiles_and_its_icons_and_files_exist(path: Path) -> None:
    get_template(name_of(path))
    text = path.read_text()
    for name in re.findall(r"{%\s*(?:icon|lucide) \"([\w-]+)\"", text) + re.findall(r"\bicon=\"([\w-]+)\"", text):
        assert icon(name).startswith("<svg")
    for file in re.findall(r"{%\s*static ['\"]([^'\"]+)['\"]", text):
        assert finders.find(file), file


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_what_asks_by_itself_says_so_and_never_counts_as_use(path: Path) -> None:
    asking = re.findall(r"<[^>]*hx-trigger=\"[^\"]*\b(?:every|load delay)\b[^>]*>", path.read_text())
    assert [element for element in asking if "data-poll" not in element] == []


def test_static_files_name_no_third_party() -> None:
    for path in (WEB / "static").rglob("*"):
        if path.suffix in {".css", ".js"}:
            assert re.findall(r"https?://", path.read_text()) == [], path.name


def test_every_status_of_a_visit_has_a_mark_of_its_own() -> None:
    assert set(MARKS) == set(Status)
    marks = [*MARKS.values(), CONFIRMED, WAITS_FOR_REVIEW]
    assert len({mark.icon for mark in marks}) == len(marks), "shape tells them apart without colour"
    assert len({str(mark.text) for mark in marks}) == len(marks)
    for mark in marks:
        assert icon(mark.icon).startswith("<svg")


def test_booked_visit_says_first_that_it_waits_then_that_it_is_confirmed() -> None:
    assert mark_of("booked", confirmed=True, tentative=True) == WAITS_FOR_REVIEW
    assert mark_of("booked", confirmed=True) == CONFIRMED
    assert mark_of("arrived", confirmed=True, tentative=True) == MARKS[Status.ARRIVED]


def test_board_has_a_class_for_every_place() -> None:
    css = (WEB / "static" / "css" / "components" / "board_grid.css").read_text()
    assert re.findall(r"^\.(r-\d+) { grid-row-start: (\d+); }$", css, re.MULTILINE) == [
        (f"r-{n}", str(n + 1)) for n in range(288)
    ]
    assert re.findall(r"^\.(span-\d+) { grid-row-end: span (\d+); }$", css, re.MULTILINE) == [
        (f"span-{n}", str(n)) for n in range(1, 145)
    ]
    assert re.findall(r"^\.(c-\d+) { grid-column-start: (\d+); }$", css, re.MULTILINE) == [
        (f"c-{n}", str(n)) for n in range(1, 61)
    ]
