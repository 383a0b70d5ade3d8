"""The API's own description, as OpenAPI 3.1: what flask-smorest gathers, told truly."""

import json
import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask_smorest import Api
from typing_extensions import override

from gigcx.api.examples import example_of
from gigcx.api.schemas.kernel import id_pattern
from gigcx.http.access import PUBLIC, action_of
from gigcx.http.converters import IdConverter

PROBLEM = "Problem"
PROBLEM_SCHEMA = {
    "type": "object",
    "example": {
        "type": "/problems/desk/ticket-not-open",
        "title": "The ticket cannot be claimed",
        "status": 409,
        "detail": "It was claimed a moment ago. Take another one from your feed.",
        "instance": "/api/v1/tickets/tkt_01h455vb4pex5vsknk084sn02q/claim",
    },
    "description": "RFC 9457. Facts of the failure are further members.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "Names the failure and leads to its page."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, and what to do."},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "gigcx",
        "description": "A session of the consoles; changes need the header X-CSRFToken too.",
    },
}
REFUSALS = {
    400: "The request cannot be read",
    401: "Not signed in, or the key is refused",
    403: "The role, or the key, does not permit it",
    404: "No such thing, or not yours to know",
    405: "No such method here",
    409: "The state of the world forbids it: the problem's type says what",
    413: "Larger than this route takes",
    415: "Not JSON",
    422: "The request is not valid: errors point to the places",
    429: "Too often: Retry-After says when",
}
ALWAYS = (401, 403, 404, 405, 429)
WITH_CHANGE = (400, 409)
WITH_BODY = (413, 415, 422)
_PLACE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
METHODS = frozenset({"get", "post", "put", "patch", "delete"})


class DocumentedApi(Api):
    """flask-smorest without its own errors, whose document says what we really answer."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    @override
    def _register_error_handlers(self) -> None:
        """Leave failures to ``gigcx.http.failures``."""

    def document(self, app: Flask) -> dict[str, Any]:
        """Return the finished document of what is registered on the app."""
        # Patterns of JSON Schema are ECMA's, which know no \\Z.
        written = json.dumps(self.spec.to_dict()).replace(r"\\Z", "$")
        spec: dict[str, Any] = json.loads(written)
        public = {
            _PLACE.sub(r"{\1}", rule.rule)
            for rule in app.url_map.iter_rules()
            if action_of(app.view_functions[rule.endpoint]) == PUBLIC
        }
        for path, method, operation in _operations(spec):
            _add_refusals(method, operation, is_public=path in public)
        components = spec.setdefault("components", {})
        components["schemas"] = _used(spec, components.get("schemas", {})) | {
            PROBLEM: PROBLEM_SCHEMA
        }
        for _, _, operation in _operations(spec):
            _add_examples(operation, components["schemas"])
        components.pop("responses", None)
        components.pop("headers", None)
        return spec


def make_api(app: Flask) -> DocumentedApi:
    """Return an API for the app, to which blueprints are added."""
    api = DocumentedApi(
        app,
        spec_kwargs={
            "title": "GigCX",
            "version": "1",
            "openapi_version": "3.1.0",
            "info": {
                "description": "The marketplace behind gig customer service. Money is in minor"
                " units; ids name their kind; lists are pages that a cursor goes on with."
            },
            "components": {"securitySchemes": SECURITY_SCHEMES},
            "security": [{"bearer": []}, {"cookie": []}],
        },
    )
    api.register_converter(
        IdConverter,
        lambda converter: {"type": "string", "pattern": id_pattern(converter.thing)},  # type: ignore[attr-defined]
    )
    return api


def _operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def _add_refusals(method: str, operation: dict[str, Any], *, is_public: bool) -> None:
    told = set(ALWAYS)
    if method != "get":
        told.update(WITH_CHANGE)
    if "requestBody" in operation:
        told.update(WITH_BODY)
    if operation.get("parameters"):
        told.add(422)
    if is_public:
        told -= {401, 403}
        operation["security"] = []
    for status in sorted(told):
        # Over what flask-smorest says of its own errors, which are not ours.
        operation["responses"][str(status)] = {
            "description": REFUSALS[status],
            "content": {
                "application/problem+json": {"schema": {"$ref": f"#/components/schemas/{PROBLEM}"}}
            },
        }


def _add_examples(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Show what is sent, and what comes back when it goes well."""
    well = (told for status, told in operation["responses"].items() if status.startswith("2"))
    for body in filter(None, (operation.get("requestBody"), *well)):
        told = body.get("content", {}).get("application/json")
        if told and "schema" in told:
            told["example"] = example_of(told["schema"], schemas)


def _used(spec: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas that the paths refer to, and those that these refer to."""
    written = {name: json.dumps(schema) for name, schema in schemas.items()}
    used: set[str] = set()
    fresh = {name for name in schemas if _names(json.dumps(spec["paths"]), name)}
    while fresh:
        used |= fresh
        inner = {name for name in schemas if any(_names(written[by], name) for by in fresh)}
        fresh = inner - used
    return {name: schema for name, schema in schemas.items() if name in used}


def _names(text: str, name: str) -> bool:
    return f'"#/components/schemas/{name}"' in text
