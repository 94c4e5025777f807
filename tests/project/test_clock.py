"""Below the edge the time is an argument: views, tasks, commands and receivers read the clock, nobody else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.project.sources import name, python_files

EDGES = ("tasks.py", "receivers.py")
CLOCKS = {
    ("timezone", "now"),
    ("timezone", "localdate"),
    ("timezone", "localtime"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}


def is_edge(path: Path) -> bool:
    return path.name in EDGES or "management" in path.parts


def clock_readings(source: str) -> list[int]:
    """Line numbers where the clock is read, or where leaving `now` out is allowed."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and (owner(node.value), node.attr) in CLOCKS:
            found.append(node.lineno)
        if isinstance(node, ast.FunctionDef):
            optional = {node.args.args[-i - 1].arg for i in range(len(node.args.defaults))}
            optional |= {
                arg.arg for arg, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if default
            }
            if "now" in optional:
                found.append(node.lineno)
    return found


def owner(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("package", ["scheduling", "notifications"])
def test_no_clock_below_the_edge(package: str) -> None:
    offenders = [
        f"{name(path)}:{line}"
        for path in python_files(package)
        if not is_edge(path)
        for line in clock_readings(path.read_text())
    ]
    assert offenders == []


@pytest.mark.parametrize(
    "source",
    [
        "timezone.now()",
        "datetime.datetime.now(UTC)",
        "field(default=timezone.now)",
        "def f(*, now=None): ...",
        "date.today()",
    ],
)
def test_the_check_sees_a_clock(source: str) -> None:
    assert clock_readings(source) == [1]
