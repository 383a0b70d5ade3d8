"""The stand-in Stripe of tests: a server on loopback, its buttons, and its signed events."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from werkzeug.serving import make_server

from gigcx import inbox
from gigcx.db import commit
from gigcx.funding.models import Funding
from gigcx.gateways.stripe import StripeGateway
from gigcx.sandbox.stripe import objects
from gigcx.sandbox.stripe.app import create_stripe, settle_all
from gigcx.sandbox.stripe.events import signature
from gigcx.sandbox.stripe.store import Store

API_KEY = "sk_test_gigcx"
SECRET = "whsec_test_gigcx"
DESCRIPTION = Path(__file__).parents[2] / "shared/data/stripe/stripe_subset.json"


class StandIn:
    """A stand-in Stripe whose buttons a test presses."""

    def __init__(self, address: str, store: Store, faults: list[str]) -> None:
        self.address = address
        self.store = store
        self.faults = faults
        self.gateway = StripeGateway(API_KEY, base_address=address, webhook_secrets=(SECRET,))
        self.deliver: Callable[[bytes, str], None] = self._receive

    def pay_checkout(self, funding: Funding | UUID) -> None:
        """Pay the checkout of a funding and tell of it."""
        funding_id = str(getattr(funding, "id", funding))
        for session in self.store.all("checkout"):
            if session["metadata"]["funding_id"] == funding_id:
                objects.pay_checkout(self.store, session["id"])
        self.tell()

    def complete_onboarding(self) -> None:
        """Answer Stripe's questions for every account that is asked, and tell of it."""
        for account in self.store.all("account"):
            if not account["payouts_enabled"]:
                objects.complete_account(self.store, account["id"])
        self.tell()

    def settle_payouts(self, status: str = "paid") -> None:
        """Let the banks take every payout, and tell of it."""
        settle_all(self.store, status)
        self.tell()

    def tell(self) -> None:
        """Deliver every event that is waiting, signed."""
        with self.store.unit() as line:
            waiting = [event for (event,) in line.execute("SELECT event FROM deliveries")]
            line.execute("DELETE FROM deliveries")
        for event in waiting:
            payload = json.dumps(self.store.get("event", event)).encode()
            self.deliver(payload, signature(payload, SECRET, self.store.now()))

    def _receive(self, payload: bytes, signed: str) -> None:
        event = self.gateway.verify(payload, signed)
        commit(
            inbox.receive,
            name=inbox.EventName("stripe", event.account or "", event.id),
            kind=event.type,
            payload=event.payload,
        )


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """Serve a stand-in for the block; it holds each request against Stripe's description."""
    store = Store(":memory:")
    app = create_stripe(
        store,
        api_key=API_KEY,
        webhook_url="",
        webhook_secret=SECRET,
        description=DESCRIPTION if DESCRIPTION.exists() else None,
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield StandIn(f"http://127.0.0.1:{server.port}", store, app.extensions["stripe"][2].queued)
    finally:
        server.shutdown()
        thread.join()
