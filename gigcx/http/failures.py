"""Every failure of a request, told once: as a problem to programs, as a page to people."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from gigcx import errors

STATUS_BY_KIND: Mapping[type[errors.DomainError], int] = {
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.Conflict: 409,
    errors.Unavailable: 503,
}
TOLD_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")
"""Headers of werkzeug's own answers that ours keep."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure before it is rendered as a problem or as a page."""

    status: int
    code: str
    title: str
    detail: str
    members: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


Renderer = Callable[[Failure], Response]


def of_domain(error: errors.DomainError) -> Failure:
    """Return the failure for an error of ours. Its kind is one of its parents."""
    kind = next(kind for kind in STATUS_BY_KIND if isinstance(error, kind))
    headers = {"Retry-After": "5"} if kind is errors.Unavailable else {}
    return Failure(
        STATUS_BY_KIND[kind], error.code, error.title, error.detail, dict(error.facts), headers
    )


def of_shape(error: ValidationError) -> Failure:
    """Return the failure for a body that its schema refuses, one pointer per message."""
    members = {"errors": list(_pointers(error.messages, "#"))}
    return Failure(422, "invalid-request", "The request is not valid", "See errors.", members)


def of_http(error: HTTPException) -> Failure:
    """Return the failure for what werkzeug or flask refuses: method, path, JSON, sign-in."""
    given = error.get_response().headers
    return Failure(
        error.code or 500,
        f"http/{error.code}",
        error.name,
        error.description or error.name,
        headers={name: given[name] for name in TOLD_HEADERS if name in given},
    )


def register(app: Flask, *, api: Renderer, web: Renderer) -> None:
    """Install the handlers: the only ones. A blueprint's own would not see a routing 404."""

    def answer(failure: Failure) -> Response:
        response = (api if request.path.startswith("/api/") else web)(failure)
        response.headers.update(failure.headers)
        return response

    app.register_error_handler(errors.DomainError, lambda error: answer(of_domain(error)))
    app.register_error_handler(ValidationError, lambda error: answer(of_shape(error)))
    app.register_error_handler(HTTPException, lambda error: answer(of_http(error)))


def _pointers(messages: Any, place: str) -> Iterator[dict[str, str]]:
    """Yield what is wrong, each with a JSON pointer to it.

    Source: RFC 6901, section 6 (a pointer as the fragment of an address).
    """
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            part = str(name).replace("~", "~0").replace("/", "~1")
            yield from _pointers(inner, place if name == "_schema" else f"{place}/{part}")
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            yield {"pointer": place, "detail": str(message)}
