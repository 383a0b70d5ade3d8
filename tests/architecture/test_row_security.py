"""A forgotten filter shows nothing, and nobody writes what is not theirs."""

import pytest
import sqlalchemy as sa

from gigcx.db import commit, db
from gigcx.ids import new_id
from gigcx.principal import SYSTEM, Principal
from tests.acting import acting
from tests.rows import NOW, SHA, Desk, as_role, insert, refused, tables, update

SEEN_BY_WEB = sorted(tables("BRAND_OWNED") - {"search_documents"})
NO_RIGHT = "42501"


@pytest.fixture
def other(connection, people):
    """Return a second brand with a row in every table of its own."""
    return Desk(connection, people)


def brands_in(connection, table):
    return set(connection.scalars(sa.text(f"SELECT brand_id FROM {table}")))


class TestTheWebRole:
    @pytest.mark.parametrize("table", SEEN_BY_WEB)
    def test_sees_rows_of_its_brands_only(self, connection, desk, other, table):
        assert brands_in(connection, table) == {desk.brand, other.brand}
        with as_role(connection, "web", brands=[desk.brand], purpose="test"):
            assert brands_in(connection, table) == {desk.brand}

    @pytest.mark.parametrize("table", SEEN_BY_WEB)
    def test_sees_nothing_without_brands(self, connection, desk, table):
        with as_role(connection, "web"):
            assert brands_in(connection, table) == set()

    @pytest.mark.parametrize("table", SEEN_BY_WEB)
    def test_adds_nothing_to_another_brand(self, connection, desk, other, table):
        copy = sa.text(
            f"INSERT INTO {table} SELECT (jsonb_populate_record(r,"
            f" jsonb_build_object('brand_id', CAST(:brand AS uuid)))).* FROM {table} r"
        )
        is_web = as_role(connection, "web", brands=[desk.brand], purpose="test")
        with is_web, refused(connection, NO_RIGHT):
            connection.execute(copy, {"brand": other.brand})

    def test_changes_nothing_of_another_brand(self, connection, desk, other):
        with as_role(connection, "web", brands=[desk.brand]):
            changed = connection.execute(sa.text("UPDATE tickets SET priority = 9"))

        assert changed.rowcount == 1

    def test_moves_no_row_to_another_brand(self, connection, desk, other):
        with as_role(connection, "web", brands=[desk.brand]), refused(connection, NO_RIGHT):
            connection.execute(sa.text("UPDATE customers SET brand_id = :b"), {"b": other.brand})

    def test_sees_no_other_brand_by_name(self, connection, desk, other):
        with as_role(connection, "web", brands=[desk.brand]):
            assert set(connection.scalars(sa.text("SELECT id FROM brands"))) == {desk.brand}

    def test_finds_by_search_in_its_brands_only(self, connection, desk, other):
        search = sa.text("SELECT brand_id FROM search(:brands, 'returns', 10)")
        with as_role(connection, "web", brands=[desk.brand]):
            found = connection.scalars(search, {"brands": [desk.brand, other.brand]}).all()

        assert found == [desk.brand]

    @pytest.mark.parametrize("table", ["search_documents", "outbox_messages", "stripe_calls"])
    def test_may_not_read(self, connection, table):
        with as_role(connection, "web"), refused(connection, NO_RIGHT):
            connection.execute(sa.text(f"SELECT * FROM {table}"))

    @pytest.mark.parametrize("statement", ["SET ROLE gigcx_admin", "SET row_security = off"])
    def test_opens_no_door(self, committing, statement):
        with pytest.raises(sa.exc.DBAPIError):
            commit(lambda _now: db.session.execute(sa.text(statement + "; SELECT FROM tickets")))


class TestTheOtherRoles:
    def test_finance_writes_no_ticket(self, connection, desk):
        with as_role(connection, "finance"), refused(connection, NO_RIGHT):
            update(connection, "tickets", desk.ticket, priority=9)

    def test_the_relay_reads_no_message(self, connection):
        with as_role(connection, "relay"), refused(connection, NO_RIGHT):
            connection.execute(sa.text("SELECT * FROM messages"))

    def test_the_worker_approves_no_run(self, connection, people):
        run = new_id()
        with as_role(connection, "finance", user=people.maker):
            insert(connection, "payout_runs", id=run, created_at=NOW)
        with as_role(connection, "worker", user=people.checker), refused(connection, NO_RIGHT):
            update(connection, "payout_runs", run, approved_sha256=SHA)

    def test_an_administrator_moves_no_money(self, connection):
        with as_role(connection, "admin"), refused(connection, NO_RIGHT):
            connection.execute(
                sa.text("SELECT ledger_post(:id, 'funding_succeeded', 'f', '[]', now())"),
                {"id": new_id()},
            )

    @pytest.mark.parametrize("role", ["web", "worker", "finance", "relay", "admin"])
    @pytest.mark.parametrize(
        "table", ["ledger_accounts", "journal_kinds", "journal_entries", "postings"]
    )
    def test_nobody_writes_the_ledger_by_hand(self, connection, role, table):
        may = sa.text(
            "SELECT has_table_privilege(:r, :t, 'INSERT, UPDATE, DELETE, TRUNCATE')"
            " OR has_any_column_privilege(:r, :t, 'INSERT, UPDATE')"
        )

        assert connection.scalar(may, {"r": f"gigcx_{role}", "t": table}) is False


class TestSettings:
    def test_do_not_leak_to_the_next_use_of_a_connection(self, committing):
        mine = Principal(new_id(), brand_ids=(new_id(),), purpose="support")
        told = sa.text(
            "SELECT current_setting('app.brand_ids', true), current_setting('app.user_id', true),"
            " current_setting('app.purpose', true)"
        )
        with acting(mine):
            assert commit(lambda _: db.session.execute(told).one()) == (
                str(mine.brand_ids[0]),
                str(mine.user_id),
                "support",
            )
        with db.engines[None].connect() as same:
            assert set(same.execute(told).one()) <= {"", None}

    def test_a_unit_tells_the_database_who_asks_again(self, committing):
        told = sa.text("SELECT current_setting('app.user_id')")
        first, second = Principal(new_id()), Principal(new_id())
        for who in (first, second, SYSTEM):
            with acting(who):
                assert commit(lambda _: db.session.scalar(told)) == str(who.user_id)
