"""What a JSON schema finds wrong, as paths and plain sentences: the half of every check that needs no knowledge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

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
SENTENCES = {
    "enum": "is one of {wanted}",
    "minimum": "is {wanted} or more, not {value}",
    "maximum": "is {wanted} or less, not {value}",
    "multipleOf": "is a multiple of {wanted}, not {value}",
    "minItems": "is empty",
    "maxItems": "has at most {wanted} entries",
    "minLength": "is empty",
    "maxLength": "has at most {wanted} characters, not {length}",
    "uniqueItems": "names something twice",
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
    rule, wanted, value = str(error.validator), cast("Any", error.validator_value), cast("Any", error.instance)
    schema = cast("dict[str, Any]", error.schema)
    if "propertyNames" in error.absolute_schema_path:
        yield (*path, value), f"is not a known key: {schema['description']}"
    elif rule == "additionalProperties":
        known = schema.get("properties", {})
        for key in value:
            if key not in known:
                yield (*path, key), f"is not a known key; known are {', '.join(known)}"
    elif rule == "required":
        for key in wanted:
            if key not in value:
                yield path, f"{key} is missing"
    elif "description" in schema:
        yield path, f"is {schema['description']}"
    elif rule == "type":
        yield path, f"is {TYPES[wanted]}"
    else:
        said = SENTENCES.get(rule, "does not have the form it needs")
        listed = ", ".join(map(str, wanted)) if isinstance(wanted, list) else wanted
        yield path, said.format(wanted=listed, value=value, length=len(value) if isinstance(value, str) else 0)
