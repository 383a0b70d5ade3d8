"""Checkout sessions and the payments that they bring."""

from gigcx.sandbox.stripe import events
from gigcx.sandbox.stripe.balance import move
from gigcx.sandbox.stripe.refusals import find
from gigcx.sandbox.stripe.store import Object, Store

FEE_BPS = 150
FEE_FIXED_MINOR = 25
"""What a card payment costs: 1.5 % and 25 of the smallest unit."""
OPEN_SECONDS = 24 * 3600
"""Source: docs.stripe.com/api/checkout/sessions/object (``expires_at``)."""


def create_checkout(store: Store, body: Object, base: str) -> Object:
    """Open a page on which somebody pays.

    Source: docs.stripe.com/api/checkout/sessions/create.
    """
    item = body["line_items"][0]
    price = item["price_data"]
    session_id = store.new_id("cs_test")
    # The payment does not exist yet, but what it will carry is known now.
    draft = {"id": f"draft_{session_id}", "metadata": {}} | body.get("payment_intent_data", {})
    session = {
        "id": session_id,
        "object": "checkout.session",
        "created": store.now(),
        "expires_at": store.now() + OPEN_SECONDS,
        "mode": body["mode"],
        "status": "open",
        "payment_status": "unpaid",
        "payment_method_types": ["card"],
        "amount_total": price["unit_amount"] * item.get("quantity", 1),
        "currency": price["currency"],
        "payment_intent": None,
        "metadata": body.get("metadata", {}),
        "success_url": body["success_url"],
        "cancel_url": body.get("cancel_url"),
        "url": f"{base}/checkout/{session_id}",
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "custom_fields": [],
        "custom_text": {},
        "shipping_options": [],
        "livemode": False,
    }
    with store.unit():
        store.put("draft", draft)
        store.put("checkout", session)
    return session


def pay_checkout(store: Store, session_id: str) -> Object:
    """Do what the payer does: the payment succeeds and the platform can use it, less the fee.

    Source: docs.stripe.com/checkout/fulfillment (the two events that tell of it).
    """
    with store.unit():
        session = find(store, "checkout", session_id)
        if session["status"] != "open" or session["expires_at"] < store.now():
            return session
        total, currency = session["amount_total"], session["currency"]
        payment = {
            "id": store.new_id("pi"),
            "object": "payment_intent",
            "created": store.now(),
            "amount": total,
            "amount_capturable": 0,
            "amount_received": total,
            "capture_method": "automatic_async",
            "confirmation_method": "automatic",
            "currency": currency,
            "payment_method_types": ["card"],
            "status": "succeeded",
            "metadata": find(store, "draft", f"draft_{session_id}")["metadata"],
            "livemode": False,
        }
        session |= {
            "status": "complete",
            "payment_status": "paid",
            "payment_intent": payment["id"],
        }
        store.put("payment_intent", payment)
        store.put("checkout", session)
        fee = total * FEE_BPS // 10_000 + FEE_FIXED_MINOR
        move(store, "charge", store.new_id("ch"), total, currency, fee=fee)
        events.record(store, "checkout.session.completed", session)
        events.record(store, "payment_intent.succeeded", payment)
    return session
