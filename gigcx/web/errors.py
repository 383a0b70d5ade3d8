"""Failures as pages."""

from flask import Response, make_response, render_template

from gigcx.http.failures import Failure


def as_page(failure: Failure) -> Response:
    """Render a failure for people: what happened, and where to go from here."""
    return make_response(render_template("failure.html", failure=failure), failure.status)
