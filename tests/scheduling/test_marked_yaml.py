"""The narrow YAML reader: types, lines, refusals."""

from __future__ import annotations

import pytest

from scheduling.marked_yaml import LARGEST_BYTES, UnreadableFile, read


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
        (b"a: &x [1]\nb: *x\n", 2, "an alias (*name) is not read: write the value out"),
        (b"a: !!python/name:os.system\n", 1, "a: the tag tag:yaml.org,2002:python/name:os.system is not read"),
        (b"a: 1\n---\nb: 2\n", 2, "expected a single document in the stream, but found another document"),
        (b"a: 1\nb: \xff\n", 2, "the text is not UTF-8"),
        (b"a: 1\nb: \x00\n", 2, "a control character can't stand here"),
        (b"a: 1\n\tb: 2\n", 2, "while scanning for the next token, found character '\\t' that cannot start any token"),
        (b"[" * 5000, 1, "the file is nested too deeply"),
        (b"? [a]\n: 1\n", 1, "a key is a word"),
        (b"a" * (LARGEST_BYTES + 1), 1, "the file is larger than 1000 kB"),
    ],
    ids=["duplicate", "alias", "tag", "documents", "encoding", "control", "tab", "deep", "key", "large"],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_line(text: bytes, line: int, said: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(text)
    [problem] = refused.value.problems
    assert str(problem).startswith(f"line {line}: ")
    assert str(problem).endswith(said)


def test_every_duplicate_is_named() -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(b"a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert [problem.key for problem in refused.value.problems] == ["a", "b.c"]


def test_an_empty_file_is_nothing() -> None:
    data, lines = read(b"# only a comment\n")
    assert data is None
    assert lines.line("clinic", "name") == 1
