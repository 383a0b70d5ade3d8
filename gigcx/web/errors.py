"""Failures as pages."""

from flask import Response
from markupsafe import Markup

from gigcx.http.failures import Failure

_PAGE = Markup("<!doctype html><title>{0}</title><main><h1>{0}</h1><p>{1}</p></main>")


def as_page(failure: Failure) -> Response:
    """Render a failure for people."""
    page = _PAGE.format(failure.title, failure.detail)
    return Response(page, status=failure.status, mimetype="text/html")
