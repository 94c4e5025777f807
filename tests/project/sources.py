"""The project's own files, as the structure tests see them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("config", "web", "notifications", "scheduling")


def python_files(*folders: str) -> list[Path]:
    """Every module below the folders, without migrations, which are written once and never edited."""
    return [
        path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts
    ]


def page_templates() -> list[Path]:
    """The pages' templates, without the gallery's specimens, whose people and places are made up."""
    return [path for path in sorted((ROOT / "web").rglob("templates/**/*.html")) if path.parent.name != "gallery"]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))
