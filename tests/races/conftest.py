"""Races over SQL use the worlds of the guarantees."""

from __future__ import annotations

from tests.guarantees.conftest import fresh_world, owner

__all__ = ["fresh_world", "owner"]
