"""Events are signed, come at least once, in no order, and until somebody answers."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from gigcx.gateways.stripe import StripeGateway
from gigcx.sandbox.stripe.store import Store
from tests.outside import API_KEY, SECRET
from tests.sandbox.stripe.conftest import Caller


@pytest.fixture(scope="module")
def server():
    with HTTPServer(("127.0.0.1", 0), Listener) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


@pytest.fixture
def heard(server):
    server.heard, server.status = [], 200
    return server.heard


@pytest.fixture
def caller(server):
    return Caller(Store(":memory:"), webhook_url=f"http://127.0.0.1:{server.server_port}/")


class Listener(BaseHTTPRequestHandler):
    """Keeps what it hears, and answers as it is told."""

    def do_POST(self):
        payload = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((payload, self.headers["Stripe-Signature"]))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


def kinds(heard):
    return [json.loads(payload)["type"] for payload, _ in heard]


class TestDelivery:
    def test_the_program_believes_them(self, caller, heard):
        account = caller.make_account()
        caller.deliverer.deliver_due()

        gateway = StripeGateway(API_KEY, webhook_secrets=(SECRET,))
        events = [gateway.verify(payload, header) for payload, header in heard]
        assert [(e.type, e.account) for e in events] == [
            ("checkout.session.completed", None),
            ("payment_intent.succeeded", None),
            ("account.updated", account),
        ]

    def test_a_payout_goes_its_way(self, caller, heard):
        payout = caller.pay_out(caller.make_account())
        caller.deliverer.deliver_due()
        heard.clear()

        caller.switch("settle")
        caller.switch(f"settle/{payout}?status=failed")
        caller.deliverer.deliver_due()

        assert kinds(heard) == ["payout.updated", "payout.paid", "payout.failed"]

    def test_they_come_again_until_somebody_answers(self, caller, heard, server):
        server.status = 500
        caller.make_account()
        assert caller.deliverer.deliver_due() == 0

        server.status = 200
        assert caller.deliverer.deliver_due() == 0  # Not yet: it pauses between tries.
        caller.switch("clock?shift=5")
        assert caller.deliverer.deliver_due() == 3
        assert caller.deliverer.deliver_due() == 0
        assert kinds(heard)[:3] == kinds(heard)[3:]

    def test_they_can_be_held(self, caller, heard):
        caller.switch("hold/1")
        caller.make_account()
        caller.deliverer.deliver_due()
        assert heard == []

        caller.switch("hold/0")
        caller.deliverer.deliver_due()
        assert len(heard) == 3

    def test_they_can_come_twice_and_backwards(self, caller, heard):
        caller.switch("webhooks?copies=2&order=reversed")
        caller.make_account()
        caller.deliverer.deliver_due()

        assert kinds(heard)[::2] == kinds(heard)[1::2]
        assert kinds(heard)[0] == "account.updated"

    def test_each_can_be_read_again(self, caller, heard):
        caller.make_account()
        (latest, *_) = caller.get("/v1/events")["data"]

        assert caller.get(f"/v1/events/{latest['id']}") == latest
