"""A stand-in without a server, and somebody who asks it as the library does."""

import pytest

from gigcx.sandbox.stripe.app import create_stripe
from gigcx.sandbox.stripe.store import Store
from tests.outside import API_KEY, DESCRIPTION, SECRET


class Caller:
    """Asks a stand-in, with our key."""

    def __init__(self, store, webhook_url=""):
        self.store = store
        self.app = create_stripe(
            store,
            api_key=API_KEY,
            webhook_url=webhook_url,
            webhook_secret=SECRET,
            description=DESCRIPTION if DESCRIPTION.exists() else None,
        )
        self.deliverer = self.app.extensions["stripe"][1]
        self.people = self.app.test_client()

    def ask(self, method, path, *, key=None, of=None, **form):
        """Ask as the platform, or for an account."""
        headers = {"Authorization": f"Bearer {API_KEY}"}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"Stripe-Account": of} if of else {}
        return self.people.open(path, method=method, data=form or None, headers=headers)

    def post(self, path, **form):
        """Change something."""
        return self.ask("POST", path, **form)

    def get(self, path, **given):
        """Read something that is there."""
        answer = self.ask("GET", path, **given)
        assert answer.status_code == 200, answer.text
        return answer.json

    def switch(self, path):
        """Press a switch."""
        answer = self.people.post(f"/_switch/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json

    def open_checkout(self, amount=10_000, currency="eur", name="Balance"):
        """Open a page on which somebody pays."""
        item = "line_items[0]"
        form = {
            "mode": "payment",
            f"{item}[quantity]": 1,
            f"{item}[price_data][currency]": currency,
            f"{item}[price_data][unit_amount]": amount,
            f"{item}[price_data][product_data][name]": name,
            "success_url": "http://127.0.0.1/paid",
            "cancel_url": "http://127.0.0.1/not",
        }
        return self.post("/v1/checkout/sessions", **form).json

    def make_account(self):
        """Make an account that may be paid, and a platform that can pay."""
        self.switch(f"pay/{self.open_checkout()['id']}")
        account = self.post("/v1/accounts", country="DE").json["id"]
        self.switch(f"onboard/{account}")
        return account

    def transfer(self, account, amount=1_000, **more):
        """Pay an account."""
        form = {"destination": account, "amount": amount, "currency": "eur"}
        return self.post("/v1/transfers", **form, **more)

    def pay_out(self, account, amount=1_000):
        """Pay an account, and its bank."""
        self.transfer(account, amount)
        return self.post("/v1/payouts", of=account, amount=amount, currency="eur").json["id"]


@pytest.fixture
def caller():
    return Caller(Store(":memory:"))
