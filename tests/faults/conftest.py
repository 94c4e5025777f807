"""The long runs use the stage on which verbs are stepped."""

from __future__ import annotations

from tests.races.conftest import stage

__all__ = ["stage"]
