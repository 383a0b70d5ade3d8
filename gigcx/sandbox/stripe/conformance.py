"""Stripe's own description of its API, against which both sides of the stand-in are held."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

_EVERYTHING: dict[str, Any] = {}


class NotAsDescribed(Exception):
    """The stand-in is about to say what Stripe never would: a mistake of ours."""


class Description:
    """Stripe's API as OpenAPI 3.1, with the types of its events."""

    def __init__(self, file: Path) -> None:
        """Read the file."""
        self._told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        self._event_types = frozenset(self._told["x-snapshot-event-types"])
        self._schema_of = {
            schema["properties"]["object"]["const"]: name
            for name, schema in self._told["components"]["schemas"].items()
            if "const" in schema.get("properties", {}).get("object", {})
        }
        self._validator = cache(self._make_validator)

    def problem_of(self, path: str, method: str, body: dict[str, Any]) -> str | None:
        """Return what is wrong with a request, or None."""
        operation = self._operation(path, method)
        if operation is None:
            return f"Unrecognized request URL ({method.upper()}: {path})."
        return self._fault("request", path, method, body)

    def check_answer(self, path: str, method: str, status: int, body: Any) -> None:
        """Look at an answer of the stand-in's.

        :raises NotAsDescribed: if Stripe would not answer like that.
        """
        fault = self._fault("answer" if status < 400 else "refusal", path, method, body)  # noqa: PLR2004 - an error
        if fault is not None:
            raise NotAsDescribed(f"{method.upper()} {path} {status}: {fault}")

    def check_event(self, event: dict[str, Any]) -> None:
        """Look at an event of the stand-in's, and at the object that it tells of.

        :raises NotAsDescribed: if Stripe has no such event.
        """
        if event["type"] not in self._event_types:
            raise NotAsDescribed(f"there are no events {event['type']}")
        for told in (event, event["data"]["object"]):
            fault = self._fault("object", self._schema_of[told["object"]], "", told)
            if fault is not None:
                raise NotAsDescribed(f"{event['type']}: {fault}")

    def _operation(self, path: str, method: str) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = self._told["paths"].get(path, {}).get(method)
        return operation

    def _fault(self, part: str, path: str, method: str, told: Any) -> str | None:
        error = next(self._validator(part, path, method).iter_errors(told), None)
        return None if error is None else f"{error.message} at {error.instance_path}"

    def _make_validator(
        self, part: str, path: str, method: str
    ) -> jsonschema_rs.Draft202012Validator:
        schema = self._schema(part, path, method)
        return jsonschema_rs.Draft202012Validator(
            {"allOf": [schema], "components": self._told["components"]}
        )

    def _schema(self, part: str, path: str, method: str) -> dict[str, Any]:
        if part == "object":
            return {"$ref": f"#/components/schemas/{path}"}
        if part == "refusal":
            return {"$ref": "#/components/schemas/Error"}
        operation = self._operation(path, method) or {}
        if part == "request":
            asked = _content(operation.get("requestBody"))
            return asked or operation.get("x-query-object") or _EVERYTHING
        return _content(operation.get("responses", {}).get("200")) or _EVERYTHING


@cache
def describe(file: Path) -> Description:
    """Return the description in a file, read once."""
    return Description(file)


def _content(part: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the schema of a body; Stripe describes one form of each."""
    return next((c["schema"] for c in ((part or {}).get("content") or {}).values()), None)
