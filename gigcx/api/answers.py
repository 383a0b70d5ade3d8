"""How the API answers a creation, and a page of a list."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import Response, jsonify, request
from marshmallow import Schema, ValidationError

from gigcx import principal
from gigcx.db import commit, commit_once
from gigcx.http.paging import cursor_after
from gigcx.idempotency import StoredAnswers, request_hash
from gigcx.paging import Slice

P = ParamSpec("P")
T = TypeVar("T")

KEY = "Idempotency-Key"
KEY_LENGTH_MAX = 200
CREATED, ACCEPTED = 201, 202
REPEATABLE = {
    "parameters": [
        {
            "in": "header",
            "name": KEY,
            "required": False,
            "description": "The same request with the same key is done once and answered twice.",
            "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX},
        }
    ]
}
"""What a route that takes a key says of itself: ``@bp.doc(**REPEATABLE)``."""


def create(
    schema: Schema,
    service: Callable[Concatenate[datetime, P], T],
    *args: P.args,
    **arguments: P.kwargs,
) -> Response:
    """Run the service and answer 201; a request with an ``Idempotency-Key`` runs it once."""
    return _answer(CREATED, schema, service, *args, **arguments)


def accept(
    schema: Schema,
    service: Callable[Concatenate[datetime, P], T],
    *args: P.args,
    **arguments: P.kwargs,
) -> Response:
    """Like ``create``, and answer 202: a job has the rest to do."""
    return _answer(ACCEPTED, schema, service, *args, **arguments)


def paged(found: Slice[Any]) -> dict[str, Any]:
    """Return a page as it is dumped: its rows, and where the next one starts."""
    return {"data": found.items, "next_cursor": cursor_after(found)}


def _answer(
    status: int,
    schema: Schema,
    service: Callable[Concatenate[datetime, P], T],
    *args: P.args,
    **arguments: P.kwargs,
) -> Response:
    key = request.headers.get(KEY)
    if key is None:
        body: dict[str, Any] = schema.dump(commit(service, *args, **arguments))
    else:
        answers: StoredAnswers[T] = StoredAnswers(
            user_id=principal.current().user_id,
            key=_checked(key),
            request_sha256=request_hash(request.method, request.path, request.get_json()),
            status=status,
            dump=schema.dump,
        )
        body = commit_once(answers, service, *args, **arguments)
    response = jsonify(body)
    response.status_code = status
    return response


def _checked(key: str) -> str:
    if not 1 <= len(key) <= KEY_LENGTH_MAX or not key.isprintable():
        raise ValidationError({KEY: [f"1 to {KEY_LENGTH_MAX} printable characters."]})
    return key
