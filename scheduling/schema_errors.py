"""What a JSON schema finds wrong, as paths and plain sentences: the half of every check that needs no knowledge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

Path = tuple[str | int, ...]

TYPES = {
    "object": "a mapping of keys to values",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def schema_errors(schema: Mapping[str, Any], data: object) -> list[tuple[Path, str]]:
    """Every place where `data` is not as `schema` says: its path, and what it is to be. Empty when all is well."""
    found = Draft202012Validator(schema).iter_errors(data)
    return [said for error in found for said in _say(error)]


def path_text(path: Path) -> str:
    """("protocols", 0, "name") as "protocols[0].name"."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def path_steps(text: str) -> Path:
    """The reverse of `path_text`, for keys without dots and brackets."""
    return tuple(int(index) if index else name for name, index in _STEP.findall(text))


def _say(error: ValidationError) -> Iterator[tuple[Path, str]]:
    path: Path = tuple(error.absolute_path)
    rule, wanted, value = error.validator, error.validator_value, error.instance
    if "propertyNames" in error.absolute_schema_path:
        yield (*path, value), f"is not a known key: {error.schema['description']}"
    elif rule == "additionalProperties":
        known = error.schema.get("properties", {})
        for key in value:
            if key not in known:
                yield (*path, key), f"is not a known key; known are {', '.join(known)}"
    elif rule == "required":
        for key in wanted:
            if key not in value:
                yield path, f"{key} is missing"
    elif error.schema.get("description"):
        yield path, f"is {error.schema['description']}"
    else:
        yield path, _sentence(str(rule), wanted, value)


def _sentence(rule: str, wanted: Any, value: Any) -> str:
    match rule:
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            return f"is {' or '.join(TYPES[kind] for kind in kinds)}"
        case "enum":
            return f"is one of {', '.join(map(str, wanted))}"
        case "minimum":
            return f"is {wanted} or more, not {value}"
        case "maximum":
            return f"is {wanted} or less, not {value}"
        case "multipleOf":
            return f"is a multiple of {wanted}, not {value}"
        case "minItems" | "minProperties" | "minLength":
            return "is empty"
        case "maxLength":
            return f"has at most {wanted} characters, not {len(value)}"
        case "uniqueItems":
            return "names something twice"
        case _:
            return "does not have the form it needs"
