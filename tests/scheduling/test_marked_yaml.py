"""The narrow YAML reader: types, lines, refusals."""

from __future__ import annotations

import pytest

from scheduling.marked_yaml import LARGEST_BYTES, MOST_LEVELS, NO_TEXT, UnreadableFile, read


def test_values_are_what_a_person_means() -> None:
    data, _ = read(b"hours: 08:00-18:00\nlast: 10:30\nday: 2026-11-26\nyes: no\nn: [1, -2, 2.5, 0123, true, ~]\n")
    assert data == {
        "hours": "08:00-18:00",
        "last": "10:30",
        "day": "2026-11-26",
        "yes": "no",
        "n": [1, -2, 2.5, "0123", True, None],
    }


def test_lines_are_those_of_keys_and_list_entries() -> None:
    _, lines = read(b"\xef\xbb\xbfa: 1\r\nb:\r\n  - x: 1\r\n    y: 2\r\n  - x: 3\r\n")
    assert [lines.line("a"), lines.line("b", 0, "y"), lines.line("b", 1)] == [1, 4, 5]
    assert lines.line("b", 1, "absent") == 5
    assert lines.below("b", 0).problem(("y",), "is odd").key == "b[0].y"
    assert str(lines.below("b", 0).problem(("y",), "is odd")) == "line 4: b[0].y: is odd"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (b"a: 1\nb: 2\na: 3\n", 3, "a: stands a second time; first on line 1"),
        (b"a: [1]\nb: *x\n", 2, "an alias (*name) is not read: write the value out"),
        (b"a: 1\nb: &x [1]\n", 2, "an anchor (&name) is not read: leave it out"),
        (b"a: !!python/name:os.system\n", 1, "a tag (!name) is not read: leave it out"),
        (b"a: 1\n---\nb: 2\n", 2, "expected a single document in the stream, but found another document"),
        (b"a: 1\nb: \xff\n", 2, "the text is not UTF-8"),
        (b"a: 1\nb: \x00\n", 2, NO_TEXT),
        (b"a: 1\n\tb: 2\n", 2, "while scanning for the next token, found character '\\t' that cannot start any token"),
        (b"[" * 5000, 1, "the file is nested too deeply"),
        (b"? [a]\n: 1\n", 1, "a key is a word"),
        (b"a" * (LARGEST_BYTES + 1), 1, "the file is larger than 300 kB: a clinic's own file is much shorter"),
    ],
    ids=["duplicate", "alias", "anchor", "tag", "documents", "encoding", "control", "tab", "deep", "key", "large"],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_line(text: bytes, line: int, said: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(text)
    [problem] = refused.value.problems
    assert str(problem).startswith(f"line {line}: ")
    assert str(problem).endswith(said)


@pytest.mark.parametrize(
    "value",
    ["!!int abc", "!!int [1]", "!!float x", "!!str {b: 1}", "!!bool 1", "!!null x", "!!binary aGk=", "!!timestamp 99",
     "!!python/object/apply:os.system [ls]", "! x", "!<tag:yaml.org,2002:int> 9", "!here x"],
)  # fmt: skip
def test_no_value_says_what_it_is(value: str) -> None:
    """A tag would make a text of a list, and something that is no number fail to be one."""
    for text in (f"a: {value}", f"- {value}", f"{value}: b" if "[" not in value and "{" not in value else f"? {value}"):
        with pytest.raises(UnreadableFile, match="a tag"):
            read(text.encode())


@pytest.mark.parametrize("code", [r"\0", r"\x00", r"\x07", r"\ud800", r"\ud83d\ude00", r"\U00110000", r"\Uffffffff"])
def test_what_is_no_text_is_refused_however_it_is_written(code: str) -> None:
    for text in (f'a: 1\nb: "x{code}"\n', f'a: 1\n"x{code}": 1\n', f'a: 1\nb: ["x{code}"]\n'):
        with pytest.raises(UnreadableFile) as refused:
            read(text.encode())
        [problem] = refused.value.problems
        assert (problem.line, problem.message) == (2, NO_TEXT)


def test_characters_may_be_written_by_their_numbers() -> None:
    data, _ = read(rb'a: "\u00e9\n\U0001F600"')
    assert data == {"a": "é\n\U0001f600"}


def test_it_is_nested_so_deeply_and_no_deeper() -> None:
    read(b"[" * (MOST_LEVELS) + b"]" * (MOST_LEVELS))
    for text in (b"[" * (MOST_LEVELS + 1) + b"]" * (MOST_LEVELS + 1), b"- " * 100, b"? " * 100, b"{a: " * 100):
        with pytest.raises(UnreadableFile, match="nested too deeply"):
            read(text)


def test_every_duplicate_is_named() -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(b"a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert [problem.key for problem in refused.value.problems] == ["a", "b.c"]


def test_an_empty_file_is_nothing() -> None:
    data, lines = read(b"# only a comment\n")
    assert data is None
    assert lines.line("clinic", "name") == 1
