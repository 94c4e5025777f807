"""Words can be read and edges seen in both themes: WCAG 2.2 AA, computed from the tokens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "web" / "static" / "css"
TONES = ("neutral", "info", "active", "success", "warning", "danger", "review")
GROUNDS = ("page", "surface", "surface-sunk", "surface-hover")

# (words, ground): at least 4.5 to 1
WORDS = [
    *((ink, ground) for ink in ("ink", "ink-soft", "ink-faint", "link") for ground in GROUNDS),
    *((f"{tone}-ink", tone) for tone in TONES),
    *((f"{tone}-ink", "surface") for tone in TONES),
    ("bar-ink", "bar"), ("bar-ink-soft", "bar"), ("bar-ink", "bar-raised"), ("bar-ink-soft", "bar-raised"),
    ("action-ink", "action"), ("action-ink", "action-hover"), ("action-soft-ink", "action-soft"),
    ("danger-action-ink", "danger-action"), ("danger-action-ink", "danger-action-hover"),
    ("surface", "now"), ("bar", "bar-mark"),
]  # fmt: skip
# (edge or sign, ground): at least 3 to 1
SIGNS = [
    *(("line-strong", ground) for ground in GROUNDS),
    *(("focus", ground) for ground in (*GROUNDS, *TONES)),
    *((f"{tone}-line", ground) for tone in TONES for ground in ("page", "surface")),
    ("focus-on-bar", "bar"), ("focus-on-bar", "bar-raised"), ("bar-mark", "bar"), ("bar-mark", "bar-raised"),
    ("action", "page"), ("action", "surface"), ("now", "surface"), ("now", "page"),
]  # fmt: skip


def block(selector: str) -> dict[str, str]:
    """The custom properties set in the first rule with this selector."""
    rule = re.search(re.escape(selector) + r"\s*\{(.*?)\}", (STATIC / "tokens.css").read_text(), re.DOTALL)
    assert rule, selector
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", rule.group(1)))


LIGHT = block(":root")
DARK = block(':root[data-theme="dark"]')
BY_SYSTEM = block(':root:not([data-theme="light"])')


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, LIGHT | DARK], ids=["light", "dark"])
def test_words_stand_out(theme: dict[str, str]) -> None:
    weak = {pair: round(contrast(theme[pair[0]], theme[pair[1]]), 2) for pair in WORDS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", [LIGHT, LIGHT | DARK], ids=["light", "dark"])
def test_edges_and_focus_stand_out(theme: dict[str, str]) -> None:
    weak = {pair: round(contrast(theme[pair[0]], theme[pair[1]]), 2) for pair in SIGNS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3} == {}


def test_dark_is_the_same_by_wish_of_the_system_and_of_the_person() -> None:
    assert DARK == BY_SYSTEM


def test_dark_sets_every_colour() -> None:
    of_colour = {name for name, value in LIGHT.items() if value.startswith(("#", "rgb")) or "rgb(" in value}
    assert of_colour - set(DARK) == set()


def test_only_tokens_hold_colours() -> None:
    elsewhere = {
        path.relative_to(STATIC).as_posix(): re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgb\(", path.read_text())
        for path in STATIC.rglob("*.css")
        if path.name != "tokens.css"
    }
    assert {name: found for name, found in elsewhere.items() if found} == {
        # Both are paper.
        "base.css": ["#ffffff", "#000000"],
        "pages/sheet.css": ["#ffffff", "#000000", "#ffffff", "#000000"],
    }


def test_every_token_that_is_used_exists() -> None:
    own = re.compile(r"--([\w-]+):")
    for path in STATIC.rglob("*.css"):
        text = path.read_text()
        used = set(re.findall(r"var\(--([\w-]+)", text))
        assert used - set(LIGHT) - set(own.findall(text)) == set(), path.name
