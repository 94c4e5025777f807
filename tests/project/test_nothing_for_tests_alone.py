"""Whatever a module offers, the product uses: code that only tests call is tested for nobody."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.project.sources import PACKAGES, name, python_files

Offer = tuple[str, str]
# Django finds these by their own rules, as it finds commands, and Celery whatever a decorator registers.
FOUND_OTHERWISE = {"config.settings", "config.urls", "scheduling.apps", "notifications.apps", "web.apps"}


def module(path: Path) -> str:
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def offers(tree: ast.Module) -> Iterator[str]:
    """Public functions, classes and constants of a module."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list:
            yield node.name
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def uses(where: str, tree: ast.Module, is_package: bool) -> Iterator[Offer]:
    """What a module names: of its own, by import, through a module it imported, or in a text as settings do.
    A package's re-export is no use."""
    modules: dict[str, str] = {}
    nodes = list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            modules |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            yield from ((node.module, alias.name) for alias in node.names if not is_package)
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield where, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield modules.get(node.value.id, ""), node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
            before, _, last = node.value.rpartition(".")
            yield before, last


def only_tests_use(files: list[Path]) -> set[Offer]:
    """What is offered by modules and used by none; what a package re-exports is used where that is."""
    trees = {path: ast.parse(path.read_text()) for path in files}
    used = {use for path, tree in trees.items() for use in uses(module(path), tree, path.name == "__init__.py")}
    for path, tree in trees.items():
        for node in tree.body if path.name == "__init__.py" else ():
            if isinstance(node, ast.ImportFrom):
                used |= {(node.module or "", a.name) for a in node.names if (module(path), a.name) in used}
    offered = {(module(path), one) for path, tree in trees.items() for one in offers(tree) if one[0] != "_"}
    return {(where, one) for where, one in offered - used if where not in FOUND_OTHERWISE and ".commands." not in where}


def test_nothing_is_there_for_tests_alone() -> None:
    assert only_tests_use(python_files(*PACKAGES)) == set()


def test_the_check_sees_what_nobody_uses() -> None:
    tree = ast.parse("LIMIT = 3\nLOST = 4\ndef asked(): return LIMIT\ndef _own(): ...\n@task\ndef run(): ...\n")
    assert set(offers(tree)) - {one for _, one in uses("here", tree, is_package=False)} == {"LOST", "asked", "_own"}
