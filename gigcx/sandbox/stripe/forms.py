"""Requests as Stripe reads them: bracketed form fields.

Source: docs.stripe.com/api (form-encoded bodies).
"""

import re
from collections.abc import Iterable
from typing import Any

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
