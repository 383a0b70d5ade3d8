"""What goes wrong next: switched on by tests and the demo, one request each, in order."""

import socket
from dataclasses import dataclass, field

import flask
from flask.typing import ResponseReturnValue

from gigcx.sandbox.stripe.refusals import Refused
from gigcx.sandbox.stripe.store import Object

KINDS = frozenset(
    {
        "409",
        "429",
        "lock_timeout",
        "500-before",
        "500-after",
        "garbled-after",
        "reset-before",
        "reset-after",
        "slow",
    }
)
"""``before`` and ``after`` mean the effect of the request."""
BROKEN: Object = {"error": {"type": "api_error", "message": "Something went wrong."}}


@dataclass
class Faults:
    """A queue of ``<kind>``, for the next POST, or ``<kind> <METHOD> <path>``."""

    queued: list[str] = field(default_factory=list)
    slow_seconds: float = 0.5
    """How long ``slow`` takes before it does the work."""

    def take(self, method: str, path: str) -> str:
        """Return the kind of fault that this request meets, and forget it; empty: none."""
        for one in self.queued:
            kind, _, where = one.partition(" ")
            if f"{method} {path}".startswith(where or "POST "):
                self.queued.remove(one)
                return kind
        return ""


def refuse(fault: str) -> None:
    """Refuse before anything has begun; such an answer is not kept under its key.

    :raises Refused: if the fault is one of these.

    Source: docs.stripe.com/api/idempotent_requests, docs.stripe.com/rate-limits.
    """
    if fault == "409":
        raise Refused(
            409,
            "idempotency_key_in_use",
            "There is another request in progress with this key.",
            kind="idempotency_error",
        )
    if fault == "429":
        raise Refused(429, "rate_limit", "Too many requests.")
    if fault == "lock_timeout":
        raise Refused(429, "lock_timeout", "This object cannot be accessed right now.")


def answer_with(fault: str, body: Object, status: int) -> ResponseReturnValue:
    """Answer, unless the line breaks first.

    Source: docs.stripe.com/error-low-level (``Stripe-Should-Retry``: a kept 500 stays one).
    """
    if fault.startswith("reset"):
        return hang_up()
    if fault == "garbled-after":
        return flask.Response('{"id": "tr_', mimetype="application/json")
    return body, status, {"Stripe-Should-Retry": "false"} if status == 500 else {}  # noqa: PLR2004 - theirs


def hang_up() -> ResponseReturnValue:
    """Break the line: what follows reaches nobody.

    Shut down and not only closed, because the server holds the line a second time for writing.
    """
    line: socket.socket | None = flask.request.environ.get("werkzeug.socket")
    if line is not None:
        line.shutdown(socket.SHUT_RDWR)
    return flask.Response(status=500)
