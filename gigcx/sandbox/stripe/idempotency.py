"""One answer for each key."""

import json
import sqlite3
from collections.abc import Callable

import flask
from flask.typing import ResponseReturnValue

from gigcx.sandbox.stripe import faults
from gigcx.sandbox.stripe.refusals import Refused
from gigcx.sandbox.stripe.store import Object, Store

KEY_SECONDS = 24 * 3600
"""How long a key is kept at least. Source: docs.stripe.com/api/idempotent_requests."""


def answer_once(
    store: Store, fault: str, request: Object, work: Callable[[], Object]
) -> ResponseReturnValue:
    """Answer a request under a key once; the first answer is kept, 500s included.

    :param request: what the key stands for: with the same key it must be the same.
    :raises Refused: if the key stands for another request.

    Source: docs.stripe.com/api/idempotent_requests.
    """
    faults.refuse(fault)
    if fault == "reset-before":
        return faults.hang_up()
    key = flask.request.headers.get("Idempotency-Key")
    wanted = json.dumps(request, sort_keys=True)
    with store.unit() as line:
        line.execute("DELETE FROM answers WHERE at <= ?", (store.now() - KEY_SECONDS,))
        kept = _find(line, key, wanted)
        if kept is not None:
            status, body = kept
            return body, status, {"Idempotent-Replayed": "true", "Stripe-Should-Retry": "false"}
        status, body = _worked(fault, work)
        if key is not None:
            line.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?)",
                (key, wanted, status, json.dumps(body), store.now()),
            )
    return faults.answer_with(fault, body, status)


def _find(line: sqlite3.Connection, key: str | None, wanted: str) -> tuple[int, Object] | None:
    row = line.execute("SELECT request, status, body FROM answers WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row[0] != wanted:
        raise Refused(
            400,
            "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters.",
            kind="idempotency_error",
        )
    return row[1], json.loads(row[2])


def _worked(fault: str, work: Callable[[], Object]) -> tuple[int, Object]:
    if fault == "500-before":
        return 500, faults.BROKEN
    try:
        body = work()
    except Refused as refusal:
        return refusal.status, refusal.body
    return (500, faults.BROKEN) if fault == "500-after" else (200, body)
