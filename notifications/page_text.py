"""The words of a letter that is a page of HTML. Pure."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from notifications.quoted_text import LONGEST_TEXT


def text_of_html(html: str) -> str:
    """The words of a letter that has no plain text; what it quotes is left out."""
    reader = _Words()
    reader.feed(html[: 20 * LONGEST_TEXT])
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.found).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words(HTMLParser):
    NO_WORDS = frozenset({"style", "script", "head", "title", "blockquote"})
    NEW_LINE = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.NO_WORDS:
            self.inside += 1
        elif tag in self.NEW_LINE:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.NO_WORDS:
            self.inside = max(self.inside - 1, 0)
        elif tag in self.NEW_LINE:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(" ".join(data.split("\n")))
