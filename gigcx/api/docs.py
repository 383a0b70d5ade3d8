"""The API's own description: for programs, for people, and one page for each way to fail."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template
from werkzeug.exceptions import NotFound, default_exceptions

from gigcx.api.openapi import DocumentedApi
from gigcx.errors import DomainError
from gigcx.http.access import public
from gigcx.http.etag import conditional
from gigcx.http.failures import STATUS_BY_KIND

bp = Blueprint("api_docs", __name__, template_folder="templates")


@bp.get("/api/openapi.json")
@public
def show_document() -> Response:
    """Send the OpenAPI document."""
    return conditional(jsonify(_document()))


@bp.get("/api/docs")
@public
def show_docs() -> str:
    """Show the document as one page to read."""
    return render_template("api/docs.html", spec=_document(), resources=_by_tag(_document()))


@bp.get("/problems/<path:code>")
@public
def show_problem(code: str) -> str:
    """Explain what a problem's type means."""
    problem = problems().get(code)
    if problem is None:
        raise NotFound("There is no such problem.")
    return render_template("api/problem.html", code=code, problem=problem)


def problems() -> Mapping[str, Mapping[str, Any]]:
    """Return code → title, status and explanation of all that can go wrong."""
    told: dict[str, Mapping[str, Any]] = {
        f"http/{status}": {
            "title": error().name,
            "status": status,
            "detail": error.description or "",
        }
        for status, error in default_exceptions.items()
    }
    told["invalid-request"] = {
        "title": "The request is not valid",
        "status": 422,
        "detail": "Its errors name the places, each with what is wrong there.",
    }
    for kind in STATUS_BY_KIND:
        for error in _below(kind):
            told[error.code] = {
                "title": error.title,
                "status": STATUS_BY_KIND[kind],
                "detail": error.__doc__ or "",
            }
    return told


def keep_document(app: Flask, api: DocumentedApi) -> None:
    """Finish the document once: routes do not change while the program runs."""
    app.extensions["gigcx.openapi"] = api.document(app)
    app.register_blueprint(bp)


def _document() -> dict[str, Any]:
    document: dict[str, Any] = current_app.extensions["gigcx.openapi"]
    return document


def _by_tag(spec: dict[str, Any]) -> Mapping[str, list[tuple[str, str, dict[str, Any]]]]:
    """Return resource → its operations as (method, path, operation)."""
    found: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "responses" in operation:
                tag = operation["tags"][0].replace("_", " ").capitalize()
                found.setdefault(tag, []).append((method.upper(), path, operation))
    return dict(sorted(found.items()))


def _below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for error in kind.__subclasses__():
        if hasattr(error, "code"):
            yield error
        yield from _below(error)
