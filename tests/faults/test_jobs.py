"""Worker and relay are killed in the middle of what follows: it is done once, a little later."""

import time

import pytest

from tests.factories.payouts import approved_run, executed
from tests.faults.invariants import found_in, paid_in, sent_by

REWARD = {"amount_minor": 1000, "currency": "EUR"}
DELAYS = (0.0, 0.03, 0.1)
"""Seconds from a request to the kill: before, at and after the message is passed on."""
SENT = "SELECT count(*) FROM stripe_calls WHERE kind = 'transfer' AND state = 'sent'"


def killed_after(processes, name, seconds):
    """Kill a process some time after what the test did, start it again and let time pass."""
    time.sleep(seconds)
    processes.kill(name)
    processes.start(name)
    processes.let_time_pass()


@pytest.mark.parametrize("name", ["worker", "relay"])
class TestAProcessKilled:
    def test_after_a_claim_loses_and_doubles_nothing(self, market, processes, name):
        processes.start("web", "worker", "relay")
        for seconds in DELAYS:
            path = f"/tickets/{market.asked()}/claim"
            claimed = processes.ask("POST", path, market.key, json={"reward": REWARD})
            assert claimed.status_code == 201
            killed_after(processes, name, seconds)
        processes.wait_until_quiet()

        assert processes.count("SELECT count(*) FROM claims") == len(DELAYS)
        assert found_in(processes) == []

    def test_after_a_resolution_loses_and_doubles_nothing(self, market, processes, name):
        held = [market.held() for _ in DELAYS]
        processes.start("web", "worker", "relay")
        for seconds, (ticket, fence) in zip(DELAYS, held, strict=True):
            path = f"/tickets/{ticket}/resolve"
            resolved = processes.ask("POST", path, market.key, json={"fence": fence})
            assert resolved.status_code == 201
            killed_after(processes, name, seconds)
        processes.wait_until_quiet()

        assert processes.count("SELECT count(*) FROM resolutions") == len(DELAYS)
        assert found_in(processes) == []


class TestTheRelayKilled:
    def test_while_transfers_go_out_loses_and_doubles_nothing(self, market, processes, stripe):
        people = [market.at.expert, market.rival, market.at.another_expert()]
        run, approver = approved_run(market.at, stripe, *people)
        processes.start("worker", "relay")
        executed(run.id, approver)
        for seconds in DELAYS:
            killed_after(processes, "relay", seconds)
        processes.wait_until_quiet()
        stripe.settle_payouts()
        processes.wait_until_quiet()

        assert len(sent_by(stripe)) == len(people)
        assert sent_by(stripe) == paid_in(processes)
        assert found_in(processes) == []


class TestTheWorkerKilled:
    @pytest.mark.parametrize("moment", ["before Stripe has it", "while Stripe has it", "after"])
    def test_in_a_transfer_loses_and_doubles_nothing(self, market, processes, stripe, moment):
        run, approver = approved_run(market.at, stripe, market.at.expert)
        if moment != "after":
            stripe.faults.append("slow POST /v1/transfers")
        processes.start("worker", "relay")
        executed(run.id, approver)
        if moment == "before Stripe has it":
            processes.wait(lambda: processes.count(SENT) == 1)
        elif moment == "while Stripe has it":
            processes.wait(lambda: not stripe.faults)
        else:
            processes.wait(lambda: bool(sent_by(stripe)))
        killed_after(processes, "worker", 0)
        processes.wait_until_quiet()
        stripe.settle_payouts()
        processes.wait_until_quiet()

        assert len(sent_by(stripe)) == 1
        assert sent_by(stripe) == paid_in(processes)
        assert found_in(processes) == []
