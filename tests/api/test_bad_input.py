"""What must not be taken: each gets an answer that says why, and nothing is half done."""

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from gigcx import ids
from gigcx.db import db, now
from gigcx.desk.models import Claim
from gigcx.http.links import LASTS, sign
from gigcx.inbox import InboundEvent
from gigcx.rewards.models import Reward
from gigcx.sandbox.stripe.events import signature
from gigcx.tickets.models import Message, Queue
from tests.acting import acting
from tests.caller import Caller
from tests.factories import identity
from tests.factories.desk import claim, desk, ticket

SECRET = "whsec_test"
EVENT = b'{"id": "evt_1", "object": "event", "type": "account.updated", "data": {"object": {}}}'


@pytest.fixture
def at(undone):
    """An open desk."""
    return desk()


@pytest.fixture
def owner(app, at):
    """The program of the brand's owner."""
    return Caller(app, identity.key_of(identity.staff(at.brand_id, "owner")))


@pytest.fixture
def expert(app, at):
    """The program of the desk's expert."""
    return Caller(app, identity.key_of(at.expert))


def count(at, model):
    """Count the brand's rows of a table."""
    with acting(at.owner):
        found = db.session.scalar(
            sa.select(sa.func.count()).select_from(model).where(model.brand_id == at.brand_id)
        )
    return found or 0


def said(problem):
    """Return what a problem says of each field."""
    return {error["pointer"]: error["detail"] for error in problem["errors"]}


class TestAReward:
    @pytest.mark.parametrize("amount", [-1, 0, "ten", 1.5, 10**15])
    def test_that_is_no_amount_is_refused_by_its_field(self, at, owner, amount):
        before = count(at, Reward)
        told = owner.post("/rewards", self.body(at, amount_minor=amount), expects=422)

        assert list(said(told)) == ["#/amount/amount_minor"]
        assert count(at, Reward) == before

    def test_in_a_currency_that_the_queue_does_not_pay_is_refused(self, at, owner):
        before = count(at, Reward)
        told = owner.post("/rewards", self.body(at, currency="USD"), expects=409)

        assert told["type"] == "/problems/rewards/currency-not-of-queue"
        assert "does not pay in USD" in told["detail"]
        assert count(at, Reward) == before

    def test_in_no_currency_at_all_is_refused_by_its_field(self, at, owner):
        told = owner.post("/rewards", self.body(at, currency="XXQ"), expects=422)

        assert list(said(told)) == ["#/amount/currency"]

    def test_for_another_brands_queue_is_refused(self, at, owner):
        other = desk()
        told = owner.post("/rewards", self.body(other), expects=404)

        assert told["type"] == "/problems/rewards/place-not-found"

    def body(self, at, **amount):
        return {
            "queue_id": ids.shown("queue", at.queue_id),
            "amount": {"amount_minor": 300, "currency": "EUR"} | amount,
        }


class TestAQueue:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "#/name"),
            ({"name": "", "currency": "EUR"}, "#/name"),
            ({"name": "Q", "currency": "euro"}, "#/currency"),
            ({"name": "Q", "currency": "EUR", "colour": "red"}, "#/colour"),
        ],
    )
    def test_that_lacks_something_is_refused_by_its_field(self, at, owner, body, field):
        before = count(at, Queue)
        told = owner.post("/queues", body, expects=422)

        assert field in said(told)
        assert count(at, Queue) == before


class TestAClaim:
    def test_for_a_reward_that_is_no_longer_shown_is_refused(self, at, expert):
        asked = ticket(at)
        path = f"/tickets/{ids.shown('ticket', asked.id)}/claim"
        told = expert.post(path, {"reward": {"amount_minor": 1, "currency": "EUR"}}, expects=409)

        assert told["type"] == "/problems/desk/reward-changed"
        assert count(at, Claim) == 0

    def test_with_a_stale_fence_writes_nothing(self, at, expert):
        asked = ticket(at)
        held = claim(at, asked.id)
        before = count(at, Message)
        path = f"/tickets/{ids.shown('ticket', asked.id)}"
        for way, body in (("messages", {"text": "Hello"}), ("resolve", {}), ("release", {})):
            told = expert.post(f"{path}/{way}", body | {"fence": held.fence - 1}, expects=409)
            assert told["type"] == "/problems/desk/stale-fence"

        assert count(at, Message) == before

    @pytest.mark.parametrize("named", ["tkt_", "tkt_zzz", "que_01m85wd4syek0vyabkwgtvtg6y", "1"])
    def test_of_something_that_is_no_ticket_is_not_found(self, expert, named):
        expert.post(
            f"/tickets/{named}/claim",
            {"reward": {"amount_minor": 1, "currency": "EUR"}},
            expects=404,
        )


class TestALink:
    def test_that_is_too_old_says_so(self, app, at, monkeypatch):
        asked = ticket(at)
        token = sign(brand_id=at.brand_id, ticket_id=asked.id, customer_id=at.customer.user_id)
        monkeypatch.setattr(time, "time", (now() + LASTS + timedelta(days=1)).timestamp)
        shown = ids.shown("ticket", asked.id)
        for path, body in (
            (f"/tickets/{shown}/confirm", {"token": token}),
            (f"/ratings/{token}", {"stars": 5}),
        ):
            told = app.test_client().post(f"/api/v1{path}", json=body)
            assert told.status_code == 409
            assert told.get_json()["type"] == "/problems/links/expired"

    def test_of_another_ticket_confirms_nothing(self, app, at):
        one, other = ticket(at), ticket(at)
        token = sign(brand_id=at.brand_id, ticket_id=one.id, customer_id=at.customer.user_id)
        told = app.test_client().post(
            f"/api/v1/tickets/{ids.shown('ticket', other.id)}/confirm", json={"token": token}
        )

        assert told.status_code == 404
        assert told.get_json()["type"] == "/problems/links/not-found"


class TestAWebhook:
    @pytest.mark.parametrize(
        "signed",
        [
            "",
            "nonsense",
            lambda: signature(EVENT, "whsec_other", int(time.time())),
            lambda: signature(EVENT, SECRET, int(time.time()) - 3600),
            lambda: signature(EVENT + b" ", SECRET, int(time.time())),
        ],
    )
    def test_that_stripe_has_not_signed_now_is_refused(self, app, at, signed):
        header = signed() if callable(signed) else signed
        told = app.test_client().post(
            "/api/v1/webhooks/stripe", data=EVENT, headers={"Stripe-Signature": header}
        )

        assert told.status_code == 400
        assert told.get_json()["detail"] == "The signature is not valid."
        assert db.session.scalar(sa.select(sa.func.count()).select_from(InboundEvent)) == 0


class TestABody:
    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"null", b"1" * 64])
    def test_that_is_no_json_object_is_refused(self, owner, body):
        status, told = owner.try_to("POST", "/queues", data=body, content_type="application/json")

        assert status in {400, 422}
        assert told["status"] == status

    def test_in_another_format_is_refused(self, owner):
        status, told = owner.try_to("POST", "/queues", data=b"<a/>", content_type="text/xml")

        assert status in {400, 415, 422}
        assert told["type"]

    def test_with_a_zero_byte_is_refused_by_its_field(self, owner):
        told = owner.post("/queues", {"name": "a\x00b", "currency": "EUR"}, expects=422)

        assert list(said(told)) == ["#/name"]

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=-1", "limit=ten", "cursor=forged", "cursor="]
    )
    def test_is_not_needed_to_be_refused_for_a_page(self, owner, query):
        status, told = owner.try_to("GET", f"/tickets?{query}")

        assert status in {400, 422} or query == "cursor="
        assert told
