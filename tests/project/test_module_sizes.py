from __future__ import annotations

from statistics import median

from tests.project.sources import PACKAGES, ROOT, name, python_files

SOFT_MEDIAN = 80
HARD_LIMIT = 450
# Names that say how a file is built instead of what a clinic coordinator would call it.
PATTERN_NAMES = {"services", "utils", "helpers", "managers", "common", "misc", "base_models"}


def lines(folders: tuple[str, ...]) -> dict[str, int]:
    sizes = {name(path): len(path.read_text().splitlines()) for path in python_files(*folders)}
    return {path: size for path, size in sizes.items() if size > 0}


def test_no_module_is_longer_than_the_hard_limit() -> None:
    sizes = lines((*PACKAGES, "tests", "bench"))
    assert {path: size for path, size in sizes.items() if size > HARD_LIMIT} == {}


def test_the_median_module_is_short() -> None:
    assert median(lines(PACKAGES).values()) <= SOFT_MEDIAN


def test_files_are_named_for_what_they_hold() -> None:
    assert [name(path) for path in python_files(*PACKAGES, "tests") if path.stem in PATTERN_NAMES] == []


def test_every_top_level_package_is_known() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found - {"tests", "bench"} == set(PACKAGES)
