"""The stand-in behaves as Stripe's documentation says."""

import pytest

from gigcx.sandbox.stripe.conformance import NotAsDescribed, describe
from gigcx.sandbox.stripe.forms import nested
from gigcx.sandbox.stripe.idempotency import KEY_SECONDS
from gigcx.sandbox.stripe.store import Store
from tests.outside import DESCRIPTION
from tests.sandbox.stripe.conftest import Caller


class TestKeys:
    def test_a_key_is_forgotten_after_a_day(self, caller):
        account = caller.make_account()
        first = caller.transfer(account, key="k").json

        caller.switch(f"clock?shift={KEY_SECONDS - 60}")
        assert caller.transfer(account, key="k").json == first
        caller.switch(f"clock?shift={KEY_SECONDS + 60}")
        assert caller.transfer(account, key="k").json != first

    def test_the_same_key_for_another_account_is_another_request(self, caller):
        one, other = caller.make_account(), caller.make_account()
        caller.transfer(one, key="k")

        refused = caller.transfer(other, key="k")

        assert (refused.status_code, refused.json["error"]["type"]) == (400, "idempotency_error")

    def test_what_was_refused_before_it_began_is_not_kept(self, caller):
        account = caller.make_account()
        refused = caller.transfer(account, amount="much", key="k")

        assert refused.json["error"]["code"] == "parameter_invalid"
        assert caller.transfer(account, key="k").status_code == 200


class TestMoney:
    def test_the_platform_pays_the_fee_of_a_payment(self, caller):
        caller.switch(f"pay/{caller.open_checkout(10_000)['id']}")
        (movement,) = caller.get("/v1/balance_transactions")["data"]

        assert (movement["amount"], movement["fee"]) == (10_000, 175)
        assert caller.get("/v1/balance")["available"][0]["amount"] == 9_825

    def test_a_payout_beyond_the_balance_is_refused(self, caller):
        account = caller.make_account()
        refused = caller.post("/v1/payouts", of=account, amount=1, currency="eur")

        assert refused.json["error"]["code"] == "balance_insufficient"

    def test_nobody_pays_out_to_who_is_not_verified(self, caller):
        account = caller.post("/v1/accounts", country="DE").json["id"]
        refused = caller.post("/v1/payouts", of=account, amount=1, currency="eur")

        assert refused.json["error"]["code"] == "payouts_not_allowed"

    def test_a_paid_payout_can_fail_later_and_brings_the_money_back(self, caller):
        account = caller.make_account()
        payout = caller.pay_out(account)
        caller.switch("settle")
        caller.switch(f"settle/{payout}?status=failed")
        caller.switch(f"settle/{payout}?status=paid")

        told = caller.get(f"/v1/payouts/{payout}", of=account)
        assert (told["status"], told["failure_code"]) == ("failed", "account_closed")
        balance = caller.get("/v1/balance", of=account)
        assert balance["available"][0]["amount"] == 1_000

    def test_a_transfer_is_taken_back_once(self, caller):
        transfer = caller.transfer(caller.make_account()).json["id"]
        path = f"/v1/transfers/{transfer}/reversals"
        taken = caller.post(path, amount=600).json

        assert caller.post(path, amount=600).json["error"]["code"] == "transfer_already_reversed"
        assert caller.get(path)["data"] == [taken]

    def test_it_remembers_after_a_restart(self, tmp_path):
        file = str(tmp_path / "stripe.sqlite")
        before = Caller(Store(file))
        transfer = before.transfer(before.make_account(), key="k").json

        after = Caller(Store(file))

        assert after.get(f"/v1/transfers/{transfer['id']}") == transfer
        assert after.transfer(transfer["destination"], key="k").json == transfer


class TestFaults:
    def test_one_is_met_where_it_was_set(self, caller):
        caller.switch("fail/429?where=GET /v1/balance&times=2")
        account = caller.make_account()

        assert caller.transfer(account).status_code == 200
        assert caller.ask("GET", "/v1/balance").status_code == 429
        assert caller.ask("GET", "/v1/balance").status_code == 429
        assert caller.get("/v1/balance")["object"] == "balance"

    def test_there_are_no_others(self, caller):
        assert caller.people.post("/_switch/fail/weather").status_code == 400


class TestDescription:
    def test_a_stranger_reads_nothing(self, caller):
        assert caller.people.get("/v1/balance").status_code == 401

    def test_unknown_parameters_are_refused(self, caller):
        refused = caller.post("/v1/accounts", country="DE", nickname="Ines")

        assert refused.json["error"]["code"] == "parameter_invalid"

    def test_an_answer_that_stripe_would_not_give_is_a_mistake_of_ours(self):
        described = describe(DESCRIPTION)

        with pytest.raises(NotAsDescribed):
            described.check_answer("/v1/transfers/{transfer}", "get", 200, {"id": "tr_1"})
        with pytest.raises(NotAsDescribed):
            described.check_event({"type": "payout.lost", "data": {"object": {}}})


class TestNested:
    def test_reads_lists_and_leaves_metadata_alone(self):
        pairs = [("a[b][1]", "2"), ("a[b][0]", "x"), ("metadata[n]", "7"), ("c", "true")]

        assert nested(pairs) == {"a": {"b": ["x", 2]}, "metadata": {"n": "7"}, "c": True}
