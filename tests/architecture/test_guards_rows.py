"""What the database refuses in the rows of people, brands, queues and messages, by name."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from gigcx.ids import new_id
from tests.rows import LATER, NOW, SHA, insert, refused, update

OLD = {"created_at": NOW}


def add(table, **values):
    return lambda connection, _desk: insert(connection, table, **values)


def add_of(table, **values):
    """Add a row of the brand; a string ``desk.x`` stands for what the desk has."""

    def added(_connection, desk):
        desk.add(table, **{name: of(desk, value) for name, value in values.items()})

    return added


def twice(table, **values):
    """Add two rows that differ by their ids only."""

    def added(connection, _desk):
        user_id = connection.scalar(sa.text("SELECT id FROM users LIMIT 1"))
        for _ in range(2):
            insert(connection, table, id=new_id(), user_id=user_id, **values)

    return added


def change(table, thing, **values):
    return lambda connection, desk: update(connection, table, getattr(desk, thing), **values)


def of(desk, value):
    is_named = isinstance(value, str) and value.startswith("desk.")
    return getattr(desk, value.removeprefix("desk.")) if is_named else value


def again(table, **changes):
    """Add a copy of the only row of a table with a new id."""
    copy = sa.text(
        f"INSERT INTO {table}"
        f" SELECT (jsonb_populate_record(r, CAST(:changes AS jsonb))).* FROM {table} r LIMIT 1"
    )
    changed = json.dumps({"id": str(new_id()), **changes})
    return lambda connection, _desk: connection.execute(copy, {"changes": changed})


USER = {"id": new_id(), "email": "a@example.org", "name": "A", **OLD}
KEY = {"id": new_id(), "name": "k", "role": "expert", "sha256": SHA, **OLD}
PASSKEY = {"name": "p", "credential_id": b"1", "public_key": b"1", **OLD}
BRAND = {"id": new_id(), "name": "B", "slug": "b", **OLD}
QUEUE = {"name": "Q", "currency": "EUR", **OLD}
CONTRACT = {"queue_id": "desk.queue", "version": 2, "effective_from": NOW}
REWARD = {
    "queue_id": "desk.queue",
    "amount_minor": 1,
    "currency": "EUR",
    "effective_from": NOW,
    "language": "fr",
}
TICKET = {
    "queue_id": "desk.queue",
    "customer_id": "desk.customer",
    "topic_id": "desk.topic",
    "route": "expert",
    "subject": "S",
    "opened_at": NOW,
}

REFUSALS = [
    ("brand_has_name", add("brands", **BRAND | {"name": ""})),
    ("brand_slug_is_free", again("brands")),
    ("brand_fee_is_a_share", change("brands", "brand", fee_bps=10_001)),
    ("user_email_is_lower", add("users", **USER | {"email": "A@example.org"})),
    ("user_email_is_free", again("users")),
    ("passkey_is_new", twice("passkeys", **PASSKEY)),
    ("user_platform_role_is_known", add("users", **USER, platform_role="king")),
    ("membership_role_is_known", again("memberships", role="king")),
    ("application_one_per_expert", again("applications")),
    ("application_moves_along_its_map", again("applications", state="active")),
    (
        "application_declined_has_reason",
        add_of("applications", expert_id=new_id(), applied_at=NOW, declined_reason="No"),
    ),
    ("topic_has_name", change("topics", "topic", name="")),
    ("topic_path_ends_here", change("topics", "topic", path=[new_id()])),
    ("certificate_one_valid", again("certificates")),
    ("certificate_lasts", change("certificates", "certificate", valid_until=NOW)),
    ("certificate_score_is_a_share", change("certificates", "certificate", score_bps=10_001)),
    ("certificate_moves_along_its_map", change("certificates", "certificate", state="lost")),
    ("customer_external_id_is_new", again("customers")),
    ("order_external_id_is_new", again("orders")),
    ("order_amount_is_not_negative", again("orders", amount_minor=-1)),
    ("queue_has_name", add_of("queues", **QUEUE | {"name": ""})),
    ("queue_name_is_new", again("queues")),
    ("queue_estimate_is_positive", change("queues", "queue", estimated_minutes=0)),
    ("queue_first_reply_is_positive", change("queues", "queue", first_reply_minutes=0)),
    ("queue_follow_up_is_positive", change("queues", "queue", follow_up_hours=0)),
    ("queue_moves_along_its_map", change("queues", "queue", state="closed")),
    ("column_is_frozen", change("queues", "queue", currency="USD")),
    ("contract_version_is_new", again("contracts")),
    ("contract_version_is_positive", add_of("contracts", **CONTRACT | {"version": 0})),
    ("contract_silence_is_positive", add_of("contracts", **CONTRACT, silence_hours=0)),
    ("contract_hold_is_not_negative", add_of("contracts", **CONTRACT, hold_days=-1)),
    ("contract_reopen_is_not_negative", add_of("contracts", **CONTRACT, reopen_days=-1)),
    ("column_is_frozen", change("contracts", "contract", hold_days=9)),
    ("reward_one_current", again("rewards")),
    ("reward_is_positive", add_of("rewards", **REWARD | {"amount_minor": 0})),
    ("reward_complexity_is_1_to_3", add_of("rewards", **REWARD, complexity=4)),
    ("reward_lasts", change("rewards", "reward", effective_until=NOW)),
    ("column_is_frozen", change("rewards", "reward", amount_minor=7)),
    ("ticket_route_is_known", change("tickets", "ticket", route="moon")),
    ("ticket_complexity_is_1_to_3", change("tickets", "ticket", complexity=4)),
    ("ticket_moves_along_its_map", add_of("tickets", **TICKET, state="claimed")),
    (
        "message_author_is_known",
        add_of("messages", ticket_id="desk.ticket", author="ghost", masked_text="Boo", sent_at=NOW),
    ),
    ("original_field_is_known", add_of("originals", field="soul", original="x")),
    ("import_kind_is_known", again("imports", kind="dreams")),
    ("import_counts_add_up", again("imports", accepted=1)),
    ("import_moves_along_its_map", again("imports", state="running")),
    ("rating_one_per_resolution", again("ratings")),
    ("rating_is_1_to_5", again("ratings", stars=6)),
    ("funding_moves_along_its_map", change("fundings", "funding", state="refunded")),
    ("23503", add_of("tickets", **TICKET | {"customer_id": new_id()})),
]


GUARDS = sa.text(r"""
    SELECT conname FROM pg_constraint WHERE contype IN ('c', 'u')
       AND connamespace = 'public'::regnamespace AND conname !~ '_(check[0-9]*|key)$'
    UNION SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
     WHERE indisunique AND relnamespace = 'public'::regnamespace AND relname !~ '_(pkey|key|pkc)$'
    UNION SELECT (regexp_matches(prosrc, 'CONSTRAINT = \W([a-z_]+)', 'gi'))[1] FROM pg_proc
     WHERE pronamespace = 'public'::regnamespace""")


@pytest.mark.parametrize(
    ("name", "act"), [pytest.param(*case, id=f"{n}-{case[0]}") for n, case in enumerate(REFUSALS)]
)
def test_a_row_is_refused_by(connection, desk, name, act):
    with refused(connection, name):
        act(connection, desk)


class TestPeople:
    def test_have_keys_of_their_own(self, connection, people):
        insert(connection, "api_keys", user_id=people.expert, **KEY)
        with refused(connection, "api_key_is_unique"):
            insert(connection, "api_keys", user_id=people.expert, **KEY | {"id": new_id()})

    @pytest.mark.parametrize("role", ["owner", "king"])
    def test_have_keys_that_name_what_they_are_for(self, connection, people, role):
        name = {
            "owner": "api_key_of_staff_names_its_brand",
            "king": "api_key_role_is_known",
        }[role]
        with refused(connection, name):
            insert(connection, "api_keys", user_id=people.expert, **KEY | {"role": role})

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("expert_claims_are_few", {"claims_max": 21}),
            ("expert_standing_is_known", {"standing": "royal"}),
        ],
    )
    def test_who_are_experts_are_known(self, connection, people, name, values):
        with refused(connection, name):
            update(connection, "experts", people.expert, **values)


class TestAccountsForPayouts:
    def test_move_along_their_map(self, connection, people):
        with refused(connection, "payout_account_moves_along_its_map"):
            update(connection, "payout_accounts", people.account, state="created")

    def test_have_an_account_of_stripe_s_to_themselves(self, connection, people):
        update(connection, "payout_accounts", people.account, state="closed", stripe_account="a")
        of_expert = {"expert_id": people.expert, "country": "DE", **OLD}
        with refused(connection, "payout_account_stripe_id_is_new"):
            insert(connection, "payout_accounts", id=new_id(), stripe_account="a", **of_expert)


class TestTopics:
    def test_have_a_name_of_their_own(self, connection, desk):
        topic = new_id()
        with refused(connection, "topic_name_is_new"):
            insert(
                connection,
                "topics",
                brand_id=desk.brand,
                id=topic,
                name="RETURNS",
                path=[topic],
                created_at=LATER,
            )


class TestTickets:
    def test_that_come_from_elsewhere_come_once(self, connection, desk):
        values = {name: of(desk, value) for name, value in TICKET.items()}
        desk.add("tickets", external_id="t-1", **values)
        with refused(connection, "ticket_external_id_is_new"):
            desk.add("tickets", external_id="t-1", **values)


class TestMessagesThatGoOut:
    def test_have_a_number_of_their_own(self, connection):
        values = {"kind": "k", "payload": "{}", "written_at": NOW, "seq": 1}
        insert(connection, "outbox_messages", id=new_id(), **values)
        with refused(connection, "outbox_seq_is_new"):
            insert(connection, "outbox_messages", id=new_id(), **values)

    def test_are_delivered_along_their_map(self, connection):
        values = {"kind": "k", "payload": "{}", "written_at": NOW}
        message = insert(connection, "outbox_messages", id=new_id(), **values)
        delivery = {"message_id": message, "listener": "l", "next_at": NOW}
        with refused(connection, "outbox_delivery_moves_along_its_map"):
            insert(connection, "outbox_deliveries", state="done", **delivery)

    def test_come_in_along_their_map(self, connection):
        values = {"source": "stripe", "event_id": "e", "type": "t", "payload": "{}"}
        with refused(connection, "inbound_event_moves_along_its_map"):
            insert(connection, "inbound_events", state="processed", received_at=NOW, **values)


class TestAccounts:
    def test_of_the_platform_have_no_owner(self, connection):
        values = {"kind": "stripe_fees", "owner_id": new_id(), "currency": "EUR"}
        with refused(connection, "account_platform_has_no_owner"):
            insert(connection, "ledger_accounts", **values)

    def test_of_owners_keep_their_balance(self, connection):
        values = {"kind": "brand_available", "owner_id": new_id(), "currency": "EUR"}
        with refused(connection, "account_owned_is_cached"):
            insert(connection, "ledger_accounts", **values)

    def test_are_checked_an_hour_late(self, connection):
        with refused(connection, "checkpoint_is_settled"):
            insert(
                connection,
                "ledger_checkpoints",
                account_id=1,
                before=NOW,
                made_at=NOW,
                balance_minor=0,
            )


class TestTheseTests:
    IMPLIED = frozenset(
        {
            "call_n_is_new",
            "queue_has_currency",
            "reservation_has_currency",
            "run_executed_is_recorded",
        }
    )
    """A key of the same columns, or a trigger, always refuses first."""

    def test_name_every_guard(self, connection):
        words = "".join(path.read_text() for path in Path(__file__).parents[1].rglob("*.py"))
        guards = set(connection.scalars(GUARDS))

        assert {name for name in guards - self.IMPLIED if name not in words} == set()
