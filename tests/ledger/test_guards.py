"""What the database refuses the ledger's users, and its owner."""

import json

import pytest
import sqlalchemy as sa

from gigcx.db import commit
from gigcx.ids import new_id
from gigcx.ledger import service as ledger
from gigcx.ledger.queries import audit, get_balance
from gigcx.ledger.rules import Account, JournalKind, move
from gigcx.money import Money
from gigcx.principal import SYSTEM
from tests.acting import acting, race
from tests.rows import NOW, SHA, as_role, insert, refused

NO_RIGHT = "42501"
POST = sa.text("SELECT ledger_post(:id, :kind, :reference, CAST(:legs AS jsonb), :at, :reverses)")
BRAND = new_id()
EXPERT = new_id()


def leg(account, amount, *, owner=None, currency="EUR"):
    return {
        "account": account,
        "owner": owner and str(owner),
        "currency": currency,
        "amount": amount,
    }


def fund(amount, *, currency="EUR"):
    return [
        leg("stripe_clearing", -amount, currency=currency),
        leg("brand_available", amount, owner=BRAND, currency=currency),
    ]


def reserve(amount, *, owner=BRAND):
    return [
        leg("brand_available", -amount, owner=owner),
        leg("brand_reserved", amount, owner=owner),
    ]


def mirror(legs):
    return [entry | {"amount": -entry["amount"]} for entry in legs]


@pytest.fixture
def post(connection):
    """Return a function that posts and checks what the commit would."""

    def posted(kind, legs, *, reference="test:1", reverses=None):
        values = {"id": new_id(), "kind": kind, "reference": reference, "reverses": reverses}
        posted = connection.scalar(POST, values | {"legs": json.dumps(legs), "at": NOW})
        connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
        connection.execute(sa.text("SET CONSTRAINTS ALL DEFERRED"))
        return posted

    return posted


def balances(connection):
    rows = connection.execute(
        sa.text("SELECT kind, balance_minor FROM ledger_accounts WHERE balance_minor IS NOT NULL")
    )
    return dict(rows.all())


class TestAnEntry:
    def test_moves_what_it_says(self, connection, post):
        post("funding_succeeded", fund(1000))
        post("claim_reserved", reserve(300))

        assert balances(connection) == {"brand_available": 700, "brand_reserved": 300}

    def test_balances(self, connection, post):
        with refused(connection, "entry_balances"):
            post("funding_succeeded", [*fund(1000), leg("stripe_clearing", -1)])

    def test_has_two_legs(self, connection, post):
        with refused(connection, "entry_balances"):
            post("funding_succeeded", fund(1000)[1:])

    def test_has_legs(self, connection, post):
        with refused(connection, "entry_balances"):
            post("funding_succeeded", [])

    def test_balances_in_each_currency(self, connection, post):
        with refused(connection, "entry_balances"):
            post("funding_succeeded", [fund(1000)[0], fund(1000, currency="USD")[1]])

    def test_puts_no_currency_on_an_account_of_another(self, connection, post):
        first = post("funding_succeeded", fund(1000))
        account = sa.text("SELECT id FROM ledger_accounts WHERE kind = 'stripe_clearing'")
        with refused(connection, "23503"):
            entry = insert(
                connection,
                "journal_entries",
                id=new_id(),
                kind="funding_succeeded",
                reference="usd",
                legs_sha256=SHA,
                posted_at=NOW,
            )
            insert(
                connection,
                "postings",
                entry_id=entry or first,
                leg=1,
                account_id=connection.scalar(account),
                currency="USD",
                amount_minor=1,
                posted_at=NOW,
            )

    def test_moves_only_what_its_kind_may(self, connection, post):
        with refused(connection, "entry_moves_what_its_kind_may"):
            post("funding_succeeded", [leg("write_off", -5), leg("stripe_fees", 5)])

    def test_overdraws_nobody(self, connection, post):
        post("funding_succeeded", fund(1000))
        with refused(connection, "account_not_overdrawn"):
            post("claim_reserved", reserve(1001))

    def test_is_closed_once_it_has_legs(self, connection, post):
        entry = post("funding_succeeded", fund(1000))
        account = connection.scalar(sa.text("SELECT min(id) FROM ledger_accounts"))
        with refused(connection, "entry_is_closed"):
            insert(
                connection,
                "postings",
                entry_id=entry,
                leg=3,
                account_id=account,
                currency="EUR",
                amount_minor=1,
                posted_at=NOW,
            )

    def test_answers_a_repeated_reference_with_the_first(self, connection, post):
        first = post("funding_succeeded", fund(1000))

        assert post("funding_succeeded", fund(1000)) == first
        assert balances(connection) == {"brand_available": 1000}

    def test_refuses_a_used_reference_with_other_legs(self, connection, post):
        post("funding_succeeded", fund(1000))
        with refused(connection, "entry_once_per_reference"):
            post("funding_succeeded", fund(1001))


class TestAReversal:
    def test_mirrors_its_entry(self, connection, post):
        entry = post("funding_succeeded", fund(1000))
        post("reversal", mirror(fund(1000)), reverses=entry)

        assert balances(connection) == {"brand_available": 0}

    def test_mirrors_all_of_it(self, connection, post):
        entry = post("funding_succeeded", fund(1000))
        with refused(connection, "entry_moves_what_its_kind_may"):
            post("reversal", mirror(fund(999)), reverses=entry)

    def test_happens_once(self, connection, post):
        entry = post("funding_succeeded", fund(1000))
        post("funding_succeeded", fund(1000), reference="test:2")
        post("reversal", mirror(fund(1000)), reverses=entry)
        with refused(connection, "23505"):
            post("reversal", mirror(fund(1000)), reference="test:again", reverses=entry)

    def test_names_its_entry(self, connection, post):
        with refused(connection, "entry_reversal_names_its_entry"):
            post("reversal", fund(1000))


class TestTheLedger:
    @pytest.mark.parametrize("role", ["web", "worker", "finance", "migrator"])
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE journal_entries SET reference = 'x'",
            "DELETE FROM journal_entries",
            "TRUNCATE journal_entries CASCADE",
            "UPDATE postings SET amount_minor = amount_minor * 2",
            "DELETE FROM postings",
            "TRUNCATE postings",
            "UPDATE ledger_accounts SET balance_minor = 10000000",
            "DELETE FROM ledger_accounts",
        ],
    )
    def test_forgets_and_changes_nothing(self, connection, post, role, statement):
        post("funding_succeeded", fund(1000))
        with as_role(connection, role, brands=[BRAND]), refused(connection, NO_RIGHT):
            connection.execute(sa.text(statement))

    @pytest.mark.parametrize("table", ["journal_entries", "postings"])
    def test_is_append_only_for_an_administrator_too(self, connection, post, table):
        post("funding_succeeded", fund(1000))
        with refused(connection, NO_RIGHT):
            connection.execute(sa.text(f"UPDATE {table} SET posted_at = now()"))

    def test_opens_no_account_with_a_balance(self, connection):
        with refused(connection, NO_RIGHT):
            insert(
                connection,
                "ledger_accounts",
                kind="brand_available",
                owner_id=BRAND,
                currency="EUR",
                balance_minor=1000,
            )


class TestWhoMayPost:
    def test_the_web_for_its_brands(self, connection, post):
        post("funding_succeeded", fund(1000))
        with as_role(connection, "web", brands=[BRAND]):
            post("claim_reserved", reserve(100))

        assert balances(connection)["brand_reserved"] == 100

    def test_the_web_for_no_other_brand(self, connection, post):
        post("funding_succeeded", fund(1000))
        with as_role(connection, "web", brands=[new_id()]), refused(connection, NO_RIGHT):
            post("claim_reserved", reserve(100))

    @pytest.mark.parametrize(
        ("role", "kind"),
        [
            ("web", "funding_succeeded"),
            ("web", "earning_released"),
            ("web", "transfer_intended"),
            ("web", "reversal"),
            ("worker", "reversal"),
            ("worker", "receivable_written_off"),
            ("finance", "funding_succeeded"),
            ("finance", "transfer_intended"),
        ],
    )
    def test_each_role_its_kinds_only(self, connection, post, role, kind):
        with as_role(connection, role, brands=[BRAND]), refused(connection, NO_RIGHT):
            post(kind, fund(1000))


@pytest.mark.usefixtures("committing")
class TestManyAtOnce:
    def test_spend_what_is_there_and_no_more(self):
        available, reserved = (Account.BRAND_AVAILABLE, BRAND), (Account.BRAND_RESERVED, BRAND)
        whole, part = Money(1000, "EUR"), Money(100, "EUR")
        with acting(SYSTEM):
            legs = move(whole, out_of=(Account.STRIPE_CLEARING, None), into=available)
            commit(ledger.post, kind=JournalKind.FUNDING_SUCCEEDED, reference="f", legs=legs)
            legs = move(part, out_of=available, into=reserved)
            kind = JournalKind.CLAIM_RESERVED
            outcomes = race(
                32, lambda n: commit(ledger.post, kind=kind, reference=f"c:{n}", legs=legs)
            )

            refusals = [one for one in outcomes if isinstance(one, Exception)]
            assert [type(one) for one in refusals] == [ledger.NotCovered] * 22
            assert get_balance(available[0], owner_id=BRAND, currency="EUR") == Money(0, "EUR")
            assert get_balance(reserved[0], owner_id=BRAND, currency="EUR") == whole
            assert audit() == []
