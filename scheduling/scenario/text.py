"""A scenario file's bytes as plain values: JSON, and nothing that JSON does not know."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final

LARGEST_BYTES: Final = 50_000_000


class Unreadable(ValueError):
    """The bytes are not JSON that can be read; `str()` says why."""


class Doubled(dict[str, Any]):
    """A mapping in which some keys stand twice; JSON would keep the last of each in silence."""

    keys_twice: frozenset[str] = frozenset()


def read_json(raw: bytes) -> Any:
    """The values; mappings with a key that stands twice are `Doubled`. Refuses with Unreadable."""
    if len(raw) > LARGEST_BYTES:
        raise Unreadable(f"is larger than {LARGEST_BYTES // 1_000_000} MB")
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_mapping)
    except json.JSONDecodeError as error:
        raise Unreadable(f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise Unreadable("is not JSON: the text is not UTF-8") from error
    except RecursionError as error:
        raise Unreadable("is nested too deeply") from error
    except ValueError as error:  # a whole number of more than 4300 digits
        raise Unreadable("is not JSON that can be read: a number has thousands of digits") from error


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled = Doubled(found)
    doubled.keys_twice = frozenset(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
    return doubled
