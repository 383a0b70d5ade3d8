"""One name for all that a request causes: in its answer, its log lines, its messages and jobs."""

import re
import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Histogram

from gigcx import principal
from gigcx.ids import new_id

HEADER = "X-Request-ID"
_OURS_OR_A_PROXYS = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")

SECONDS = Histogram(
    "gigcx_request_seconds",
    "Seconds from the first byte of a request to its answer",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
log = structlog.get_logger()


def register(app: Flask) -> None:
    """Name and measure every request of this app; before anything else looks at it."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    told = request.headers.get(HEADER, "")
    g.request_id = told if _OURS_OR_A_PROXYS.match(told) else str(new_id())
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "request_id" not in g:  # It failed before anything looked at it: the database is away.
        _begin()
    response.headers[HEADER] = g.request_id
    route = request.url_rule.rule if request.url_rule else "none"
    if request.endpoint == "static":
        return response
    seconds = time.perf_counter() - g.began
    SECONDS.labels(request.method, route, response.status_code).observe(seconds)
    # The rule, not the path: paths hold customers' tokens.
    log.info(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        who=str(principal.current().user_id),
        ms=round(seconds * 1000, 1),
    )
    return response
