"""Three hundred tickets, thirty-two experts who all want each of them."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles

import click
import requests

from gigcx import ids
from gigcx.money import Money
from tests.factories import identity
from tests.factories.desk import ticket
from tests.factories.funding import fund
from tests.faults.invariants import found_in

TICKETS = 300
EXPERTS = 32
REWARD = {"amount_minor": 1000, "currency": "EUR"}


class TestTheRace:
    def test_has_one_winner_for_each_ticket(self, market, processes, capsys):
        people = [market.at.expert, *(market.at.another_expert() for _ in range(EXPERTS - 1))]
        keys = [identity.key_of(expert) for expert in people]
        tickets = [ids.shown("ticket", ticket(market.at).id) for _ in range(TICKETS)]
        fund(market.at.brand_id, Money(100_000_00, "EUR"))
        with processes.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE experts SET claims_max = 20")
        processes.start("web", "worker", "relay")

        def run(key):
            """Let one expert try every ticket; return what each try told and how long it took."""
            told = []
            with requests.Session() as line:
                line.headers["Authorization"] = f"Bearer {key}"
                for name in tickets:
                    began = time.perf_counter()
                    answer = line.post(
                        f"http://127.0.0.1:{processes.port}/api/v1/tickets/{name}/claim",
                        json={"reward": REWARD},
                        timeout=60,
                    )
                    took = time.perf_counter() - began
                    told.append((answer.status_code, answer.json().get("type"), took))
            return told

        began = time.perf_counter()
        with ThreadPoolExecutor(EXPERTS) as pool:
            answers = [answer for told in pool.map(run, keys) for answer in told]
        seconds = time.perf_counter() - began
        processes.wait_until_quiet()

        counted = Counter((status, problem) for status, problem, _ in answers)
        won = [took for status, _, took in answers if status == 201]
        cuts = quantiles(won, n=100)
        with capsys.disabled():
            click.echo(
                f"\n{TICKETS} tickets x {EXPERTS} experts: {len(answers) / seconds:.0f} tries/s;"
                f" a won claim took p50 {cuts[49] * 1000:.0f}, p95 {cuts[94] * 1000:.0f},"
                f" p99 {cuts[98] * 1000:.0f} ms; {dict(counted)}"
            )
        assert counted[201, None] == TICKETS
        assert {status for status, _ in counted} == {201, 409}
        assert processes.count("SELECT count(*) FROM claims WHERE state = 'active'") == TICKETS
        assert found_in(processes) == []
