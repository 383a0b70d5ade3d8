"""The web is killed in the middle of a request: all of it happened, or nothing did."""

import threading
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from gigcx import ids
from tests.factories import identity
from tests.factories.payouts import approved_run
from tests.faults.invariants import found_in, paid_in, sent_by

WAITING = sa.text("""
    SELECT count(*) FROM pg_stat_activity
     WHERE wait_event_type = 'Lock' AND datname = current_database()""")
LOCKS = {
    "at the ticket": "SELECT FROM tickets FOR UPDATE",
    "at the claim": "SELECT FROM claims FOR UPDATE",
    "at the ledger": "SELECT FROM ledger_accounts FOR UPDATE",
    "at the run": "SELECT FROM payout_runs FOR UPDATE",
    "at the outbox": "LOCK outbox_messages IN SHARE MODE",
}
REWARD = {"amount_minor": 1000, "currency": "EUR"}


@contextmanager
def killed(processes, moment, *, once):
    """Let the block send a request, and kill the web at that moment of it.

    :param once: the number that is one when the request has been committed.
    """
    with processes.engine.connect() as holder:
        if moment in LOCKS:
            holder.exec_driver_sql(LOCKS[moment])
        yield
        processes.wait(lambda: processes.count(WAITING if moment in LOCKS else once) == 1)
        processes.kill("web")
    processes.start("web")


def asking(processes, path, key, **body):
    """Ask in a thread, as a client who may wait for ever."""
    thread = threading.Thread(target=processes.ask, args=("POST", path, key), kwargs={"json": body})
    thread.start()
    return thread


class TestTheWebKilled:
    @pytest.mark.parametrize("moment", ["at the ticket", "at the ledger", "after the commit"])
    def test_in_a_claim_loses_and_doubles_nothing(self, market, processes, moment):
        processes.start("web", "worker", "relay")
        path = f"/tickets/{market.asked()}/claim"
        once = "SELECT count(*) FROM claims"
        with killed(processes, moment, once=once):
            first = asking(processes, path, market.key, reward=REWARD)
        first.join()

        again = processes.ask("POST", path, market.key, json={"reward": REWARD})
        rival = processes.ask("POST", path, market.rival_key, json={"reward": REWARD})
        processes.wait_until_quiet()

        assert again.status_code == (409 if moment == "after the commit" else 201)
        assert rival.status_code == 409
        assert processes.count(once) == 1
        assert found_in(processes) == []

    @pytest.mark.parametrize("moment", ["at the ticket", "at the claim", "after the commit"])
    def test_in_a_resolution_loses_and_doubles_nothing(self, market, processes, moment):
        ticket, fence = market.held()
        processes.start("web", "worker", "relay")
        path = f"/tickets/{ticket}/resolve"
        once = "SELECT count(*) FROM resolutions"
        with killed(processes, moment, once=once):
            first = asking(processes, path, market.key, fence=fence)
        first.join()

        again = processes.ask("POST", path, market.key, json={"fence": fence})
        processes.wait_until_quiet()

        assert again.status_code == (409 if moment == "after the commit" else 201)
        assert processes.count(once) == 1
        assert found_in(processes) == []

    @pytest.mark.parametrize("moment", ["at the run", "at the outbox", "after the commit"])
    def test_in_the_start_of_a_run_loses_and_doubles_nothing(
        self, market, processes, stripe, moment
    ):
        run, approver = approved_run(market.at, stripe, market.at.expert, market.rival)
        processes.start("web")
        path = f"/payout-runs/{ids.shown('run', run.id)}/execute"
        key = identity.key_of(approver)
        once = "SELECT count(*) FROM payout_runs WHERE state = 'executing'"
        with killed(processes, moment, once=once):
            first = asking(processes, path, key)
        first.join()

        processes.ask("POST", path, key)
        processes.start("worker", "relay")
        processes.wait_until_quiet()
        stripe.settle_payouts()
        processes.wait_until_quiet()

        assert len(sent_by(stripe)) == 2
        assert sent_by(stripe) == paid_in(processes)
        assert found_in(processes) == []
