"""Failures as programs read them."""

from flask import Response, jsonify, request

from gigcx.http.failures import Failure


def as_problem(failure: Failure) -> Response:
    """Render an ``application/problem+json`` answer.

    Source: RFC 9457, section 3; ``members`` are its extension members (section 3.2).
    """
    response = jsonify(
        failure.members
        | {
            "type": f"/problems/{failure.code}",
            "title": failure.title,
            "status": failure.status,
            "detail": failure.detail,
            "instance": request.path,
        }
    )
    response.status_code = failure.status
    response.mimetype = "application/problem+json"
    return response
