"""YAML that remembers its lines: a narrow reader for files people write by hand. No Django.

Read are mappings with text keys, lists, texts, whole and decimal numbers, true/false and null; "yes", "10:30" and
"2026-11-26" are texts. Refused are duplicate keys, anchors, tags, a second document, and characters that no text on a
page is made of, however they are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import yaml

from scheduling.schema_errors import Path, path_text

# Twenty times the demo clinic's. A megabyte is read for longer than anybody waits.
LARGEST_BYTES: Final = 300_000
MOST_LEVELS: Final = 40
NO_TEXT: Final = "a control character, or half of a character, can't stand here: write the text itself"
# What the reader refuses where it stands as it is, an escape in quotes may still mean: "\0", "\ud800".
NOT_IN_TEXTS: Final = yaml.reader.Reader.NON_PRINTABLE
SCALARS: Final[dict[str, Callable[[str], Any]]] = {
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": int,
    "float": float,
    "str": str,
}


@dataclass(frozen=True, slots=True, order=True)
class FileProblem:
    """What is wrong at one key of a file. `key` is a path such as protocols[0].name, empty for the file as a whole."""

    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.key}{': ' if self.key else ''}{self.message}"


class UnreadableFile(Exception):
    """The text is not such YAML; `problems` say where."""

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems = sorted(problems)
        super().__init__("; ".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Lines:
    """On which line each key of a file stands; `below` narrows it to a section, whose paths then begin there."""

    numbers: dict[Path, int]
    start: Path = ()

    def line(self, *path: str | int) -> int:
        """The line of the key at `path`, or of the nearest one above that stands in the file (1 for an empty file)."""
        full = (*self.start, *path)
        while full and full not in self.numbers:
            full = full[:-1]
        return self.numbers.get(full, 1)

    def below(self, *path: str | int) -> Lines:
        return Lines(self.numbers, (*self.start, *path))

    def problem(self, path: Iterable[str | int], message: str) -> FileProblem:
        """A problem at `path`, with its line and its whole key."""
        steps = tuple(path)
        return FileProblem(self.line(*steps), path_text((*self.start, *steps)), message)


def read(text: bytes) -> tuple[Any, Lines]:
    """The data and its lines. Refuses with UnreadableFile."""
    if len(text) > LARGEST_BYTES:
        words = f"the file is larger than {LARGEST_BYTES // 1000} kB: a clinic's own file is much shorter"
        raise UnreadableFile([FileProblem(1, "", words)])
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise UnreadableFile([FileProblem(line, "", "the text is not UTF-8")]) from error
    node = _node_of(decoded)
    walk = _Walk()
    data = walk.value(node, ()) if node is not None else None
    if walk.problems:
        raise UnreadableFile(walk.problems)
    return data, Lines(walk.lines)


def _node_of(text: str) -> yaml.Node | None:
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        raise UnreadableFile([FileProblem(text.count("\n", 0, error.position) + 1, "", NO_TEXT)]) from error
    try:
        return loader.get_single_node()  # type: ignore[no-any-return, no-untyped-call, unused-ignore]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        words = ", ".join(filter(None, (error.context, error.problem)))
        raise UnreadableFile([FileProblem(line, "", words)]) from error
    except (ValueError, OverflowError) as error:
        # The scanner makes a character of whatever number "\U7fffffff" says.
        raise UnreadableFile([FileProblem(loader.line + 1, "", NO_TEXT)]) from error


class _Loader(yaml.SafeLoader):
    """SafeLoader with few implicit types, no others by name, and no aliases: a short file must not unfold into a huge
    one."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    levels = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            self._refuse("an alias (*name) is not read: write the value out", event)
        if event.anchor is not None:
            self._refuse("an anchor (&name) is not read: leave it out", event)
        if event.tag is not None:
            self._refuse("a tag (!name) is not read: leave it out", event)
        if self.levels == MOST_LEVELS:
            self._refuse("the file is nested too deeply", event)
        self.levels += 1
        node = super().compose_node(parent, index)  # type: ignore[no-untyped-call, unused-ignore]
        self.levels -= 1
        return node  # type: ignore[no-any-return, unused-ignore]

    def _refuse(self, words: str, event: Any) -> NoReturn:
        raise yaml.composer.ComposerError(None, None, words, event.start_mark)


for tag, pattern, first in (
    ("tag:yaml.org,2002:null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("tag:yaml.org,2002:bool", r"^(?:true|True|false|False)$", list("tTfF")),
    ("tag:yaml.org,2002:int", r"^(?:0|-?[1-9][0-9]{0,8})$", list("-0123456789")),
    ("tag:yaml.org,2002:float", r"^-?(?:0|[1-9][0-9]{0,8})\.[0-9]{1,9}$", list("-0123456789")),
):
    _Loader.add_implicit_resolver(tag, re.compile(pattern), first)


@dataclass
class _Walk:
    """Turns nodes into values, keeping lines and problems on the way."""

    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[FileProblem] = field(default_factory=list)

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        if NOT_IN_TEXTS.search(node.value):
            self._problem(node, path, NO_TEXT)
            return None
        return SCALARS[node.tag.removeprefix("tag:yaml.org,2002:")](node.value)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(key_node, path, "a key is a word")
                continue
            if NOT_IN_TEXTS.search(key_node.value):
                self._problem(key_node, path, NO_TEXT)
                continue
            key = key_node.value
            at = (*path, key)
            if key in found:
                self._problem(key_node, at, f"stands a second time; first on line {self.lines[at]}")
                continue
            self.lines[at] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, at)
        return found

    def _problem(self, node: yaml.Node, path: Path, message: str) -> None:
        self.problems.append(FileProblem(node.start_mark.line + 1, path_text(path), message))
