"""What the database refuses whoever calls Stripe or writes twice, one test for each name."""

import pytest
import sqlalchemy as sa

from gigcx.ids import new_id
from tests.rows import NOW, SHA, as_role, insert, refused, update

SUBJECT = new_id()


def add_call(connection, *, n=1, kind="transfer", subject=SUBJECT, **changes):
    values = {
        "id": new_id(),
        "kind": kind,
        "subject": subject,
        "n": n,
        "key": f"{kind}:{subject}:{n}",
        "request": "{}",
        "request_sha256": SHA,
        "created_at": NOW,
    }
    return insert(connection, "stripe_calls", **values | changes)


def send(connection, call):
    update(connection, "stripe_calls", call, state="sent", sent_at=NOW)


def expire(connection, call):
    send(connection, call)
    update(connection, "stripe_calls", call, state="unknown")
    update(connection, "stripe_calls", call, state="expired_unknown")


class TestACall:
    def test_is_the_only_open_one(self, connection):
        add_call(connection)
        with refused(connection, "call_one_open"):
            add_call(connection, n=2)

    def test_follows_a_failed_one(self, connection):
        first = add_call(connection)
        send(connection, first)
        update(connection, "stripe_calls", first, state="failed", failure_code="declined")

        assert add_call(connection, n=2)

    def test_never_follows_a_success(self, connection):
        first = add_call(connection)
        send(connection, first)
        update(connection, "stripe_calls", first, state="succeeded", stripe_id="tr_1")
        with refused(connection, "call_one_open"):
            add_call(connection, n=2)

    def test_follows_an_expired_one_after_somebody_released_it(self, connection, people):
        first = add_call(connection)
        expire(connection, first)
        with refused(connection, "call_one_open"):
            add_call(connection, n=2)
        update(connection, "stripe_calls", first, released_by=people.checker)

        assert add_call(connection, n=2)

    def test_is_released_only_when_expired(self, connection, people):
        call = add_call(connection)
        with refused(connection, "call_released_is_expired"):
            update(connection, "stripe_calls", call, released_by=people.checker)

    def test_is_released_by_finance_only(self, connection, people):
        call = add_call(connection)
        expire(connection, call)
        with as_role(connection, "admin"), refused(connection, "42501"):
            update(connection, "stripe_calls", call, released_by=people.checker)
        with as_role(connection, "finance"):
            update(connection, "stripe_calls", call, released_by=people.checker)

    def test_counts_up(self, connection):
        first = add_call(connection)
        send(connection, first)
        update(connection, "stripe_calls", first, state="failed", failure_code="declined")
        with refused(connection, "call_key_is_new"):
            add_call(connection)

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("call_kind_is_known", {"kind": "gift"}),
            ("call_n_is_positive", {"n": 0}),
            ("call_key_names_it", {"key": "mine"}),
            ("call_hash_is_sha256", {"request_sha256": b"short"}),
            ("stripe_call_moves_along_its_map", {"state": "sent", "sent_at": NOW}),
        ],
    )
    def test_begins_well(self, connection, name, values):
        with refused(connection, name):
            add_call(connection, **values)

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("call_succeeded_has_id", {"state": "succeeded"}),
            ("call_failed_has_code", {"state": "failed"}),
        ],
    )
    def test_ends_with_what_is_known(self, connection, name, values):
        call = add_call(connection)
        send(connection, call)
        with refused(connection, name):
            update(connection, "stripe_calls", call, **values)

    def test_that_was_sent_has_a_time(self, connection):
        call = add_call(connection)
        with refused(connection, "call_sent_has_time"):
            update(connection, "stripe_calls", call, state="sent")

    def test_has_an_id_of_stripe_s_to_itself(self, connection):
        first, second = (add_call(connection, subject=new_id()) for _ in range(2))
        send(connection, first)
        send(connection, second)
        update(connection, "stripe_calls", first, state="succeeded", stripe_id="tr_1")
        with refused(connection, "call_stripe_id_is_new"):
            update(connection, "stripe_calls", second, state="succeeded", stripe_id="tr_1")

    @pytest.mark.parametrize("change", [{"request": '{"amount": 2}'}, {"key": "x"}, {"n": 2}])
    def test_asks_again_what_it_asked(self, connection, change):
        call = add_call(connection)
        with refused(connection, "column_is_frozen"):
            update(connection, "stripe_calls", call, **change)


class TestFundings:
    def test_succeed_with_a_payment(self, connection, desk):
        update(connection, "fundings", desk.funding, state="pending")
        with refused(connection, "funding_succeeded_has_payment"):
            update(connection, "fundings", desk.funding, state="succeeded")

    def test_have_a_payment_to_themselves(self, connection, desk):
        values = {"amount_minor": 1, "currency": "EUR", "created_by": new_id(), "created_at": NOW}
        update(connection, "fundings", desk.funding, payment_intent="pi_1")
        with refused(connection, "funding_payment_is_new"):
            desk.add("fundings", payment_intent="pi_1", **values)

    def test_give_back_what_came_and_no_more(self, connection, desk):
        with refused(connection, "funding_refunds_at_most_all"):
            update(connection, "fundings", desk.funding, refunded_minor=101)

    def test_are_for_something(self, connection, desk):
        with refused(connection, "funding_is_positive"):
            update(connection, "fundings", desk.funding, amount_minor=0)

    def test_succeed_in_the_worker_only(self, connection, desk):
        with as_role(connection, "web", brands=[desk.brand]), refused(connection, "42501"):
            update(connection, "fundings", desk.funding, payment_intent="pi_1")


class TestAuditRows:
    @pytest.mark.parametrize(
        "statement", ["UPDATE audit_rows SET action = 'x'", "DELETE FROM audit_rows"]
    )
    def test_stay(self, connection, statement):
        insert(connection, "audit_rows", id=new_id(), action="a", subject="s", at=NOW)
        with refused(connection, "42501"):
            connection.execute(sa.text(statement))

    def test_are_linked_so_that_a_rewrite_shows(self, connection):
        for _ in range(3):
            insert(connection, "audit_rows", id=new_id(), action="a", subject="s", at=NOW)
        with as_role(connection, "relay"):
            connection.execute(sa.text("SELECT audit_link(10)"))
        breaks = sa.text("SELECT count(*) FROM audit_breaks")
        assert connection.scalar(breaks) == 0

        connection.execute(sa.text("ALTER TABLE audit_rows DISABLE TRIGGER USER"))
        rewrite = """UPDATE audit_rows SET action = 'b'
                      WHERE id = (SELECT audit_id FROM audit_links WHERE seq = 2)"""
        connection.execute(sa.text(rewrite))
        assert connection.scalar(breaks) == 1


class TestOutboxMessages:
    def test_say_what_they_said(self, connection):
        message = insert(
            connection, "outbox_messages", id=new_id(), kind="k", payload="{}", written_at=NOW
        )
        with refused(connection, "column_is_frozen"):
            update(connection, "outbox_messages", message, kind="other")
