"""The ``gigcx`` command, typed by hand against a database of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

import gigcx
from gigcx import outbox
from gigcx.db import commit
from gigcx.jobs.registry import NAMES
from gigcx.principal import RELAY, SYSTEM
from tests.acting import acting
from tests.factories.desk import desk
from tests.factories.identity import brand
from tests.story.lines import queue_lines

PROJECT = Path(gigcx.__file__).parents[1]


@pytest.fixture
def typed(committing):
    """Return what types a command and returns (exit code, what it printed)."""

    def type_in(*words, **environment):
        done = subprocess.run(
            [sys.executable, "-c", "from gigcx.cli import main; main()", *words],
            env={
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": str(PROJECT),
                "DATABASE_URL": committing.database_url,
                "REDIS_URL": committing.redis_url,
                "SECRET_KEY": committing.secret_key.get_secret_value(),
            }
            | environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    return type_in


class TestTheCommand:
    def test_says_what_is_missing(self, typed):
        code, told = typed("web", DATABASE_URL="", SECRET_KEY="short")
        assert code != 0
        assert "SECRET_KEY" in told
        assert "Traceback" not in told

    def test_prints_the_address_of_a_role(self, typed):
        code, told = typed("db", "url", "relay")
        assert code == 0
        assert told.startswith("postgresql+psycopg://gigcx_relay:")

    def test_finds_the_ledger_clean_and_a_fault_in_it(self, typed, committing):
        assert typed("ledger", "audit") == (0, "The ledger is clean.\n")
        desk()
        engine = sa.create_engine(committing.admin_url)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET session_replication_role = replica")
            connection.exec_driver_sql(
                "UPDATE ledger_accounts SET balance_minor = balance_minor + 1"
                " WHERE balance_minor > 0"
            )
        engine.dispose()

        code, told = typed("ledger", "audit", "--json")
        assert code == 1
        assert json.loads(told)["faults"]

    def test_imports_a_file_and_reports_what_it_refused(self, typed, tmp_path):
        owner = brand(slug="acme")
        file = tmp_path / "questions.jsonl"
        file.write_bytes(queue_lines(5) + b"not json\n")

        code, told = typed("import", "tickets", str(file), "--brand", owner.slug)
        again = typed("import", "tickets", str(file), "--brand", owner.slug)
        assert code == 0
        assert "5 new, 0 known, 1 refused." in told
        assert "line 6:" in told
        assert "new, " in again[1]

    def test_imports_customers_and_their_orders(self, typed, tmp_path):
        brand(slug="acme")
        people, orders = tmp_path / "people.csv", tmp_path / "orders.csv"
        people.write_text("id,name,email\nc1,Jo,jo@example.org\n")
        orders.write_text(
            "id,customer,amount_minor,currency,time\n"
            "o1,c1,500,EUR,2026-01-02T00:00:00Z\no2,nobody,500,EUR,2026-01-02T00:00:00Z\n"
        )
        assert "1 new" in typed("import", "customers", str(people), "--brand", "acme")[1]
        told = typed("import", "orders", str(orders), "--brand", "acme")[1]
        assert "1 new, 0 known, 1 refused." in told

    def test_knows_no_brand_that_is_not_there(self, typed, tmp_path):
        file = tmp_path / "f.csv"
        file.write_text("id,text\n1,Hello\n")
        code, told = typed("import", "tickets", str(file), "--brand", "nobody")
        assert code != 0
        assert "There is no brand nobody." in told

    def test_shows_and_replays_what_was_given_up(self, typed):
        with acting(SYSTEM):
            commit(outbox.put, "outgoing.sweep")
        with acting(RELAY):
            commit(outbox.number_messages, listeners=NAMES)
            ((listener, ((message_id, _),)),) = commit(outbox.take_due).items()
        with acting(SYSTEM):
            for attempts in range(2):
                commit(outbox.claim_deliveries, listener=listener, turns=[(message_id, attempts)])
                commit(
                    outbox.fail_delivery,
                    listener=listener,
                    message_id=message_id,
                    error="It broke.",
                    retries=1,
                )
        assert f"{message_id} {listener}: It broke." in typed("outbox", "show")[1]
        assert typed("outbox", "replay", str(message_id), listener) == (0, "It is due again.\n")
        assert typed("outbox", "replay", str(message_id), listener)[0] != 0

    def test_prints_a_one_time_code(self, typed):
        code, told = typed("demo", "code", "GIGCXDEMOFINANCEREVIEWER")
        assert code == 0
        assert len(told.strip()) == 6

    def test_finds_the_rule_book_new(self, typed):
        assert typed("rules", "--check") == (0, "")
