"""Requests as Stripe reads them: bracketed form fields, held against its description."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

_INDEX = re.compile(r"^[0-9]+$")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Turn ``a[b][0]=c`` into ``{"a": {"b": ["c"]}}``; whole numbers and booleans become such."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        keys = [part for part in re.split(r"[\[\]]+", name) if part]
        place = root
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = _value(keys, value)
    listed: dict[str, Any] = _lists(root)
    return listed


def problem_of(description: Path, path: str, method: str, body: dict[str, Any]) -> str | None:
    """Return what is wrong with a request by Stripe's description, or None."""
    validator = _validator(description, path, method)
    if validator is None:
        return f"Unrecognized request URL ({method.upper()}: {path})."
    error = next(iter(validator.iter_errors(body)), None)
    return None if error is None else f"{error.message} at {error.instance_path}"


def _value(keys: list[str], value: str) -> Any:
    if keys[0] == "metadata" or "metadata" in keys:
        return value
    if value in {"true", "false"}:
        return value == "true"
    return int(value) if re.fullmatch(r"-?[0-9]{1,18}", value) else value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(_INDEX.match(key) for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(inner) for key, inner in value.items()}


@cache
def _description(file: Path) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return described


@cache
def _validator(file: Path, path: str, method: str) -> jsonschema_rs.Draft202012Validator | None:
    described = _description(file)
    operation = described["paths"].get(path, {}).get(method)
    if operation is None:
        return None
    content = (operation.get("requestBody") or {}).get("content") or {}
    schema = next((c["schema"] for c in content.values()), operation.get("x-query-object"))
    if schema is None:
        return jsonschema_rs.Draft202012Validator({})
    return jsonschema_rs.Draft202012Validator(
        {"allOf": [schema], "components": described["components"]}
    )
