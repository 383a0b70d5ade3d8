"""``/api/v1/webhooks``: events of third parties are checked, stored and answered at once."""

from flask import Response, abort, current_app, request

from gigcx import inbox
from gigcx.api.resource import Resource
from gigcx.db import commit
from gigcx.errors import NotAllowed
from gigcx.http.access import public
from gigcx.http.limits import limiter

webhooks = Resource("webhooks", __name__, path="/webhooks")

EVENTS = "3000 per minute"
"""How many an address may send."""
SIGNATURE = "Stripe-Signature"
ANY_OBJECT = {
    "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
    "parameters": [{"in": "header", "name": SIGNATURE, "schema": {"type": "string"}}],
}


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
