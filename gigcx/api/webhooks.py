"""``/api/v1/webhooks``: events of third parties are checked, stored and answered at once."""

import base64
import hashlib

from flask import Response, abort, current_app, request

from gigcx import inbox
from gigcx.api.resource import Resource
from gigcx.db import commit
from gigcx.errors import NotAllowed
from gigcx.http.access import public
from gigcx.http.limits import limiter, takes_files
from gigcx.http.signatures import is_signed

webhooks = Resource("webhooks", __name__, path="/webhooks")

EVENTS = "3000 per minute"
"""How many an address may send."""
SIGNATURE = "Stripe-Signature"
MAIL_SIGNATURE = "X-GigCX-Signature"
ANY_MAIL = {
    "requestBody": {"content": {"message/rfc822": {"schema": {"type": "string"}}}},
    "parameters": [
        {"in": "header", "name": MAIL_SIGNATURE, "schema": {"type": "string"}},
        {"in": "header", "name": "X-Recipients", "schema": {"type": "string"}},
    ],
}
ANY_OBJECT = {
    "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
    "parameters": [{"in": "header", "name": SIGNATURE, "schema": {"type": "string"}}],
}


@webhooks.post("/mail")
@public
@limiter.limit(EVENTS)
@takes_files
@webhooks.doc(**ANY_MAIL)
@webhooks.response(200)
def receive_mail() -> Response:
    """Take a mail, as its bytes came, from a mail server that signs it.

    The signature is ``t=<seconds>,v1=<HMAC-SHA256 of t, a dot and the body>`` in hexadecimal.
    The same mail again changes nothing.
    """
    raw = request.get_data()
    signed = request.headers.get(MAIL_SIGNATURE, "")
    if not is_signed(raw, signed, secret=current_app.config["INBOUND_MAIL_SECRET"]):
        abort(400, "The mail is not signed with the secret that both sides know.")
    commit(
        inbox.receive,
        name=inbox.EventName("mail", "", hashlib.sha256(raw).hexdigest()),
        kind="mail.received",
        payload={
            "raw": base64.b64encode(raw).decode(),
            "recipients": request.headers.get("X-Recipients", "").lower().split(","),
        },
    )
    return Response(status=200)


@webhooks.post("/stripe")
@public
@limiter.limit(EVENTS)
@webhooks.doc(**ANY_OBJECT)
@webhooks.response(200)
def receive_stripe() -> Response:
    """Take an event that Stripe has signed; the second delivery of the same one changes nothing.

    The signature covers the bytes as they came, so they are read before anything parses them.
    """
    try:
        event = current_app.extensions["gigcx.stripe"].verify(
            request.get_data(), request.headers.get(SIGNATURE, "")
        )
    except NotAllowed as error:
        abort(400, error.detail)
    commit(
        inbox.receive,
        name=inbox.EventName("stripe", event.account or "", event.id),
        kind=event.type,
        payload=event.payload,
    )
    return Response(status=200)
