from __future__ import annotations

import itertools
import re
import tomllib

import pytest

from tests.project.sources import ROOT

SETS = ("prod", "embedded", "dev", "browser")
REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)")


def wanted() -> set[str]:
    lines = [line for name in SETS for line in (ROOT / "requirements" / f"{name}.in").read_text().splitlines()]
    return {match[1] for line in lines if not line.startswith(("-", "#")) and (match := REQUIREMENT.match(line))}


def test_every_dependency_has_its_reason() -> None:
    reasons = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["infusion-desk"]["reasons"]
    assert set(reasons) == wanted()


@pytest.mark.parametrize("name", SETS)
def test_locks_carry_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    packages = re.findall(r"^[A-Za-z0-9._-]+==[^\n]+?\\\n    --hash=sha256:", text, re.MULTILINE)
    assert len(packages) == len(re.findall(r"==", re.sub(r";.*", "", text)))
    assert not re.search(r"://|--index-url|--extra-index|--find-links", text)


@pytest.mark.parametrize(("smaller", "larger"), list(itertools.pairwise(SETS)))
def test_a_larger_set_holds_the_smaller_one_unchanged(smaller: str, larger: str) -> None:
    pins = [
        set(re.findall(r"^\S+==\S+", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))
        for name in (smaller, larger)
    ]
    assert pins[0] <= pins[1]
