"""The gateway against the live stand-in: what it does, and what it says when things go wrong."""

import hashlib
import hmac
import json
import socket
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gigcx.gateways.stripe import ForgedEvent, StripeGateway, StripeObjectMissing, StripeUnavailable
from gigcx.money import Money
from gigcx.outgoing.rules import CallState, Outcome
from gigcx.sandbox.stripe import objects
from gigcx.sandbox.stripe.app import settle_all
from tests.outside import API_KEY, SECRET, standing_in

PAID_IN = Money(100_000, "EUR")
FEE = Money(1_525, "EUR")
TEN = Money(1_000, "EUR")
TRIES = 3
"""One call of the gateway: the library's own retries included."""


@pytest.fixture(scope="module")
def server():
    with standing_in() as stand_in:
        yield stand_in


@pytest.fixture
def outside(server):
    """Return a stand-in that remembers nothing; to start one takes longer than a test."""
    server.faults.clear()
    with server.store.unit() as line:
        for table in ("objects", "answers", "deliveries"):
            line.execute(f"DELETE FROM {table}")
    return server


@pytest.fixture
def gateway(outside):
    return outside.gateway


@pytest.fixture
def account(outside, gateway):
    """An account that may be paid, from a platform that can pay."""
    checkout = open_checkout(gateway)
    objects.pay_checkout(outside.store, checkout.stripe_id)
    made = create_account(gateway)
    objects.complete_account(outside.store, made.stripe_id)
    return made.stripe_id


def create_account(gateway, key="account:1"):
    return gateway.create_account(
        email="ines@example.com", country="DE", key=key, call_id=uuid4(), expert_id=uuid4()
    )


def open_checkout(gateway, funding_id=None, call_id=None):
    return gateway.create_checkout(
        amount=PAID_IN,
        key="checkout:1",
        call_id=call_id or uuid4(),
        funding_id=funding_id or uuid4(),
        brand_name="Kilnworks",
        success_url="http://127.0.0.1/paid",
        cancel_url="http://127.0.0.1/not",
    )


def transfer(gateway, account, *, amount=TEN, key="transfer:1", line_id=None):
    return gateway.transfer(
        to_account=account,
        amount=amount,
        key=key,
        call_id=CALL_ID,
        line_id=line_id or LINE_ID,
        transfer_group="run_1",
    )


CALL_ID, LINE_ID = uuid4(), uuid4()


class TestHappyPath:
    def test_a_brand_pays_in(self, outside, gateway):
        funding_id, call_id = uuid4(), uuid4()
        made = open_checkout(gateway, funding_id, call_id)
        objects.pay_checkout(outside.store, made.stripe_id)

        checkout = gateway.get_checkout(made.stripe_id)
        payment = gateway.get_payment_intent(checkout.payment_intent)

        assert made.url.endswith(made.stripe_id)
        assert (checkout.status, checkout.funding_id, checkout.call_id) == (
            "complete",
            funding_id,
            call_id,
        )
        assert (payment.status, payment.received) == ("succeeded", PAID_IN)
        assert payment.funding_id == funding_id
        assert gateway.balance_available() == [PAID_IN - FEE]

    def test_an_expert_is_onboarded(self, outside, gateway):
        account = create_account(gateway).stripe_id
        before = gateway.get_account(account)
        link = gateway.create_account_link(
            account=account,
            refresh_url="http://127.0.0.1/again",
            return_url="http://127.0.0.1/back",
            key="link:1",
        )
        objects.complete_account(outside.store, account)
        after = gateway.get_account(account)

        assert before.due
        assert not before.has_transfers
        assert link.url.startswith(f"{outside.address}/onboard/{account}/")
        assert (after.has_transfers, after.is_paid_out, after.due) == (True, True, ())
        assert after.fingerprint

    def test_an_expert_is_paid(self, outside, gateway, account):
        sent = transfer(gateway, account)
        ordered = gateway.payout(
            account=account, amount=TEN, key="payout:1", call_id=CALL_ID, line_id=LINE_ID
        )
        settle_all(outside.store)

        (listed,) = gateway.list_transfers("run_1")
        (payout,) = gateway.list_payouts(account)
        assert (listed.id, listed.account, listed.amount) == (sent.stripe_id, account, TEN)
        assert (listed.line_id, listed.call_id) == (LINE_ID, CALL_ID)
        assert gateway.get_payout(ordered.stripe_id, account) == payout
        assert (payout.status, payout.line_id, payout.call_id) == ("paid", LINE_ID, CALL_ID)

    def test_a_transfer_is_taken_back(self, gateway, account):
        sent = transfer(gateway, account)
        taken = gateway.reverse_transfer(
            transfer=sent.stripe_id, amount=TEN, key="reversal:1", call_id=uuid4()
        )

        assert taken.state is CallState.SUCCEEDED
        assert gateway.get_transfer(sent.stripe_id).reversed == TEN

    def test_every_movement_is_told_beyond_one_page(self, gateway, account):
        for n in range(101):
            transfer(gateway, account, amount=Money(1, "EUR"), key=f"transfer:{n}")

        movements = list(gateway.iterate_balance_transactions(None))

        assert len(gateway.list_transfers("run_1")) == 101
        assert [m.type for m in movements] == [*["transfer"] * 101, "charge"]
        assert (movements[-1].amount, movements[-1].fee) == (PAID_IN, FEE)

    def test_what_came_before_is_not_told_again(self, gateway, account):
        later = datetime.now(UTC) + timedelta(minutes=1)

        assert list(gateway.iterate_balance_transactions(later)) == []
        assert gateway.list_events(later) == []
        assert gateway.list_events(later - timedelta(hours=1)) != []


class TestKeys:
    def test_a_repeated_call_gets_the_first_answer(self, gateway, account):
        first = transfer(gateway, account)

        assert transfer(gateway, account) == first
        assert len(gateway.list_transfers("run_1")) == 1

    def test_a_key_that_stood_for_another_request_tells_nothing(self, gateway, account):
        transfer(gateway, account)

        assert transfer(gateway, account, amount=Money(2_000, "EUR")) == Outcome.unknown()

    def test_a_refusal_is_kept_too(self, outside, gateway):
        account = create_account(gateway).stripe_id
        refused = transfer(gateway, account)
        objects.complete_account(outside.store, account)

        assert transfer(gateway, account) == refused


class TestOutcomes:
    @pytest.mark.parametrize(
        ("fault", "times", "outcome"),
        [
            ("409", TRIES, Outcome.try_later("idempotency_key_in_use")),
            ("429", 1, Outcome.try_later("rate_limit")),
            ("lock_timeout", 1, Outcome.try_later("lock_timeout")),
            ("500-before", 1, Outcome.unknown()),
            ("500-after", 1, Outcome.unknown()),
            ("garbled-after", 1, Outcome.unknown()),
            ("reset-before", TRIES, Outcome.unknown()),
        ],
    )
    def test_says_what_is_known(self, outside, gateway, account, fault, times, outcome):
        outside.faults += [fault] * times

        assert transfer(gateway, account) == outcome

    def test_an_answer_lost_on_the_way_is_asked_for_again(self, outside, gateway, account):
        outside.faults.append("reset-after")

        assert transfer(gateway, account).state is CallState.SUCCEEDED
        assert len(gateway.list_transfers("run_1")) == 1

    @pytest.mark.parametrize("fault", ["429", "lock_timeout", "reset-before", "garbled-after"])
    def test_the_same_key_later_brings_the_truth(self, outside, gateway, account, fault):
        outside.faults += [fault] * (TRIES if fault == "reset-before" else 1)
        transfer(gateway, account)

        told = transfer(gateway, account)

        assert [t.id for t in gateway.list_transfers("run_1")] == [told.stripe_id]

    def test_a_kept_500_stays_one_and_the_list_knows_better(self, outside, gateway, account):
        outside.faults.append("500-after")
        transfer(gateway, account)

        assert transfer(gateway, account) == Outcome.unknown()
        assert [t.call_id for t in gateway.list_transfers("run_1")] == [CALL_ID]

    def test_too_long_is_not_known(self, outside, account):
        hasty = StripeGateway(API_KEY, base_address=outside.address, timeout_seconds=0.05)
        outside.faults += ["slow"] * TRIES

        assert transfer(hasty, account) == Outcome.unknown()

    def test_nobody_there_is_not_known(self, account):
        assert transfer(StripeGateway(API_KEY, base_address=unused_address()), account) == (
            Outcome.unknown()
        )

    def test_a_wrong_key_of_ours_fails_no_call(self, outside, account):
        wrong = StripeGateway("sk_test_other", base_address=outside.address)

        assert transfer(wrong, account) == Outcome.try_later("api_key_refused")

    def test_too_little_money_is_a_refusal(self, gateway, account):
        assert transfer(gateway, account, amount=PAID_IN) == Outcome.failed("balance_insufficient")

    def test_an_unknown_account_is_a_refusal(self, gateway, account):
        assert transfer(gateway, "acct_0") == Outcome.failed("account_invalid")

    def test_an_account_that_is_closed_to_us_is_a_refusal(self, gateway, account):
        refused = gateway.payout(
            account="acct_0", amount=TEN, key="payout:1", call_id=CALL_ID, line_id=LINE_ID
        )

        assert refused == Outcome.failed("account_invalid")

    def test_an_account_that_is_not_verified_is_a_refusal(self, gateway, account):
        new = create_account(gateway, key="account:2").stripe_id

        assert transfer(gateway, new) == Outcome.failed("insufficient_capabilities_for_transfer")


class TestReaders:
    def test_a_missing_object_is_told_from_a_missing_stripe(self, gateway):
        with pytest.raises(StripeObjectMissing):
            gateway.get_transfer("tr_0")
        with pytest.raises(StripeObjectMissing):
            gateway.list_payouts("acct_0")

    def test_stripe_is_down(self):
        with pytest.raises(StripeUnavailable):
            StripeGateway(API_KEY, base_address=unused_address()).balance_available()

    def test_stripe_is_broken(self, outside, gateway):
        outside.faults.append("500-before GET /v1/balance")

        with pytest.raises(StripeUnavailable):
            gateway.balance_available()


class TestVerify:
    def test_reads_a_signed_event(self, gateway):
        event = gateway.verify(PAYLOAD, signed(PAYLOAD))

        assert (event.id, event.type, event.account) == ("evt_1", "payout.paid", "acct_1")
        assert (event.object_id, event.object_type) == ("po_1", "payout")
        assert event.created == datetime(2026, 11, 24, tzinfo=UTC)

    @pytest.mark.parametrize("age", [-59, 0, 299])
    def test_takes_what_was_signed_about_now(self, gateway, age):
        assert gateway.verify(PAYLOAD, signed(PAYLOAD, age=age)).id == "evt_1"

    @pytest.mark.parametrize("age", [302, -62, -86_400])
    def test_refuses_the_past_and_the_future(self, gateway, age):
        with pytest.raises(ForgedEvent):
            gateway.verify(PAYLOAD, signed(PAYLOAD, age=age))

    def test_takes_both_secrets_of_a_rotation(self):
        rotating = StripeGateway(API_KEY, webhook_secrets=("whsec_new", SECRET))

        assert rotating.verify(PAYLOAD, signed(PAYLOAD)).id == "evt_1"
        assert rotating.verify(PAYLOAD, signed(PAYLOAD, secret="whsec_new")).id == "evt_1"

    @pytest.mark.parametrize("header", ["", "t=1", "v1=00", "t=x,v1=00", "nonsense"])
    def test_refuses_what_is_no_signature(self, gateway, header):
        with pytest.raises(ForgedEvent):
            gateway.verify(PAYLOAD, header)

    def test_refuses_other_secrets_and_other_words(self, gateway):
        for payload, header in [
            (PAYLOAD, signed(PAYLOAD, secret="whsec_other")),
            (PAYLOAD + b" ", signed(PAYLOAD)),
        ]:
            with pytest.raises(ForgedEvent):
                gateway.verify(payload, header)

    @pytest.mark.parametrize("secrets", [(), ("",)])
    def test_no_secret_opens_nothing(self, secrets):
        open_to_all = StripeGateway(API_KEY, webhook_secrets=secrets)

        with pytest.raises(ForgedEvent):
            open_to_all.verify(PAYLOAD, signed(PAYLOAD, secret=""))

    @pytest.mark.parametrize("payload", [b"[]", b"{}", b"\xff", b'{"object": "v2.core.event"}'])
    def test_refuses_what_is_no_event_with_its_object(self, gateway, payload):
        with pytest.raises(ForgedEvent):
            gateway.verify(payload, signed(payload))


PAYLOAD = json.dumps(
    {
        "id": "evt_1",
        "object": "event",
        "type": "payout.paid",
        "account": "acct_1",
        "created": 1_795_478_400,
        "data": {"object": {"id": "po_1", "object": "payout"}},
    }
).encode()


def signed(payload, *, secret=SECRET, age=0):
    """Sign as Stripe's documentation says, and not as our stand-in does it."""
    at = int(time.time()) - age
    digest = hmac.new(secret.encode(), b"%d." % at + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def unused_address():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
